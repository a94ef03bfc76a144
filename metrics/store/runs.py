"""Runs: one row an attempt at a source, with or without data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, bindparam, func, insert, select, update

from metrics.answers import RunRow
from metrics.model import MAX
from metrics.periods import from_us, to_us
from metrics.tables import run

GOOD = ("ok", "unchanged", "refused")
"""Outcomes that say the source answered: `refused` = some rows were refused, the others stored."""


_ADD = insert(run)
_BY = run.c.started <= bindparam("by", type_=BigInteger)
"""What had begun by then: without `by` everything."""
_FINISH = update(run).where(run.c.id == bindparam("which"))
_ONE = select(run).where(run.c.id == bindparam("which"))
_LAST = select(run).where(run.c.source == bindparam("of"), _BY).order_by(run.c.id.desc()).limit(bindparam("most"))
_SCHEDULED = (
    select(run)
    .where(run.c.source == bindparam("of"), run.c.kind != "backfill", _BY)
    .order_by(run.c.id.desc())
    .limit(bindparam("most"))
)
_FILLED = (
    select(run.c.outcome)
    .where(run.c.source == bindparam("of"), run.c.kind == "backfill", _BY)
    .order_by(run.c.id.desc())
    .limit(bindparam("most"))
)
_MARK = (
    select(run.c.mark)
    .where(run.c.source == bindparam("of"), run.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(run.c.id.desc())
    .limit(1)
)


_LAST_STARTED = (
    select(run.c.started)
    .where(run.c.source == bindparam("of"), run.c.kind.in_(("collect", "replay")), _BY)
    .order_by(run.c.id.desc())
    .limit(1)
)
_LAST_GOOD = (
    select(run.c.ended)
    .where(run.c.source == bindparam("of"), run.c.outcome.in_(GOOD), run.c.kind != "backfill", _BY)
    .order_by(run.c.id.desc())
    .limit(1)
)
_LAST_ARRIVED = (
    select(run.c.ended)
    .where(run.c.source == bindparam("of"), run.c.outcome.in_(("ok", "refused")), run.c.kind != "backfill", _BY)
    .order_by(run.c.id.desc())
    .limit(1)
)
_NEWEST_PERIOD = select(func.max(run.c.newest_period)).where(
    run.c.source == bindparam("of"), _BY, run.c.newest_period <= bindparam("latest", type_=BigInteger)
)


@dataclass(frozen=True)
class RunIn:
    source: str
    kind: str
    started: datetime
    ended: datetime
    outcome: str
    counts: Mapping[str, int] = field(default_factory=dict)
    payload_hash: str | None = None
    error_class: str = ""
    error: str = ""
    hint: str = ""
    refusals: Sequence[Mapping[str, str]] = ()
    mark: Mapping[str, Any] = field(default_factory=dict)
    newest_period: datetime | None = None
    """Up to when its data tells: the end of the newest period reported."""


def add(connection: Connection, entry: RunIn) -> int:
    """Write one Run; the id it got."""
    values = {
        "source": entry.source, "kind": entry.kind, "started": to_us(entry.started), "ended": to_us(entry.ended),
        "outcome": entry.outcome, "counts": _json(entry.counts), "payload_hash": entry.payload_hash,
        "error_class": entry.error_class, "error": entry.error[:4000], "hint": entry.hint[:1000],
        "refusals": _json(list(entry.refusals)[:200]), "mark": _json(entry.mark),
        "newest_period": to_us(entry.newest_period) if entry.newest_period else None,
    }  # fmt: skip
    result = connection.execute(_ADD, values)
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def finish(connection: Connection, run_id: int, counts: Mapping[str, int], outcome: str) -> None:
    """What storing came to, on the Run that brought it."""
    connection.execute(_FINISH, {"which": run_id, "counts": _json(counts), "outcome": outcome})


def last_mark(connection: Connection, source: str, kinds: Sequence[str] = ("collect", "replay")) -> dict[str, Any]:
    """Where the last Run of these kinds left off; one that failed says where it began."""
    found = connection.execute(_MARK, {"of": source, "kinds": list(kinds)}).scalar()
    return json.loads(found) if found else {}


def last(connection: Connection, source: str, limit: int = 30, by: datetime | None = None) -> list[RunRow]:
    """The newest Runs of a source, newest first."""
    rows = connection.execute(_LAST, {"of": source, "most": limit, "by": _until(by)})
    return [as_row(row) for row in rows]


def last_apart(
    connection: Connection, source: str, limit: int = 30, by: datetime | None = None
) -> tuple[list[RunRow], list[str]]:
    """The newest Runs of the present, and the outcomes of the newest back-fills, each newest first: a month that cannot be filled
    in says nothing of how the source is now."""
    given = {"of": source, "most": limit, "by": _until(by)}
    rows, filled = connection.execute(_SCHEDULED, given), connection.execute(_FILLED, given).scalars()
    return [as_row(row) for row in rows], list(filled)


def one(connection: Connection, run_id: int) -> RunRow | None:
    row = connection.execute(_ONE, {"which": run_id}).first()
    return as_row(row) if row else None


def last_started(connection: Connection, sources: Iterable[str], by: datetime | None = None) -> dict[str, datetime]:
    """Source -> start of its last Run of schedule (not back-fill)."""
    return _of_each(connection, _LAST_STARTED, sources, by)


def last_good(connection: Connection, sources: Iterable[str], by: datetime | None = None) -> dict[str, datetime]:
    """Source -> end of its last Run that the source answered."""
    return _of_each(connection, _LAST_GOOD, sources, by)


def last_arrived(connection: Connection, sources: Iterable[str], by: datetime | None = None) -> dict[str, datetime]:
    """Source -> end of its last Run that brought something new. For sources with few Runs: others look through many."""
    return _of_each(connection, _LAST_ARRIVED, sources, by)


def newest_periods(
    connection: Connection, sources: Iterable[str], latest: datetime, by: datetime | None = None
) -> dict[str, datetime]:
    """Source -> up to when its data tells; a Run that spoke of what comes after `latest` tells nothing."""
    return _of_each(connection, _NEWEST_PERIOD, sources, by, {"latest": to_us(latest)})


def _of_each(
    connection: Connection, query: Select[Any], sources: Iterable[str], by: datetime | None, more: Mapping[str, Any] | None = None
) -> dict[str, datetime]:
    """One look into the index for each source: a grouping would read every Run there ever was, each second."""
    asked = {"by": _until(by), **(more or {})}
    found = ((source, connection.execute(query, {"of": source, **asked}).scalar()) for source in sources)
    return {source: from_us(at) for source, at in found if at is not None}


def _until(by: datetime | None) -> int:
    return MAX if by is None else to_us(by)


def first_started(connection: Connection) -> datetime | None:
    """When collecting began, by the clock of the replay where there was one."""
    found = connection.execute(select(func.min(run.c.started)).where(run.c.kind.in_(("collect", "replay")))).scalar()
    return from_us(found) if found is not None else None


def backfilled(connection: Connection) -> dict[str, set[str]]:
    """Source -> the `since` of every back-fill that ended well."""
    query = select(run.c.source, run.c.mark).where(run.c.kind == "backfill", run.c.outcome.in_(GOOD))
    found: dict[str, set[str]] = {}
    for source, mark in connection.execute(query):
        found.setdefault(source, set()).add(json.loads(mark).get("backfill_since", ""))
    return found


def as_row(row: Row[Any]) -> RunRow:
    return RunRow(
        id=row.id, source=row.source, kind=row.kind, started=from_us(row.started), ended=from_us(row.ended),
        outcome=row.outcome, counts=json.loads(row.counts), payload_hash=row.payload_hash, error_class=row.error_class,
        error=row.error, hint=row.hint, refusals=json.loads(row.refusals), by=str(json.loads(row.mark).get("by", "")),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
