"""The page of one indicator: reading it, its live parts, its skeleton."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _facts, _multiples, _passport, _period, _trend, _units
from dashboards._cards import Setting, passport
from dashboards._live import Parts, board, put
from dashboards._overview import as_of
from dashboards._shell import page, place_picker, segments
from dashboards._site import present
from dashboards._text import name
from dashboards._view import View
from metrics import reading
from metrics.answers import Ask, Card, Cell, RunRow
from metrics.arrivals import Series
from metrics.comparing import Compared
from metrics.model import TOTAL, Indicator
from metrics.status import state as judge
from metrics.values import Values

PERIODS = {"minute5": 288, "hour": 72, "day": 60, "week": 53, "tenday": 36, "month": 24, "quarter": 12, "year": 10, "all": 1}


@dataclass(frozen=True)
class Look:
    """Everything the page shows, as values."""

    setting: Setting
    card: Card
    """By the grain the page is of."""
    line: _trend.Line | None
    """The long line; a figure to date has none, so its next grain's."""
    units: _units.Units | None
    runs: Mapping[str, RunRow | None]
    revision: int


def topics(ask: Ask, seen: View, key: str) -> frozenset[str]:
    return frozenset({key, "alerts", "sources"})


def look(ask: Ask, seen: View, key: str) -> Look:
    ask = replace(ask, alike=seen.query.get("alike") == "1")
    indicator, setting, until = ask.workspace.indicators[key], read.setting(ask, seen), _period.ended_by(ask, seen)
    card = reading.card(ask, key, seen.query.get("department"), seen.query.get("region"), ended_by=until)
    grain = seen.query.get("grain") if seen.query.get("grain") in indicator.grains else card.series.grain
    if grain == "all" and until is not None:
        grain = card.series.grain
    series = Series(key, grain, card.series.department, card.series.region, card.series.dims)  # type: ignore[arg-type]
    cells = list(reading.trend(ask, series, PERIODS[grain], ended_by=until))
    if grain != card.series.grain:
        card = at_grain(ask, card, series, cells)
    return Look(
        setting=setting,
        card=card,
        line=long_line(ask, card, cells, setting, until),
        units=_units.read(ask, card, setting),
        runs={k: next(iter(reading.runs(ask, k, 1)), None) for k in _passport.feed_keys(indicator, ask.workspace)[:3]},
        revision=reading.moved(ask.connection, topics(ask, seen, key)),
    )


def long_line(ask: Ask, card: Card, cells: Sequence[Cell], setting: Setting, until: datetime | None) -> _trend.Line | None:
    """The line over time; a figure to date has none, so there its next grain's is shown."""
    if card.series.grain == "all":
        other = next((grain for grain in card.indicator.grains if grain != "all"), None)
        if other is None:
            return None
        series = replace(card.series, grain=other)
        cells = list(reading.trend(ask, series, PERIODS[other], ended_by=until))
        card = at_grain(ask, card, series, cells)
    return _trend.line(ask, card, cells, setting)


def at_grain(ask: Ask, card: Card, series: Series, cells: Sequence[Cell]) -> Card:
    """The same card by another grain: its newest settled period, judged and compared as every figure is."""
    found = newest(cells)
    indicator = card.indicator if found is None else ask.workspace.meant(series.indicator, found.version)
    cell = reading.marked(ask, [found])[0] if found is not None else None
    values = None if cell is None else Values(cell.num, cell.den, cell.n, cell.apart, cell.status)
    period, year = reading.changes(ask, series, cell, cells) if cell is not None else (Compared(None, "missing"),) * 2
    return replace(
        card,
        indicator=indicator,
        series=series,
        cell=cell,
        running=None,
        state=judge(indicator, values, card.health),
        on_period=period.change,
        on_year=year.change,
        no_period=period.without,
        no_year=year.without,
    )


def newest(cells: Sequence[Cell]) -> Cell | None:
    """The last settled period with a figure."""
    return next((c for c in reversed(cells) if c.settled), None)


@board("indicator", topics)
def parts(ask: Ask, seen: View, key: str) -> Parts:
    known = seen.department in ask.workspace.departments and seen.region in ask.workspace.regions
    if key not in ask.workspace.indicators or not known:
        return {}
    return made(ask, seen, look(ask, seen, key))


def made(ask: Ask, seen: View, shown: Look) -> Parts:
    """What of the page follows the figures."""
    from alerts import counts

    badge = str(counts(present(ask)).open or "")
    card, setting = shown.card, shown.setting
    return {
        "nav-alerts": {"children": badge},
        "bar-alerts": {"children": badge},
        "as-of": as_of(ask, seen, list(read.sources(ask))),
        "ind-strip": {"children": _facts.strip(card, setting)},
        "ind-origin": {"children": [_passport.origin(card, card.cell, ask.workspace, setting, shown.runs)]},
        "ind-ways": {"children": [*_passport.ways_in(card.cell, card.indicator, seen), _passport_link(card, seen)]},
        **(_trend.parts(shown.line, setting) if shown.line else {}),
        **(_units.parts(ask, shown.units, card, setting) if shown.units else {}),
    }


def _passport_link(card: Card, seen: View) -> Component | None:
    return dcc.Link(seen.t("pass.open"), href=passport(card, seen), className="btn") if card.cell is not None else None


def build(ask: Ask, seen: View, key: str) -> Component:
    ws = ask.workspace
    indicator = ws.indicators[key]
    shown = look(ask, seen, key)
    filled = made(ask, seen, shown)
    grain = seen.t(f"grain.{shown.card.series.grain}")
    sub = "ind.sub_all" if shown.card.series.grain == "all" else "ind.sub"
    series, setting, title = shown.card.series, shown.setting, name(indicator.name, seen.lang)
    main = [
        put(filled, "ind-strip", html.Section, className="pn sm"),
        _trend.panel_of(shown.line, setting, filled) if shown.line else None,
        _units.panel_of(shown.units, setting, filled) if shown.units else None,
    ]
    aside = html.Aside(
        [
            html.H2(seen.t("ind.definition")),
            _passport.definition(indicator, ws, setting),
            html.H2(seen.t("ind.origin")),
            put(filled, "ind-origin", html.Div),
            put(filled, "ind-ways", html.Div, className="acts"),
            html.P(dcc.Link(seen.t("asof.changed"), href=changed_since(ask, seen, key), className="lk"), className="pad"),
        ],
        className="pn side",
    )
    field = ws.fields.get(indicator.field)
    way = [(name(field, seen.lang), seen.href(f"/field/{indicator.field}"))] if field else []
    return page(
        seen,
        active="fields",
        title=title,
        sub=seen.t(sub, place=_trend.place(ask, series, seen), grain=grain),
        crumbs=[(seen.t("menu.overview"), seen.href("/")), *way, (title, None)],
        tools=tools(ask, indicator, series.grain, seen),
        until=_period.ended_by(ask, seen),
        children=html.Div([html.Div(main, className="main"), aside], className="ind"),
        board=f"indicator/{key}",
        revision=shown.revision,
        as_of=ask.now,
        parts=filled,
        as_of_words=filled["as-of"]["children"],
        badge=filled["nav-alerts"]["children"],
    )


def changed_since(ask: Ask, seen: View, key: str) -> str:
    """What changed of this indicator since the time the screen knows, else lately."""
    return seen.href("/changes", indicator=key, as_of=None, since=str(ask.revision) if ask.revision else None)


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
