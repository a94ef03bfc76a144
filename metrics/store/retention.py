"""What is let go of after a while: the beginnings of payloads, and figures finer than a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from metrics.periods import to_us
from metrics.store import wakes
from metrics.tables import chosen, feed, observation, series
from metrics.tables_of_sources import excerpt

SUB_DAY = ("minute5", "hour")
LET_GO = "let_go"
"""The row of `wake` that is woken for nothing: it remembers up to when figures finer than a day were let go of."""


def let_go_before(connection: Connection, workspace: str, grain: str) -> int:
    """Start of the oldest period of this grain that is still kept (microseconds); 0 where nothing was let go of."""
    known = wakes.at(connection, LET_GO, workspace) if grain in SUB_DAY else None
    return to_us(known) if known is not None else 0


def series_of(connection: Connection) -> list[int]:
    """Ids of every series finer than a day."""
    return list(connection.execute(select(series.c.id).where(series.c.grain.in_(SUB_DAY)).order_by(series.c.id)).scalars())


def figures(connection: Connection, ids: Sequence[int], before: int, drop: bool) -> int:
    """Rows of these series, of periods that start before an instant: as reported, with what they corrected, and as chosen."""
    feeds = select(feed.c.id).where(feed.c.series_id.in_(ids))
    gone = chosen.c.series_id.in_(ids) & (chosen.c.period_start < before)
    starts = select(chosen.c.period_start).where(gone).distinct()
    theirs = observation.c.period_start.in_(starts) & observation.c.feed_id.in_(feeds)
    told = _count_or_drop(connection, observation, theirs, drop)
    stood = _count_or_drop(connection, chosen, gone, drop)
    return told + stood


def payloads(connection: Connection, before: int, drop: bool) -> int:
    return _count_or_drop(connection, excerpt, excerpt.c.at < before, drop)


def _count_or_drop(connection: Connection, table: Table, which: ColumnElement[bool] | Any, drop: bool) -> int:
    if drop:
        return connection.execute(delete(table).where(which)).rowcount
    return connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
