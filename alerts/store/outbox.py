"""The outbox: what is to be told, to whom, under a lease while it is being sent; every attempt is a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from alerts.store import due
from alerts.store.tables import attempt, episode, outbox
from metrics.store.engine import is_sqlite

TOLD = ("firing", "severity_up", "escalated")
UNTOLD = ("dead", "held", "dropped")


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(outbox), [dict(row) for row in rows])


def delivered(connection: Connection, message_ids: Sequence[str], at: int, detail: str) -> None:
    """Rows that were written as already told (a replay): their one attempt."""
    found = connection.execute(select(outbox.c.id).where(outbox.c.message_id.in_(message_ids))).scalars()
    rows = [{"outbox_id": number, "at": at, "outcome": "sent", "detail": detail} for number in found]
    if rows:
        connection.execute(insert(attempt), rows)


def told_in(connection: Connection, episode_id: int) -> list[tuple[str, str]]:
    """(receiver, group) of those who were told that it fired (or soon will be, by the digest too): those hear of its end."""
    return told_of(connection, [episode_id]).get(episode_id, [])


_c = outbox.c
_DIGEST = and_(_c.state == "held", _c.held_by == "flapping")
_BEGUN = and_(_c.kind.in_((*TOLD, "released", "flapping")), or_(_c.state.not_in(UNTOLD), _DIGEST))
_TOLD_OF = (
    select(_c.episode_id, _c.receiver, func.min(_c.group_key))
    .where(_c.episode_id.in_(bindparam("episodes", expanding=True)), _BEGUN)
    .group_by(_c.episode_id, _c.receiver)
)


def told_of(connection: Connection, episode_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The same of many."""
    found: dict[int, list[tuple[str, str]]] = {}
    for place in range(0, len(episode_ids), 500):
        for number, *told in connection.execute(_TOLD_OF, {"episodes": list(episode_ids[place : place + 500])}):
            found.setdefault(number, []).append((told[0], told[1]))
    return {number: sorted(told) for number, told in found.items()}


def told_by_group(connection: Connection, episode_id: int) -> list[tuple[str, str]]:
    """(receiver, group) of the same, once for every group they were told in."""
    query = select(_c.receiver, _c.group_key).where(_c.episode_id == episode_id, _BEGUN).distinct()
    return sorted((row[0], row[1]) for row in connection.execute(query))


def come_forward(connection: Connection, episode_id: int, by: Mapping[str, int]) -> None:
    """What waits on an alert for a receiver, and has not been tried, is due by an instant: what is more urgent follows it."""
    c = outbox.c
    for receiver, at in by.items():
        mine = (c.episode_id == episode_id, c.receiver == receiver, c.state == "waiting", c.tries == 0, c.due_at > at)
        connection.execute(update(outbox).where(*mine).values(due_at=at))


def there(connection: Connection, event_seq: int, receivers: Sequence[str]) -> set[str]:
    """Of these receivers, those who are told of the event already."""
    c = outbox.c
    query = select(c.receiver).where(c.event_seq == event_seq, c.receiver.in_(list(receivers)))
    return set(connection.execute(query).scalars())


def expire(connection: Connection, now: int) -> int:
    """Rows whose sender died while sending: whether it was told is uncertain, so it is sent once more, marked."""
    rows = connection.execute(due.GONE, {"now": now}).all()
    if rows:
        died = update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
        connection.execute(died.values(state="uncertain", repeated=True, due_at=now, lease_until=None))
        lost = "the sender was lost while sending"
        made = [{"outbox_id": row.id, "at": now, "outcome": "uncertain", "detail": lost, "epoch": row.epoch} for row in rows]
        connection.execute(insert(attempt), made)
    return len(rows)


def anything(connection: Connection, now: int, epoch: int | None) -> bool:
    """Is there something for this sender to send, or a lease that ran out? A look that locks nothing."""
    return connection.execute(due.ANYTHING, {"now": now, "sender": _sender(epoch)}).first() is not None


