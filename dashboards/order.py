"""One supervision order: its clocks, its whole course, what the data says, and the steps that are this person's to take."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

import alerts
from access import current, policy
from alerts import orders
from alerts.orders.board import OrderDetail
from alerts.orders.model import ALLOWED, CAUSES
from dashboards import _given, _order, _orders
from dashboards._cards import Setting
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._view import number, view
from metrics.answers import Ask

dash.register_page(__name__, path_template="/orders/<id>")

STEPS = (
    "signed",
    "answered",
    "issued",
    "kept",
    "returned",
    "extended",
    "suspended",
    "resumed",
    "overridden",
    "withdrawn",
    "noted",
)
"""In the order shown; the first that may be taken is open."""
DAYS = {"answered": ("expected", 10), "extended": ("to", 7), "suspended": ("until", 7)}
"""Steps that need a day: its name, and how many days ahead the form suggests."""
PAPERS = ("answered", "noted")
BARE = ("signed", "issued", "resumed")
"""Steps without a reason."""


def layout(id: str = "", **query: Any) -> Component:
    look = view(f"/orders/{id}", query)
    with asked() as ask:
        detail = orders.one(ask, number(id))
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("menu.orders"), look.href("/orders"))]
        if detail is None:
            body = html.Section(notice(look, "unknown", action=(look.t("menu.orders"), look.href("/orders"))), className="pn")
            return page(look, active="orders", title=look.t("menu.orders"), crumbs=crumbs, children=body)
        row = detail.row
        origin = look.t("order.from_alert" if row.episode else "order.by_hand")
        joined = "，" if look.lang == "zh" else ", "
        return page(
            look,
            active="orders",
            title=row.title,
            sub=f"{_orders.number(row, setting)}{joined}{origin}",
            crumbs=[*crumbs, (_orders.number(row, setting), None)],
            tools=[html.Button(look.t("order.print"), id="order-print", type="button", className="btn", n_clicks=0)],
            children=[html.Div(body_of(detail, ask, setting), id="order-body"), html.Div(id="order-printed", hidden=True)],
        )


def body_of(detail: OrderDetail, ask: Ask, setting: Setting, refused: str = "") -> list[Any]:
    look = setting.view
    drawn, note = _order.data(detail, ask, setting)
    return [
        html.Div([_orders.light(detail.row.order, setting)], className="lamp"),
        _order.steps(detail, setting),
        _order.clocks(detail, ask, setting),
        html.Div(
            [
                html.Div(
                    [
                        panel(
                            look.t("order.course"),
                            [_order.course(detail, ask, setting)],
                            note=look.t("order.course_note", n=len(detail.events)),
                            className="whole-course",
                        )
                    ],
                    className="main",
                ),
                html.Div(
                    [
                        panel(look.t("order.says"), drawn, note=note),
                        html.Section(_order.about(detail, ask, setting), className="pn"),
                        panel(look.t("order.form"), forms(detail, ask, setting, refused), className="no-print"),
                    ],
                    className="order-side",
                ),
            ],
            className="order-grid",
        ),
    ]


def forms(detail: OrderDetail, ask: Ask, setting: Setting, refused: str = "") -> list[Any]:
    """One form a step; the likeliest is open, the others unfold."""
    look, row, who = setting.view, detail.row, current()
    order = row.order
    allowed = [
        kind
        for kind in STEPS
        if order.state in ALLOWED[kind]
        and orders.may(who, ask.workspace, row, kind)
        and (kind != "resumed" or order.suspended_until)
        and (kind != "suspended" or not order.suspended_until)
        and (kind != "kept" or order.basis_corrected)
        and (kind != "extended" or order.due)
    ]
    said: list[Any] = [html.P(refused, className="refusal", role="alert")] if refused else []
    if not allowed:
        return [html.P(look.t("order.hand_over" if who.user is None else "order.nothing"), className="hint ft"), *said]
    held = dcc.Store(id="order-id", data={"id": row.id, "version": row.version, "lang": look.lang})
    found = [
        html.Details(
            [html.Summary(look.t(f"order.do.{kind}")), form(kind, setting)], open=place == 0, className="do", id=f"order-{kind}"
        )
        for place, kind in enumerate(allowed)
    ]
    return [*said, *found, held]


def form(kind: str, setting: Setting) -> Component:
    look = setting.view
    parts: list[Any] = []

    def labelled(words: str, part: Component) -> Component:
        return html.Label([html.Span(words), part])

    if kind == "answered":
        options = [{"label": look.t(f"order.cause.{one}"), "value": one} for one in CAUSES]
        parts.append(
            html.Fieldset(
                [html.Legend(look.t("order.cause")), dcc.RadioItems(options=options, id="order-answered-cause", inline=True)]
            )
        )
    if kind in DAYS:
        key, ahead = DAYS[kind]
        day = (setting.now + timedelta(days=ahead)).astimezone(setting.zone).date().isoformat()
        parts.append(
            labelled(
                look.t(f"order.form.{key}"), dcc.Input(id=f"order-{kind}-day", value=day, type="text", maxLength=10, size="12")
            )
        )
    if kind not in BARE:
        words = {"answered": "measure", "noted": "note"}.get(kind, "reason")
        hint = look.t(f"order.form.{words}")
        parts.append(labelled(hint, dcc.Textarea(id=f"order-{kind}-text", rows=3, maxLength=4000)))
    if kind in PAPERS:
        parts.append(
            html.Div(
                [
                    dcc.Upload(
                        html.Button(look.t("order.paper_choose"), type="button", className="btn"),
                        id=f"order-{kind}-paper",
                        max_size=1_000_000,
                        multiple=False,
                        className="up",
                        className_active="up",
                        className_reject="up",
                    ),
                    html.Span(look.t("order.paper_hint"), id=f"order-{kind}-chosen", className="hint"),
                ],
                className="paper",
            )
        )
    label = look.t("order.form.confirm", step=look.t(f"order.do.{kind}"))
    parts.append(html.Button(label, id=f"order-{kind}-do", type="button", n_clicks=0, className="btn p"))
    return html.Div(parts, className="form")


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
    """The step as the signed-in person, and the page as it stands afterwards; a refusal in words."""
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
    with asked() as ask:
        detail = orders.one(ask, id)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return notice(look, "unknown") if detail is None else body_of(detail, ask, setting, refused)


def _offer(kind: str) -> None:
    """The callback of one step: it takes exactly the fields of its form."""
    act = policy("answer" if kind in ("signed", "answered", "noted") else "supervise")
    states = [State("order-id", "data")]
    if kind not in BARE:
        states.append(State(f"order-{kind}-text", "value"))
    if kind in DAYS:
        states.append(State(f"order-{kind}-day", "value"))
    if kind == "answered":
        states.append(State("order-answered-cause", "value"))
    if kind in PAPERS:
        states += [State(f"order-{kind}-paper", "contents"), State(f"order-{kind}-paper", "filename")]
    wiring = (
        Output("order-body", "children", allow_duplicate=True),
        Input(f"order-{kind}-do", "n_clicks"),
        *states,
    )

    def done(clicks: int, which: dict[str, Any], text: str | None, day: str | None, **more: str | None) -> Any:
        if not clicks:
            return no_update
        given: dict[str, Any] = {DAYS[kind][0]: day} if kind in DAYS else {}
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
    function = named.get(kind) or (bare if kind in BARE else dated if kind in DAYS else worded)
    callback(*wiring, prevent_initial_call=True)(act(function))
    if kind in PAPERS:

        def chosen(called: str | None) -> Any:
            return called or no_update

        callback(Output(f"order-{kind}-chosen", "children"), Input(f"order-{kind}-paper", "filename"), prevent_initial_call=True)(
            policy("answer")(chosen)
        )


for _kind in STEPS:
    _offer(_kind)

dash.clientside_callback(
    "function(n){ if (n) { window.print(); } return ''; }",
    Output("order-printed", "children"),
    Input("order-print", "n_clicks"),
    prevent_initial_call=True,
)
