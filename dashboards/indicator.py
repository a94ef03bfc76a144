"""One indicator: its facts, its long line, its units side by side, its definition and where the number comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from dashboards import _charts, _figures, _multiples, _passport, _period, _trend
from dashboards import _format as fmt
from dashboards._cards import Setting, value
from dashboards._marks import JUDGED, status
from dashboards._shell import notice, page, panel, place_picker, segments
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, view
from metrics import periods, reading
from metrics.answers import Ask, Card, Cell, Change, Unit
from metrics.model import TOTAL, Indicator, Series
from metrics.status import state as judge
from metrics.values import Values

dash.register_page(__name__, path_template="/indicator/<key>")
_charts.register("indicator")

PERIODS = {"minute5": 288, "hour": 72, "day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10, "all": 1}
LINES = 18
"""Periods of a small line."""


def layout(key: str = "", **query: Any) -> Component:
    look = view(f"/indicator/{key}", query)
    with asked() as ask:
        indicator = ask.workspace.indicators.get(key)
        known = look.department in ask.workspace.departments and look.region in ask.workspace.regions
        if indicator is None or not known:
            return page(look, active="definitions", title=look.t("menu.definitions"), children=notice(look, "unknown"))
        past = _period.ended_by(ask, look) is not None
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units, past)
        return shown(ask, indicator, setting)


def shown(ask: Ask, indicator: Indicator, setting: Setting) -> Component:
    look, until = setting.view, _period.ended_by(ask, setting.view)
    card = reading.card(ask, indicator.key, look.query.get("department"), look.query.get("region"), ended_by=until)
    grain = look.query.get("grain") if look.query.get("grain") in indicator.grains else card.series.grain
    if grain == "all" and until is not None:
        grain = card.series.grain
    series = Series(indicator.key, grain, card.series.department, card.series.region, card.series.dims)
    cells = list(reading.trend(ask, series, PERIODS[grain], ended_by=until))
    if grain != card.series.grain:
        card = at_grain(card, series, cells, setting)
    cell = card.cell
    runs = {key: next(iter(reading.runs(ask, key, 1)), None) for key in _passport.feed_keys(indicator, ask.workspace)[:3]}
    title = name(indicator.name, look.lang)
    main = [
        strip(card, setting),
        long_line(ask, indicator, card, cells, series, setting),
        units_panel(ask, card, series, setting),
    ]
    aside = html.Aside(
        [
            html.H2(look.t("ind.definition")),
            _passport.definition(indicator, ask.workspace, setting),
            html.H2(look.t("ind.origin")),
            _passport.origin(card, cell, ask.workspace, setting, runs),
            html.Div(_passport.ways_in(cell, indicator, look), className="acts"),
        ],
        className="pn side",
    )
    field = ask.workspace.fields.get(indicator.field)
    return page(
        look,
        active="fields",
        title=title,
        sub=look.t("ind.sub", place=_trend.place(ask, series, look), grain=look.t(f"grain.{grain}")),
        crumbs=[
            (look.t("menu.overview"), look.href("/")),
            *([(name(field, look.lang), look.href(f"/field/{indicator.field}"))] if field else []),
            (title, None),
        ],
        tools=tools(ask, indicator, grain, look),
        until=until,
        children=html.Div([html.Div(main, className="main"), aside], className="ind"),
        revision=cell.revision if cell else 0,
    )


def long_line(
    ask: Ask, indicator: Indicator, card: Card, cells: Sequence[Cell], series: Series, setting: Setting
) -> Component | None:
    """The line over time; a figure to date has none, so there its next grain's is shown."""
    if series.grain == "all":
        other = next((grain for grain in indicator.grains if grain != "all"), None)
        if other is None:
            return None
        series = replace(series, grain=other)
        cells = list(reading.trend(ask, series, PERIODS[other], ended_by=_period.ended_by(ask, setting.view)))
        card = at_grain(card, series, cells, setting)
    return _trend.trend_panel(ask, indicator, card, cells, series, setting)


def at_grain(card: Card, series: Series, cells: Sequence[Cell], setting: Setting) -> Card:
    """The same card by another grain: its newest settled period, judged and compared as every figure is."""
    cell, indicator = newest(cells), card.indicator
    values = None if cell is None else Values(cell.num, cell.den, cell.n, cell.apart, cell.status)
    by_start = {one.period_start: one for one in cells}

    def change(start: datetime | None) -> Change | None:
        before = by_start.get(start) if start is not None else None
        if cell is None or before is None or cell.value is None or before.value is None:
            return None
        if indicator.unit == "percent":
            return Change(cell.value - before.value, in_points=True)
        return Change((cell.value - before.value) / before.value * 100, in_points=False) if before.value else None

    start = cell.period_start if cell is not None else None
    return replace(
        card,
        series=series,
        cell=cell,
        running=None,
        state=judge(indicator, values, card.health),
        on_period=change(periods.previous(series.grain, start, setting.zone) if start else None),
        on_year=change(periods.year_before(series.grain, start, setting.zone) if start else None),
    )


def newest(cells: Sequence[Cell]) -> Cell | None:
    """The last settled period with a figure."""
    return next((c for c in reversed(cells) if c.settled), None)


