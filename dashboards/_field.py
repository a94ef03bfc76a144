"""One field of work: all its cards, its units ranked, its alerts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _period
from dashboards import _places as shared
from dashboards._live import Parts, board, put
from dashboards._overview import filters
from dashboards._shell import page
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask
from metrics.model import TOTAL


def keys(ask: Ask, field: str) -> list[str]:
    return [key for key, indicator in ask.workspace.indicators.items() if indicator.field == field]


def topics(ask: Ask, seen: View, field: str) -> frozenset[str]:
    return frozenset({*keys(ask, field), "alerts", "sources"})


def look(ask: Ask, seen: View, field: str) -> shared.Look:
    found = keys(ask, field)
    key = shared.rank_choice(ask, seen, found, "department", read.first_board(ask.workspace).rank)
    units = read.units(ask, seen, key, "department") if key else []
    return shared.Look(read.cards(ask, seen, found), read.inbox(ask, field=field), read.sources(ask), key, units)


@board("field", topics)
def parts(ask: Ask, seen: View, field: str) -> Parts:
    return shared.made(ask, seen, look(ask, seen, field))


def build(ask: Ask, seen: View, field: str) -> Component:
    from metrics import reading

    ws = ask.workspace
    found = keys(ask, field)
    shown = look(ask, seen, field)
    filled = shared.made(ask, seen, shown)
    side = [shared.rank_panel(ask, seen, shown.units, shown.key, found, filled, "department")] if shown.key else []
    side.append(shared.alerts_panel(seen, filled, field=field))
    title = name(ws.fields[field], seen.lang)
    where = "" if seen.region == TOTAL else seen.region[:40]
    if where and seen.region in ws.regions:
        where = name(ws.regions.get(seen.region).name, seen.lang)
    return page(
        seen, active="fields", title=title, sub=where or None, board=f"field/{field}",
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.fields"), seen.href("/field")), (title, None)],
        summary=put(filled, "tally", html.Div, className="sum"), as_of=ask.now,
        tools=[_period.picker(ask, seen, found), *filters(ask, seen)], until=_period.ended_by(ask, seen),
        parts=filled, as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        revision=reading.moved(ask.connection, topics(ask, seen, field)),
        children=[*shared.by_field(ask, seen, shown.cards, head=False), html.Div(side, className="two" if shown.key else "one")],
    )  # fmt: skip


def all_topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return frozenset({*ask.workspace.indicators, "alerts", "sources"})


def look_all(ask: Ask, seen: View) -> shared.Look:
    return shared.Look(read.cards(ask, seen, ask.workspace.indicators), read.inbox(ask), read.sources(ask))


@board("fields", all_topics)
def all_parts(ask: Ask, seen: View, _: str = "") -> Parts:
    return shared.common(ask, seen, look_all(ask, seen))


def build_all(ask: Ask, seen: View) -> Component:
    """Every field with all its cards."""
    from metrics import reading

    shown = look_all(ask, seen)
    filled = shared.common(ask, seen, shown)
    return page(
        seen, active="fields", title=seen.t("page.fields"), board="fields", as_of=ask.now, until=_period.ended_by(ask, seen),
        tools=[_period.picker(ask, seen, ask.workspace.indicators), *filters(ask, seen)],
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.fields"), None)],
        summary=put(filled, "tally", html.Div, className="sum"), parts=filled, as_of_words=filled["as-of"]["children"],
        badge=filled["nav-alerts"]["children"], revision=reading.moved(ask.connection, all_topics(ask, seen, "")),
        children=shared.by_field(ask, seen, shown.cards),
    )  # fmt: skip
