"""Alerts that are told again, or to others, until somebody takes them on: one row an episode and route, with its next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from alerts.store.tables import alert_event, follow, outbox
from metrics.model import MAX


def begin(connection: Connection, at: int, wanted: Sequence[tuple[int, str]]) -> None:
    """wanted: episode and route. Nothing is done where they are followed already."""
    c = follow.c
    numbers = sorted({episode for episode, _ in wanted})
    there: set[tuple[int, str]] = set()
    for place in range(0, len(numbers), 500):
        query = select(c.episode_id, c.route).where(c.episode_id.in_(numbers[place : place + 500]))
        there.update((row.episode_id, row.route) for row in connection.execute(query))
    fresh = [{"episode_id": one[0], "route": one[1], "due_at": at} for one in wanted if one not in there]
    if fresh:
        connection.execute(insert(follow), fresh)


def due(connection: Connection, at: int, limit: int = 500) -> list[Row[Any]]:
    query = select(follow).where(follow.c.due_at <= at).order_by(follow.c.due_at, follow.c.episode_id).limit(limit)
    return list(connection.execute(query))


def change(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> None:
    mine = (follow.c.episode_id == row.episode_id, follow.c.route == row.route)
    connection.execute(update(follow).where(*mine).values(**values))


def again(connection: Connection, episode: int, at: int | None) -> None:
    """Somebody has it: nothing more is told, or once at this instant, whatever the routes do: by the row of no route."""
    connection.execute(update(follow).where(follow.c.episode_id == episode).values(due_at=MAX, again_at=None))
    if at is not None:
        begin(connection, at, [(episode, "")])
        mine = (follow.c.episode_id == episode, follow.c.route == "")
        connection.execute(update(follow).where(*mine).values(due_at=at, again_at=at))


def resume(connection: Connection, episode: int, at: int) -> None:
    """Nobody has it any more: its routes go on from here."""
    mine = (follow.c.episode_id == episode, follow.c.route != "")
    connection.execute(update(follow).where(*mine).values(due_at=at, again_at=None))


def first_delivered(connection: Connection, episode: int, levels: Sequence[str] = ()) -> int | None:
    """When the first message about it was confirmed as delivered; with `levels`, since it last rose to them."""
    query = select(func.min(outbox.c.sent_at)).where(outbox.c.episode_id == episode, outbox.c.state == "sent")
    if levels:
        c = alert_event.c
        below = (c.kind == "severity_down", c.severity.not_in(list(levels)))
        fell = select(func.coalesce(func.max(c.seq), 0)).where(c.episode_id == episode, *below).scalar_subquery()
        rose = select(func.min(c.at)).where(
            c.episode_id == episode, c.kind.in_(("firing", "severity_up")), c.severity.in_(list(levels)), c.seq > fell
        )  # fmt: skip
        query = query.where(outbox.c.created_at >= rose.scalar_subquery())
    return connection.execute(query).scalar()


def last_told(connection: Connection, episode: int, groups: Sequence[str]) -> int | None:
    """When it was last told in one of these groups."""
    kinds = ("firing", "severity_up", "repeated", "reminded", "released", "escalated")
    c = outbox.c
    query = select(func.max(c.created_at)).where(c.episode_id == episode, c.kind.in_(kinds), c.group_key.in_(list(groups)))
    return connection.execute(query).scalar()
