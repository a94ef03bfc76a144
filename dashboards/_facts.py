"""The facts of an indicator's newest judged period, or of the one chosen, in one line."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _passport, _trend
from dashboards._cards import Setting, tags, value
from dashboards._carried import silent
from dashboards._marks import JUDGED, status
from dashboards._view import View
from metrics.answers import Card, Cell
from metrics.model import Indicator


def strip(card: Card, setting: Setting) -> list[Component]:
    """The facts of the newest judged period in one line."""
    look, indicator, cell = setting.view, card.indicator, card.cell
    places = fmt.shown_decimals(indicator)
    gap: str | None = None
    if indicator.target is not None and cell is not None and cell.value is not None and card.state in JUDGED:
        away = abs(cell.value - indicator.target)
        met = cell.value >= indicator.target if indicator.better == "higher" else cell.value <= indicator.target
        unit = look.t("unit.points") if indicator.unit == "percent" else fmt.unit(indicator, setting.units, look.lang)
        gap = look.t("ind.met") if met else look.t("ind.away", gap=f"{fmt.number(away, places)} {unit}")
    got = fmt.when(card.collected_at, setting.now, setting.zone, look.lang) if card.collected_at else None
    period = _trend.moment(cell, setting)
    boxes: list[tuple[str, Any, Any]] = [
        (
            look.t("ind.then" if setting.past else "ind.latest"),
            html.Span([value(card, setting), status(card.state, look.lang)], className="big"),
            None,
        ),
        (look.t("def.target"), _passport.target(indicator, setting), gap),
    ]  # fmt: skip
    on_period, on_year = fmt.change(card.on_period, places, look.lang), fmt.change(card.on_year, places, look.lang)
    boxes += [
        (look.t("card.on_period"), on_period, look.t("ind.on_period" if card.on_period else _why(card.no_period))),
        (look.t("card.on_year"), on_year, None if card.on_year else look.t(_why(card.no_year, year=True))),
    ]
    covered: Any = look.t("from.have", have=cell.have, want=cell.want) if cell and cell.want else None
    if covered and cell is not None and cell.missing:
        covered = html.Span([covered, " ", silent(cell.missing, look)], className="wrapped")
    boxes.append((look.t("ind.sample"), sample(cell, indicator, look), covered))
    fresh: Any = look.t("card.collected", when=got) if got else look.t("card.never")
    if card.expected is not None:
        fresh += look.t("cover.next", when=fmt.when(card.expected, setting.now, setting.zone, look.lang))
    marks = [] if setting.past else tags(card, setting)
    covered_period: Any = [period, " ", *marks] if marks else period
    boxes.append((look.t("ind.freshness"), covered_period, None if setting.past else fresh))
    return [html.Div([html.Span(k, className="k"), html.P(v), html.Em(more) if more else None]) for k, v, more in boxes]


def _why(without: str, *, year: bool = False) -> str:
    """The words for why nothing is compared."""
    if without in ("zero", "version"):
        return f"ind.no_base.{without}"
    return "ind.no_year" if year else "ind.no_base.missing"


def sample(cell: Cell | None, indicator: Indicator, look: View) -> str:
    if cell is None:
        return fmt.DASH
    if indicator.measure.rate and cell.den is not None:
        return look.t("ind.den", n=fmt.number(cell.den))
    return look.t("card.n", n=fmt.number(cell.n)) if cell.n is not None else fmt.DASH
