"""The ranking of one peer group: place and its change, the way to the target; who is not ranked, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _carried
from dashboards import _format as fmt
from dashboards._boards import names
from dashboards._cards import Setting
from dashboards._carried import silent
from dashboards._marks import shape, status, to_target
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Unit
from metrics.comparing import RANKED
from metrics.comparing import apart as by_reason
from metrics.model import Indicator

UNRANKED = ("due", "few", "nrep", "none", "stale", "down", "paused", "ok", "watch", "off", "serious")
"""In this order; a state that could be ranked stands here where coverage was below the floor."""


def ranking(
    units: Sequence[Unit], indicator: Indicator, setting: Setting, *, base: str = "/department", limit: int = 9, own: str = ""
) -> list[Any]:
    """The units of one peer group, best first, each with its way to the target; who cannot be ranked stands apart, with why."""
    view = setting.view
    ranked = sorted((u for u in units if u.rank is not None), key=lambda u: (u.rank or 0, name(u.place.name, view.lang)))
    apart = [u for u in units if u.rank is None]
    before = any(u.rank_before is not None for u in units)
    values = [float(u.cell.value) for u in ranked if u.cell is not None and u.cell.value is not None]
    target = indicator.target
    bounds = values + ([float(target)] if target is not None else [])
    low, high = (min(bounds), max(bounds)) if bounds else (0.0, 1.0)
    rate = indicator.measure.rate
    head = html.Tr(
        [
            html.Th(view.t("rank.place"), className="n"),
            html.Th(view.t("rank.moved") if before else "", className="mv"),
            html.Th(view.t("rank.unit")),
            html.Th(_scale(indicator, setting), className="wide-only"),
            html.Th("", className="n"),
            html.Th(view.t("rank.share") if rate else "", className="n wide-only"),
            html.Th(view.t("rank.state")),
        ]
    )
    width = 240 if limit >= 12 else 84 if before else 132
    cut = len(ranked) > limit + 1
    shown = [*ranked[: limit - 4], None, *ranked[-3:]] if cut else ranked
    rows: list[Any] = []
    for u in shown:
        if u is None:
            text = view.t("more.between", n=len(ranked) - limit + 1)
            rows.append(html.Tr(html.Td(dcc.Link(text, href=view.href(base)), colSpan=7, className="between")))
            continue
        cell = u.cell
        value = cell.value if cell else None
        share = ""
        if cell is not None and rate and cell.num is not None and cell.den is not None:
            share = f"{fmt.number(fmt.count(indicator, cell.num))}/{fmt.number(fmt.count(indicator, cell.den))}"
        words = fmt.unit(indicator, setting.units, view.lang)
        figure = fmt.number(value, fmt.shown_decimals(indicator), view.lang) + (words if words == "%" else "")
        title = name(u.place.name, view.lang)
        rows.append(
            html.Tr(
                className="own" if u.place.id == own else "",
                children=[
                    html.Td(f"{u.rank}{'=' if u.tied else ''}", className="n rank"),
                    html.Td(moved(u, view) if before else "", className="mv", title=moved_title(u, view) if before else ""),
                    html.Td(dcc.Link(title, href=view.href(f"{base}/{u.place.id}")), className="who", title=_who(u, title, view)),
                    html.Td(to_target(value, target, low, high, u.state, width), className="wide-only"),
                    html.Td(html.B(figure, className="num"), className="n"),
                    html.Td([share, _covered(u, view)], className="n s2 wide-only", title=_silent(u, view) or None),
                    html.Td([status(u.state, view.lang), *_carried.marks(cell, view)]),
                ],
            )
        )
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="rk") if ranked else None
    if table is None:
        note = [html.B(view.t("rank.nothing")), html.P(view.t("rank.nothing_hint"))]
        return [html.Div(note, className="ps"), _apart(apart, indicator, setting)]
    of = ranked[0].of or 0
    others = html.P(view.t("rank.of", n=of), className="hint ft") if of > len(ranked) else None
    return [table, others, _apart(apart, indicator, setting)]


def _scale(indicator: Indicator, setting: Setting) -> str:
    if indicator.target is None:
        return ""
    words = fmt.unit(indicator, setting.units, setting.view.lang)
    figure = fmt.number(indicator.target, max(0, -int(indicator.target.normalize().as_tuple().exponent)), setting.view.lang)
    return setting.view.t("rank.scale", target=figure + (words if words == "%" else f" {words}"))


def _apart(units: Sequence[Unit], indicator: Indicator, setting: Setting) -> Component | None:
    view = setting.view
    rows: list[Any] = []
    reasons = by_reason(units)
    for state in UNRANKED:
        if found := reasons.get(state):
            word = view.t(f"state.{state}") + (f" (n<{indicator.min_n})" if state == "few" else "")
            if state in RANKED and indicator.better != "none":
                word = view.t("cover.below", floor=f"{indicator.coverage * 100:.0f}%")
            said = names((name(u.place.name, view.lang) for u in found), view.lang, 4)
            rows += [shape(state), html.Span(f"{word} {len(found)}"), html.Span(said, className="cut", title=said)]
    if not rows:
        return None
    return html.Div([html.B(view.t("rank.apart")), html.Div(rows, className="why")], className="apart")


def _covered(unit: Unit, view: View) -> Component | None:
    """`5/8 已报`, where somebody has not."""
    cell = unit.cell
    if cell is None or not cell.want or cell.have is None or cell.have >= cell.want:
        return None
    return html.Span(f" {view.t('cover.short', have=cell.have, want=cell.want)}", className="k")


def _who(unit: Unit, title: str, view: View) -> str:
    said = _silent(unit, view)
    return f"{title} {said}" if said else title


def _silent(unit: Unit, view: View) -> str:
    return silent(unit.cell.missing, view) if unit.cell is not None else ""


def moved(unit: Unit, view: View) -> str:
    """`▲ up 2`, `▼ down 1`, `same`, `new`: the mark never without its word."""
    if unit.rank is None:
        return ""
    if unit.climbed is None:
        return view.t("rank.new")
    if unit.climbed == 0:
        return view.t("rank.same")
    return view.t("rank.up" if unit.climbed > 0 else "rank.down", n=abs(unit.climbed))


def moved_title(unit: Unit, view: View) -> str:
    if unit.rank is None:
        return ""
    return view.t("rank.was", n=unit.rank_before) if unit.rank_before is not None else view.t("rank.was_not")