def lease(connection: Connection, now: int, until: int, limit: int, epoch: int | None) -> list[Row[Any]]:
    """Take rows whose time has come, oldest first, of each receiver as many; nobody else takes them before `until`.

    Of a receiver that is being told by the same sender nothing more is taken.
    A message waits for what the same receiver has not yet got on the same alert or order: nobody reads the end before the start.
    """
    rows = list(connection.execute(due.LEASE, {"now": now, "most": limit, "sender": _sender(epoch)}))
    if rows:
        taken = update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(state="sending", lease_until=until, epoch=epoch, tries=outbox.c.tries + 1))
    return rows


_TRIED = insert(attempt).inline()
_MINE = update(outbox).where(
    outbox.c.id == bindparam("which"), outbox.c.state == "sending", outbox.c.lease_until == bindparam("until")
)  # fmt: skip
_MEMBERS = update(outbox).where(outbox.c.merged_into == bindparam("which"), outbox.c.state == "merged")


def settle(
    connection: Connection,
    row: Row[Any],
    at: int,
    outcome: str,
    detail: str,
    values: Mapping[str, Any],
    epoch: int | None,
    lease_until: int,
    carries: bool,
) -> bool:
    """Write what became of an attempt; False when the lease was lost meanwhile (the attempt is kept all the same).

    carries: whether others are merged into it, which share its fate."""
    made = {"outbox_id": row.id, "at": at, "outcome": outcome, "detail": detail[:1000], "epoch": epoch}
    connection.execute(_TRIED, made)
    mine = {"which": row.id, "until": lease_until}
    done = connection.execute(_MINE, {**values, **mine}).rowcount == 1
    if done and carries and values["state"] in ("sent", "dead"):
        kept = {name: values[name] for name in ("state", "sent_at", "error") if name in values}
        connection.execute(_MEMBERS, {**kept, "which": row.id})
    return done


_TELL = _MINE.values(state="sent", sent_at=bindparam("then"), lease_until=None, epoch=None, error="")
_MADE = insert(attempt).values(
    outbox_id=bindparam("which"), at=bindparam("then"), outcome="sent", detail=bindparam("said"), epoch=bindparam("by")
)  # fmt: skip
_BOTH = _TELL.add_cte(_MADE.cte("made"))


def sent(connection: Connection, row: Row[Any], at: int, said: str, epoch: int | None, lease_until: int) -> None:
    """The same of a message that was delivered and carries no other: the most frequent, and on PostgreSQL one statement."""
    given = {"which": row.id, "until": lease_until, "then": at, "said": said[:1000], "by": epoch}
    if is_sqlite(connection):
        connection.execute(_MADE.inline(), given)
        connection.execute(_TELL, given)
    else:
        connection.execute(_BOTH, given)


def ready(connection: Connection, until: int, alone: Sequence[str], limit: int = 5000) -> list[Row[Any]]:
    """Messages that wait and may be put together, oldest first: not those that may have been delivered already.

    alone: receivers who get each message by itself."""
    return list(connection.execute(due.READY, {"until": until, "alone": list(alone), "most": limit}))


def backing_off(connection: Connection, now: int) -> dict[str, int]:
    """Receiver -> when it is tried again, of those that could not be reached."""
    return {row[0]: row[1] for row in connection.execute(due.BACKING_OFF, {"now": now})}


def members(connection: Connection, carriers: Sequence[int]) -> list[Row[Any]]:
    c = outbox.c
    return list(connection.execute(select(outbox).where(c.merged_into.in_(list(carriers)), c.state == "merged")))


