"""One supervision order: its clocks, its whole course, what the data says, and the steps that are this person's to take."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, html
from dash.development.base_component import Component

from alerts import orders
from alerts.orders.board import OrderDetail
from dashboards import _order, _order_steps, _orders
from dashboards import _order_course as _course
from dashboards._cards import Setting
from dashboards._live import Parts, board, put
from dashboards._shell import notice, page, panel
from dashboards._site import asked
from dashboards._view import View, number, view
from metrics import reading
from metrics.answers import Ask

dash.register_page(__name__, path_template="/orders/<id>")

TOPICS = frozenset({"orders"})


def layout(id: str = "", **query: Any) -> Component:
    look = view(f"/orders/{id}", query)
    with asked() as ask:
        detail = orders.one(ask, number(id))
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("menu.orders"), look.href("/orders"))]
        if detail is None:
            body = html.Section(notice(look, "unknown", action=(look.t("menu.orders"), look.href("/orders"))), className="pn")
            return page(look, active="orders", title=look.t("menu.orders"), crumbs=crumbs, children=body)
        row, filled = detail.row, made(detail, ask, setting)
        origin = look.t("order.from_alert" if row.episode else "order.by_hand")
        joined = "，" if look.lang == "zh" else ", "
        return page(
            look,
            active="orders",
            title=row.title,
            sub=f"{_orders.number(row, setting)}{joined}{origin}",
            crumbs=[*crumbs, (_orders.number(row, setting), None)],
            tools=[html.Button(look.t("order.print"), id="order-print", type="button", className="btn", n_clicks=0)],
            board=f"order/{row.id}",
            revision=reading.moved(ask.connection, TOPICS),
            as_of=ask.now,
            parts=filled,
            children=[
                html.Div(body_of(filled, _order_steps.forms(detail, ask, setting), look), id="order-body"),
                html.Div(id="order-printed", hidden=True),
            ],
        )


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return TOPICS


@board("order", topics)
def parts(ask: Ask, seen: View, id: str) -> Parts:
    detail = orders.one(ask, number(id))
    return {} if detail is None else made(detail, ask, Setting(seen, ask.now, ask.workspace.zone, ask.workspace.units))


def made(detail: OrderDetail, ask: Ask, setting: Setting) -> Parts:
    """What of the page follows the order's steps; the same for everybody in its scope."""
    figures = _order.figures(detail, ask)
    drawn, note = _order.data(detail, figures, ask, setting)
    return {
        "order-lamp": {"children": [_orders.light(detail.row.order, setting)]},
        "order-steps": {"children": [_order.steps(detail, setting)]},
        "order-clocks": {"children": [_order.clocks(detail, ask, setting)]},
        "order-course": {"children": [_course.course(detail, figures, ask, setting)]},
        "order-course-note": {"children": setting.view.t("order.course_note", n=len(detail.events))},
        "order-says": {"children": [drawn]},
        "order-says-note": {"children": note},
        "order-about": {"children": [_order.about(detail, ask, setting)]},
        "order-version": {"children": str(detail.row.version)},
    }


def body_of(filled: Parts, acting: list[Any], look: View) -> list[Any]:
    return [
        put(filled, "order-lamp", html.Div, className="lamp"),
        put(filled, "order-steps", html.Div),
        put(filled, "order-clocks", html.Div),
        html.Div(
            [
                html.Div(
                    [
                        panel(
                            look.t("order.course"),
                            put(filled, "order-course", html.Div),
                            note=put(filled, "order-course-note", html.Span),
                            className="whole-course",
                        )
                    ],
                    className="main",
                ),
                html.Div(
                    [
                        panel(
                            look.t("order.says"),
                            put(filled, "order-says", html.Div),
                            note=put(filled, "order-says-note", html.Span),
                        ),
                        put(filled, "order-about", html.Section, className="pn"),
                        panel(
                            look.t("order.form"),
                            [
                                put(filled, "order-version", html.Div, hidden=True),
                                html.Button(id="order-again", type="button", hidden=True, n_clicks=0),
                                html.P(look.t("order.moved"), id="order-moved", className="refusal", role="status", hidden=True),
                                html.Div(acting, id="order-forms"),
                            ],
                            className="no-print",
                        ),
                    ],
                    className="order-side",
                ),
            ],
            className="order-grid",
        ),
    ]


dash.clientside_callback(
    "function(n){ if (n) { window.print(); } return ''; }",
    Output("order-printed", "children"),
    Input("order-print", "n_clicks"),
    prevent_initial_call=True,
)
