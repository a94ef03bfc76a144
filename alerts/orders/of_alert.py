"""What an order does to the alert it stands on: it handles it from when it is issued until the order is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from alerts import matter, telling
from alerts.store import episodes, follow, orders
from metrics.catalogue.workspace import Workspace


def ordered(connection: Connection, episode: int, person: str, name: str, number: str, at: int, revision: int) -> None:
    """The alert is handled by an order from here on; its timeline says so, and nobody is called any more."""
    row = episodes.by_id(connection, episode)
    if row is None or row.handling == "ORDERED":
        return
    episodes.handle(connection, episode, row.version, {"handling": "ORDERED"})
    follow.again(connection, episode, None)
    _note(connection, row, "ordered", name, number, at, revision)


def released(connection: Connection, workspace: Workspace, order: Row[Any], name: str, at: int, revision: int) -> None:
    """The order was withdrawn or closed by word. Where its alert is still open, nobody has that any more but who took it on by
    name: it counts as unattended, is told again and others are called, by the routes that mean it as grave as it is by now.
    """
    row = orders.newest_episode(connection, order.rule, order.series_id, order.source) if order.rule else None
    if row is None or row.closed_at is not None or row.handling != "ORDERED":
        return
    mine = row.acked_at is not None
    episodes.handle(connection, row.id, row.version, {"handling": "ACKED" if mine else "NEW"})
    if not mine:
        about = matter.of_episode(connection, workspace, row)
        telling.start_following(connection, workspace, [(about, row.id)] if about else [], at)
        follow.resume(connection, row.id, at)
    _note(connection, row, "unordered", name, order.number, at, revision)
    episodes.touch(connection, revision)


def _note(connection: Connection, row: Row[Any], kind: str, name: str, number: str, at: int, revision: int) -> None:
    """The event, and the input that made it."""
    event = {
        "episode_id": row.id, "rule": row.rule, "rule_version": row.rule_version, "series_id": row.series_id, "at": at,
        "kind": kind, "severity": row.severity, "actor": name[:64], "text": number, "revision": revision,
    }  # fmt: skip
    episodes.add_event(connection, event)
    made = {"kind": "person", "rule": row.rule, "series_id": row.series_id, "source": row.source, "at": at, "revision": revision}
    episodes.add_inputs(connection, [{**made, "body": '{"step": "%s"}' % kind}])  # noqa: UP031 - a JSON text
