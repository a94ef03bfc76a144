"""Wake rows: what depends on now says when it must be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from metrics.model import MAX
from metrics.periods import from_us, to_us
from metrics.store.engine import is_sqlite
from metrics.tables import record_version as rv
from metrics.tables import wake


def put(connection: Connection, kind: str, key: str, at: datetime) -> None:
    """Wake (kind, key) at this instant; one row each, the newest word counts."""
    made: Any = sqlite.insert(wake) if is_sqlite(connection) else postgresql.insert(wake)
    values = made.values(kind=kind, key=key, at=to_us(at))
    connection.execute(values.on_conflict_do_update(index_elements=["kind", "key"], set_={"at": to_us(at)}))


def drop(connection: Connection, kind: str, key: str) -> None:
    connection.execute(delete(wake).where(wake.c.kind == kind, wake.c.key == key))


def due(connection: Connection, now: datetime, kinds: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """(kind, key, at) of every row whose time has come, oldest first."""
    query = select(wake).where(wake.c.at <= to_us(now), wake.c.kind.in_(list(kinds))).order_by(wake.c.at, wake.c.kind, wake.c.key)
    return [(row.kind, row.key, from_us(row.at)) for row in connection.execute(query)]


def pending(connection: Connection, kinds: Iterable[str]) -> dict[tuple[str, str], datetime]:
    query = select(wake).where(wake.c.kind.in_(list(kinds)))
    return {(row.kind, row.key): from_us(row.at) for row in connection.execute(query)}


def next_due(connection: Connection, source: str, after: datetime) -> datetime | None:
    """The next instant at which a case still open then becomes overdue."""
    moment = to_us(after)
    query = select(func.min(rv.c.due)).where(
        rv.c.source == source,
        rv.c.known_to == MAX,
        rv.c.withdrawn.is_(False),
        rv.c.due > moment,
        or_(rv.c.closed.is_(None), rv.c.closed > rv.c.due),
    )
    found = connection.execute(query).scalar()
    return from_us(found) if found is not None else None


def closest_due(connection: Connection, source: str, after: datetime) -> datetime | None:
    """The next due date of any case, closed or not: a running period counts what was due up to now."""
    query = select(func.min(rv.c.due)).where(rv.c.source == source, rv.c.known_to == MAX, rv.c.due > to_us(after))
    found = connection.execute(query).scalar()
    return from_us(found) if found is not None else None
