"""Wake rows: what depends on now says when it must be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from metrics.model import MAX
from metrics.periods import from_us, to_us
from metrics.store.engine import is_sqlite
from metrics.tables import record_version as rv
from metrics.tables import wake

# The day lets the index skip the past.
_NEXT = [
    select(func.min(rv.c[name])).where(
        rv.c.source == bindparam("of"),
        rv.c[f"{name}_day"] >= bindparam("day"),
        rv.c.known_to == MAX,
        rv.c[name] > bindparam("moment", type_=BigInteger),
    )
    for name in ("due", "opened", "closed")
]


_PENDING = select(wake).where(wake.c.kind.in_(bindparam("kinds", expanding=True)))
_DUE = _PENDING.where(wake.c.at <= bindparam("by", type_=BigInteger)).order_by(wake.c.at, wake.c.kind, wake.c.key)


def put(connection: Connection, kind: str, key: str, at: datetime) -> None:
    """Wake (kind, key) at this instant; one row each, the newest word counts."""
    connection.execute(_replacing(is_sqlite(connection)), {"kind": kind, "key": key, "at": to_us(at)})


@cache
def _replacing(on_sqlite: bool) -> Any:
    made: Any = sqlite.insert(wake) if on_sqlite else postgresql.insert(wake)
    return made.on_conflict_do_update(index_elements=["kind", "key"], set_={"at": made.excluded.at})


def at(connection: Connection, kind: str, key: str) -> datetime | None:
    found = connection.execute(select(wake.c.at).where(wake.c.kind == kind, wake.c.key == key)).scalar()
    return None if found is None else from_us(found)


def drop(connection: Connection, kind: str, key: str) -> None:
    connection.execute(delete(wake).where(wake.c.kind == kind, wake.c.key == key))


def due(connection: Connection, now: datetime, kinds: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """(kind, key, at) of every row whose time has come, oldest first."""
    rows = connection.execute(_DUE, {"by": to_us(now), "kinds": list(kinds)})
    return [(row.kind, row.key, from_us(row.at)) for row in rows]


def pending(connection: Connection, kinds: Iterable[str]) -> dict[tuple[str, str], datetime]:
    rows = connection.execute(_PENDING, {"kinds": list(kinds)})
    return {(row.kind, row.key): from_us(row.at) for row in rows}


def next_instant(connection: Connection, source: str, after: datetime, day: int) -> datetime | None:
    """The next instant any case of the source names: a due date, or a moment its system wrote ahead of our clock.

    day: ordinal of the local day of `after`.
    """
    moment = to_us(after)
    found: list[int] = []
    for query in _NEXT:
        at = connection.execute(query, {"of": source, "day": day, "moment": moment}).scalar()
        if at is not None:
            found.append(at)
    return from_us(min(found)) if found else None
