"""Observations as reported: a correction closes a row and adds one; the same value again is no row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from metrics.arrivals import ObservationIn
from metrics.model import MAX
from metrics.periods import to_us
from metrics.store import series as series_store
from metrics.store import staging
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import chosen, feed, observation, series
from metrics.values import Values

CHUNK = 500
LARGE = 500
"""From so many figures on it is quicker to stage them."""


@dataclass(frozen=True)
class Stored:
    periods: frozenset[int]
    """Periods (microseconds) in which something changed."""
    changed: int
    unchanged: int
    superseded: int
    corrected: int


def store_all(
    connection: Connection, source: str, figures: staging.Figures, revision: int, run_id: int | None
) -> dict[tuple[str, str], Stored]:
    """Put in what a unit reports, as one revision; LARGE or more of them together, as sets."""
    many = sum(len(rows) for _, rows in figures.values())
    if many < LARGE or not many:
        return {
            (key, grain): store(connection, source, key, grain, version, rows, revision, run_id)
            for (key, grain), (version, rows) in figures.items()
        }
    given = staging.store(connection, source, figures, revision, run_id)
    return {pair: _stored(number, told) for pair, (number, told) in given.items()}


def _stored(number: int, told: Sequence[staging.Told]) -> Stored:
    new, corrected, superseded = (sum(many for _, what, many in told if what == kind) for kind in (0, 1, 2))
    periods = frozenset(start for start, kind, _ in told if kind < 2)
    return Stored(periods, new + corrected, number - new - corrected - superseded, superseded, corrected)


def store(
    connection: Connection,
    source: str,
    indicator: str,
    grain: str,
    version: int,
    rows: Sequence[ObservationIn],
    revision: int,
    run_id: int | None,
) -> Stored:
    """Put the rows of one indicator and grain in, as one revision."""
    numbers = series_store.ensure(connection, indicator, grain, [_key(row) for row in rows])
    feeds = series_store.ensure_feeds(connection, [numbers[_key(row)] for row in rows], source, revision)
    placed = {(feeds[numbers[_key(row)]], to_us(row.period_start)): row for row in rows}
    before = _current(connection, version, placed)
    new: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    unchanged = superseded = 0
    for place, row in placed.items():
        old = before.get(place)
        values = (row.num, row.den, row.n, row.status)
        if old is not None and (old["num"], old["den"], old["n"], old["status"]) == values:
            unchanged += 1
            continue
        if old is not None and row.source_rev < old["source_rev"]:
            superseded += 1
            continue
        if old is not None:
            closed.append({"which": place[0], "start": place[1]})
        new.append(
            {
                "feed_id": place[0], "period_start": place[1], "version": version, "known_from": revision, "known_to": MAX,
                "num": row.num, "den": row.den, "n": row.n, "status": row.status, "reason": row.reason,
                "source_rev": row.source_rev, "run_id": run_id,
            }
        )  # fmt: skip
    if closed:
        connection.execute(_close(version).values(known_to=revision), closed)
    if new:
        connection.execute(insert(observation), new)
    return Stored(frozenset(row["period_start"] for row in new), len(new), unchanged, superseded, len(closed))


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
    return Reported(key, row.source, row.feed_id, row.period_start, values, row.run_id, row.known_from, row.version)


def told_twice(
    connection: Connection, indicator: str, grain: str, version: int, within: Scope, since: int
) -> dict[tuple[Key, int], list[Reported]]:
    """(Series, period) -> the figures that stand, where more than one source reports it, from periods that start at `since`."""
    several = select(feed.c.series_id).group_by(feed.c.series_id).having(func.count() > 1)
    query = (
        _told(series.c.department_id, series.c.region_id, series.c.dims, feed.c.source, observation)
        .where(series.c.indicator == indicator, series.c.grain == grain, *within.series())
        .where(series.c.id.in_(several), chosen.c.version == version, chosen.c.period_start >= since)
    )
    found: dict[tuple[Key, int], list[Reported]] = defaultdict(list)
    for row in connection.execute(query):
        one = _reported(row)
        found[one.key, one.period_start].append(one)
    return {place: told for place, told in found.items() if len(told) > 1}


def _told(*columns: Any) -> Select[Any]:
    """What stands of each source, found by the periods that `chosen` has of its series: observations lie in the order of time."""
    same = (observation.c.period_start == chosen.c.period_start) & (observation.c.version == chosen.c.version)
    return (
        select(*columns)
        .select_from(series)
        .join(chosen, chosen.c.series_id == series.c.id)
        .join(feed, feed.c.series_id == series.c.id)
        .join(observation, same & (observation.c.feed_id == feed.c.id) & (observation.c.known_to == MAX))
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


def leaves(connection: Connection, indicator: str, grain: str, revision: int | None = None) -> set[Key]:
    """The series that some source has ever reported, or had by a revision."""
    fed = select(feed.c.series_id)
    if revision is not None:
        fed = fed.where(feed.c.revision <= revision)
    query = (
        select(series.c.department_id, series.c.region_id, series.c.dims)
        .where(series.c.indicator == indicator, series.c.grain == grain)
        .where(series.c.id.in_(fed))
    )
    return {(department, region, dims) for department, region, dims in connection.execute(query)}


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


def _key(row: ObservationIn) -> Key:
    return (row.department, row.region, row.dims)


# Not pairs in one list: SQLite looks through the whole table for those.
_CURRENT = select(observation).where(
    observation.c.period_start.in_(bindparam("starts", expanding=True)),
    observation.c.feed_id.in_(bindparam("feeds", expanding=True)),
    observation.c.version == bindparam("under"),
    observation.c.known_to == MAX,
)


def _current(connection: Connection, version: int, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Mapping[str, Any]]:
    """(feed, period start) -> the row that is known, of these places and maybe of others of the same feeds and periods."""
    found: dict[tuple[int, int], Mapping[str, Any]] = {}
    in_time = sorted(places, key=itemgetter(1))
    for spot in range(0, len(in_time), CHUNK):
        some = in_time[spot : spot + CHUNK]
        asked = {"starts": list({start for _, start in some}), "feeds": list({feed_id for feed_id, _ in some}), "under": version}
        for row in connection.execute(_CURRENT, asked).mappings():
            found[row["feed_id"], row["period_start"]] = dict(row)
    return found


@lru_cache(maxsize=64)
def _close(version: int) -> Any:
    return update(observation).where(
        observation.c.feed_id == bindparam("which"),
        observation.c.period_start == bindparam("start"),
        observation.c.version == version,
        observation.c.known_to == MAX,
    )
