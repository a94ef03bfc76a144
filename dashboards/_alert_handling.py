"""Who looks after one alert: who has looked, who has it, by which order; and what this person may do about it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from access import current, may
from alerts import orders, silencing
from alerts.answers import AlertDetail, AlertRow
from dashboards import _dismissing, _orders
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._passport import facts
from metrics.answers import Ask

AGAIN = (0, 1, 2, 7)
"""Days after which whoever was told is reminded of what is taken on and still open; 0: never."""


def stands(row: AlertRow) -> str:
    """Changes with what may be done about it: another step by a person, or its end."""
    return f"{row.version}{'' if row.open else ' closed'}"


def handled(detail: AlertDetail, ask: Ask, setting: Setting) -> Component:
    """Who has looked, who has it, and the order it is handled by; the same for everybody in its scope."""
    look = setting.view
    seen = look.t("list.comma").join(f"{s.name} {fmt.when(s.at, setting.now, setting.zone, look.lang)}" for s in detail.seen)
    order = orders.of_episode(ask, detail.row.id)
    link = None
    if order is not None:
        words = [_orders.number(order, setting), " ", _orders.light(order.order, setting)]
        link = dcc.Link(words, href=look.href(f"/orders/{order.id}"))
    return facts(
        [
            (look.t("alert.seen_by"), seen or html.B(look.t("alert.unseen"))),
            (look.t("alert.taken_by"), taken(detail, setting)),
            (look.t("alert.dismissed_by"), _dismissing.done(detail.row, setting)),
            (look.t("order.of_alert"), link),
        ]
    )


def taken(detail: AlertDetail, setting: Setting) -> Any:
    row, look = detail.row, setting.view
    if not row.acknowledged_by:
        return None
    when = fmt.when(row.acknowledged_at, setting.now, setting.zone, look.lang)
    return [html.B(row.acknowledged_by), f" {when}", html.P(f"“{row.comment}”") if row.comment else None]


def forms(detail: AlertDetail, ask: Ask, setting: Setting, refused: str = "") -> list[Any]:
    """Taking it on, and the ways to an order and to a silence, for whoever may."""
    look, row = setting.view, detail.row
    found: list[Any] = [html.Div(id="alert-shown", hidden=True, **{"data-version": stands(row)})]
    if not row.open:
        return found
    found.append(html.Div(ways(row, ask, setting), className="acts"))
    who = current()
    dismissing = _dismissing.form(row, setting) if may("supervise", who) else []
    if row.acknowledged_by:
        return [*found, *dismissing]
    if not may("acknowledge", who):
        return [*found, html.P(look.t("alert.may_not"), className="hint")]
    choices = [{"label": look.t(f"alert.again.{days}"), "value": days} for days in AGAIN]
    form = html.Div(
        [
            html.Label(look.t("alert.comment", who=who.name), htmlFor="alert-comment"),
            dcc.Textarea(id="alert-comment", maxLength=2000, rows=3, placeholder=look.t("alert.comment_hint")),
            html.Fieldset(
                [
                    html.Legend(look.t("alert.again")),
                    dcc.RadioItems(choices, 0, id="alert-again", inline=True),
                ]
            ),
            html.Div(html.Button(look.t("alert.take"), id="alert-take", type="button", n_clicks=0, className="btn p")),
            html.P(refused, className="refusal", role="alert") if refused else None,
            dcc.Store(id="alert-id", data={"id": row.id, "version": row.version, "lang": look.lang}),
        ],
        className="form",
    )
    return [*found, form, *dismissing]


def ways(row: AlertRow, ask: Ask, setting: Setting) -> list[Component]:
    """Raise an order where none is open; keep its messages back for a time."""
    look, found = setting.view, []
    given = {"alert": str(row.id), "department": None, "region": None}
    order = orders.of_episode(ask, row.id)
    if may("supervise") and (order is None or not order.order.open):
        href = look.href("/raise", **given)
        found.append(dcc.Link(look.t("order.raise"), href=href, className="btn p", id="alert-raise"))
    if silencing.may(current()):
        href = look.href("/silences", **given)
        found.append(dcc.Link(look.t("alert.silence"), href=href, className="btn", id="alert-silence"))
    return found
