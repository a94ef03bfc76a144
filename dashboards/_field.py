"""One field of work: all its cards, its units ranked, its alerts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards import _board as read
from dashboards import _boards as draw
from dashboards import _places as shared
from dashboards._live import Parts, board, put
from dashboards._overview import filters, peer_group
from dashboards._shell import page
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask
from metrics.model import TOTAL


def keys(ask: Ask, field: str) -> list[str]:
    return [key for key, indicator in ask.workspace.indicators.items() if indicator.field == field]


def topics(ask: Ask, seen: View, field: str) -> frozenset[str]:
    return frozenset({*keys(ask, field), "alerts", "sources"})


@board("field", topics)
def parts(ask: Ask, seen: View, field: str) -> Parts:
    found = keys(ask, field)
    inbox = read.inbox(ask, field=field)
    out = shared.common(ask, seen, read.cards(ask, seen, found), inbox)
    ranked = shared.rank_choice(ask, seen, found, "department", read.first_board(ask.workspace).rank)
    if ranked:
        units = peer_group(read.units(ask, ranked, "department"), seen)
        out["ranking"] = {"children": draw.ranking(units, ask.workspace.indicators[ranked], read.setting(ask, seen), limit=20)}
    return out


def build(ask: Ask, seen: View, field: str) -> Component:
    from metrics import reading

    ws = ask.workspace
    found = keys(ask, field)
    filled = parts(ask, seen, field)
    cards = read.cards(ask, seen, found)
    ranked = shared.rank_choice(ask, seen, found, "department", read.first_board(ws).rank)
    units = read.units(ask, ranked, "department") if ranked else []
    side = [shared.rank_panel(ask, seen, units, ranked, found, filled, "department")] if ranked else []
    side.append(shared.alerts_panel(seen, filled, field=field))
    title = name(ws.fields[field], seen.lang)
    where = "" if seen.region == TOTAL else name(ws.regions.get(seen.region).name, seen.lang)
    return page(
        seen, active="fields", title=title, sub=where or seen.t("board.count", n=len(found)), board=f"field/{field}",
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.fields"), seen.href("/field")), (title, None)],
        summary=put(filled, "tally", html.Div, className="sum"), tools=filters(ask, seen), as_of=ask.now,
        as_of_words=filled["as-of"]["children"], badge=filled["nav-alerts"]["children"],
        revision=reading.moved(ask.connection, topics(ask, seen, field)),
        children=[*shared.by_field(ask, seen, cards, head=False), html.Div(side, className="two" if ranked else "")],
    )  # fmt: skip


def all_topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return frozenset({*ask.workspace.indicators, "alerts", "sources"})


@board("fields", all_topics)
def all_parts(ask: Ask, seen: View, _: str = "") -> Parts:
    return shared.common(ask, seen, read.cards(ask, seen, ask.workspace.indicators), read.inbox(ask))


def build_all(ask: Ask, seen: View) -> Component:
    """Every field with all its cards."""
    from metrics import reading

    filled = all_parts(ask, seen)
    cards = read.cards(ask, seen, ask.workspace.indicators)
    return page(
        seen, active="fields", title=seen.t("page.fields"), board="fields", tools=filters(ask, seen), as_of=ask.now,
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("page.fields"), None)],
        summary=put(filled, "tally", html.Div, className="sum"), as_of_words=filled["as-of"]["children"],
        badge=filled["nav-alerts"]["children"], revision=reading.moved(ask.connection, all_topics(ask, seen, "")),
        children=shared.by_field(ask, seen, cards),
    )  # fmt: skip
