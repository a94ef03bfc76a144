"""The outbox: what is to be told, to whom, under a lease while it is being sent; every attempt is a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from alerts.store.tables import attempt, episode, outbox

TOLD = ("firing", "severity_up")


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(outbox), [dict(row) for row in rows])


def delivered(connection: Connection, message_ids: Sequence[str], at: int, detail: str) -> None:
    """Rows that were written as already told (a replay): their one attempt."""
    found = connection.execute(select(outbox.c.id).where(outbox.c.message_id.in_(message_ids))).scalars()
    rows = [{"outbox_id": number, "at": at, "outcome": "sent", "detail": detail} for number in found]
    if rows:
        connection.execute(insert(attempt), rows)


def told(connection: Connection, episode_id: int) -> list[str]:
    """Receivers who were told that it fired (or soon will be): exactly those hear of its end."""
    c = outbox.c
    query = select(c.receiver).where(c.episode_id == episode_id, c.kind.in_(TOLD), c.state != "dead").distinct()
    return sorted(connection.execute(query).scalars())


def expire(connection: Connection, now: int) -> int:
    """Rows whose sender died while sending: whether it was told is uncertain, so it is sent once more, marked."""
    c = outbox.c
    gone = and_(c.state == "sending", c.lease_until <= now)
    rows = connection.execute(select(c.id, c.epoch).where(gone).with_for_update(skip_locked=True)).all()
    if rows:
        died = update(outbox).where(c.id.in_([row.id for row in rows]), gone)
        connection.execute(died.values(state="uncertain", repeated=True, due_at=now, lease_until=None))
        lost = "the sender was lost while sending"
        made = [{"outbox_id": row.id, "at": now, "outcome": "uncertain", "detail": lost, "epoch": row.epoch} for row in rows]
        connection.execute(insert(attempt), made)
    return len(rows)


def anything(connection: Connection, now: int) -> bool:
    """Is there something to send, or a lease that ran out? A look that locks nothing."""
    c = outbox.c
    due = or_(and_(c.state.in_(("waiting", "uncertain")), c.due_at <= now), and_(c.state == "sending", c.lease_until <= now))
    return connection.execute(select(c.id).where(due).limit(1)).first() is not None


def lease(connection: Connection, now: int, until: int, limit: int, epoch: int | None) -> list[Row[Any]]:
    """Take rows whose time has come, oldest first; nobody else takes them before `until`.

    A message waits for what the same receiver has not yet got about the same episode: nobody reads the end before the start.
    """
    c, other = outbox.c, outbox.alias("other").c
    due = and_(or_(c.state == "waiting", c.state == "uncertain"), c.due_at <= now)
    earlier = (other.episode_id == c.episode_id, other.receiver == c.receiver, other.id < c.id)
    stuck = or_(other.state == "sending", and_(other.state.in_(("waiting", "uncertain")), other.due_at > now))
    due = and_(due, ~select(other.id).where(*earlier, stuck).exists())
    query = select(outbox).where(due).order_by(c.id).limit(limit).with_for_update(skip_locked=True)
    rows = list(connection.execute(query))
    if rows:
        taken = update(outbox).where(c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(state="sending", lease_until=until, epoch=epoch, tries=c.tries + 1))
    return rows


def settle(
    connection: Connection,
    row: Row[Any],
    at: int,
    outcome: str,
    detail: str,
    values: Mapping[str, Any],
    epoch: int | None,
    lease_until: int,
) -> bool:
    """Write what became of an attempt; False when the lease was lost meanwhile (the attempt is kept all the same)."""
    connection.execute(insert(attempt).values(outbox_id=row.id, at=at, outcome=outcome, detail=detail[:1000], epoch=epoch))
    mine = and_(outbox.c.id == row.id, outbox.c.state == "sending", outbox.c.lease_until == lease_until)
    return connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def put_back(connection: Connection, row: Row[Any], due_at: int, lease_until: int) -> None:
    """Give up the lease without an attempt."""
    mine = and_(outbox.c.id == row.id, outbox.c.state == "sending", outbox.c.lease_until == lease_until)
    values = {"state": row.state, "tries": row.tries, "due_at": due_at, "lease_until": None, "epoch": None}
    connection.execute(update(outbox).where(mine).values(**values))


def closing(connection: Connection, episode_ids: Sequence[int]) -> dict[int, int]:
    """Episode -> instant it closed, of those that did."""
    query = select(episode.c.id, episode.c.closed_at).where(episode.c.id.in_(episode_ids), episode.c.closed_at.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def of_episode(connection: Connection, episode_id: int) -> list[Row[Any]]:
    return list(connection.execute(select(outbox).where(outbox.c.episode_id == episode_id).order_by(outbox.c.id)))


def attempts(connection: Connection, outbox_ids: Sequence[int]) -> list[Row[Any]]:
    return list(connection.execute(select(attempt).where(attempt.c.outbox_id.in_(outbox_ids)).order_by(attempt.c.id)))


def waiting(connection: Connection) -> tuple[int, int | None, int]:
    """How many wait, since when the oldest does, how many will never arrive."""
    c = outbox.c
    on_the_way = c.state.in_(("waiting", "sending", "uncertain"))
    number, oldest = connection.execute(select(func.count(), func.min(c.created_at)).where(on_the_way)).one()
    dead = connection.execute(select(func.count()).select_from(outbox).where(c.state == "dead")).scalar_one()
    return number, oldest, dead
