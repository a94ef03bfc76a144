"""One region, or the first level of them: figures, the map of its parts, their ranking, its alerts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _period
from dashboards import _places as shared
from dashboards._live import Parts, board, put
from dashboards._overview import filters
from dashboards._peers import level_name
from dashboards._shell import notice, page, panel
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask, Unit
from metrics.model import TOTAL


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return frozenset({*ask.workspace.indicators, "alerts", "sources"})


def ranked(ask: Ask, seen: View, id: str) -> tuple[str | None, list[Unit]]:
    """Which indicator the parts of a region are compared by, and the parts."""
    level = read.levels(ask.workspace, id)
    if level is None:
        return None, []
    key = shared.rank_choice(ask, seen, list(ask.workspace.indicators), level, read.first_board(ask.workspace).map)
    return key, list(read.units(ask, seen, key, level, id)) if key else []


def look(ask: Ask, seen: View, id: str) -> shared.Look:
    whole = id == TOTAL
    cards = [] if whole else read.cards(ask, seen, ask.workspace.indicators, region=id)
    key, units = ranked(ask, seen, id)
    return shared.Look(cards, read.inbox(ask, region=None if whole else id), read.sources(ask), key, units)


def made(ask: Ask, seen: View, shown: shared.Look) -> Parts:
    out = shared.made(ask, seen, shown, base="/region", limit=40)
    return out | shared.map_parts(ask, seen, shown.units, shown.key) if shown.key and shown.units else out


@board("region", topics)
def parts(ask: Ask, seen: View, id: str) -> Parts:
    return made(ask, seen, look(ask, seen, id or TOTAL))


def build(ask: Ask, seen: View, id: str) -> Component:
    from metrics import reading

    ws, whole = ask.workspace, id == TOTAL
    shown = look(ask, seen, id)
    filled, key, units = made(ask, seen, shown), shown.key, shown.units
    level = read.levels(ws, id)
    row: list[Component] = []
    if key and units and level:
        chart = shared.map_panel(ask, seen, units, key, filled)
        table = shared.rank_panel(ask, seen, units, key, list(ws.indicators), filled, level)
        row = [one for one in (chart, table) if one is not None]
    row.append(shared.alerts_panel(seen, filled, region=None if whole else id))
    body: list[Component] = [] if whole else shared.by_field(ask, seen, shown.cards)
    body.append(html.Div(row, className={3: "three", 2: "two"}.get(len(row), "one")))
    if level:
        worst = shared.worst_of([units])
        body.append(panel(level_name(level, seen), shared.below(seen, ws.regions, id, "/region", worst)))
    elif whole:
        body = [html.Section(notice(seen, "empty"), className="pn")]
    title = seen.t("page.regions") if whole else name(ws.regions.get(id).name, seen.lang)
    head = seen.t("page.regions")
    crumbs = shared.crumbs_to(seen, ws.regions, id, "/region", head) if not whole else [
        (seen.t("menu.overview"), seen.href("/")), (head, None)
    ]  # fmt: skip
    return page(
        seen, active="regions", title=title, crumbs=crumbs, board="region" if whole else f"region/{id}", as_of=ask.now,
        sub=level_name(ws.regions.get(id).level, seen) if not whole else None,
        revision=reading.moved(ask.connection, topics(ask, seen, id)), parts=filled, as_of_words=filled["as-of"]["children"],
        badge=filled["nav-alerts"]["children"], summary=put(filled, "tally", html.Div, className="sum"),
        until=_period.ended_by(ask, seen),
        tools=[_period.picker(ask, seen, ws.indicators), *([] if whole else filters(ask, seen, only="department"))],
        children=body,
    )  # fmt: skip
