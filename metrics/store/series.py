"""Series and feeds: their ids, made on first use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from metrics.model import MAX
from metrics.store.engine import plain
from metrics.tables import feed, series

Key = tuple[str, str, str]
"""(department, region, dims) of a series within one indicator and grain."""


_IDS = select(series.c.department_id, series.c.region_id, series.c.dims, series.c.id).where(
    series.c.indicator == bindparam("of"), series.c.grain == bindparam("every")
)


_FEEDS = select(feed.c.series_id, feed.c.id, feed.c.first_period).where(
    feed.c.source == bindparam("from"), feed.c.series_id.in_(bindparam("of", expanding=True))
)


def ids(connection: Connection, indicator: str, grain: str) -> dict[Key, int]:
    rows = connection.execute(_IDS, {"of": indicator, "every": grain}).all()
    return {(department, region, dims): number for department, region, dims, number in rows}


def ensure(connection: Connection, indicator: str, grain: str, keys: Iterable[Key]) -> dict[Key, int]:
    """Every known series of the indicator and grain, with those of `keys` made where absent."""
    known = ids(connection, indicator, grain)
    fresh = [key for key in dict.fromkeys(keys) if key not in known]
    known.update(zip(fresh, _add(connection, [(indicator, grain, *key) for key in fresh]), strict=True))
    return known


_COLUMNS = (series.c.indicator, series.c.grain, series.c.department_id, series.c.region_id, series.c.dims)
_AMONG = select(*_COLUMNS, series.c.id).where(*(one.in_(bindparam(one.name, expanding=True)) for one in _COLUMNS))


def ensure_all(connection: Connection, keys: Mapping[tuple[str, str], Collection[Key]]) -> dict[tuple[str, str], dict[Key, int]]:
    """The series of several indicators and grains, by their keys, made where absent; maybe others of the same places."""
    wanted = [(*pair, *key) for pair, some in keys.items() for key in dict.fromkeys(some)]
    known: dict[tuple[str, str], dict[Key, int]] = {pair: {} for pair in keys}
    if not wanted:
        return known
    asked = {column.name: list(set(words)) for column, words in zip(_COLUMNS, zip(*wanted, strict=True), strict=True)}
    for indicator, grain, department, region, dims, number in plain(connection, _AMONG, asked):
        if (indicator, grain) in known:
            known[indicator, grain][department, region, dims] = number
    fresh = [one for one in wanted if one[2:] not in known[one[0], one[1]]]
    for one, number in zip(fresh, _add(connection, fresh), strict=True):
        known[one[0], one[1]][one[2], one[3], one[4]] = number
    return known


def _add(connection: Connection, fresh: Sequence[tuple[str, str, str, str, str]]) -> Sequence[int]:
    if not fresh:
        return ()
    rows = [{column.name: word for column, word in zip(_COLUMNS, one, strict=True)} for one in fresh]
    return connection.execute(insert(series).returning(series.c.id, sort_by_parameter_order=True), rows).scalars().all()


def ensure_feeds(
    connection: Connection, series_ids: Iterable[int], source: str, revision: int
) -> tuple[dict[int, int], dict[int, int]]:
    """Series id -> id of its feed from this source, a new one is known from the revision on; and feed id -> the first period it
    reports, MAX of a new one."""
    wanted = list(dict.fromkeys(series_ids))
    known: dict[int, int] = {}
    first: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        for number, feed_id, since in plain(connection, _FEEDS, {"from": source, "of": wanted[start : start + 500]}):
            known[number], first[feed_id] = feed_id, since
    fresh = [number for number in wanted if number not in known]
    if fresh:
        rows = [{"series_id": number, "source": source, "revision": revision, "first_period": MAX} for number in fresh]
        made = connection.execute(insert(feed).returning(feed.c.id, sort_by_parameter_order=True), rows).scalars().all()
        known.update(zip(fresh, made, strict=True))
        first.update(dict.fromkeys(made, MAX))
    return known, first
