"""The long line of an indicator: its periods, its bounds, the alerts under it; as a chart, as a table, to take away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import _carried, _charts, _figures, _orders, _passport, _period, _versions
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._live import Parts, put
from dashboards._shell import notice, panel, segments
from dashboards._site import present
from dashboards._text import name
from dashboards._view import View
from metrics import links, periods, reading
from metrics.answers import Ask, Card, Cell
from metrics.arrivals import Series
from metrics.model import TOTAL, Indicator
from metrics.values import LET_GO

MARKS = 200
"""Alerts of one figure that are marked on its line, and orders."""


def points(
    cells: Sequence[Cell], indicator: Indicator, setting: Setting, versions: Mapping[int, Indicator] | None = None
) -> list[_figures.Point]:
    """Every period from the first with a figure to the last, a gap where there is none; each said by its own version where
    `versions` has it."""
    if not cells:
        return []
    look, zone, grain = setting.view, setting.zone, cells[0].series.grain
    by_start = {cell.period_start: cell for cell in cells}
    starts = [cells[0].period_start] if grain == "all" else periods.starts(grain, min(by_start), cells[-1].period_end, zone)
    found = []
    for start in starts:
        cell = by_start.get(start)
        note = ""
        if cell is not None and cell.value is not None and cell.den is not None:
            note = _passport.divided(cell, (versions or {}).get(cell.version, indicator))
        if cell is not None and not cell.settled:
            note = look.t("ind.running", when=fmt.when(cell.evaluated_at, setting.now, zone, look.lang)) + (
                f" · {note}" if note else ""
            )
        if cell is None or cell.value is None:
            note = look.t("state.due" if cell is not None and cell.den == 0 else f"state.{without(cell)}")
        note = " · ".join([*([note] if note else []), *_carried.words(cell, look)])
        at = start.astimezone(zone).replace(tzinfo=None)
        label = periods.label(grain, start, zone, look.lang, setting.now)
        found.append(_figures.Point(at, label, cell.value if cell else None, note, cell is not None and not cell.settled))
    first = next((i for i, point in enumerate(found) if point.value is not None), 0)
    return found[first:]


def without(cell: Cell | None) -> str:
    """Why a period has no figure, as the end of a key of `state.`: nobody reported one, or it is no longer kept."""
    return "let_go" if cell is not None and cell.status == LET_GO.status else "nrep"


def moment(cell: Cell | None, setting: Setting) -> str:
    if cell is None:
        return fmt.DASH
    if cell.series.grain == "all" or (cell.period_end > setting.now and cell.settled):
        return setting.view.t("card.moment", when=fmt.full(cell.evaluated_at, setting.zone, setting.view.lang))
    return periods.label(cell.series.grain, cell.period_start, setting.zone, setting.view.lang)


@dataclass(frozen=True)
class Line:
    """The long line as it is drawn or written in a table, and what is said about it."""

    card: Card
    """By the grain of the line."""
    points: Sequence[_figures.Point]
    figure: _figures.Figure
    title: str
    full: str
    """The title with what and where, for a picture to take away."""
    sentence: str
    lines: Sequence[str]
    """What a picture says below itself."""
    query: Mapping[str, str]
    crossing: Component | None = None
    """Where the line crosses from one version of its definition to the next: what is said and offered."""

    @property
    def empty(self) -> bool:
        return not any(point.value is not None for point in self.points)


def line(ask: Ask, card: Card, cells: Sequence[Cell], setting: Setting) -> Line:
    look, indicator, series = setting.view, card.indicator, card.series
    if look.query.get("only") == "new":
        cells = [cell for cell in cells if cell.version == ask.workspace.indicators[indicator.key].version]
    cells = reading.marked(ask, cells)
    crossed = _versions.breaks(ask, indicator.key, cells, look.lang)
    versions = {number: ask.workspace.meant(indicator.key, number) for number in {cell.version for cell in cells}}
    found = points(cells, indicator, setting, versions)
    words = fmt.unit(indicator, setting.units, look.lang)
    places = fmt.shown_decimals(indicator)
    title = look.t("ind.trend", n=len(found), grain=look.t(f"grain.n.{series.grain}"))
    sentence = ""
    last = card.cell
    if last is not None and last.value is not None:
        sentence = f"{moment(last, setting)} {fmt.number(last.value, places)}{words if words == '%' else ''}"
    drawn = _figures.trend(
        found,
        bounds(indicator, look),
        state=card.state,
        unit=words if words == "%" else f" {words}",
        rate=indicator.unit == "percent",
        decimals=places,
        marks=alert_marks(ask, series, setting),
        lane=look.t("menu.alerts"),
        last_text=sentence,
        beyond=look.t("ind.beyond"),
    )
    drawn = _versions.drawn(drawn, crossed, look, setting.zone)
    full = f"{name(indicator.name, look.lang)} {title} {place(ask, series, look)}"
    query = {"indicator": indicator.key, "grain": series.grain, **where(series), **then(ask, look)}
    query |= {"only": "new"} if look.query.get("only") == "new" else {}
    lines = [*source_lines(ask, indicator, card, setting), *_versions.said(crossed, look)]
    return Line(card, found, drawn, title, full, sentence, lines, query, _versions.offer(ask, indicator.key, crossed, look))


def parts(line: Line, setting: Setting) -> Parts:
    """What follows the figures: the graph's values or the table, and what is said about them."""
    if line.empty:
        return {}
    look = setting.view
    found: Parts = {
        "ind-line-note": {"children": look.t("ind.trend_note") if any(p.value is None for p in line.points) else ""},
        "ind-line-take": {"children": [_take(line, look)]},
    }
    if look.query.get("show") == "table":
        found["ind-line"] = {"children": [_table(line, setting)]}
    else:
        found["ind-line-values"] = {"data-values": json.dumps(line.figure, ensure_ascii=False, allow_nan=False)}
    return found


