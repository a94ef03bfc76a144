"""The board of orders: what waits for this person, what is open, how departments do."""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from access import may
from alerts import orders
from alerts.orders.model import OPEN
from dashboards import _orders
from dashboards._cards import Setting
from dashboards._shell import notice, page, panel, picker, place_picker, segments
from dashboards._site import asked
from dashboards._view import View, number, view
from metrics.answers import Ask
from metrics.model import TOTAL

dash.register_page(__name__, path="/orders")

SIZE = 50
SHOWN = ("waiting", "open", "all")


def layout(**query: Any) -> Component:
    look = view("/orders", query)
    with asked() as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        mine = orders.waiting(ask)
        given = look.query.get("show")
        show = given if given in SHOWN else "waiting" if mine else "open"
        state = look.query.get("state") if look.query.get("state") in OPEN else None
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
        return page(
            look,
            active="orders",
            title=look.t("menu.orders"),
            summary=summary(ask, look),
            tools=tools(ask, look, show, len(mine)),
            crumbs=[(look.t("menu.overview"), look.href("/")), (look.t("menu.orders"), None)],
            children=[
                html.Section(listed(rows, show, setting) + turn(total, offset, look), className="pn inbox"),
                panel(
                    look.t("order.score"),
                    _orders.scorecard(scores, setting) if scores else html.P(look.t("order.score.none"), className="hint ft"),
                    note=look.t("order.score_note"),
                ),
            ],
        )


def listed(rows: list[Any], show: str, setting: Setting) -> list[Component]:
    look = setting.view
    if rows:
        return [_orders.line(row, setting) for row in rows]
    if any(look.query.get(key) for key in ("state", "light", "department")) and show != "waiting":
        return [notice(look, "filtered", action=(look.t("filter.clear"), "/orders"))]
    kind = "none_waiting" if show == "waiting" else "none"
    return [html.Div([html.B(look.t(f"order.{kind}")), html.P(look.t(f"order.{kind}_hint"))], className="ps")]


def summary(ask: Ask, look: View) -> Component:
    """Open ones by light, each a filter."""
    counted = orders.counts(ask)
    parts: list[Component] = [html.Span([look.t("order.open"), html.B(str(counted.open))])]
    for colour in _orders.LIGHTS:
        if counted.lights.get(colour):
            chosen = look.query.get("light") == colour
            words = [_orders.lamp(colour), look.t(f"order.light.{colour}"), html.B(str(counted.lights[colour]))]
            href = look.href(light=None if chosen else colour, show="open", offset=None)
            parts.append(html.Span(dcc.Link(words, href=href, className=f"st q{' chosen' if chosen else ''}")))
    return html.Span(parts, className="sum")


def tools(ask: Ask, look: View, show: str, mine: int) -> list[Component]:
    found: list[Component] = []
    departments = ask.workspace.departments.children(TOTAL)
    if departments and show != "waiting":
        found.append(place_picker(look, "department", departments, ask.workspace.departments.get(TOTAL)))
    if show == "open":
        states = [(look.t("order.all"), look.href(state=None, offset=None))]
        states += [(look.t(f"order.state.{one}"), look.href(state=one, show="open", offset=None)) for one in OPEN]
        chosen = look.query.get("state", "")
        found.append(
            picker(look.t("order.filter.state"), look.t(f"order.state.{chosen}") if chosen in OPEN else states[0][0], states)
        )
    waiting = f"{look.t('order.waiting')} {mine}" if mine else look.t("order.waiting")
    words = {"waiting": waiting, "open": look.t("order.open"), "all": look.t("order.all")}
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
