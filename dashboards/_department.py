"""One department, or all of them: its figures, how it stands among its peers, its alerts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _boards as draw
from dashboards import _places as shared
from dashboards._live import Parts, board, put
from dashboards._overview import filters, peer_group, peer_name
from dashboards._shell import notice, page, panel
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask
from metrics.model import TOTAL


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return frozenset({*ask.workspace.indicators, "alerts", "sources"})


@board("department", topics)
def parts(ask: Ask, seen: View, id: str) -> Parts:
    cards = read.cards(ask, seen, ask.workspace.indicators, department=id)
    out = shared.common(ask, seen, cards, read.inbox(ask, department=id))
    key = _rank(ask, seen)
    if key:
        mine = ask.workspace.departments.get(id).peer
        units = [u for u in read.units(ask, key, "department") if u.place.peer == mine]
        setting = read.setting(ask, seen)
        out["ranking"] = {"children": draw.ranking(units, ask.workspace.indicators[key], setting, limit=20, own=id)}
    return out


def _rank(ask: Ask, seen: View) -> str | None:
    plan = read.first_board(ask.workspace)
    return shared.rank_choice(ask, seen, list(ask.workspace.indicators), "department", plan.rank)


def build(ask: Ask, seen: View, id: str) -> Component:
    from metrics import reading

    ws = ask.workspace
    filled = parts(ask, seen, id)
    cards = read.cards(ask, seen, ws.indicators, department=id)
    key = _rank(ask, seen)
    here = ws.departments.get(id)
    units = [u for u in read.units(ask, key, "department") if u.place.peer == here.peer] if key else []
    side = [shared.rank_panel(ask, seen, units, key, list(ws.indicators), filled, "department")] if key else []
    side.append(shared.alerts_panel(seen, filled, department=id))
    under = ws.departments.children(id)
    lists = [panel(seen.t("page.parts"), shared.below(seen, ws.departments, id, "/department", {}))] if under else []
    return page(
        seen, active="departments", title=name(here.name, seen.lang), sub=peer_name(here.peer, seen) if here.peer else None,
        crumbs=shared.crumbs_to(seen, ws.departments, id, "/department", seen.t("page.departments")),
        board=f"department/{id}", revision=reading.moved(ask.connection, topics(ask, seen, id)), as_of=ask.now,
        as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        summary=put(filled, "tally", html.Div, className="sum"), tools=filters(ask, seen, only="region"),
        children=[*shared.by_field(ask, seen, cards), html.Div(side, className="two" if key else "one"), *lists],
    )  # fmt: skip


@board("departments", topics)
def all_parts(ask: Ask, seen: View, _: str = "") -> Parts:
    out = shared.common(ask, seen, [], read.inbox(ask))
    key = _rank(ask, seen)
    if key:
        units = peer_group(list(read.units(ask, key, "department")), seen)
        setting = read.setting(ask, seen)
        out["ranking"] = {"children": draw.ranking(units, ask.workspace.indicators[key], setting, limit=60)}
    return out


def build_all(ask: Ask, seen: View) -> Component:
    from metrics import reading

    ws = ask.workspace
    filled = all_parts(ask, seen)
    key = _rank(ask, seen)
    ranking: list[Component] = []
    worst: dict[str, str] = {}
    if key:
        units = list(read.units(ask, key, "department"))
        ranking = [shared.rank_panel(ask, seen, units, key, list(ws.indicators), filled, "department")]
        worst = shared.worst_of([units])
    every = panel(seen.t("page.departments"), shared.below(seen, ws.departments, TOTAL, "/department", worst))
    return page(
        seen, active="departments", title=seen.t("page.departments"), board="departments", as_of=ask.now,
        sub=seen.t("filter.all_departments", count=len(ws.departments.children(TOTAL))),
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.departments"), None)],
        as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        revision=reading.moved(ask.connection, topics(ask, seen, "")),
        children=[*(ranking or [html.Section(notice(seen, "empty"), className="pn")]), every],
    )  # fmt: skip
