"""Revisions: commit numbers, taken under a lock on the one-row `head`, so that number order is commit order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from metrics.arrivals import RevisionKind
from metrics.periods import from_us, to_us
from metrics.tables import head, revision, touched

CHUNK = 500

# Made once: every transaction begins and ends with them.
_LOCK = select(head.c.number, head.c.at).where(head.c.id == 1).with_for_update()
_NEWEST = select(head.c.number, head.c.at).where(head.c.id == 1)
_CONFIRM = update(head).where(head.c.id == 1).values(number=bindparam("to"), at=bindparam("moment"))
_ADD, _TOUCH = insert(revision), insert(touched)


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    at: datetime
    """Never earlier than that of the revision before it, though a clock may go back."""


def ensure(connection: Connection) -> None:
    """The one row of `head`, made with the schema."""
    if connection.execute(select(head.c.id)).first() is None:
        connection.execute(insert(head).values(id=1, number=0, at=0))


def take(
    connection: Connection, now: datetime, kind: RevisionKind, actor: str = "", *, recorded_at: datetime | None = None
) -> Revision:
    """Lock `head` and take the next number; held until the transaction ends."""
    following = lock(connection, now)
    confirm(connection, following, kind, actor, recorded_at=recorded_at)
    return following


def lock(connection: Connection, now: datetime) -> Revision:
    """Lock `head`; the revision that would be next. Nothing is taken until it is confirmed: the same payload again takes none."""
    row = connection.execute(_LOCK).one()
    return Revision(row.number + 1, from_us(max(to_us(now), row.at)))


def confirm(
    connection: Connection,
    taken: Revision,
    kind: RevisionKind,
    actor: str = "",
    run_id: int | None = None,
    *,
    recorded_at: datetime | None = None,
) -> None:
    at = to_us(taken.at)
    connection.execute(_CONFIRM, {"to": taken.number, "moment": at})
    recorded = to_us(recorded_at or datetime.now(UTC))
    values = {"number": taken.number, "at": at, "recorded_at": recorded, "kind": kind, "actor": actor, "run_id": run_id}
    connection.execute(_ADD, values)


def touch(connection: Connection, number: int, topics: Iterable[str]) -> None:
    """Say which topics (indicator keys, `alerts`, `orders`, `sources`) this revision moved."""
    rows = [{"topic": topic, "revision": number} for topic in sorted(set(topics))]
    if rows:
        connection.execute(_TOUCH, rows)


def moved(connection: Connection, topics: Iterable[str]) -> int:
    """The last revision that touched any of the topics; 0 for none."""
    return connection.execute(select(func.max(touched.c.revision)).where(touched.c.topic.in_(list(topics)))).scalar() or 0


def newest(connection: Connection) -> Revision:
    row = connection.execute(_NEWEST).one()
    return Revision(row.number, from_us(row.at))


def as_of(connection: Connection, instant: datetime) -> int:
    """K: the highest revision with `at` <= instant."""
    return connection.execute(select(func.max(revision.c.number)).where(revision.c.at <= to_us(instant))).scalar() or 0


def kinds(connection: Connection) -> set[str]:
    """The kinds of revision there are."""
    return set(connection.execute(select(revision.c.kind).distinct()).scalars())


def newest_kind(connection: Connection) -> str | None:
    """The kind of the newest revision; None where there is none."""
    return connection.execute(select(revision.c.kind).order_by(revision.c.number.desc()).limit(1)).scalar()


def instants(connection: Connection, numbers: Iterable[int]) -> dict[int, datetime]:
    """When each of these revisions was taken."""
    wanted, found = sorted(set(numbers)), {}
    for spot in range(0, len(wanted), CHUNK):
        query = select(revision.c.number, revision.c.at).where(revision.c.number.in_(wanted[spot : spot + CHUNK]))
        found.update({number: from_us(at) for number, at in connection.execute(query)})
    return found


def instant(connection: Connection, number: int) -> datetime:
    """When this revision (or the newest before it) was taken."""
    found = connection.execute(select(func.max(revision.c.at)).where(revision.c.number <= number)).scalar()
    return from_us(found or 0)
