"""Orders in words: their number, state and light, their line on the board, the scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.orders.board import OrderRow
from alerts.orders.model import OPEN, WorkOrder
from alerts.orders.scores import Score
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._marks import shape
from dashboards._text import name
from dashboards._view import View
from metrics.periods import from_us

LIGHTS = ("red", "yellow", "blue")
STATES = (*OPEN, "CLOSED", "WITHDRAWN")


def number(row: OrderRow, setting: Setting) -> str:
    return numbered(row.number, setting.view)


def numbered(number: str, view: View) -> str:
    """`2026-0003` as people write it."""
    year, _, digits = number.partition("-")
    return view.t("order.number", year=year, n=int(digits or 0))


def states(view: View) -> list[tuple[str, str]]:
    """The board by state: those that are over stand among all orders."""
    found = [(view.t("order.all"), view.href(state=None, offset=None))]
    for one in STATES:
        show, light = ("open", view.query.get("light")) if one in OPEN else ("all", None)
        found.append((view.t(f"order.state.{one}"), view.href(state=one, show=show, light=light, offset=None)))
    return found


def lamp(colour: str) -> Component:
    """A round lamp; its word always stands beside it."""
    return html.I(className=f"lp lp-{colour or 'none'}", **{"aria-hidden": "true"})


def light(order: WorkOrder, setting: Setting) -> Component:
    """The lamp with its word and what is late; of an order that is over how it ended."""
    view = setting.view
    if order.state == "CLOSED":
        mark = "ok" if order.closed == "data" else "watch"
        return html.Span([shape(mark), view.t(f"order.closed.{order.closed}")], className=f"st c-{mark} q")
    if order.state == "WITHDRAWN":
        return html.Span([shape("none"), view.t("order.state.WITHDRAWN")], className="st c-none q")
    words = view.t(f"order.light.{order.light or 'none'}")
    if order.suspended_until is not None:
        words = view.t("order.suspended", when=fmt.day(from_us(order.suspended_until), setting.zone, view.lang))
    elif order.light in ("yellow", "red"):
        words = (
            f"{words}·{view.t(f'order.overdue.{order.state}')}"
            if view.lang == "zh"
            else (f"{words}, {view.t(f'order.overdue.{order.state}')}")
        )
    return html.Span([lamp(order.light), words], className="st q")


def when(us: int | None, setting: Setting) -> str:
    return fmt.DASH if us is None else fmt.when(from_us(us), setting.now, setting.zone, setting.view.lang)


def moment(us: int | None, setting: Setting) -> str:
    return fmt.DASH if us is None else fmt.full(from_us(us), setting.zone, setting.view.lang)


def limit(order: WorkOrder, setting: Setting) -> str:
    """What is due next and when."""
    if order.due is None:
        return ""
    what = setting.view.t(f"order.to.{order.state}")
    return setting.view.t("order.due", what=what, when=moment(order.due, setting))


def line(row: OrderRow, setting: Setting) -> Component:
    """One order on the board: a link to its page."""
    view, order = setting.view, row.order
    marks = [html.Span(view.t("order.basis_corrected"), className="tag late")] if order.basis_corrected and order.open else []
    if order.relapses:
        marks.append(html.Span(view.t("order.relapsed", n=order.relapses), className="tag late"))
    who = name(row.lead_name, view.lang)
    return dcc.Link(
        [
            html.Span(light(order, setting), className="sev"),
            html.Div(
                [
                    html.B([row.title, *marks], className="cut", title=row.title),
                    html.Span(f"{number(row, setting)} · {who} · {view.t(f'order.state.{order.state}')}", className="s2 t12"),
                ],
                className="what",
            ),
            html.Span(limit(order, setting) if order.open else when(order.closed_at, setting), className="k t12 when"),
        ],
        href=view.href(f"/orders/{row.id}"),
        className=f"in or{' bad' if order.light == 'red' else ''}",
    )


def scorecard(scores: Sequence[Score], setting: Setting) -> Component:
    """Answered on time beside really recovered: a department that answers and does not recover is seen at once."""
    view = setting.view
    columns = ("department", "issued", "seen", "signed", "answered", "on_time", "by_data", "recovered", "by_word", "relapsed")
    head = [(view.t(f"order.score.{key}"), key != "department") for key in columns]
    lines: list[list[Any]] = [
        [
            dcc.Link(name(one.name, view.lang), href=view.href("/orders", department=one.department, show="all")),
            str(one.issued),
            looked(one, setting),
            spans(one.signed, setting),
            spans(one.answered, setting),
            share(one.on_time),
            share(one.by_data),
            spans(one.recovered, setting),
            str(one.by_word or fmt.DASH),
            str(one.relapsed or fmt.DASH),
        ]
        for one in scores
    ]
    return rows(head, lines, label=view.t("order.score"))


def looked(one: Score, setting: Setting) -> str:
    """How long until somebody looked, and how many alerts nobody has looked at: those have no span, and are the worst."""
    said = [spans(one.seen, setting)] if one.seen or not one.unseen else []
    said += [setting.view.t("order.score.unseen", n=one.unseen)] if one.unseen else []
    return setting.view.t("list.comma").join(said)


def spans(pair: tuple[float, float] | None, setting: Setting) -> str:
    if pair is None:
        return fmt.DASH
    middle, slowest = (f"{hours:.1f}" if hours < 10 else f"{hours:.0f}" for hours in pair)
    return setting.view.t("order.hours", n=f"{middle} / {slowest}")


def share(pair: tuple[int, int]) -> str:
    """A share always with its parts."""
    return f"{100 * pair[0] / pair[1]:.0f}% ({pair[0]}/{pair[1]})" if pair[1] else fmt.DASH
