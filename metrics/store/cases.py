"""Lists of cases: the very records behind a figure, filtered by scope in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from metrics.model import MAX
from metrics.store import places
from metrics.tables import record, record_event
from metrics.tables import record_version as rv

PLACES: tuple[places.Side, ...] = ("region_id", "department_id")
FACETS = ("category", *PLACES, "state")
SORTS = ("opened", "due", "closed", "entered", "external_id", "category", "state", "worked_days")

Clauses = Sequence[ColumnElement[bool]]


def page(connection: Connection, clauses: Clauses, sort: str, offset: int, limit: int) -> tuple[int, Sequence[Row[Any]]]:
    """How many there are, and these of them."""
    joined = rv.join(record, record.c.id == rv.c.record_id)
    total = connection.execute(select(func.count()).select_from(joined).where(*clauses)).scalar_one()
    query = select(rv, record.c.external_id).select_from(joined).where(*clauses).order_by(*ordered(sort))
    return total, connection.execute(query.offset(offset).limit(limit)).all()


def ordered(sort: str) -> tuple[Any, ...]:
    """The order of a list, on screen and wherever it goes from there."""
    name = sort.lstrip("-")
    column: Any = record.c.external_id if name == "external_id" else rv.c[name if name in SORTS else "opened"]
    # What is missing comes last, either way.
    return (column.desc() if sort.startswith("-") else column.asc()).nulls_last(), rv.c.record_id


def facets(connection: Connection, clauses: Clauses, event: str | None = None) -> dict[str, list[tuple[str, int]]]:
    """Value and count of each facet, most first, over the same cases; places as they were at `event`, where one is named."""
    joined = rv.join(record, record.c.id == rv.c.record_id)
    found: dict[str, list[tuple[str, int]]] = {}
    for name in FACETS:
        column: Any = places.of(name, event).label("facet") if name in PLACES else rv.c[name].label("facet")
        query = select(column, func.count()).select_from(joined).where(*clauses).group_by(column)
        rows = connection.execute(query.order_by(func.count().desc(), column))
        found[name.removesuffix("_id")] = [(value, number) for value, number in rows]
    return found


def runs(connection: Connection, clauses: Clauses, limit: int) -> list[tuple[int, int]]:
    """The Runs that brought these cases, and how many each, most first."""
    joined = rv.join(record, record.c.id == rv.c.record_id)
    query = select(rv.c.run_id, func.count()).select_from(joined).where(*clauses, rv.c.run_id.is_not(None))
    rows = connection.execute(query.group_by(rv.c.run_id).order_by(func.count().desc(), rv.c.run_id.desc()).limit(limit))
    return [(run, number) for run, number in rows]


def matching(text: str) -> ColumnElement[bool]:
    """Searched are the id and the category only: never a field that may be masked."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(record.c.external_id.ilike(f"%{escaped}%", escape="\\"), rv.c.category.ilike(f"%{escaped}%", escape="\\"))


def versions(
    connection: Connection, source: str, external_id: str, scope: Clauses, revision: int | None = None
) -> Sequence[Row[Any]]:
    """Every version of one case (known by a revision), oldest first, if the newest of them meets `scope`."""
    query = (
        select(rv, record.c.external_id)
        .join(record, record.c.id == rv.c.record_id)
        .where(record.c.source == source, record.c.external_id == external_id)
    )
    standing = rv.c.known_to == MAX
    if revision is not None:
        standing = (rv.c.known_from <= revision) & (rv.c.known_to > revision)
        query = query.where(rv.c.known_from <= revision)
    newest = connection.execute(query.where(standing, and_(True, *scope))).first()
    return connection.execute(query.order_by(rv.c.known_from)).all() if newest is not None else []


def events(connection: Connection, record_id: int, revision: int | None = None) -> list[tuple[str, int]]:
    standing = record_event.c.known_to == MAX
    if revision is not None:
        standing = (record_event.c.known_from <= revision) & (record_event.c.known_to > revision)
    query = select(record_event.c.kind, record_event.c.at).where(record_event.c.record_id == record_id, standing)
    return [(kind, at) for kind, at in connection.execute(query.order_by(record_event.c.at, record_event.c.seq))]
