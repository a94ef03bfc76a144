"""Observations as reported: a correction closes a row and adds one; the same value again is no row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, distinct, func, not_, select, tuple_

from metrics.model import MAX
from metrics.periods import from_us
from metrics.store import placing, staging
from metrics.store.reach import Wider
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.store.staging import Figures, Told
from metrics.tables import chosen, feed, observation, reach, revision, series
from metrics.values import Values

CHUNK = 500
PAST = ("backfill", "replay")
"""Kinds of revisions that tell of the past as it was known then, whenever they come."""
o = observation.c
LARGE = 500
"""From so many figures on it is quicker to stage them."""


@dataclass(frozen=True)
class Stored:
    periods: frozenset[int]
    """Periods (microseconds) in which something changed."""
    again: frozenset[int]
    """Others of which a total is now of one more."""
    changed: int
    unchanged: int
    superseded: int
    corrected: int

    @property
    def touched(self) -> frozenset[int]:
        return self.periods | self.again


NOTHING = Stored(frozenset(), frozenset(), 0, 0, 0, 0)


def store(
    connection: Connection, source: str, figures: Figures, revision: int, run_id: int | None
) -> dict[tuple[str, str], Stored]:
    """Put in what a unit reports, as one revision; LARGE or more of them together, as sets."""
    way = placing if sum(len(rows) for _, rows in figures.values()) < LARGE else staging
    given, wider = way.store(connection, source, figures, revision, run_id)
    again = _again(connection, wider)
    return {pair: _stored(number, told, again.get(pair, ())) for pair, (number, told) in given.items()}


def _again(connection: Connection, wider: Mapping[tuple[str, str], Wider]) -> dict[tuple[str, str], set[int]]:
    """The periods that are kept of what is now of one more; asked together of all that are wider alike, as a first load is."""
    alike: dict[tuple[str, Wider], list[str]] = defaultdict(list)
    for (indicator, grain), span in wider.items():
        alike[grain, span].append(indicator)
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (grain, span), indicators in alike.items():
        query = select(series.c.indicator, chosen.c.period_start).join(chosen, chosen.c.series_id == series.c.id).distinct()
        query = query.where(series.c.grain == grain, chosen.c.period_start.between(span.since, span.before - 1))
        for at in range(0, len(indicators), CHUNK):
            for indicator, start in connection.execute(query.where(series.c.indicator.in_(indicators[at : at + CHUNK]))):
                found[indicator, grain].add(start)
    return found


def _stored(number: int, told: Sequence[Told], again: Iterable[int]) -> Stored:
    new, corrected, superseded = (sum(many for _, what, many in told if what == kind) for kind in (0, 1, 2))
    periods = frozenset(start for start, kind, _ in told if kind < 2)
    unchanged = number - new - corrected - superseded
    return Stored(periods, frozenset(again) - periods, new + corrected, unchanged, superseded, corrected)


@dataclass(slots=True, unsafe_hash=True)
class Reported:
    """One figure of one feed as known."""

    key: Key
    source: str
    feed_id: int
    period_start: int
    values: Values
    run_id: int | None
    known_from: int
    version: int = 1
    """Of the definition it was reported under."""
    source_rev: int = 0


def reported(
    connection: Connection, indicator: str, grain: str, version: int, periods: Sequence[int], revision: int | None = None
) -> list[Reported]:
    """Every feed's figure for these periods, as known at a revision (None: now)."""
    seen = (
        observation.c.known_to == MAX
        if revision is None
        else (observation.c.known_from <= revision) & (observation.c.known_to > revision)
    )
    query = (
        select(series.c.department_id, series.c.region_id, series.c.dims, feed.c.source, observation)
        .join(feed, feed.c.series_id == series.c.id)
        .join(observation, observation.c.feed_id == feed.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, observation.c.version == version, seen)
    )
    found: list[Reported] = []
    for start in range(0, len(periods), CHUNK):
        for row in connection.execute(query.where(observation.c.period_start.in_(periods[start : start + CHUNK]))):
            found.append(_reported(row))
    return found


def _reported(row: Any) -> Reported:
    values = Values(row.num, row.den, row.n, None, row.status)
    key = (row.department_id, row.region_id, row.dims)
    return Reported(
        key, row.source, row.feed_id, row.period_start, values, row.run_id, row.known_from, row.version, row.source_rev
    )


