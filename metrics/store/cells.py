"""`chosen`: the figure of every series and period as it stands now. A cache, made again from records and observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from metrics.store.engine import insert, is_sqlite, plain
from metrics.store.series import Key
from metrics.tables import chosen, series
from metrics.values import Values

Place = tuple[Key, int]
"""((department, region, dims), period start in microseconds)."""
_VALUES = ("num", "den", "n", "apart", "status", "have", "want")
_COLUMNS = [column.name for column in chosen.columns]
_KEY = [column.name for column in chosen.primary_key.columns]
_INTO = f"INSERT INTO chosen ({', '.join(_COLUMNS)})"
# What was said before its period settled was not final, and is not corrected by what came after.
_INSTEAD = (
    f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in (*_KEY, "corrected"))
    + ", corrected = CASE WHEN excluded.corrected <= chosen.evaluated_at THEN excluded.evaluated_at ELSE chosen.corrected END"
)
LARGE = 300
"""From so many rows on PostgreSQL takes them sooner from a copied table."""
# Made once: it is asked several times in every transaction.
_STANDING = (
    select(
        series.c.indicator, series.c.department_id, series.c.region_id, series.c.dims, series.c.id, chosen.c.period_start,
        *(chosen.c[name] for name in _VALUES),
    )
    .join(chosen, chosen.c.series_id == series.c.id)
    .where(series.c.indicator.in_(bindparam("of", expanding=True)), series.c.grain == bindparam("every"))
    .where(chosen.c.version == bindparam("under"), chosen.c.period_start.in_(bindparam("periods", expanding=True)))
)  # fmt: skip


class Standing(NamedTuple):
    """A figure as it stands."""

    indicator: str
    key: Key
    series_id: int
    period_start: int
    values: Values


def standing(
    connection: Connection, indicators: Iterable[str], grain: str, version: int, periods: Sequence[int]
) -> Iterator[Standing]:
    """The figures that stand now, of every series of the indicators and grain, for these periods."""
    asked = {"of": sorted(indicators), "every": grain, "under": version}
    for start in range(0, len(periods), 500):
        rows = plain(connection, _STANDING, asked | {"periods": list(periods[start : start + 500])})
        for indicator, department, region, dims, number, period, *values in rows:
            yield Standing(indicator, (department, region, dims), number, period, Values(*values))


def known(connection: Connection, indicator: str, grain: str, version: int, periods: Sequence[int]) -> dict[Place, Values]:
    found = standing(connection, [indicator], grain, version, periods)
    return {(one.key, one.period_start): one.values for one in found}


def versions(connection: Connection, indicator: str, grain: str, key: Key, start: int) -> set[int]:
    """Versions of the definition by which there is a figure of this series and period."""
    department, region, dims = key
    query = (
        select(chosen.c.version)
        .join(series, chosen.c.series_id == series.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.period_start == start)
        .where(series.c.department_id == department, series.c.region_id == region, series.c.dims == dims)
    )
    return set(connection.execute(query).scalars())


def first_period(connection: Connection, indicator: str, grain: str, key: Key | None = None) -> int | None:
    """The oldest period of which any figure is kept; of one series (`key`) it costs a look into the index."""
    query = select(func.min(chosen.c.period_start)).join(series, chosen.c.series_id == series.c.id)
    if key is not None:
        query = query.where(series.c.department_id == key[0], series.c.region_id == key[1], series.c.dims == key[2])
    return connection.execute(query.where(series.c.indicator == indicator, series.c.grain == grain)).scalar()


def first_periods(connection: Connection, indicators: Sequence[str]) -> dict[str, int]:
    """Grain -> the oldest period of which any figure of these indicators is kept."""
    query = select(series.c.grain, func.min(chosen.c.period_start)).join(series, chosen.c.series_id == series.c.id)
    rows = connection.execute(query.where(series.c.indicator.in_(indicators)).group_by(series.c.grain))
    return {grain: first for grain, first in rows}


def replace(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put whole rows (the columns in their order) in place of those of the same series, period and version.

    `corrected` of a row that takes another's place: when its period settled, None where nothing is corrected."""
    if is_sqlite(connection):
        insert(connection, _INTO, rows, _INSTEAD)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        if len(rows) < LARGE:
            cursor.executemany(f"{_INTO} VALUES ({', '.join(['%s'] * len(_COLUMNS))}) {_INSTEAD}", rows)
            return
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS chosen_stage (LIKE chosen)")
        cursor.execute("TRUNCATE chosen_stage")
        with cursor.copy(f"COPY chosen_stage ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"{_INTO} SELECT {', '.join(_COLUMNS)} FROM chosen_stage {_INSTEAD}")
