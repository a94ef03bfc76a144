"""The card: the same anatomy for every number. Pure: a Card in, components out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._carried import silent, told
from dashboards._marks import FADED, spark, status
from dashboards._text import name
from dashboards._view import View
from metrics import links, periods
from metrics.answers import Card, Cell
from metrics.model import TOTAL, Indicator
from metrics.values import LET_GO

STOCK = ("open", "overdue")
REVISED = timedelta(days=7)
"""How long a card says that its figure was put right after it had settled."""


@dataclass(frozen=True)
class Setting:
    """What a card needs beside its figure: when and where it is read, and how units are called."""

    view: View
    now: datetime
    zone: ZoneInfo
    units: Mapping[str, Any]
    past: bool = False
    """A past period is shown: when its source was last asked says nothing about it."""


def card_id(card: Card) -> str:
    return f"card-{card.series.indicator}"


def frame(card: Card, setting: Setting) -> Component:
    """The card in its place: a block whose name is the link down and whose content `content` replaces live."""
    return html.Article(content(card, setting), id=card_id(card), className=class_name(card))


def content_parts(card: Card, setting: Setting) -> dict[str, dict[str, Any]]:
    """What of a card follows the figures."""
    return {card_id(card): {"children": content(card, setting), "className": class_name(card)}}


def class_name(card: Card) -> str:
    bad = " bad" if card.state in ("off", "serious") else ""
    return f"card s-{card.state}{bad}{' faded' if card.state in FADED else ''}"


def content(card: Card, setting: Setting) -> list[Any]:
    view, indicator, cell = setting.view, card.indicator, card.cell
    title = name(indicator.name, view.lang)
    return [
        html.Div(
            [
                dcc.Link(title, href=link(card, view), className="nm", title=title),
                dcc.Link("i", href=passport(card, view), className="inf", title=view.t("pass.of", name=title)),
                html.Span(className="sp"),
                status(card.state, view.lang),
            ],
            className="r1",
        ),
        html.Div(
            [
                value(card, setting),
                spark(tuple(card.spark), indicator.target, card.state),
            ],
            className="r2",
        ),
        html.Div(
            [html.Span(target(indicator, setting), className="s2", title=target(indicator, setting)), _aside(card, setting)],
            className="r3",
        ),
        html.Div(_changes(card, setting), className="r4"),
        html.Div([html.Span(_counted(card, setting)), coverage(cell, view)], className="r5"),
        html.Div([html.Span(_period(card, setting), title=_period(card, setting)), *tags(card, setting)], className="r6"),
    ]


def link(card: Card, view: View) -> str:
    changes = {}
    if card.series.department != TOTAL:
        changes["department"] = card.series.department
    if card.series.region != TOTAL:
        changes["region"] = card.series.region
    return view.href(f"/indicator/{card.series.indicator}", **changes)


def passport(card: Card, view: View) -> str:
    """Where the number's own passport is; the definition where there is no number."""
    if card.cell is None:
        return view.href(f"/definitions/{card.indicator.key}")
    given = links.of_cases(links.behind(card.cell, card.indicator, "over"))
    keep = {key: text for key, text in given.items() if key not in ("source", "role", "at")}
    return view.href("/passport", **{**dict.fromkeys(("department", "region")), **keep})


def value(card: Card, setting: Setting) -> Component:
    """The figure with its unit; a fraction where it is too small to be a rate; a dash where there is none."""
    view, indicator, cell = setting.view, card.indicator, card.cell
    words = fmt.unit(indicator, setting.units, view.lang)
    if cell is None or cell.value is None or card.state in ("due", "nrep"):
        return html.Span(fmt.DASH, className="v grey")
    if card.state == "few" and indicator.measure.rate and cell.num is not None and cell.den is not None:
        text = f"{fmt.number(fmt.count(indicator, cell.num))}/{fmt.number(fmt.count(indicator, cell.den))}"
        return html.Span(html.Span(text, className="num"), className="v")
    exact = fmt.number(cell.value, fmt.shown_decimals(indicator), view.lang)
    text = fmt.number(cell.value, fmt.shown_decimals(indicator), view.lang, short=True)
    return html.Span([html.Span(text, className="num"), html.Span(words, className="u")], className="v", title=f"{exact} {words}")


def target(indicator: Indicator, setting: Setting) -> str:
    view = setting.view
    if indicator.target is None:
        return name(indicator.no_target, view.lang) or view.t("card.no_target")
    sign = {"higher": "≥", "lower": "≤"}.get(indicator.better, "")
    if indicator.target == 0 or (indicator.measure.rate and indicator.target == 100):
        sign = ""
    words = fmt.unit(indicator, setting.units, view.lang)
    figure = fmt.number(indicator.target, max(0, -int(indicator.target.normalize().as_tuple().exponent)), view.lang)
    return view.t("card.target", value=f"{sign}{figure}" + (words if words == "%" else f" {words}"))


def _aside(card: Card, setting: Setting) -> Component | None:
    """Right of the target: the running period, the figure by another definition, or why there is none."""
    view = setting.view
    if card.state in FADED:
        good = card.cell is not None and card.cell.value is not None
        return html.Span(view.t("card.last_good" if good else "card.no_good"), className="k")
    if card.state == "few":
        return html.Span(view.t("card.few", n=card.indicator.min_n), className="k")
    if card.state == "nrep":
        gone = card.cell is not None and card.cell.status == LET_GO.status
        return html.Span(view.t("state.let_go" if gone else "card.nrep"), className="k")
    if card.state == "due":
        return html.Span(view.t("card.nothing_due"), className="k")
    if card.beside is not None and card.beside.cell is not None:
        other = card.beside
        figure = fmt.number(other.cell.value, fmt.shown_decimals(other.indicator), view.lang, short=True)
        words = fmt.unit(other.indicator, setting.units, view.lang)
        label = name(other.indicator.name, view.lang)
        return html.Span(f"{label} {figure}{words if words == '%' else ' ' + words}", className="k cut", title=label)
    if card.running is not None and card.running.value is not None and not card.indicator.measure.stock:
        figure = fmt.number(card.running.value, fmt.shown_decimals(card.indicator), view.lang, short=True)
        words = fmt.unit(card.indicator, setting.units, view.lang)
        when = fmt.when(card.running.evaluated_at, setting.now, setting.zone, view.lang)
        text = view.t("card.running", when=when, value=f"{figure}{words if words == '%' else ''}")
        return html.Span(text, className="k cut", title=f"{text} · {view.t('card.running_title')}")
    return None


