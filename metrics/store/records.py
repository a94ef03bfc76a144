"""Records and their versions: a changed case closes one version and adds one; the same case again is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from metrics.model import MAX
from metrics.store import gone as store_of_gone
from metrics.store import places
from metrics.store.engine import is_sqlite
from metrics.tables import record, record_event, record_version

Version = Mapping[str, Any]
"""The columns of one record_version."""
CHUNK = 500
MANY = 2_000


@dataclass(frozen=True)
class Stored:
    changed: Sequence[tuple[Version | None, Version]]
    """(old, new) version of every record that is new or differs."""
    unchanged: int
    superseded: int
    """Rows whose source revision is older than what is already known."""
    withdrawn: int
    lacking: Sequence[Version] = ()
    """What a complete collection no longer holds, where that is too much to be believed: it stays as it was."""
    known: int = 0
    """Of how many."""


GONE_SHARE, GONE_FEW = 0.05, 10
"""A complete collection that lacks more than this is more likely a broken one: it is not believed."""


class TooManyGone(ValueError):
    """A complete collection lacks so many known records that it is not believed, and there is nobody to decide."""


def store(
    connection: Connection, source: str, rows: Sequence[dict[str, Any]], revision: int, at: int, run_id: int | None,
    complete: bool,
) -> Stored:  # fmt: skip
    """Put prepared rows (columns of record_version plus `external_id` and `events`) in, as one revision, known at `at`
    (microseconds).

    Where `complete` rows lack more than a twentieth (and more than ten) of what is known, or all of it, nothing is withdrawn."""
    known = current(connection, source, [row["external_id"] for row in rows])
    changed: list[tuple[Version | None, dict[str, Any]]] = []
    unchanged = superseded = 0
    for row in rows:
        old = known.get(row["external_id"])
        if old is not None and old["hash"] == row["hash"]:
            unchanged += 1
        elif old is not None and row["source_rev"] < old["source_rev"]:
            superseded += 1
        else:
            changed.append((old, row))
    absent, before = _absent(connection, source, rows) if complete else ([], 0)
    doubtful = bool(absent) and (not rows or len(absent) > max(GONE_FEW, GONE_SHARE * before))
    gone = [] if doubtful else _withdrawn(absent)
    if changed or gone:
        _write(connection, source, changed, gone, revision, at, run_id)
    if len(changed) >= MANY and not is_sqlite(connection):
        # The planner of PostgreSQL still believes the tables empty and would read them whole for every period.
        connection.execute(text("ANALYZE record, record_version"))
    return Stored([*changed, *gone], unchanged, superseded, len(gone), absent if doubtful else (), before)


def withdraw(
    connection: Connection, source: str, ids: Sequence[int], revision: int, at: int, run_id: int | None
) -> Sequence[tuple[Version | None, Version]]:
    """These records of the source are gone: a withdrawn version of each that is not so yet; (old, new)."""
    found: list[Version] = []
    for start in range(0, len(ids), CHUNK):
        query = _THERE.where(record_version.c.record_id.in_(ids[start : start + CHUNK]))
        found += [dict(row) for row in connection.execute(query, {"of": source}).mappings()]
    gone = _withdrawn(found)
    if gone:
        _write(connection, source, (), gone, revision, at, run_id)
    return gone


_CURRENT = (
    select(record_version, record.c.external_id)
    .select_from(record_version.join(record, record.c.id == record_version.c.record_id))
    .where(record.c.source == bindparam("of"), record.c.external_id.in_(bindparam("ids", expanding=True)))
    .where(record_version.c.known_to == MAX)
)


def current(connection: Connection, source: str, external_ids: Sequence[str]) -> dict[str, Version]:
    """External id -> the version still known."""
    found: dict[str, Version] = {}
    for start in range(0, len(external_ids), CHUNK):
        asked = {"of": source, "ids": list(external_ids[start : start + CHUNK])}
        for row in connection.execute(_CURRENT, asked).mappings():
            found[row["external_id"]] = dict(row)
    return found


_THERE = (
    select(record_version, record.c.external_id)
    .join(record, record.c.id == record_version.c.record_id)
    .where(record_version.c.source == bindparam("of"), record_version.c.known_to == MAX, record_version.c.withdrawn.is_(False))
)


def _absent(connection: Connection, source: str, rows: Iterable[Mapping[str, Any]]) -> tuple[list[Version], int]:
    """What a complete collection no longer holds, but for what a person decided to keep; and how many there were."""
    present = {row["external_id"] for row in rows}
    before = [dict(row) for row in connection.execute(_THERE, {"of": source}).mappings()]
    kept = store_of_gone.kept(connection, source)
    again = [row["record_id"] for row in before if row["record_id"] in kept and row["external_id"] in present]
    if again:
        store_of_gone.back(connection, again)
    return [row for row in before if row["external_id"] not in present and row["record_id"] not in kept], len(before)


def _withdrawn(rows: Iterable[Version]) -> list[tuple[Version, dict[str, Any]]]:
    return [(row, {**row, "withdrawn": True, "hash": "withdrawn", "events": None}) for row in rows]


def _write(
    connection: Connection,
    source: str,
    changed: Sequence[tuple[Version | None, dict[str, Any]]],
    gone: Sequence[tuple[Version, dict[str, Any]]],
    revision: int,
    at: int,
    run_id: int | None,
) -> None:
    fresh = [row for old, row in changed if old is None]
    if fresh:
        connection.execute(insert(record), [{"source": source, "external_id": row["external_id"]} for row in fresh])
        ids = _ids(connection, source, [row["external_id"] for row in fresh])
        for row in fresh:
            row["record_id"] = ids[row["external_id"]]
    replaced = [(old, row) for old, row in [*changed, *gone] if old is not None]
    for old, row in replaced:
        row["record_id"] = old["record_id"]
    if replaced:
        close = (
            update(record_version)
            .where(record_version.c.record_id == bindparam("which"), record_version.c.known_to == MAX)
            .values(known_to=revision)
        )
        connection.execute(close, [{"which": row["record_id"]} for _, row in replaced])
    columns = record_version.c.keys()
    stamp = {"known_from": revision, "known_to": MAX, "source": source, "run_id": run_id}
    stamped = ({**row, **stamp} for _, row in [*changed, *gone])
    versions = [{name: row.get(name) for name in columns} for row in stamped]
    connection.execute(insert(record_version), versions)
    if replaced:
        places.write(connection, replaced, revision, at)
    _write_events(connection, [(old is None, row) for old, row in changed], revision)


def _ids(connection: Connection, source: str, external_ids: Sequence[str]) -> dict[str, int]:
    """Read back in blocks: an insert that returns its ids in order goes row by row on SQLite."""
    found: dict[str, int] = {}
    for start in range(0, len(external_ids), CHUNK):
        query = select(record.c.external_id, record.c.id).where(
            record.c.source == source, record.c.external_id.in_(external_ids[start : start + CHUNK])
        )
        found.update((external_id, number) for external_id, number in connection.execute(query))
    return found


def _write_events(connection: Connection, rows: Sequence[tuple[bool, dict[str, Any]]], revision: int) -> None:
    """Close the events that are gone or moved, add the new ones; those that stayed are left alone."""
    known: dict[int, dict[int, tuple[str, int]]] = {}
    old_ids = [row["record_id"] for fresh, row in rows if not fresh]
    for start in range(0, len(old_ids), CHUNK):
        query = select(record_event).where(
            record_event.c.record_id.in_(old_ids[start : start + CHUNK]), record_event.c.known_to == MAX
        )
        for event in connection.execute(query):
            known.setdefault(event.record_id, {})[event.seq] = (event.kind, event.at)
    added: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    for _, row in rows:
        record_id = row["record_id"]
        before = known.get(record_id, {})
        after = dict(enumerate(row["events"]))
        for seq, event in after.items():
            if before.get(seq) != event:
                kind, at = event
                added.append(
                    {"record_id": record_id, "seq": seq, "known_from": revision, "kind": kind, "at": at, "known_to": MAX}
                )
        closed += [{"which": record_id, "place": seq} for seq, event in before.items() if after.get(seq) != event]
    if closed:
        connection.execute(
            update(record_event)
            .where(
                record_event.c.record_id == bindparam("which"),
                record_event.c.seq == bindparam("place"),
                record_event.c.known_to == MAX,
            )
            .values(known_to=revision),
            closed,
        )
    if added:
        connection.execute(insert(record_event), added)


def oldest_known(connection: Connection, source: str, anchors: Sequence[str], revision: int) -> int | None:
    """The earliest instant of these kinds that any record of the source had at a revision (microseconds)."""
    rv = record_version
    seen = (rv.c.source == source, rv.c.known_from <= revision, rv.c.known_to > revision)
    found = (connection.execute(select(func.min(rv.c[anchor])).where(*seen)).scalar() for anchor in anchors)
    return min((at for at in found if at is not None), default=None)