def came_later(
    connection: Connection, indicator: str, grain: str, periods: Sequence[int], after: int
) -> dict[tuple[Key, str, int], datetime]:
    """(Series, source, period) -> when a figure of it was first known, where that was more than `after` microseconds after the
    period began. Without what was filled in or replayed, and without the
    first that a source told of a series: who begins to report begins with the past."""
    before = observation.alias("before")
    earlier = (
        select(before.c.feed_id)
        .where(before.c.feed_id == observation.c.feed_id, before.c.period_start == observation.c.period_start)
        .where(before.c.known_from < observation.c.known_from, before.c.num.is_not(None))
        .exists()
    )
    query = (
        select(
            series.c.department_id, series.c.region_id, series.c.dims, feed.c.source, observation.c.period_start, revision.c.at
        )
        .join(feed, feed.c.series_id == series.c.id)
        .join(observation, observation.c.feed_id == feed.c.id)
        .join(revision, revision.c.number == observation.c.known_from)
        .where(series.c.indicator == indicator, series.c.grain == grain, observation.c.num.is_not(None))
        .where(observation.c.known_from > feed.c.revision, revision.c.at - observation.c.period_start > after)
        .where(revision.c.kind.not_in(PAST), not_(earlier))
    )
    found: dict[tuple[Key, str, int], datetime] = {}
    for at in range(0, len(periods), CHUNK):
        for row in connection.execute(query.where(observation.c.period_start.in_(periods[at : at + CHUNK]))):
            key = (row.department_id, row.region_id, row.dims)
            found[key, row.source, row.period_start] = from_us(row.at)
    return found


_DEN = func.coalesce(o.den, -1)
_OTHER = (func.max(o.num) != func.min(o.num)) | (func.max(_DEN) != func.min(_DEN))
_BETWEEN = func.max(o.version) - func.min(o.version) > bindparam("between", type_=BigInteger)
_FAR = (func.max(o.num) - func.min(o.num) > bindparam("apart", type_=BigInteger)) | (_OTHER & func.max(o.den).is_not(None))
# Found by period and feed, which is how observations lie; SQLite would else read all of a period for each series.
_DIFFERING = (
    select(feed.c.series_id, o.period_start)
    .select_from(observation)
    .join(feed, feed.c.id == o.feed_id)
    .group_by(feed.c.series_id, o.period_start)
    .having(func.count(distinct(o.feed_id)) > 1, _FAR | _BETWEEN)
    .order_by(o.period_start)
)
_NAMED = (
    select(series.c.department_id, series.c.region_id, series.c.dims, feed.c.source, observation)
    .select_from(observation)
    .join(feed, feed.c.id == o.feed_id)
    .join(series, series.c.id == feed.c.series_id)
)

_BEFORE = (
    select(o.period_start)
    .select_from(chosen)
    .join(observation, (o.period_start == chosen.c.period_start) & (o.feed_id == feed.c.id))
    .where(chosen.c.series_id == feed.c.series_id, chosen.c.period_start < bindparam("before"))
    .where(o.known_to == MAX, o.num.is_not(None))
    .order_by(chosen.c.period_start.desc())
    .limit(1)
    .correlate(feed)
    .scalar_subquery()
)
_LAST = select(feed.c.id, _BEFORE.label("last")).where(
    feed.c.series_id.in_(bindparam("of", expanding=True)), feed.c.source == bindparam("from"),
    feed.c.first_period < bindparam("before"),
)  # fmt: skip


def last_before(connection: Connection, source: str, numbers: Sequence[int], start: int) -> list[Reported]:
    """Of series (their ids) the last figure that stands of this source before a period, however old; of several versions the
    newest comes last."""
    found: list[Reported] = []
    for at in range(0, len(numbers), CHUNK):
        asked = {"of": numbers[at : at + CHUNK], "from": source, "before": start}
        places = [(row.id, row.last) for row in connection.execute(_LAST, asked) if row.last is not None]
        if places:
            near = o.period_start.in_({last for _, last in places}), tuple_(o.feed_id, o.period_start).in_(places)
            query = _NAMED.where(*near, o.known_to == MAX, o.num.is_not(None)).order_by(o.version)
            found += [_reported(row) for row in connection.execute(query)]
    return found