def _changes(card: Card, setting: Setting) -> list[Component]:
    view = setting.view
    places = fmt.shown_decimals(card.indicator)
    out: list[Component] = []
    if card.series.grain == "all":
        return out
    for key, amount in (("card.on_period", card.on_period), ("card.on_year", card.on_year)):
        if card.state in FADED:
            words: Any = html.Span(view.t("card.not_judged"), className="k")
        elif amount is None or card.state in ("due", "nrep", "few"):
            words = html.Span(fmt.DASH, className="k")
        else:
            words = html.Span(fmt.change(amount, places, view.lang), className="num")
        out.append(html.Span([html.Span(view.t(key), className="k"), " ", words]))
    return out


def _counted(card: Card, setting: Setting) -> str:
    """How much stands behind the figure: its denominator or the number it was made of."""
    cell, view = card.cell, setting.view
    if cell is None:
        return ""
    if card.indicator.measure.rate and cell.den is not None:
        return view.t("card.of", n=fmt.number(fmt.count(card.indicator, cell.den), 0, view.lang, short=True))
    if cell.n is not None and cell.n != cell.value:
        return view.t("card.n", n=fmt.number(cell.n, 0, view.lang, short=True))
    return ""


def coverage(cell: Cell | None, view: View) -> Component | None:
    """How many of those it is made of have reported; who has not is named."""
    if cell is None or not cell.want or cell.have is None:
        return None
    if cell.have >= cell.want:
        return html.Span(view.t("card.all_reported", want=cell.want))
    said = silent(cell.missing, view)
    return html.Span(view.t("card.some_reported", have=cell.have, want=cell.want), title=said or None)


def _period(card: Card, setting: Setting) -> str:
    """Which period the figure is of, and when it was collected."""
    view, cell = setting.view, card.cell
    got = fmt.when(card.collected_at, setting.now, setting.zone, view.lang) if card.collected_at else None
    if cell is None:
        if setting.past:
            return view.t("card.none_then")
        return view.t("card.collected", when=got) if got else view.t("card.never")
    if card.indicator.measure.stock and (not setting.past or card.series.grain == "all"):
        at = fmt.when(cell.evaluated_at, setting.now, setting.zone, view.lang)
        if setting.past:
            at = fmt.full(cell.evaluated_at, setting.zone, view.lang, year=True)
        return view.t("card.moment", when=at)
    grain = card.series.grain
    period = periods.label(grain, cell.period_start, setting.zone, view.lang, setting.now)
    if setting.past:
        return view.t("card.at_end", period=period) if card.indicator.measure.stock else period
    if card.state in FADED:
        since = fmt.age(setting.now - card.collected_at, view.lang) if card.collected_at else None
        return view.t("card.stopped_age", period=period, age=since) if since else view.t("card.stopped", period=period)
    return f"{period}·{view.t('card.collected', when=got)}" if got else period


def tags(card: Card, setting: Setting) -> list[Component]:
    """What stands about the figure besides its state: late, held back, revised, being recomputed, what it carries (of a stand-in,
    two definitions, came late), a rate without its parts, provisional, estimated; the gravest two."""
    cell, view = card.cell, setting.view
    found: list[Component] = []
    if card.health == "LATE" and not setting.past:
        since = card.expected if card.expected is not None and card.expected < setting.now else card.collected_at
        title = view.t("card.late_title", age=fmt.age(setting.now - since, view.lang)) if since else None
        found.append(html.Span(view.t("card.late"), className="tag late", title=title))
    if card.health == "SUSPECT" and not setting.past:
        found.append(dcc.Link(view.t("held.tag"), href=view.href("/held"), className="tag late", title=view.t("card.held_title")))
    if cell is not None and cell.corrected is not None and setting.now - cell.corrected <= REVISED:
        when = fmt.when(cell.corrected, setting.now, setting.zone, view.lang)
        said = view.t("card.revised_title", when=when)
        found.append(dcc.Link(view.t("card.revised"), href=passport(card, view), className="tag rev", title=said))
    if card.recomputing:
        found.append(html.Span(view.t("card.recomputing"), className="tag late", title=view.t("card.recomputing_title")))
    found += [html.Span(words, className="tag", title=title or None) for words, title in told(cell, view)]
    if cell is not None and cell.only_rate:
        found.append(html.Span(view.t("card.only_rate"), className="tag", title=view.t("card.only_rate_title")))
    if cell is not None and cell.status in ("P", "E"):
        found.append(html.Span(view.t("card.provisional" if cell.status == "P" else "card.estimated"), className="tag"))
    return found[:2]


def skeleton() -> Component:
    """A card not read yet: the same heights, nothing moves when it comes."""
    bars = [html.I(style={"width": width, "height": height}) for width, height in
            (("58%", "11px"), ("40%", "28px"), ("80%", "11px"), ("72%", "11px"), ("64%", "9px"))]  # fmt: skip
    return html.Article(bars, className="card sk", **{"aria-hidden": "true"})
