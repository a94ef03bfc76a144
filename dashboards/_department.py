"""One department, or all of them: its figures, how it stands among its peers, its alerts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _period
from dashboards import _places as shared
from dashboards._live import Parts, board, put
from dashboards._overview import filters
from dashboards._peers import peer_name
from dashboards._shell import page, panel
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask
from metrics.model import TOTAL


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return frozenset({*ask.workspace.indicators, "alerts", "sources"})


def look(ask: Ask, seen: View, id: str) -> shared.Look:
    """One department among its peers; `_T`: all of them, without cards."""
    whole = id == TOTAL
    key = _rank(ask, seen)
    units = read.units(ask, seen, key, "department") if key else []
    if not whole:
        mine = ask.workspace.departments.get(id).peer
        units = [u for u in units if u.place.peer == mine]
    cards = [] if whole else read.cards(ask, seen, ask.workspace.indicators, department=id)
    return shared.Look(cards, read.inbox(ask, department=None if whole else id), read.sources(ask), key, units)


@board("department", topics)
def parts(ask: Ask, seen: View, id: str) -> Parts:
    return shared.made(ask, seen, look(ask, seen, id), own=id)


def _rank(ask: Ask, seen: View) -> str | None:
    plan = read.first_board(ask.workspace)
    return shared.rank_choice(ask, seen, list(ask.workspace.indicators), "department", plan.rank)


def build(ask: Ask, seen: View, id: str) -> Component:
    from metrics import reading

    ws = ask.workspace
    shown = look(ask, seen, id)
    filled = shared.made(ask, seen, shown, own=id)
    here, key = ws.departments.get(id), shown.key
    side = [shared.rank_panel(ask, seen, shown.units, key, list(ws.indicators), filled, "department")] if key else []
    side.append(shared.alerts_panel(seen, filled, department=id))
    under = ws.departments.children(id)
    lists = [panel(seen.t("page.parts"), shared.below(seen, ws.departments, id, "/department", {}))] if under else []
    return page(
        seen, active="departments", title=name(here.name, seen.lang), sub=peer_name(here.peer, seen) if here.peer else None,
        crumbs=shared.crumbs_to(seen, ws.departments, id, "/department", seen.t("page.departments")),
        board=f"department/{id}", revision=reading.moved(ask.connection, topics(ask, seen, id)), as_of=ask.now,
        parts=filled, as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        summary=put(filled, "tally", html.Div, className="sum"), until=_period.ended_by(ask, seen),
        tools=[_period.picker(ask, seen, ws.indicators), *filters(ask, seen, only="region")],
        children=[*shared.by_field(ask, seen, shown.cards), html.Div(side, className="two" if key else "one"), *lists],
    )  # fmt: skip


@board("departments", topics)
def all_parts(ask: Ask, seen: View, _: str = "") -> Parts:
    return shared.made(ask, seen, look(ask, seen, TOTAL), limit=60)


def build_all(ask: Ask, seen: View) -> Component:
    from metrics import reading

    ws = ask.workspace
    shown = look(ask, seen, TOTAL)
    filled = shared.made(ask, seen, shown, limit=60)
    worst = shared.worst_of([shown.units])
    row: list[Component] = []
    if shown.key and shown.units:
        row.append(shared.rank_panel(ask, seen, shown.units, shown.key, list(ws.indicators), filled, "department"))
    row.append(shared.alerts_panel(seen, filled))
    every = panel(seen.t("page.departments"), shared.below(seen, ws.departments, TOTAL, "/department", worst))
    return page(
        seen, active="departments", title=seen.t("page.departments"), board="departments", as_of=ask.now,
        until=_period.ended_by(ask, seen), tools=[_period.picker(ask, seen, [shown.key] if shown.key else ws.indicators)],
        sub=seen.t("filter.all_departments", count=len(ws.departments.children(TOTAL))),
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.departments"), None)],
        parts=filled, as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        revision=reading.moved(ask.connection, topics(ask, seen, "")),
        children=[html.Div(row, className="two" if len(row) > 1 else "one"), every],
    )  # fmt: skip
