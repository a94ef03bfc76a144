"""通报: the bulletin of a month, as a draft and as published; printed to A4. What is published stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dash
from dash import Input, Output, State, callback, no_update

from access import current, policy
from dashboards import _bulletins, _given
from dashboards._site import asked, site
from dashboards._view import view
from metrics import bulletin
from metrics.model import TOTAL

dash.register_page(__name__, path="/bulletin", title="月度通报 · 云察 Yuncha", layout=_bulletins.layout)


@callback(
    Output("bulletin-said", "children"),
    Output("bulletin-to", "href"),
    Input("bulletin-do", "n_clicks"),
    State("bulletin-of", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def publish(clicks: int, of: dict[str, Any]) -> Any:
    """Published, and its page opened; a refusal in words."""
    if not clicks:
        return no_update, no_update
    own, here = _given.query(of), site()
    seen = view("/bulletin", {"lang": own.get("lang", "")})
    with asked() as ask:
        month = _bulletins.read(own.get("month", ""), ask)
    if month is None:
        return seen.t("bulletin.running"), no_update
    try:
        id = bulletin.publish(here.store, here.workspace, current(), month, own.get("department") or TOTAL, datetime.now(UTC))
    except bulletin.NotPublished as fault:
        return seen.t(f"bulletin.{fault.key}"), no_update
    return "", seen.href("/bulletin", id=str(id))