def told_twice(
    connection: Connection,
    indicator: str,
    grain: str,
    within: Scope,
    since: int,
    by: int | None = None,
    apart: int = -1,
    alike: bool = True,
) -> dict[tuple[Key, int], list[Reported]]:
    """(Series, period) -> the figures that stand, or stood at the revision `by`, by every version they were reported under, where
    more than one source reports it, from periods that start at `since`.

    apart: only where they are more than so many smallest units apart, or where one is a quotient and they are not the same:
    those who agree are passed over in the database, however many years they have agreed for. alike: every version counts in
    the same smallest unit; else figures of two versions are given whatever they say."""
    several = select(feed.c.series_id).group_by(feed.c.series_id).having(func.count() > 1)
    mine = [series.c.indicator == indicator, series.c.grain == grain, *within.series(), series.c.id.in_(several)]
    starts = select(chosen.c.period_start).join(series, series.c.id == chosen.c.series_id).distinct()
    starts = starts.where(*mine, chosen.c.period_start >= since)
    feeds = select(feed.c.id).join(series, series.c.id == feed.c.series_id).where(*mine)
    known = [o.feed_id.in_(feeds), *([o.known_to == MAX] if by is None else [o.known_from <= by, o.known_to > by])]
    places = connection.execute(
        _DIFFERING.where(o.period_start.in_(starts), *known), {"apart": apart, "between": MAX if alike else 0}
    ).all()
    found: dict[tuple[Key, int], list[Reported]] = defaultdict(list)
    for spot in range(0, len(places), CHUNK):
        some = [(row.series_id, row.period_start) for row in places[spot : spot + CHUNK]]
        near = o.period_start.in_({start for _, start in some})
        query = _NAMED.where(near, *known, tuple_(feed.c.series_id, o.period_start).in_(some))
        for row in connection.execute(query):
            one = _reported(row)
            found[one.key, one.period_start].append(one)
    return found


def _told(*columns: Any, by: int | None = None) -> Select[Any]:
    """What stands of each source, found by the periods that `chosen` has of its series: observations lie in the order of time."""
    known = observation.c.known_to == MAX
    if by is not None:
        known = (observation.c.known_from <= by) & (observation.c.known_to > by)
    same = (observation.c.period_start == chosen.c.period_start) & (observation.c.version == chosen.c.version)
    return (
        select(*columns)
        .select_from(series)
        .join(chosen, chosen.c.series_id == series.c.id)
        .join(feed, feed.c.series_id == series.c.id)
        .join(observation, same & (observation.c.feed_id == feed.c.id) & known)
    )


def periods_of(connection: Connection, indicator: str, grain: str, first: int, last: int) -> list[int]:
    """Starts of the periods in [first, last] for which any source has reported, oldest first."""
    query = (
        select(chosen.c.period_start)
        .join(series, series.c.id == chosen.c.series_id)
        .where(series.c.indicator == indicator, series.c.grain == grain, series.c.id.in_(select(feed.c.series_id)))
        .where(chosen.c.period_start.between(first, last))
        .distinct()
        .order_by(chosen.c.period_start)
    )
    return list(connection.execute(query).scalars())


def since(connection: Connection, indicator: str, grain: str, revision: int | None = None) -> dict[Key, int]:
    """The series that some source has ever reported, or had by a revision, and the first period each was reported of."""
    fed = feed.join(series, series.c.id == feed.c.series_id)
    first: ColumnElement[int] = feed.c.first_period
    known = [series.c.indicator == indicator, series.c.grain == grain]
    if revision is not None:
        told = select(reach.c.feed_id, func.min(reach.c.first_period).label("first")).where(reach.c.revision <= revision)
        reached = told.group_by(reach.c.feed_id).subquery()
        fed, first = fed.join(reached, reached.c.feed_id == feed.c.id), reached.c.first
    key = (series.c.department_id, series.c.region_id, series.c.dims)
    query = select(*key, func.min(first)).select_from(fed).where(*known, first < MAX).group_by(*key)
    return {(department, region, dims): begun for department, region, dims, begun in connection.execute(query)}


def of_source(connection: Connection, source: str, since: int) -> list[tuple[str, str, int, str, str, Values]]:
    """(indicator, grain, period, department, region, values) of what this source says now of periods from `since` on."""
    query = _told(series, observation).where(feed.c.source == source, chosen.c.period_start >= since)
    return [
        (
            row.indicator, row.grain, row.period_start, row.department_id, row.region_id,
            Values(row.num, row.den, row.n, None, row.status),
        )
        for row in connection.execute(query.order_by(observation.c.version))
    ]  # fmt: skip
