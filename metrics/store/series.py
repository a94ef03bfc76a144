"""Series and feeds: their ids, made on first use."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from metrics.store.engine import plain
from metrics.tables import feed, series

Key = tuple[str, str, str]
"""(department, region, dims) of a series within one indicator and grain."""


_IDS = select(series.c.department_id, series.c.region_id, series.c.dims, series.c.id).where(
    series.c.indicator == bindparam("of"), series.c.grain == bindparam("every")
)


_FEEDS = select(feed.c.series_id, feed.c.id).where(
    feed.c.source == bindparam("from"), feed.c.series_id.in_(bindparam("of", expanding=True))
)


def ids(connection: Connection, indicator: str, grain: str) -> dict[Key, int]:
    rows = connection.execute(_IDS, {"of": indicator, "every": grain}).all()
    return {(department, region, dims): number for department, region, dims, number in rows}


def sources(connection: Connection, indicator: str, grain: str) -> dict[int, list[str]]:
    """Series id -> the sources that have ever reported it."""
    query = select(series.c.id, feed.c.source).join(feed, feed.c.series_id == series.c.id)
    found: dict[int, list[str]] = {}
    for number, source in connection.execute(query.where(series.c.indicator == indicator, series.c.grain == grain)):
        found.setdefault(number, []).append(source)
    return found


def ensure(connection: Connection, indicator: str, grain: str, keys: Iterable[Key]) -> dict[Key, int]:
    """Every known series of the indicator and grain, with those of `keys` made where absent."""
    known = ids(connection, indicator, grain)
    fresh = [key for key in dict.fromkeys(keys) if key not in known]
    if fresh:
        rows = [
            {"indicator": indicator, "grain": grain, "department_id": key[0], "region_id": key[1], "dims": key[2]}
            for key in fresh
        ]
        made = connection.execute(insert(series).returning(series.c.id, sort_by_parameter_order=True), rows).scalars()
        known.update(zip(fresh, made, strict=True))
    return known


def ensure_feeds(connection: Connection, series_ids: Iterable[int], source: str, revision: int) -> dict[int, int]:
    """Series id -> id of its feed from this source; a new one is known from the revision on."""
    wanted = list(dict.fromkeys(series_ids))
    known: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        known.update(plain(connection, _FEEDS, {"from": source, "of": wanted[start : start + 500]}))  # type: ignore[arg-type]
    fresh = [number for number in wanted if number not in known]
    if fresh:
        rows = [{"series_id": number, "source": source, "revision": revision} for number in fresh]
        made = connection.execute(insert(feed).returning(feed.c.id, sort_by_parameter_order=True), rows).scalars()
        known.update(zip(fresh, made, strict=True))
    return known
