"""One supervision order: its clocks, its whole course, what the data says, and the steps that are this person's to take."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import dash
from dash import Input, Output, State, callback, html, no_update
from dash.development.base_component import Component

import alerts
from access import current, policy
from alerts import orders
from alerts.orders.board import OrderDetail
from dashboards import _given, _order, _orders
from dashboards import _order_course as _course
from dashboards import _order_forms as _forms
from dashboards._cards import Setting
from dashboards._live import Parts, board, put
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
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
                html.Div(body_of(filled, _forms.forms(detail, ask, setting), look), id="order-body"),
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
    cells = _order.figures(detail, ask)
    drawn, note = _order.data(detail, cells, ask, setting)
    return {
        "order-lamp": {"children": [_orders.light(detail.row.order, setting)]},
        "order-steps": {"children": [_order.steps(detail, setting)]},
        "order-clocks": {"children": [_order.clocks(detail, ask, setting)]},
        "order-course": {"children": [_course.course(detail, cells, ask, setting)]},
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


def _paper(content: str | None, called: str | None) -> list[orders.Paper]:
    if not content or not called:
        return []
    try:
        return [orders.Paper(called, base64.b64decode(content.partition(",")[2], validate=True))]
    except (binascii.Error, ValueError):
        raise orders.Refused("paper_kind") from None


def take(
    kind: str, which: Mapping[str, Any], text: str | None, given: Mapping[str, Any], content: str | None, called: str | None
) -> Any:
    """The step as the signed-in person, and the forms as they stand afterwards, or a refusal; the rest of the page follows."""
    here, refused = site(), ""
    id, version = _given.whole(which.get("id")), _given.whole(which.get("version"))
    look = view(f"/orders/{id}", {"lang": _given.text(which.get("lang"))})
    now: datetime = here.now()
    try:
        with here.store.write() as connection:
            orders.step(
                connection,
                here.workspace,
                current(),
                id,
                kind,
                now,
                text or "",
                given,
                attached=_paper(content, called),
                version=version,
            )
    except orders.Refused as fault:
        refused = look.t(f"order.refused.{fault}")
    except alerts.Changed:
        refused = look.t("order.refused.changed")
    except (alerts.NotFound, alerts.NotAllowed):
        refused = look.t("order.refused.not_yours")
    return acting(id, look, refused)


def acting(id: int, look: View, refused: str = "") -> Any:
    with asked() as ask:
        detail = orders.one(ask, id)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return notice(look, "unknown") if detail is None else _forms.forms(detail, ask, setting, refused)


@callback(
    Output("order-forms", "children", allow_duplicate=True),
    Input("order-again", "n_clicks"),
    State("order-id", "data"),
    prevent_initial_call=True,
)
@policy("view")
def again(clicks: int, which: dict[str, Any]) -> Any:
    """Somebody took a step meanwhile: the forms as they stand now."""
    if not clicks:
        return no_update
    order = _given.mapping(which)
    id = _given.whole(order.get("id"))
    return acting(id, view(f"/orders/{id}", {"lang": _given.text(order.get("lang"))}))


def _offer(kind: str) -> None:
    """The callback of one step: it takes exactly the fields of its form."""
    act = policy("answer" if kind in ("signed", "answered", "noted") else "supervise")
    states = [State("order-id", "data")]
    if kind not in _forms.BARE:
        states.append(State(f"order-{kind}-text", "value"))
    if kind in _forms.DAYS:
        states.append(State(f"order-{kind}-day", "value"))
    if kind == "answered":
        states.append(State("order-answered-cause", "value"))
    if kind in _forms.PAPERS:
        states += [State(f"order-{kind}-paper", "contents"), State(f"order-{kind}-paper", "filename")]
    wiring = (
        Output("order-forms", "children", allow_duplicate=True),
        Input(f"order-{kind}-do", "n_clicks"),
        *states,
    )

    def done(clicks: int, which: dict[str, Any], text: str | None, day: str | None, **more: str | None) -> Any:
        if not clicks:
            return no_update
        given: dict[str, Any] = {_forms.DAYS[kind][0]: day} if kind in _forms.DAYS else {}
        given["cause"] = more.get("cause") or ""
        return take(kind, which, text, given, more.get("content"), more.get("called"))

    def bare(clicks: int, which: dict[str, Any]) -> Any:
        return done(clicks, which, None, None)

    def worded(clicks: int, which: dict[str, Any], text: str | None) -> Any:
        return done(clicks, which, text, None)

    def dated(clicks: int, which: dict[str, Any], text: str | None, day: str | None) -> Any:
        return done(clicks, which, text, day)

    def noted(clicks: int, which: dict[str, Any], text: str | None, content: str | None, called: str | None) -> Any:
        return done(clicks, which, text, None, content=content, called=called)

    def answered(
        clicks: int,
        which: dict[str, Any],
        text: str | None,
        day: str | None,
        cause: str | None,
        content: str | None,
        called: str | None,
    ) -> Any:
        return done(clicks, which, text, day, cause=cause, content=content, called=called)

    named: Mapping[str, Callable[..., Any]] = {"answered": answered, "noted": noted}
    function = named.get(kind) or (bare if kind in _forms.BARE else dated if kind in _forms.DAYS else worded)
    callback(*wiring, prevent_initial_call=True)(act(function))
    if kind in _forms.PAPERS:

        def chosen(called: str | None) -> Any:
            return called or no_update

        callback(Output(f"order-{kind}-chosen", "children"), Input(f"order-{kind}-paper", "filename"), prevent_initial_call=True)(
            policy("answer")(chosen)
        )


for _kind in _forms.STEPS:
    _offer(_kind)

dash.clientside_callback(
    "function(n){ if (n) { window.print(); } return ''; }",
    Output("order-printed", "children"),
    Input("order-print", "n_clicks"),
    prevent_initial_call=True,
)