def panel_of(line: Line, setting: Setting, filled: Parts) -> Component:
    look = setting.view
    if line.empty:
        return panel(line.title, notice(look, "empty"))
    as_table = look.query.get("show") == "table"
    switch = segments(
        [(look.t("chart"), look.href(show=None), not as_table), (look.t("table"), look.href(show="table"), as_table)], small=True
    )
    body: Any = put(filled, "ind-line", html.Div)
    if not as_table:
        # The first values stand in the graph's own store; what comes live is put here, and the graph is drawn from it.
        values = html.Div(id="ind-line-values", hidden=True, **{"data-graph": _charts.element("indicator", "trend")})
        label = f"{line.full}. {line.sentence}"
        body = [_charts.chart("indicator", "trend", line.figure, look, height=340, label=label), values]
    note = put(filled, "ind-line-note", html.Span)
    body = [*(body if isinstance(body, list) else [body]), line.crossing] if line.crossing else body
    return panel(line.title, body, note=note, tools=[put(filled, "ind-line-take", html.Span), switch], className="trend")


def _table(line: Line, setting: Setting) -> Component:
    look, indicator = setting.view, line.card.indicator
    words = fmt.unit(indicator, setting.units, look.lang)
    head = [(look.t("filter.period"), False), (f"{look.t('table.value')} {words}", True), (look.t("table.note"), False)]
    rows = _figures.table(line.points, decimals=fmt.shown_decimals(indicator))
    return _charts.rows(head, [list(r.values()) for r in rows], label=line.title, className="tall")


def _take(line: Line, look: View) -> Component:
    return _charts.takeaway(
        "indicator", "trend", look, title=line.full, lines=line.lines, sheet="trend", query=line.query,
        drawn=look.query.get("show") != "table",
    )  # fmt: skip


def bounds(indicator: Indicator, look: View) -> list[_figures.Bound]:
    """The target and the thresholds, in words beside their lines."""
    found = []
    if indicator.target is not None:
        found.append(_figures.Bound(indicator.target, f"<b>{look.t('card.target', value=_passport.plain(indicator.target))}</b>"))
    for key in _passport.BANDS:
        bound = indicator.bands.get(key)
        if bound is not None and bound != indicator.target:
            found.append(_figures.Bound(bound, f"{look.t('state.' + key)} {_passport.plain(bound)}", key))
    return found


def alert_marks(ask: Ask, series: Series, setting: Setting) -> list[_figures.Mark]:
    """When a rule fired on this figure of this place, by whatever grain it is judged."""
    try:
        from alerts import inbox, orders
    except ImportError:
        return []
    look, now = setting.view, present(ask)
    place = (series.department, series.region)
    found = inbox(now, indicator=series.indicator, place=place, open_only=False, limit=MARKS).rows
    return [
        _figures.Mark(
            row.fired_at.astimezone(setting.zone).replace(tzinfo=None),
            row.worst,
            f"{name(row.rule_name, look.lang)}<br>{fmt.full(row.fired_at, setting.zone, look.lang)}",
        )
        for row in found
        if row.fired_at <= ask.now
    ] + [
        _figures.Mark(
            row.made_at.astimezone(setting.zone).replace(tzinfo=None),
            "order",
            f"{look.t('order.step.issued')} {_orders.number(row, setting)}<br>{row.title}",
        )
        for row in orders.of_series(now, series.indicator, *place, limit=MARKS)
        if row.made_at <= ask.now
    ]


def where(series: Series) -> dict[str, str]:
    """The place of a series as the parameters of a URL."""
    found = {"department": series.department, "region": series.region}
    return {key: value for key, value in found.items() if value != TOTAL}


def then(ask: Ask, look: View) -> dict[str, str]:
    """The past period and the past knowledge shown, and whether like is seen with like, as the parameters of an export."""
    until = _period.ended_by(ask, look)
    found = {"ended_by": links.text(until)} if until is not None else {}
    found |= {"alike": "1"} if look.query.get("alike") == "1" else {}
    return found | ({"as_of": str(ask.revision)} if ask.revision is not None else {})


def source_lines(ask: Ask, indicator: Indicator, card: Card, setting: Setting) -> list[str]:
    """What a picture says below itself: definition, source, period, revision, time, and that it is a demo."""
    look = setting.view
    sources = [
        name(ask.workspace.sources[k].name, look.lang)
        for k in _passport.feed_keys(indicator, ask.workspace)
        if k in ask.workspace.sources
    ]
    first = look.t(
        "export.definition",
        version=indicator.version,
        sources=look.t("list.comma").join(sources),
        period=moment(card.cell, setting),
    )
    second = look.t(
        "export.revision", revision=card.cell.revision if card.cell else 0, when=fmt.full(setting.now, setting.zone, look.lang),
        name=name(ask.workspace.name, look.lang),
    )  # fmt: skip
    if ask.revision is not None:
        when = fmt.full(setting.now, setting.zone, look.lang, year=True)
        second += f" · {look.t('asof.then', when=when, revision=ask.revision)}"
    return [first, second + (f" · {look.t('app.demo')}" if ask.workspace.demo else "")]


def place(ask: Ask, series: Series, look: View) -> str:
    trees = ((ask.workspace.regions, series.region), (ask.workspace.departments, series.department))
    said = [name(tree.get(key).name, look.lang) for tree, key in trees if key != TOTAL]
    return look.t("list.comma").join(said) or name(ask.workspace.regions.get(TOTAL).name, look.lang)
