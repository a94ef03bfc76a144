"""What depends on a source: its indicators, rules and boards, and the open orders that wait for its figures."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from alerts import orders
from alerts.orders.board import OrderRow
from dashboards._cards import Setting
from dashboards._shell import panel
from dashboards._text import name
from metrics.answers import Ask, SourceState

SHOWN = 12
"""Orders named beside a source."""


def depending(ask: Ask, states: Sequence[SourceState]) -> dict[str, list[OrderRow]]:
    """Source -> open orders that stand on its figures, or on its silence."""
    standing = list(orders.board(ask, limit=500))
    return {
        state.key: [row for row in standing if row.source == state.key or row.indicator in set(state.indicators)]
        for state in states
    }


def panel_of(ask: Ask, state: SourceState, standing: Sequence[OrderRow], setting: Setting) -> Component:
    look = setting.view
    used = [
        dcc.Link(name(ask.workspace.indicators[key].name, look.lang), href=look.href(f"/indicator/{key}"))
        for key in state.indicators
        if key in ask.workspace.indicators
    ]
    beside = [
        dcc.Link(name(one.name, look.lang), href=look.href(f"/indicator/{one.key}"))
        for one in ask.workspace.indicators.values()
        if state.key in one.feeds and one.key not in state.indicators
    ]
    rules = [
        dcc.Link(name(ask.workspace.rules[key].name, look.lang), href=look.href(f"/rules/{key}"))
        for key in state.rules
        if key in ask.workspace.rules
    ]
    mine = set(state.indicators)
    boards = [
        name(board.name, look.lang) for board in ask.workspace.boards.values() if mine & {*board.cards, board.map, board.rank}
    ]
    waiting = [dcc.Link(f"{row.number} {row.title}", href=look.href(f"/orders/{row.id}")) for row in standing[:SHOWN]]
    if len(standing) > SHOWN:
        waiting.append(dcc.Link(look.t("src.orders_all"), href=look.href("/orders")))
    return panel(
        look.t("src.impact"),
        [
            *_list(look.t("src.indicators", n=len(used)), used, always=True),
            *_list(look.t("src.beside", n=len(beside)), beside),
            *_list(look.t("src.rules", n=len(rules)), rules),
            *_list(look.t("src.boards", n=len(boards)), boards),
            *_list(look.t("src.orders", n=len(standing)), waiting),
        ],
    )


def _list(title: str, items: Sequence[Component | str], *, always: bool = False) -> list[Component]:
    if not items and not always:
        return []
    return [
        html.H3(title, className="k t11 sub3"),
        html.Ul([html.Li(one, className="wrapped") for one in items], className="plain"),
    ]
