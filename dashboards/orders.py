"""The board of orders: what waits for this person, what is open, how departments do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from access import may
from alerts import orders
from alerts.orders.model import OPEN
from dashboards import _orders
from dashboards._cards import Setting
from dashboards._live import Parts, board, put
from dashboards._shell import notice, page, panel, picker, place_picker, segments
from dashboards._site import asked
from dashboards._view import View, number, view
from metrics import reading
from metrics.answers import Ask
from metrics.model import TOTAL

dash.register_page(__name__, path="/orders")

SIZE = 50
TOPICS = frozenset({"orders"})
SHOWN = ("waiting", "open", "all")


def layout(**query: Any) -> Component:
    look = view("/orders", query)
    with asked() as ask:
        mine = len(orders.waiting(ask))
        given = look.query.get("show")
        show = given if given in SHOWN else "waiting" if mine else "open"
        look = replace(look, query={**look.query, "show": show})
        filled = made(ask, look)
        return page(
            look,
            active="orders",
            title=look.t("menu.orders"),
            summary=put(filled, "orders-sum", html.Span, className="sum"),
            tools=tools(ask, look, show, filled),
            crumbs=[(look.t("menu.overview"), look.href("/")), (look.t("menu.orders"), None)],
            board="orders",
            revision=reading.moved(ask.connection, TOPICS),
            as_of=ask.now,
            parts=filled,
            children=[
                put(filled, "orders-list", html.Section, className="pn inbox"),
                panel(look.t("order.score"), put(filled, "orders-score", html.Div), note=look.t("order.score_note")),
            ],
        )


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return TOPICS


@board("orders", topics)
def made(ask: Ask, look: View, _: str = "") -> Parts:
    """The list, its counts and how departments do, as they stand now."""
    setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
    show = look.query.get("show", "open")
    mine = orders.waiting(ask)
    state = look.query.get("state") if look.query.get("state") in _orders.STATES else None
    colour = look.query.get("light") if look.query.get("light") in _orders.LIGHTS else None
    offset = number(look.query.get("offset", ""))
    if show == "waiting":
        rows, total = mine, len(mine)
    else:
        found = orders.board(
            ask,
            states_=(state,) if state else (OPEN if show == "open" else None),
            lights=(colour,) if colour else None,
            department=look.query.get("department"),
            limit=SIZE,
            offset=offset,
        )
        rows, total = list(found.rows), found.total
    scores = orders.scorecard(ask)
    score = _orders.scorecard(scores, setting) if scores else html.P(look.t("order.score.none"), className="hint ft")
    waiting = f"{look.t('order.waiting')} {len(mine)}" if mine else look.t("order.waiting")
    return {
        "orders-sum": {"children": summary(ask, look)},
        "orders-list": {"children": listed(rows, show, setting) + turn(total, offset, look)},
        "orders-score": {"children": score},
        "orders-waiting": {"children": waiting},
    }


def listed(rows: list[Any], show: str, setting: Setting) -> list[Component]:
    look = setting.view
    if rows:
        return [_orders.line(row, setting) for row in rows]
    if any(look.query.get(key) for key in ("state", "light", "department")) and show != "waiting":
        return [notice(look, "filtered", action=(look.t("filter.clear"), "/orders"))]
    kind = "none_waiting" if show == "waiting" else "none"
    return [html.Div([html.B(look.t(f"order.{kind}")), html.P(look.t(f"order.{kind}_hint"))], className="ps")]


def summary(ask: Ask, look: View) -> list[Component]:
    """Open ones by light, each a filter."""
    counted = orders.counts(ask)
    parts: list[Component] = [html.Span([look.t("order.open"), html.B(str(counted.open))])]
    for colour in _orders.LIGHTS:
        if counted.lights.get(colour):
            chosen = look.query.get("light") == colour
            words = [_orders.lamp(colour), look.t(f"order.light.{colour}"), html.B(str(counted.lights[colour]))]
            href = look.href(light=None if chosen else colour, show="open", offset=None)
            parts.append(html.Span(dcc.Link(words, href=href, className=f"st q{' chosen' if chosen else ''}")))
    return parts


def tools(ask: Ask, look: View, show: str, filled: Parts) -> list[Component]:
    found: list[Component] = []
    departments = ask.workspace.departments.children(TOTAL)
    if departments and show != "waiting":
        found.append(place_picker(look, "department", departments, ask.workspace.departments.get(TOTAL)))
    if show != "waiting":
        chosen = look.query.get("state", "")
        shown = look.t(f"order.state.{chosen}") if chosen in _orders.STATES else look.t("order.all")
        found.append(picker(look.t("order.filter.state"), shown, _orders.states(look)))
    words: dict[str, Any] = {
        "waiting": put(filled, "orders-waiting", html.Span), "open": look.t("order.open"), "all": look.t("order.all"),
    }  # fmt: skip
    found.append(segments([(words[key], look.href(show=key, offset=None, state=None, light=None), key == show) for key in SHOWN]))
    if may("supervise"):
        found.append(dcc.Link(look.t("order.raise_hand"), href=look.href("/raise"), className="btn"))
    return found


def turn(total: int, offset: int, look: View) -> list[Component]:
    if total <= SIZE:
        return []
    back = dcc.Link(look.t("cases.previous"), href=look.href(offset=str(max(offset - SIZE, 0))), className="btn")
    on = dcc.Link(look.t("cases.next"), href=look.href(offset=str(offset + SIZE)), className="btn")
    said = look.t("alert.shown", **{"from": offset + 1, "to": min(offset + SIZE, total), "n": total})
    return [html.Div([back if offset else None, html.Span(said), on if offset + SIZE < total else None], className="turn")]
