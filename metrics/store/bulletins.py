"""Published bulletins. A row is written once; nothing changes it and nothing takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, false, func, insert, select

from metrics.store.scope import Scope
from metrics.tables import bulletin


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Instants in microseconds; `content` is JSON."""

    id: int
    department: str
    month: int
    """Its first instant."""
    edition: int
    revision: int
    """What was known when it was made."""
    content: str
    published_at: int
    published_by: str
    name: str
    """Of who published it."""


def add(connection: Connection, department: str, month: int, revision: int, content: str, at: int, by: str, name: str) -> int:
    """The id; a further one of the same month is its next edition."""
    of = (bulletin.c.department_id == department, bulletin.c.month == month)
    before = connection.execute(select(func.max(bulletin.c.edition)).where(*of)).scalar() or 0
    values: dict[str, Any] = {
        "department_id": department, "month": month, "edition": before + 1, "revision": revision, "content": content,
        "published_at": at, "published_by": by[:64], "name": name[:200],
    }  # fmt: skip
    key = connection.execute(insert(bulletin).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def one(connection: Connection, id: int, within: Scope) -> Bulletin | None:
    row = connection.execute(select(bulletin).where(bulletin.c.id == id, *_readable(within))).first()
    return Bulletin(*row) if row is not None else None


def every(connection: Connection, within: Scope, limit: int = 100) -> list[Bulletin]:
    """Within a scope, the newest month first and of a month the newest edition."""
    query = select(bulletin).where(*_readable(within)).limit(limit)
    rows = connection.execute(query.order_by(bulletin.c.month.desc(), bulletin.c.department_id, bulletin.c.edition.desc()))
    return [Bulletin(*row) for row in rows]


def _readable(within: Scope) -> list[Any]:
    """A bulletin is of all regions, and of one department or of all: it is for whoever may read the figures of that one.

    That of a department holds its peers too, as far as who published it saw them; `reading.bulletins.as_read` shows no more
    of them than the reader may see."""
    if within.regions is not None:
        return [false()]
    return [] if within.departments is None else [bulletin.c.department_id.in_(sorted(within.departments))]
