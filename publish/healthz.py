"""GET /healthz: one word for whoever asks, the details for who may view. Sources never change the status code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy import Connection

import alerts
from access import current, policy
from metrics import reading
from metrics.answers import Ask
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.store import head, leases
from metrics.store.engine import Store

NEARLY_NOW = timedelta(minutes=15)
"""A replay that has come this far has made the first board."""


def install(server: Flask, store: Store, workspace: Workspace, lease: timedelta) -> None:
    @server.get("/healthz")
    @policy("view", passive=True)
    def healthz() -> tuple[Response, int]:
        """503 until the first board has data, then 200 while web, worker and database are well."""
        try:
            body, well = _look(store, workspace, lease, current())
        except Exception:
            body, well = {"status": "database unreachable"}, False
        return jsonify(body), 200 if well else 503


def _look(store: Store, workspace: Workspace, lease: timedelta, who: Principal | None) -> tuple[dict[str, Any], bool]:
    real = datetime.now(UTC)
    board = next(iter(workspace.boards.values()), None)
    cards = board.cards if board is not None else tuple(workspace.indicators)
    with store.read() as connection:
        beat = leases.heartbeat(connection)
        has_data = reading.moved(connection, cards) > 0 and not _replaying(connection, workspace, real)
        alive = beat is not None and real - beat <= lease * 2
        word = "ok" if has_data and alive else ("starting" if not has_data else "worker silent")
        if store.refused:
            word = "another catalogue"
        body: dict[str, Any] = {"status": word}
        if who is not None and who.roles:
            ask = Ask(connection, workspace, who, workspace.now(real))
            body["refused"] = list(store.refused)
            body["worker_heartbeat"] = beat.isoformat() if beat else None
            body["revision"] = reading.head(connection).number
            waiting = alerts.outbox_state(connection, real)
            body["messages"] = {
                "waiting": waiting.waiting, "dead": waiting.dead,
                "oldest": waiting.oldest_waiting.isoformat() if waiting.oldest_waiting else None,
                "late_since": waiting.late.isoformat() if waiting.late else None,
                "unreached": {one.receiver: one.words for one in waiting.unreached},
            }  # fmt: skip
            body["sources"] = {one.key: one.health for one in reading.sources(ask)}
    return body, word == "ok"


def _replaying(connection: Connection, workspace: Workspace, real: datetime) -> bool:
    """History is still being made: the newest revision is a replayed one of some time ago."""
    if workspace.replay is None or head.newest_kind(connection) not in ("replay", "definition"):
        return False
    return real - head.newest(connection).at > NEARLY_NOW
