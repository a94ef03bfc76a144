"""Figures as they stand, with their stamps, as they are read to be shown: within a scope, straight from `chosen`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Literal, NamedTuple, Self

from sqlalchemy import ARRAY, Connection, Select, String, any_, bindparam, func, select, tuple_

from metrics.store.engine import is_sqlite, plain, to_json
from metrics.store.scope import Scope, clauses
from metrics.store.series import Key
from metrics.tables import chosen, series
from metrics.values import Values

_KEY = ("department", "region", "dims")
_NAMED = (series.c.department_id, series.c.region_id, series.c.dims)
_STAMPED = (
    chosen.c.period_start,
    *(chosen.c[name] for name in ("num", "den", "n", "apart", "status", "have", "want")),
    chosen.c.revision,
    chosen.c.evaluated_at,
)
_OF_PLACE = (
    select(series.c.indicator, *_STAMPED)
    .join(chosen, chosen.c.series_id == series.c.id)
    .where(series.c.grain == bindparam("every"), series.c.department_id == bindparam("department"))
    .where(series.c.region_id == bindparam("region"), series.c.dims == bindparam("dims"))
    .where(chosen.c.period_start == bindparam("start"), chosen.c.version == bindparam("under"))
)
# All names in one parameter: to write out five hundred takes as long as to read their figures.
_named = func.json_each(bindparam("of")).table_valued("value")
_OF_PLACES = {
    True: _OF_PLACE.where(series.c.indicator.in_(select(_named.c.value))),
    False: _OF_PLACE.where(series.c.indicator == any_(bindparam("of", type_=ARRAY(String)))),
}
_as_kept = tuple.__new__
FEW = 31
"""Periods of which the names come with each figure: another question costs more than they do."""
LISTED = 500
"""Series that are named one by one to the database, which then has nothing to join."""


class Kept(NamedTuple):
    """A figure as it stands, with its stamp. Flat, as it is read: to make more of thousands of rows costs more than reading."""

    key: Key
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
    corrected: int | None = None
    """When it was last changed after it had been said of a settled period; None: never, or it was not asked."""

    @classmethod
    def of(cls, key: Key, start: int, version: int, values: Values, revision: int, evaluated_at: int) -> Self:
        return cls(
            key, start, version, values.num, values.den, values.n, values.apart, values.status, values.have, values.want,
            revision, evaluated_at,
        )  # fmt: skip

    @property
    def values(self) -> Values:
        return Values(*self[3:10])


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
    wanted = set(periods)
    asked: dict[str, Any] = {"of": indicator, "every": grain, "under": version, "first": min(periods), "last": max(periods)}
    asked |= scope.asked()
    if len(keys) == 1:
        asked |= zip(_KEY, keys[0], strict=True)
    shape = ("one" if len(keys) == 1 else "some" if keys else "all", scope.departments is not None, scope.regions is not None)
    asked |= {"keys": list(keys)} if len(keys) > 1 else {}
    if len(wanted) <= FEW:
        found = [
            _as_kept(Kept, ((by, place, dims), start, version, num, den, n, apart, status, have, want, revision, at, corrected))
            for by, place, dims, start, num, den, n, apart, status, have, want, revision, at, corrected in plain(
                connection, _named_too(*shape), asked
            )
            if start in wanted
        ]
    else:  # told once a series, not with each of its figures
        names = plain(connection, _names(*shape), asked)
        named = {number: (department, region, dims) for number, department, region, dims in names}
        listed = len(named) <= LISTED
        query = _OF_LISTED if listed else _figures(*shape)
        figures = plain(connection, query, asked | {"ids": list(named)} if listed else asked)
        found = [
            _as_kept(Kept, (named[number], start, version, num, den, n, apart, status, have, want, revision, at, None))
            for number, start, num, den, n, apart, status, have, want, revision, at in figures
            if start in wanted
        ]
    found.sort(key=itemgetter(1))
    return found


# Statements are built once for each shape of a question: SQLAlchemy takes longer to build one than a database to answer it.
Keys = Literal["all", "one", "some"]
_BOUNDS = (chosen.c.version == bindparam("under"), chosen.c.period_start.between(bindparam("first"), bindparam("last")))
_OF_LISTED = select(chosen.c.series_id, *_STAMPED).where(chosen.c.series_id.in_(bindparam("ids", expanding=True)), *_BOUNDS)


def _mine(keys: Keys, departments: bool, regions: bool) -> list[Any]:
    """The series asked for; `departments`, `regions`: whether the scope is of some only."""
    mine: list[Any] = [series.c.indicator == bindparam("of"), series.c.grain == bindparam("every")]
    found = [*mine, *clauses(departments, regions)]
    if keys == "one":
        return [*found, *(column == bindparam(name) for column, name in zip(_NAMED, _KEY, strict=True))]
    return [*found, tuple_(*_NAMED).in_(bindparam("keys", expanding=True))] if keys == "some" else found


@cache
def _named_too(keys: Keys, departments: bool, regions: bool) -> Select[Any]:
    query = select(*_NAMED, *_STAMPED, chosen.c.corrected).join(chosen, chosen.c.series_id == series.c.id)
    return query.where(*_mine(keys, departments, regions), *_BOUNDS)


@cache
def _names(keys: Keys, departments: bool, regions: bool) -> Select[Any]:
    return select(series.c.id, *_NAMED).where(*_mine(keys, departments, regions))


@cache
def _figures(keys: Keys, departments: bool, regions: bool) -> Select[Any]:
    of_these = select(series.c.id).where(*_mine(keys, departments, regions))
    return select(chosen.c.series_id, *_STAMPED).where(chosen.c.series_id.in_(of_these), *_BOUNDS)


def of_place(
    connection: Connection, indicators: Sequence[str], grain: str, version: int, start: int, place: Key, scope: Scope
) -> dict[str, Kept]:
    """Indicator -> its figure of one period for one place."""
    if not scope.holds(*place[:2]):
        return {}
    asked: dict[str, Any] = dict(zip(_KEY, place, strict=True))
    on_sqlite = is_sqlite(connection)
    asked |= {
        "of": to_json(list(indicators)) if on_sqlite else list(indicators),
        "every": grain,
        "under": version,
        "start": start,
    }
    return {
        indicator: _as_kept(Kept, (place, start, version, num, den, n, apart, status, have, want, revision, at, None))
        for indicator, start, num, den, n, apart, status, have, want, revision, at in plain(
            connection, _OF_PLACES[on_sqlite], asked
        )
    }


class Summed(NamedTuple):
    key: Key
    num: int
    den: int | None
    n: int | None
    periods: int


def summed(
    connection: Connection,
    indicator: str,
    grain: str,
    version: int,
    between: tuple[int, int],
    scope: Scope,
    divided: bool,
) -> list[Summed]:
    """The whole figures of an indicator's places within a scope, each summed over periods. divided: what has no denominator is
    a rate told without its parts, and enters no sum."""
    asked = {"of": indicator, "every": grain, "under": version, "first": between[0], "last": between[1], **scope.asked()}
    query = _sums(divided, scope.departments is not None, scope.regions is not None)
    return [
        # PostgreSQL sums whole numbers into decimals.
        Summed((by, place, dims), int(num), None if den is None else int(den), None if n is None else int(n), many)
        for by, place, dims, num, den, n, many in plain(connection, query, asked)
    ]


@cache
def _sums(divided: bool, departments: bool, regions: bool) -> Select[Any]:
    there = chosen.c.den if divided else chosen.c.num
    return (
        select(*_NAMED, *(func.sum(chosen.c[name]) for name in ("num", "den", "n")), func.count())
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(*_mine("all", departments, regions), *_BOUNDS, series.c.dims == "{}")
        .where(chosen.c.num.is_not(None), there.is_not(None))
        .group_by(series.c.id, *_NAMED)
    )