def tools(ask: Ask, indicator: Indicator, grain: str, look: View) -> list[Component]:
    """Which place, which grain; a second place only where figures by both exist."""
    ways = _multiples.ways(indicator, grain)
    found: list[Component] = [_period.picker(ask, look, [indicator.key], grain)]
    levels = [way for way in ways if way != "department"]
    crossed = any(_multiples.crosses(indicator, grain, "department", level) for level in levels)
    if levels:
        places = [p for level in levels[:1] for p in ask.workspace.regions.at_level(level)]
        other = (
            look
            if crossed
            else View(look.path, {k: v for k, v in look.query.items() if k != "department"}, look.lang, look.theme)
        )
        found.append(place_picker(other, "region", places, ask.workspace.regions.get(TOTAL)))
    if "department" in ways:
        places = [p for p in ask.workspace.departments.at_level("department") if p.id != TOTAL]
        other = (
            look if crossed else View(look.path, {k: v for k, v in look.query.items() if k != "region"}, look.lang, look.theme)
        )
        total = look.t("filter.all_departments", count=len(places))
        found.append(place_picker(other, "department", places, ask.workspace.departments.get(TOTAL), total))
    if len(indicator.grains) > 1:
        newest: dict[str, str | None] = {"until": None}
        ways_to = {g: look.href(grain=g, **(newest if g == "all" else {})) for g in indicator.grains}
        found.append(segments([(look.t(f"grain.{g}"), href, g == grain) for g, href in ways_to.items()]))
    found.append(html.Button(look.t("ind.copy"), type="button", className="btn", **{"data-copy-link": look.t("ind.copied")}))
    found.append(html.Button(look.t("ind.print"), type="button", className="btn", **{"data-print": "1"}))
    return found


def strip(card: Card, setting: Setting) -> Component:
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
        (look.t("card.on_period"), on_period, look.t("ind.on_period") if card.on_period else None),
        (look.t("card.on_year"), on_year, None if card.on_year else look.t("ind.no_year")),
    ]
    covered = look.t("from.have", have=cell.have, want=cell.want) if cell and cell.want else None
    boxes.append((look.t("ind.sample"), sample(cell, indicator, look), covered))
    fresh = look.t("card.collected", when=got) if got else look.t("card.never")
    boxes.append((look.t("ind.freshness"), period, None if setting.past else fresh))
    return html.Section(
        [html.Div([html.Span(k, className="k"), html.P(v), html.Em(more) if more else None]) for k, v, more in boxes],
        className="pn sm",
    )


def sample(cell: Cell | None, indicator: Indicator, look: View) -> str:
    if cell is None:
        return fmt.DASH
    if indicator.measure.rate and cell.den is not None:
        return look.t("ind.den", n=fmt.number(cell.den))
    return look.t("card.n", n=fmt.number(cell.n)) if cell.n is not None else fmt.DASH


def units_panel(ask: Ask, card: Card, series: Series, setting: Setting) -> Component | None:
    """The units below the place shown, side by side."""
    look, indicator = setting.view, card.indicator
    ways = [way for way in below(ask, indicator, series) if way]
    if not ways:
        return None
    by = look.query.get("by") if look.query.get("by") in ways else ways[0]
    which = "department" if by == "department" else "region"
    under = series.department if which == "department" else series.region
    other = series.region if which == "department" else series.department
    sparks = 0 if series.grain == "all" else LINES
    until = _period.ended_by(ask, look)
    found: list[Unit] = reading.units(
        ask, indicator.key, by, under, series.grain, other=other, sparks=sparks, ended_by=until
    )
    found = _multiples.worst_first(found, indicator)
    if len(found) < 2:
        return None
    title = look.t("ind.units", n=len(found), level=_multiples.level(by, look))
    as_table = look.query.get("units") == "table"
    switch = segments(
        [(look.t("chart"), look.href(units=None), not as_table), (look.t("table"), look.href(units="table"), as_table)],
        small=True,
    )
    options = [(_multiples.level(way, look), look.href(by=way), way == by) for way in ways]
    switches = [segments(options, small=True)] if len(ways) > 1 else []
    low, high = _multiples.axis(found, indicator)
    words = fmt.unit(indicator, setting.units, look.lang)
    said = look.t("ind.axis", low=f"{low:,.0f}", high=f"{high:,.0f}{words if words == '%' else ''}")
    if indicator.target is not None:
        said += look.t("ind.axis_target", value=_passport.plain(indicator.target))
    picture = _figures.multiples(_multiples.panels(found, indicator, setting), indicator.target, rate=indicator.measure.rate)
    take = _charts.takeaway(
        "indicator", "units", look, picture=picture, title=f"{name(indicator.name, look.lang)} {title}",
        lines=_trend.source_lines(ask, indicator, card, setting), sheet="units", drawn=look.query.get("show") != "table",
        query={"indicator": indicator.key, "grain": series.grain, "by": by, **_trend.where(series), **_trend.then(ask, look)},
    )  # fmt: skip
    body = _multiples.listing(found, indicator, setting, which) if as_table else _multiples.wall(found, indicator, setting, which)
    return panel(title, body, note=said, tools=[take, *switches, switch], className="units")


def below(ask: Ask, indicator: Indicator, series: Series) -> list[str]:
    """Which ways this place's figure splits: by department under a department's parent, by the region levels under its region."""
    grain, found = series.grain, []
    regions = ask.workspace.regions
    fixed = [] if series.department == TOTAL else ["department"]
    if series.region != TOTAL:
        fixed.append(regions.get(series.region).level)
    for way in _multiples.ways(indicator, grain):
        if way == "department" and series.department == TOTAL:
            if series.region == TOTAL or _multiples.crosses(indicator, grain, "department", regions.get(series.region).level):
                found.append(way)
        elif way != "department":
            here = regions.get(series.region).level if series.region != TOTAL else None
            if here == way:
                continue
            if series.department == TOTAL or _multiples.crosses(indicator, grain, "department", way):
                found.append(way)
    return found if series.region == TOTAL or series.department == TOTAL else []
