"""`chosen`: the figure of every series and period as it stands now. A cache, made again from records and observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Float, Select, bindparam, case, cast, func, or_, select, tuple_

from metrics.model import TOTAL
from metrics.store.engine import is_sqlite
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import chosen, series
from metrics.values import Values

Place = tuple[Key, int]
"""((department, region, dims), period start in microseconds)."""
_VALUES = ("num", "den", "n", "apart", "status", "have", "want")
_COLUMNS = [column.name for column in chosen.columns]
_KEY = [column.name for column in chosen.primary_key.columns]
_REPLACE = f"INSERT INTO chosen ({', '.join(_COLUMNS)}) {{}} ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY
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


@dataclass(frozen=True, slots=True)
class Standing:
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
        rows = connection.execute(_STANDING, asked | {"periods": list(periods[start : start + 500])}).all()
        for indicator, department, region, dims, number, period, *values in rows:
            yield Standing(indicator, (department, region, dims), number, period, Values(*values))


def known(connection: Connection, indicator: str, grain: str, version: int, periods: Sequence[int]) -> dict[Place, Values]:
    found = standing(connection, [indicator], grain, version, periods)
    return {(one.key, one.period_start): one.values for one in found}


class Kept(NamedTuple):
    """A figure as it stands, with its stamp: the row itself, since making other things of thousands of rows costs more than
    reading them."""

    department: str
    region: str
    dims: str
    period_start: int
    version: int
    num: int | None
    den: int | None
    n: int | None
    apart: int | None
    status: str
    have: int | None
    want: int | None
    revision: int
    evaluated_at: int

    @classmethod
    def of(cls, key: Key, start: int, version: int, values: Values, revision: int, evaluated_at: int) -> Self:
        return cls(
            *key, start, version, values.num, values.den, values.n, values.apart, values.status, values.have, values.want, revision,
            evaluated_at,
        )  # fmt: skip

    @property
    def key(self) -> Key:
        return self[:3]

    @property
    def values(self) -> Values:
        return Values(*self[5:12])


_KEPT = (
    series.c.department_id, series.c.region_id, series.c.dims, chosen.c.period_start, chosen.c.version,
    *(chosen.c[name] for name in _VALUES), chosen.c.revision, chosen.c.evaluated_at,
)  # fmt: skip


def kept(
    connection: Connection,
    indicator: str,
    grain: str,
    version: int,
    periods: Sequence[int],
    scope: Scope,
    keys: Sequence[Key] = (),
) -> list[Kept]:
    """Figures within a scope, of these series (none named: of all) and periods, oldest first."""
    query = (
        select(*_KEPT)
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.version == version)
        .where(chosen.c.period_start.between(min(periods), max(periods)), *scope.series())
    )
    if len(keys) == 1:
        department, region, dims = keys[0]
        query = query.where(series.c.department_id == department, series.c.region_id == region, series.c.dims == dims)
    elif keys:
        query = query.where(tuple_(series.c.department_id, series.c.region_id, series.c.dims).in_(list(keys)))
    wanted = set(periods)
    found = [row for row in map(Kept._make, _plain(connection, query)) if row[_START] in wanted]
    found.sort(key=itemgetter(_START))
    return found


_START = Kept._fields.index("period_start")


def _plain(connection: Connection, query: Select[Any]) -> Sequence[tuple[Any, ...]]:
    """Rows as the driver gives them: no column here is of a type that needs anything done."""
    cursor: Any = connection.execute(query).cursor
    found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return found


def of_place(
    connection: Connection, indicators: Sequence[str], grain: str, version: int, start: int, place: Key, scope: Scope
) -> dict[str, Kept]:
    """Indicator -> its figure of one period for one place."""
    department, region, dims = place
    query = (
        select(series.c.indicator, *_KEPT)
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(series.c.indicator.in_(indicators), series.c.grain == grain, series.c.department_id == department)
        .where(series.c.region_id == region, series.c.dims == dims, *scope.series())
        .where(chosen.c.period_start == start, chosen.c.version == version)
    )
    return {row[0]: Kept._make(row[1:]) for row in _plain(connection, query)}


@dataclass(frozen=True, slots=True)
class Summed:
    key: Key
    num: int
    den: int | None
    periods: int


def best(
    connection: Connection,
    indicator: str,
    grain: str,
    version: int,
    between: tuple[int, int],
    scope: Scope,
    split: bool,
    highest: bool,
    most: int,
) -> list[Summed]:
    """The best of an indicator's series, summed over periods; `split`: of those by department and region."""
    num, den = func.sum(chosen.c.num), func.sum(chosen.c.den)
    share = case((den.is_(None), cast(num, Float)), (den == 0, None), else_=cast(num, Float) / den)
    query = (
        select(series.c.department_id, series.c.region_id, series.c.dims, num, den, func.count())
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.version == version)
        .where(chosen.c.period_start.between(*between), chosen.c.num.is_not(None), *scope.series())
        .group_by(series.c.id, series.c.department_id, series.c.region_id, series.c.dims)
        .order_by((share.desc() if highest else share.asc()).nulls_last(), series.c.department_id, series.c.region_id)
        .limit(most)
    )
    if split:
        query = query.where(series.c.department_id != TOTAL, series.c.region_id != TOTAL)
    else:
        query = query.where(or_(series.c.department_id != TOTAL, series.c.region_id != TOTAL))
    return [
        Summed((department, region, dims), int(top), None if under is None else int(under), many)
        for department, region, dims, top, under, many in connection.execute(query)
    ]


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


def first_period(connection: Connection, indicator: str, grain: str) -> int | None:
    """The oldest period of which any figure is kept."""
    query = select(func.min(chosen.c.period_start)).join(series, chosen.c.series_id == series.c.id)
    return connection.execute(query.where(series.c.indicator == indicator, series.c.grain == grain)).scalar()


def first_periods(connection: Connection, indicators: Sequence[str]) -> dict[str, int]:
    """Grain -> the oldest period of which any figure of these indicators is kept."""
    query = select(series.c.grain, func.min(chosen.c.period_start)).join(series, chosen.c.series_id == series.c.id)
    rows = connection.execute(query.where(series.c.indicator.in_(indicators)).group_by(series.c.grain))
    return {grain: first for grain, first in rows}


def replace(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put whole rows (the columns in their order) in place of those of the same series, period and version."""
    if is_sqlite(connection):
        connection.exec_driver_sql(_REPLACE.format(f"VALUES ({', '.join('?' * len(_COLUMNS))})"), list(rows))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        if len(rows) < LARGE:
            cursor.executemany(_REPLACE.format(f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})"), rows)
            return
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS chosen_stage (LIKE chosen)")
        cursor.execute("TRUNCATE chosen_stage")
        with cursor.copy(f"COPY chosen_stage ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(_REPLACE.format(f"SELECT {', '.join(_COLUMNS)} FROM chosen_stage"))
