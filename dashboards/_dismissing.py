"""Dismissing an alert: a supervisor says that nothing is to be done about it, and why."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.answers import Acknowledged, AlertRow
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._view import View


def form(row: AlertRow, setting: Setting) -> list[Component]:
    """For what is open, was never dismissed and is not handled by an order."""
    look = setting.view
    if not row.open or row.dismissed_by or row.handling == "ORDERED":
        return []
    fields = html.Div(
        [
            html.Label(look.t("alert.reason"), htmlFor="alert-reason"),
            dcc.Textarea(id="alert-reason", maxLength=2000, rows=2, placeholder=look.t("alert.reason_hint")),
            html.Div(html.Button(look.t("alert.dismiss"), id="alert-dismiss", type="button", n_clicks=0, className="btn")),
            html.Div(id="alert-dismissed"),
            dcc.Store(id="alert-dismiss-id", data={"id": row.id, "version": row.version, "lang": look.lang}),
        ],
        className="form",
    )
    return [html.Details([html.Summary(look.t("alert.dismissing")), fields])]


def done(row: AlertRow, setting: Setting) -> Any:
    """Who dismissed it, when and why; None where nobody did. It stays as history when it was taken on afterwards."""
    if not row.dismissed_by:
        return None
    when = fmt.when(row.dismissed_at, setting.now, setting.zone, setting.view.lang)
    return [html.B(row.dismissed_by), f" {when}", html.P(f"“{row.reason}”")]


def made(look: View, what: Acknowledged) -> Component:
    """What became of it, and the page as it is now."""
    words = look.t("alert.dismissed_now") if what.first else look.t("alert.dismissed_before", who=what.by)
    return html.P([words, " ", html.A(look.t("rule.look"), href=look.href(), className="lk")], className="done", role="status")


def refused(look: View, key: str) -> Component:
    return html.P(look.t(key), className="refusal", role="alert")
