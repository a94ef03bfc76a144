"""The audit: rows that are only ever added, each chained to the one before under one head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from access.store.tables import audit, audit_head
from metrics.periods import from_us, to_us


@dataclass(frozen=True)
class Entry:
    id: int
    at: datetime
    who: str
    action: str
    object: str
    address: str
    result: str
    hash: str = ""


def take_head(connection: Connection) -> tuple[int, str]:
    """Count and hash of the last row, locked until the end of the transaction: one chain whatever the number of writers."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(audit_head).values(id=1, count=0, hash="").on_conflict_do_nothing()
    connection.execute(first)
    row = connection.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update()).one()
    return row[1], row[2]


def head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(audit_head).where(audit_head.c.id == 1)).one_or_none()
    return (0, "") if row is None else (row[1], row[2])


def append(connection: Connection, entry: Entry) -> None:
    connection.execute(
        insert(audit).values(
            id=entry.id, at=to_us(entry.at), who=entry.who, action=entry.action, object=entry.object,
            address=entry.address, result=entry.result, hash=entry.hash,
        )
    )  # fmt: skip
    connection.execute(update(audit_head).where(audit_head.c.id == 1).values(count=entry.id, hash=entry.hash))


def entries(connection: Connection, after: int = 0, limit: int | None = None) -> Iterator[Entry]:
    """Oldest first, those after this id."""
    wanted = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(limit)
    for row in connection.execute(wanted):
        yield Entry(row.id, from_us(row.at), row.who, row.action, row.object, row.address, row.result, row.hash)
