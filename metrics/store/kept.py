"""Figures as they stand, with their stamps, as they are read to be shown: within a scope, straight from `chosen`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Float, bindparam, case, cast, func, or_, select, tuple_

from metrics.store.engine import plain
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import chosen, series
from metrics.values import Values

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
    .where(series.c.indicator.in_(bindparam("of", expanding=True)), series.c.grain == bindparam("every"))
    .where(series.c.department_id == bindparam("department"), series.c.region_id == bindparam("region"))
    .where(series.c.dims == bindparam("dims"), chosen.c.period_start == bindparam("start"))
    .where(chosen.c.version == bindparam("under"))
)
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
    mine: list[Any] = [series.c.indicator == indicator, series.c.grain == grain, *scope.series()]
    if len(keys) == 1:
        mine += [column == part for column, part in zip(_NAMED, keys[0], strict=True)]
    elif keys:
        mine.append(tuple_(*_NAMED).in_(list(keys)))
    wanted = set(periods)
    bounds = (chosen.c.version == version, chosen.c.period_start.between(min(periods), max(periods)))
    if len(wanted) <= FEW:
        named_too = select(*_NAMED, *_STAMPED, chosen.c.corrected)
        query = named_too.join(chosen, chosen.c.series_id == series.c.id).where(*mine, *bounds)
        found = [
            _as_kept(Kept, ((department, region, dims), start, version, *figure))
            for department, region, dims, start, *figure in plain(connection, query)
            if start in wanted
        ]
    else:  # told once a series, not with each of its figures
        names = select(series.c.id, *_NAMED).where(*mine)
        named = {number: (department, region, dims) for number, department, region, dims in plain(connection, names)}
        of_these = named if len(named) <= LISTED else select(series.c.id).where(*mine)
        query = select(chosen.c.series_id, *_STAMPED).where(chosen.c.series_id.in_(of_these), *bounds)
        found = [
            _as_kept(Kept, (named[number], start, version, num, den, n, apart, status, have, want, revision, at, None))
            for number, start, num, den, n, apart, status, have, want, revision, at in plain(connection, query)
            if start in wanted
        ]
    found.sort(key=itemgetter(1))
    return found


def of_place(
    connection: Connection, indicators: Sequence[str], grain: str, version: int, start: int, place: Key, scope: Scope
) -> dict[str, Kept]:
    """Indicator -> its figure of one period for one place."""
    if not scope.holds(*place[:2]):
        return {}
    asked: dict[str, Any] = dict(zip(("department", "region", "dims"), place, strict=True))
    asked |= {"of": list(indicators), "every": grain, "under": version, "start": start}
    return {
        indicator: _as_kept(Kept, (place, start, version, num, den, n, apart, status, have, want, revision, at, None))
        for indicator, start, num, den, n, apart, status, have, want, revision, at in plain(connection, _OF_PLACE, asked)
    }


@dataclass(frozen=True, slots=True)
class Summed:
    key: Key
    num: int
    den: int | None
    n: int | None
    periods: int


def best(
    connection: Connection,
    indicator: str,
    grain: str,
    version: int,
    between: tuple[int, int],
    scope: Scope,
    highest: bool,
    most: int,
    min_n: int = 0,
    reported: int = 1,
) -> list[Summed]:
    """The best of an indicator's series within a scope, summed over periods.

    Only those that rest on `min_n` cases (where it is known on how many) and have figures of so many of the periods.
    """
    num, den, n = func.sum(chosen.c.num), func.sum(chosen.c.den), func.sum(chosen.c.n)
    share = case((den.is_(None), cast(num, Float)), (den == 0, None), else_=cast(num, Float) / den)
    query = (
        select(*_NAMED, num, den, n, func.count())
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.version == version)
        .where(chosen.c.period_start.between(*between), chosen.c.num.is_not(None), *scope.series())
        .group_by(series.c.id, *_NAMED)
        .having(or_(n.is_(None), n >= min_n), func.count() >= reported)
        .order_by(
            (share.desc() if highest else share.asc()).nulls_last(), series.c.department_id, series.c.region_id, series.c.dims
        )
        .limit(most)
    )
    return [
        Summed((department, region, dims), int(top), _whole(under), _whole(cases), many)
        for department, region, dims, top, under, cases, many in connection.execute(query)
    ]


def _whole(total: Any) -> int | None:
    """PostgreSQL sums whole numbers into decimals."""
    return None if total is None else int(total)