def change(connection: Connection, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    for place in range(0, len(ids), 500):
        connection.execute(update(outbox).where(outbox.c.id.in_(list(ids[place : place + 500]))).values(**values))


def late(connection: Connection, now: int) -> list[Row[Any]]:
    """All that waits for receivers who are tried in vain, whether it was tried itself or not, and nobody stands in for yet."""
    return list(connection.execute(due.LATE, {"now": now}))


def ahead(connection: Connection, now: int) -> list[Row[Any]]:
    """Where the clock went back: all that is due later than any wait from now on would be, or was written later than now."""
    if connection.execute(due.IS_BACK, {"now": now}).first() is None:
        return []
    return list(connection.execute(due.AHEAD, {"now": now}))


def tried_in_vain(connection: Connection) -> set[str]:
    """Receivers who have been tried and not reached by what still waits for them."""
    return {row.receiver for row in connection.execute(due.IN_VAIN)}


def carried(connection: Connection, number: int) -> list[Row[Any]]:
    """A message and what was merged into it, as far as nobody stands in for it yet; also when it is settled."""
    c = outbox.c
    query = select(outbox).where(or_(c.id == number, c.merged_into == number), c.fell_back.is_(False))
    return list(connection.execute(query.order_by(c.id)))


def put_back(connection: Connection, row: Row[Any], due_at: int, lease_until: int) -> None:
    """Give up the lease without an attempt."""
    mine = and_(outbox.c.id == row.id, outbox.c.state == "sending", outbox.c.lease_until == lease_until)
    values = {"state": row.state, "tries": row.tries, "due_at": due_at, "lease_until": None, "epoch": None}
    connection.execute(update(outbox).where(mine).values(**values))


def closing(connection: Connection, episode_ids: Sequence[int | None]) -> dict[int, int]:
    """Episode -> instant it closed, of those that did."""
    mine = [one for one in episode_ids if one is not None]
    query = select(episode.c.id, episode.c.closed_at).where(episode.c.id.in_(mine), episode.c.closed_at.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def of_order(connection: Connection, order_id: int) -> list[Row[Any]]:
    return list(connection.execute(select(outbox).where(outbox.c.order_id == order_id).order_by(outbox.c.id)))


def last_of_kind(connection: Connection, kind: str) -> int | None:
    """When a message of a kind was last written."""
    return connection.execute(select(func.max(outbox.c.created_at)).where(outbox.c.kind == kind)).scalar()


def of_episode(connection: Connection, episode_id: int) -> list[Row[Any]]:
    return list(connection.execute(select(outbox).where(outbox.c.episode_id == episode_id).order_by(outbox.c.id)))


def attempts(connection: Connection, outbox_ids: Sequence[int]) -> list[Row[Any]]:
    return list(connection.execute(select(attempt).where(attempt.c.outbox_id.in_(outbox_ids)).order_by(attempt.c.id)))


def _sender(epoch: int | None) -> int:
    return -1 if epoch is None else epoch


def waiting(connection: Connection) -> tuple[int, int | None, int]:
    """How many wait, since when the oldest does, how many will never arrive."""
    c = outbox.c
    on_the_way = c.state.in_(("waiting", "sending", "uncertain", "merged"))
    number, oldest = connection.execute(select(func.count(), func.min(c.created_at)).where(on_the_way)).one()
    dead = connection.execute(select(func.count()).select_from(outbox).where(c.state == "dead")).scalar_one()
    return number, oldest, dead


def stuck(connection: Connection, now: int) -> int | None:
    """Since when the oldest message that is due waits."""
    c = outbox.c
    tried = or_(c.tries > 0, c.due_at <= now)
    query = select(func.min(c.created_at)).where(c.state.in_(("waiting", "sending", "uncertain")), tried)
    return connection.execute(query).scalar()


def failing(connection: Connection, before: int, but: str) -> list[tuple[str, int, int]]:
    """(receiver, how many, the oldest) of what was tried, written before an instant and has not arrived; `but` a kind."""
    return [(row[0], row[1], row[2]) for row in connection.execute(due.FAILING, {"before": before, "but": but})]


def unreached(connection: Connection, since: int) -> list[tuple[str, int, str]]:
    """(receiver, how many, the newest words of its platform) where messages died since an instant."""
    c = outbox.c
    query = select(c.receiver, func.count().label("number"), func.max(c.id).label("newest"))
    found = connection.execute(query.where(c.state == "dead", c.created_at >= since).group_by(c.receiver)).all()
    words = {row.id: row.error for row in connection.execute(select(c.id, c.error).where(c.id.in_([r.newest for r in found])))}
    return [(row.receiver, row.number, words.get(row.newest, "")) for row in found]
