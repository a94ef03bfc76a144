"""Wake rows: what depends on now says when it must be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select
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


def next_instant(connection: Connection, source: str, after: datetime, day: int) -> datetime | None:
    """The next instant any case of the source names: a due date, or a moment its system wrote ahead of our clock.

    day: ordinal of the local day of `after`; it lets the index skip the past.
    """
    moment = to_us(after)
    found: list[int] = []
    for name in ("due", "opened", "closed"):
        query = select(func.min(rv.c[name])).where(
            rv.c.source == source, rv.c[f"{name}_day"] >= day, rv.c.known_to == MAX, rv.c[name] > moment
        )
        at = connection.execute(query).scalar()
        if at is not None:
            found.append(at)
    return from_us(min(found)) if found else None
