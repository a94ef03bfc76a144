"""The banner that says when messages wait or could not be told: for those who are to see to it."""

from __future__ import annotations

from datetime import UTC, datetime

from dash import html
from dash.development.base_component import Component

import alerts
from access import current
from dashboards._format import when
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View

WHO = ("supervisor", "staff", "administrator")


def banner(view: View) -> Component | None:
    """None where everything arrives, or for whoever only looks."""
    who = current()
    if who.user is None or not who.has(*WHO):
        return None
    now = datetime.now(UTC)  # messages are sent by the real clock, whatever the workspace's says
    with asked() as ask:
        state = alerts.outbox_state(ask.connection, now)
        receivers, zone = ask.workspace.receivers, ask.workspace.zone
    said = []
    if state.late is not None:
        said.append(view.t("late.waiting", n=state.waiting, when=when(state.late, now, zone, view.lang)))
    for one in state.unreached[:3]:
        told = name(receivers[one.receiver].name, view.lang) if one.receiver in receivers else one.receiver
        said.append(view.t("late.dead", n=one.number, receiver=told, words=one.words))
    if not said:
        return None
    return html.Div([html.P(line) for line in said], className="late-messages", role="status")
