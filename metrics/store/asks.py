"""What people ask of sources: to run now, to back-fill, to pause. Rows; the worker takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from metrics.periods import from_us, to_us
from metrics.tables_of_sources import source_ask, source_pause


@dataclass(frozen=True)
class Asked:
    id: int
    source: str
    kind: Literal["run", "backfill"]
    by: str
    at: datetime
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Pause:
    source: str
    by: str
    reason: str
    since: datetime
    until: datetime | None
    """It ends by itself then; None: when somebody ends it."""


def add(
    connection: Connection, source: str, kind: str, by: str, now: datetime, since: datetime | None, until: datetime | None
) -> None:
    bounds = {"since": to_us(since) if since else None, "until": to_us(until) if until else None}
    connection.execute(insert(source_ask).values(source=source, kind=kind, by=by[:64], at=to_us(now), **bounds))


def waiting(connection: Connection, source: str | None = None) -> list[Asked]:
    """Not taken yet, oldest first."""
    query = select(source_ask).where(source_ask.c.taken.is_(None)).order_by(source_ask.c.id)
    if source is not None:
        query = query.where(source_ask.c.source == source)
    return [
        Asked(
            row.id, row.source, row.kind, row.by, from_us(row.at), from_us(row.since) if row.since is not None else None,
            from_us(row.until) if row.until is not None else None,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def take(connection: Connection, id: int, now: datetime) -> bool:
    """True for the one who took it."""
    taken = update(source_ask).where(source_ask.c.id == id, source_ask.c.taken.is_(None)).values(taken=to_us(now))
    return connection.execute(taken).rowcount == 1


def pauses(connection: Connection, now: datetime, *, then: bool = False) -> dict[str, Pause]:
    """Source -> the pause it is in. then: `now` is an instant of the past, and what has ended since still lasted."""
    still = or_(source_pause.c.until.is_(None), source_pause.c.until > to_us(now))
    lasting: list[ColumnElement[bool]] = [source_pause.c.ended.is_(None)]
    if then:
        lasting = [or_(*lasting, source_pause.c.ended > to_us(now)), source_pause.c.since <= to_us(now)]
    query = select(source_pause).where(*lasting, still).order_by(source_pause.c.id)
    return {
        row.source: Pause(row.source, row.by, row.reason, from_us(row.since), None if row.until is None else from_us(row.until))
        for row in connection.execute(query)
    }


def pause(connection: Connection, source: str, by: str, reason: str, now: datetime, until: datetime | None) -> None:
    end = to_us(until) if until else None
    connection.execute(insert(source_pause).values(source=source, by=by[:64], reason=reason, since=to_us(now), until=end))


def end_pause(connection: Connection, source: str, by: str, now: datetime) -> bool:
    open_ = (source_pause.c.source == source) & source_pause.c.ended.is_(None)
    return connection.execute(update(source_pause).where(open_).values(ended=to_us(now), ended_by=by[:64])).rowcount > 0
