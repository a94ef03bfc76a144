"""One indicator: its facts, its long line, its units side by side, its definition and where the number comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from dashboards import _charts, _figures, _multiples, _passport
from dashboards import _format as fmt
from dashboards._cards import Setting, value
from dashboards._marks import status
from dashboards._shell import notice, page, panel, place_picker, segments
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, view
from metrics import links, periods, reading
from metrics.answers import Ask, Card, Cell, Unit
from metrics.model import TOTAL, Indicator, Series

dash.register_page(__name__, path_template="/indicator/<key>")
_charts.register("indicator")

PERIODS = {"minute5": 288, "hour": 72, "day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10, "all": 1}


def layout(key: str = "", **query: Any) -> Component:
    look = view(f"/indicator/{key}", query)
    with asked() as ask:
        indicator = ask.workspace.indicators.get(key)
        if indicator is None:
            return page(look, active="definitions", title=look.t("menu.definitions"), children=notice(look, "unknown"))
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return shown(ask, indicator, setting)


def shown(ask: Ask, indicator: Indicator, setting: Setting) -> Component:
    look = setting.view
    grain = look.query.get("grain") if look.query.get("grain") in indicator.grains else indicator.grains[0]
    card = reading.card(ask, indicator.key, look.department, look.region)
    series = Series(indicator.key, grain, card.series.department, card.series.region, card.series.dims)
    cells = list(reading.trend(ask, series, PERIODS[grain]))
    cell = card.cell if grain == card.series.grain else newest(cells)
    runs = {key: next(iter(reading.runs(ask, key, 1)), None) for key in _passport.feed_keys(indicator, ask.workspace)[:3]}
    title = name(indicator.name, look.lang)
    main = [
        strip(card, cell, cells, setting),
        trend_panel(ask, indicator, card, cells, series, setting),
        units_panel(ask, indicator, cell, series, setting),
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
        sub=look.t("ind.sub", place=place(ask, series, look), grain=look.t(f"grain.{grain}")),
        crumbs=[
            (look.t("menu.overview"), look.href("/")),
            *([(name(field, look.lang), look.href(f"/field/{indicator.field}"))] if field else []),
            (title, None),
        ],
        tools=tools(ask, indicator, grain, look),
        children=html.Div([html.Div(main, className="main"), aside], className="ind"),
        revision=cell.revision if cell else 0,
    )


def newest(cells: Sequence[Cell]) -> Cell | None:
    """The last settled period with a figure."""
    return next((c for c in reversed(cells) if c.settled), None)


def place(ask: Ask, series: Series, look: View) -> str:
    trees = ((ask.workspace.regions, series.region), (ask.workspace.departments, series.department))
    said = [name(tree.get(key).name, look.lang) for tree, key in trees if key != TOTAL]
    return look.t("list.comma").join(said) or name(ask.workspace.regions.get(TOTAL).name, look.lang)


def tools(ask: Ask, indicator: Indicator, grain: str, look: View) -> list[Component]:
    """Which place, which grain; a second place only where figures by both exist."""
    ways = _multiples.ways(indicator, grain)
    found: list[Component] = []
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
        found.append(segments([(look.t(f"grain.{g}"), look.href(grain=g), g == grain) for g in indicator.grains]))
    found.append(html.Button(look.t("ind.copy"), type="button", className="btn", **{"data-copy-link": look.t("ind.copied")}))
    found.append(html.Button(look.t("ind.print"), type="button", className="btn", **{"data-print": "1"}))
    return found


def strip(card: Card, cell: Cell | None, cells: Sequence[Cell], setting: Setting) -> Component:
    """The facts of the newest judged period in one line."""
    look, indicator = setting.view, card.indicator
    places = fmt.shown_decimals(indicator)
    same = cell is card.cell
    gap: str | None = None
    if indicator.target is not None and cell is not None and cell.value is not None:
        away = abs(cell.value - indicator.target)
        met = cell.value >= indicator.target if indicator.better == "higher" else cell.value <= indicator.target
        unit = look.t("unit.points") if indicator.unit == "percent" else fmt.unit(indicator, setting.units, look.lang)
        gap = look.t("ind.met") if met else look.t("ind.away", gap=f"{fmt.number(away, places)} {unit}")
    got = fmt.when(card.collected_at, setting.now, setting.zone, look.lang) if card.collected_at else None
    period = moment(cell, setting)
    boxes: list[tuple[str, Any, Any]] = [
        (look.t("ind.latest"), html.Span([figure(card, cell, setting), status(card.state, look.lang) if same else None], className="big"), None),
        (look.t("def.target"), _passport.target(indicator, setting), gap),
    ]  # fmt: skip
    if same:
        boxes += [
            (
                look.t("card.on_period"),
                fmt.change(card.on_period, places, look.lang),
                look.t("ind.on_period") if card.on_period else None,
            ),
            (
                look.t("card.on_year"),
                fmt.change(card.on_year, places, look.lang),
                None if card.on_year else look.t("ind.no_year"),
            ),
        ]
    covered = look.t("from.have", have=cell.have, want=cell.want) if cell and cell.want else None
    boxes.append((look.t("ind.sample"), sample(cell, indicator, look), covered))
    boxes.append((look.t("ind.freshness"), period, look.t("card.collected", when=got) if got else look.t("card.never")))
    return html.Section(
        [html.Div([html.Span(k, className="k"), html.P(v), html.Em(more) if more else None]) for k, v, more in boxes],
        className="pn sm",
    )


def figure(card: Card, cell: Cell | None, setting: Setting) -> Component:
    if cell is card.cell:
        return value(card, setting)
    words = fmt.unit(card.indicator, setting.units, setting.view.lang)
    number = fmt.number(cell.value if cell else None, fmt.shown_decimals(card.indicator), setting.view.lang, short=True)
    return html.Span([html.Span(number, className="num"), html.Span(words, className="u")], className="v")


def sample(cell: Cell | None, indicator: Indicator, look: View) -> str:
    if cell is None:
        return fmt.DASH
    if indicator.measure.rate and cell.den is not None:
        return look.t("ind.den", n=fmt.number(cell.den))
    return look.t("card.n", n=fmt.number(cell.n)) if cell.n is not None else fmt.DASH


def moment(cell: Cell | None, setting: Setting) -> str:
    if cell is None:
        return fmt.DASH
    if cell.series.grain == "all" or (cell.period_end > setting.now and cell.settled):
        return setting.view.t("card.moment", when=fmt.full(cell.evaluated_at, setting.zone, setting.view.lang))
    return periods.label(cell.series.grain, cell.period_start, setting.zone, setting.view.lang)


def points(cells: Sequence[Cell], indicator: Indicator, setting: Setting) -> list[_figures.Point]:
    """Every period from the first to the last, a gap where there is no figure."""
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
            note = f"{_passport.amount(cell.num, indicator)} ÷ {fmt.number(cell.den)}"
        if cell is not None and not cell.settled:
            note = look.t("ind.running", when=fmt.when(cell.evaluated_at, setting.now, zone, look.lang)) + (
                f" · {note}" if note else ""
            )
        if cell is None or cell.value is None:
            note = look.t("state.due" if cell is not None and cell.den == 0 else "state.nrep")
        at = start.astimezone(zone).replace(tzinfo=None)
        label = periods.label(grain, start, zone, look.lang, setting.now)
        found.append(_figures.Point(at, label, cell.value if cell else None, note, cell is not None and not cell.settled))
    return found


def trend_panel(ask: Ask, indicator: Indicator, card: Card, cells: Sequence[Cell], series: Series, setting: Setting) -> Component:
    look = setting.view
    line = points(cells, indicator, setting)
    words = fmt.unit(indicator, setting.units, look.lang)
    places = fmt.shown_decimals(indicator)
    title = look.t("ind.trend", n=len(line), grain=look.t(f"grain.n.{series.grain}"))
    as_table = look.query.get("show") == "table"
    switch = segments(
        [(look.t("chart"), look.href(show=None), not as_table), (look.t("table"), look.href(show="table"), as_table)], small=True
    )
    if not any(p.value is not None for p in line):
        return panel(title, notice(look, "empty"))
    sentence = ""
    last = card.cell
    if last is not None and last.value is not None and series.grain == card.series.grain:
        sentence = f"{moment(last, setting)} {fmt.number(last.value, places)}{words if words == '%' else ''}"
    marks = alert_marks(ask, series, setting)
    drawn = _figures.trend(
        line,
        bounds(indicator, look),
        state=card.state,
        unit=words if words == "%" else f" {words}",
        rate=indicator.unit == "percent",
        decimals=places,
        marks=marks,
        lane=look.t("menu.alerts"),
        last_text=sentence,
        beyond=look.t("ind.beyond"),
    )
    full = f"{name(indicator.name, look.lang)} {title} {place(ask, series, look)}"
    take = _charts.takeaway(
        "indicator", "trend", look, title=full, lines=source_lines(ask, indicator, card, setting), sheet="trend",
        query={"indicator": indicator.key, "grain": series.grain, "department": look.query.get("department"), "region": look.query.get("region")},
    )  # fmt: skip
    body: Any
    if as_table:
        head = [(look.t("filter.period"), False), (f"{look.t('table.value')} {words}", True), (look.t("table.note"), False)]
        body = _charts.rows(
            head, [list(r.values()) for r in _figures.table(line, decimals=places)], label=title, className="tall"
        )
    else:
        body = _charts.chart("indicator", "trend", drawn, look, height=340, label=f"{full}. {sentence}")
    note = look.t("ind.trend_note") if any(p.value is None for p in line) else None
    return panel(title, body, note=note, tools=[take, switch], className="trend")


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
    """When a rule fired on this very series."""
    try:
        from alerts import inbox
    except ImportError:
        return []
    look = setting.view
    found = inbox(ask, indicator=series.indicator, open_only=False, limit=200).rows
    return [
        _figures.Mark(
            row.fired_at.astimezone(setting.zone).replace(tzinfo=None),
            row.worst,
            f"{name(row.rule_name, look.lang)}<br>{fmt.full(row.fired_at, setting.zone, look.lang)}",
        )
        for row in found
        if row.series is not None and (row.series.department, row.series.region) == (series.department, series.region)
    ]


def source_lines(ask: Ask, indicator: Indicator, card: Card, setting: Setting) -> list[str]:
    """What a picture says below itself: definition, source, period, revision, time, and that it is a demo."""
    look = setting.view
    sources = [
        name(ask.workspace.sources[k].name, look.lang)
        for k in _passport.feed_keys(indicator, ask.workspace)
        if k in ask.workspace.sources
    ]
    first = look.t("export.definition", version=indicator.version, sources=look.t("list.comma").join(sources))
    second = look.t(
        "export.revision", revision=card.cell.revision if card.cell else 0, when=fmt.full(setting.now, setting.zone, look.lang),
        name=name(ask.workspace.name, look.lang),
    )  # fmt: skip
    return [first, second + (f" · {look.t('app.demo')}" if ask.workspace.demo else "")]


def units_panel(ask: Ask, indicator: Indicator, cell: Cell | None, series: Series, setting: Setting) -> Component | None:
    """The units below the place shown, side by side."""
    look = setting.view
    ways = [way for way in below(ask, indicator, series) if way]
    if not ways:
        return None
    by = look.query.get("by") if look.query.get("by") in ways else ways[0]
    which = "department" if by == "department" else "region"
    under = series.department if which == "department" else series.region
    found: list[Unit] = list(reading.units(ask, indicator.key, by, under, series.grain, cell.period_start if cell else None))
    found = _multiples.worst_first(found, indicator)
    if len(found) < 2:
        return None
    title = look.t("ind.units", n=len(found), level=look.t(f"level.{by}"))
    as_table = look.query.get("units") == "table"
    switch = segments(
        [(look.t("chart"), look.href(units=None), not as_table), (look.t("table"), look.href(units="table"), as_table)],
        small=True,
    )
    switches = (
        [segments([(look.t(f"level.{way}"), look.href(by=way), way == by) for way in ways], small=True)] if len(ways) > 1 else []
    )
    low, high = _figures.shared([u.spark for u in found], indicator.target, rate=indicator.measure.rate)
    words = fmt.unit(indicator, setting.units, look.lang)
    said = look.t("ind.axis", low=f"{low:,.0f}", high=f"{high:,.0f}{words if words == '%' else ''}")
    if indicator.target is not None:
        said += look.t("ind.axis_target", value=_passport.plain(indicator.target))
    picture = _figures.multiples(_multiples.panels(found, indicator, setting), indicator.target, rate=indicator.measure.rate)
    take = _charts.takeaway(
        "indicator", "units", look, picture=picture, title=f"{name(indicator.name, look.lang)} {title}",
        lines=source_lines(ask, indicator, reading.card(ask, indicator.key, look.department, look.region), setting), sheet="units",
        query={"indicator": indicator.key, "grain": series.grain, "by": by, "department": look.query.get("department"), "region": look.query.get("region")},
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
