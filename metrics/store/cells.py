"""`chosen`: the figure of every series and period as it stands now. A cache, made again from records and observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from metrics.model import Series
from metrics.store import series as series_store
from metrics.store.engine import is_sqlite
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import chosen, series
from metrics.values import CellChange, Values

Place = tuple[Key, int]
"""((department, region, dims), period start in microseconds)."""
_VALUES = ("num", "den", "n", "apart", "status", "have", "want")
# Made once: it is asked several times in every transaction.
_KNOWN = (
    select(
        series.c.department_id, series.c.region_id, series.c.dims, series.c.id, chosen.c.period_start,
        *(chosen.c[name] for name in _VALUES),
    )
    .join(chosen, chosen.c.series_id == series.c.id)
    .where(series.c.indicator == bindparam("of"), series.c.grain == bindparam("every"), chosen.c.version == bindparam("under"))
    .where(chosen.c.period_start.in_(bindparam("periods", expanding=True)))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which revision and evaluated when."""

    revision: int
    evaluated_at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures that stand, and the ids of their series."""

    values: dict[Place, Values]
    numbers: dict[Key, int]


def known(connection: Connection, indicator: str, grain: str, version: int, periods: Sequence[int]) -> dict[Place, Values]:
    """The figures that stand now, of every series of the indicator and grain, for these periods."""
    return standing(connection, indicator, grain, version, periods).values


def standing(connection: Connection, indicator: str, grain: str, version: int, periods: Sequence[int]) -> Standing:
    """What `known` says, with the ids of the series."""
    found = Standing({}, {})
    asked = {"of": indicator, "every": grain, "under": version}
    for start in range(0, len(periods), 500):
        rows = connection.execute(_KNOWN, asked | {"periods": list(periods[start : start + 500])}).all()
        for department, region, dims, number, period, *values in rows:
            key = (department, region, dims)
            found.numbers[key] = number
            found.values[key, period] = Values(*values)
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure as it stands, with its stamp."""

    key: Key
    period_start: int
    version: int
    values: Values
    revision: int
    evaluated_at: int


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
        select(series.c.department_id, series.c.region_id, series.c.dims, chosen)
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.version == version)
        .where(chosen.c.period_start.between(min(periods), max(periods)), *scope.series())
        .order_by(chosen.c.period_start)
    )
    if len(keys) == 1:
        department, region, dims = keys[0]
        query = query.where(series.c.department_id == department, series.c.region_id == region, series.c.dims == dims)
    elif keys:
        query = query.where(tuple_(series.c.department_id, series.c.region_id, series.c.dims).in_(list(keys)))
    wanted = set(periods)
    return [
        Kept(
            (row.department_id, row.region_id, row.dims), row.period_start, row.version,
            Values(*(getattr(row, name) for name in _VALUES)), row.revision, row.evaluated_at,
        )
        for row in connection.execute(query)
        if row.period_start in wanted
    ]  # fmt: skip


def first_period(connection: Connection, indicator: str, grain: str) -> int | None:
    """The oldest period of which any figure is kept."""
    query = select(func.min(chosen.c.period_start)).join(series, chosen.c.series_id == series.c.id)
    return connection.execute(query.where(series.c.indicator == indicator, series.c.grain == grain)).scalar()


def write(
    connection: Connection,
    indicator: str,
    grain: str,
    version: int,
    cells: Mapping[Place, Values],
    stamp: Stamp,
    settled_before: int,
    feeds: Mapping[Place, int] | None = None,
    before: Standing | None = None,
) -> list[CellChange]:
    """Write the figures that differ from what stands; the changes, in order of period.

    settled_before: periods that start before this instant are settled (the caller knows grain and delay).
    before: what stands, where the caller has asked already.
    """
    if before is None:
        before = standing(connection, indicator, grain, version, sorted({period for _, period in cells}))
    differing = {place: new for place, new in cells.items() if before.values.get(place) != new}
    if not differing:
        return []
    numbers = before.numbers
    if any(key not in numbers for key, _ in differing):
        numbers = series_store.ensure(connection, indicator, grain, [key for key, _ in differing])
    rows: list[dict[str, Any]] = []
    changes: list[CellChange] = []
    for place, new in sorted(differing.items(), key=lambda item: item[0][1]):
        key, period = place
        rows.append(
            {
                "series_id": numbers[key], "period_start": period, "version": version,
                "feed_id": (feeds or {}).get(place), "num": new.num, "den": new.den, "n": new.n, "apart": new.apart,
                "status": new.status, "have": new.have, "want": new.want,
                "revision": stamp.revision, "evaluated_at": stamp.evaluated_at,
            }
        )  # fmt: skip
        identity = Series(indicator, grain, *key)  # type: ignore[arg-type]
        changes.append(CellChange(numbers[key], identity, period, version, before.values.get(place), new, period < settled_before))
    _upsert(connection, rows)
    return changes


def _upsert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(_replacing(is_sqlite(connection)), rows)


@cache
def _replacing(on_sqlite: bool) -> Any:
    made: Any = sqlite.insert(chosen) if on_sqlite else postgresql.insert(chosen)
    replaced = {name: made.excluded[name] for name in ("feed_id", *_VALUES, "revision", "evaluated_at")}
    return made.on_conflict_do_update(index_elements=["series_id", "period_start", "version"], set_=replaced)
