"""Figures that rules need and no indicator keeps: late entries, the next due date, how far each series reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from metrics.model import MAX, Part
from metrics.periods import from_us, to_us
from metrics.store import predicates
from metrics.store.predicates import Span
from metrics.store.runs import GOOD
from metrics.tables import chosen, feed, observation, record, revision, run, series
from metrics.tables import record_version as rv


def late_entries(connection: Connection, source: str, span: Span, within: timedelta) -> Iterator[tuple[str, str, str, int]]:
    """(department, region, category, how many) of cases entered in the span more than `within` after they were done
    (after they began, while they are open).
    """
    lag = rv.c.entered - func.coalesce(rv.c.closed, rv.c.opened)
    late = and_(
        rv.c.source == source, predicates.visible(None), predicates.in_span("entered", span, MAX),
        lag > within // timedelta(microseconds=1),
    )  # fmt: skip
    keys = (rv.c.department_id, rv.c.region_id, rv.c.category)
    for row in connection.execute(select(*keys, func.count()).where(late).group_by(*keys)):
        yield row[0], row[1], row[2], row[3]


def next_due(connection: Connection, source: str, after: datetime) -> datetime | None:
    """The first due date after an instant among cases that are open."""
    c = rv.c
    query = select(func.min(c.due)).where(c.source == source, predicates.visible(None), c.closed.is_(None), c.due > to_us(after))
    found = connection.execute(query).scalar()
    return None if found is None else from_us(found)


def due_cases(
    connection: Connection,
    source: str,
    part: Part | None,
    since: datetime | None,
    until: datetime,
    now: datetime,
    departments: Iterable[str] | None,
    regions: Iterable[str] | None,
    limit: int,
    category: str | None = None,
) -> list[str]:
    """External ids of open cases due in [since, until), the earliest first."""
    c = rv.c
    query = select(record.c.external_id).join(rv, c.record_id == record.c.id)
    query = query.where(c.source == source, predicates.visible(None), predicates.open_at(to_us(now)), c.due < to_us(until))
    if part is not None:
        query = query.where(*predicates.conditions(part, to_us(now)))
    if since is not None:
        query = query.where(c.due >= to_us(since))
    if departments is not None:
        query = query.where(c.department_id.in_(sorted(departments)))
    if regions is not None:
        query = query.where(c.region_id.in_(sorted(regions)))
    if category is not None:
        query = query.where(c.category == category)
    return list(connection.execute(query.order_by(c.due, record.c.external_id).limit(limit)).scalars())


def newest_periods(connection: Connection, indicator: str, grain: str) -> dict[int, int]:
    """Series id -> start of its newest period with a figure."""
    query = (
        select(chosen.c.series_id, func.max(chosen.c.period_start))
        .join(series, series.c.id == chosen.c.series_id)
        .where(series.c.indicator == indicator, series.c.grain == grain)
        .where(chosen.c.num.is_not(None))
        .group_by(chosen.c.series_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def first_periods(connection: Connection, indicator: str, grain: str) -> dict[int, int]:
    """Series id -> start of the first period it has any figure of."""
    query = (
        select(chosen.c.series_id, func.min(chosen.c.period_start))
        .join(series, series.c.id == chosen.c.series_id)
        .where(series.c.indicator == indicator, series.c.grain == grain)
        .group_by(chosen.c.series_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def answered_after(connection: Connection, source: str, at: datetime) -> bool:
    """Has the source answered since that instant? Before that, what it did not send is missing, not nothing."""
    query = select(run.c.id).where(run.c.source == source, run.c.outcome.in_(GOOD), run.c.started >= to_us(at)).limit(1)
    return connection.execute(query).first() is not None


def newest_answer(connection: Connection, sources: Sequence[str]) -> int:
    """End of the newest good Run of any of the sources, in microseconds."""
    query = select(func.max(run.c.ended)).where(run.c.source.in_(list(sources)), run.c.outcome.in_(GOOD))
    return int(connection.execute(query).scalar() or 0)


def reported_since(connection: Connection, indicator: str, grain: str, since: int) -> list[int]:
    """Periods of which any feed has told something by a Run that ended after `since` (microseconds)."""
    query: Any = (
        select(observation.c.period_start)
        .join(feed, feed.c.id == observation.c.feed_id)
        .join(series, series.c.id == feed.c.series_id)
        .join(revision, revision.c.number == observation.c.known_from)
        .join(run, run.c.id == revision.c.run_id)
        .where(series.c.indicator == indicator, series.c.grain == grain)
        .where(observation.c.known_to == MAX, run.c.ended > since)
        .distinct()
    )
    return sorted(connection.execute(query).scalars())
