"""Whose an event stays when its record moves on: the place of the version that was valid when it was both past and known.

A version without a row here has its events where it is itself: most records never move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select

from metrics.tables import record_place
from metrics.tables import record_version as rv

EVENTS = ("opened", "due", "closed", "entered")
CHUNK = 500
Version = Mapping[str, Any]
"""The columns of one record_version."""
Side = Literal["department_id", "region_id"]


def write(connection: Connection, replaced: Sequence[tuple[Version, Version]], revision: int, at: int) -> None:
    """Of every record's (old, new) version: what has happened by `at` (microseconds) stays where the old version had it.

    An instant the new version says otherwise, or that is yet to come, goes with the record."""
    before = _of(connection, [old for old, _ in replaced])
    rows = []
    for old, new in replaced:
        for event in EVENTS:
            instant = new[event]
            if instant is None or old[event] != instant or instant >= at:
                continue
            held = before.get((old["record_id"], event), (old["department_id"], old["region_id"]))
            if held != (new["department_id"], new["region_id"]):
                rows.append({"record_id": old["record_id"], "known_from": revision, "event": event,
                             "department_id": held[0], "region_id": held[1]})  # fmt: skip
    if rows:
        connection.execute(insert(record_place), rows)


def _of(connection: Connection, versions: Sequence[Version]) -> dict[tuple[int, str], tuple[str, str]]:
    """(record, event) -> where it is, as far as that is not where the version is."""
    since = {one["record_id"]: one["known_from"] for one in versions}
    ids, found = list(since), dict[tuple[int, str], tuple[str, str]]()
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(select(record_place).where(record_place.c.record_id.in_(ids[start : start + CHUNK]))):
            if row.known_from == since[row.record_id]:
                found[row.record_id, row.event] = (row.department_id, row.region_id)
    return found


def of(side: Side, event: str | None) -> ColumnElement[str]:
    """The department or the region a version counts in: where it is, or (an `event` named) where it was at the event."""
    if event is None:
        return rv.c[side]
    stayed = select(record_place.c[side]).where(_its(event)).scalar_subquery()
    return func.coalesce(stayed, rv.c[side])


def stays(events: Collection[str], clauses: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether one of these events stays in places that meet the clauses (made of the table's columns)."""
    return exists().where(record_place.c.record_id == rv.c.record_id, record_place.c.known_from == rv.c.known_from,
                          record_place.c.event.in_(sorted(events)), *clauses)  # fmt: skip


def _its(event: str) -> ColumnElement[bool]:
    return and_(record_place.c.record_id == rv.c.record_id, record_place.c.known_from == rv.c.known_from,
                record_place.c.event == event)  # fmt: skip
