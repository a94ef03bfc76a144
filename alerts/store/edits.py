"""Rules edited on screen: drafts with their dry run, proposals that wait for a second person, and what is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from alerts.store.tables import episode, rule_edit, rule_version
from metrics.tables import chosen, series

_ACTIVE = select(rule_edit).where(rule_edit.c.state == "active").order_by(rule_edit.c.decided_at, rule_edit.c.id)


def active(connection: Connection) -> dict[str, Row[Any]]:
    """Rule -> the edit that was put in force last."""
    return {row.rule: row for row in connection.execute(_ACTIVE)}


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(rule_edit).values(**values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def by_id(connection: Connection, id: int) -> Row[Any] | None:
    return connection.execute(select(rule_edit).where(rule_edit.c.id == id)).first()


def change(connection: Connection, id: int, state: str, values: Mapping[str, Any]) -> bool:
    """Only while it stands as the person saw it."""
    mine = (rule_edit.c.id == id, rule_edit.c.state == state)
    return connection.execute(update(rule_edit).where(*mine).values(**values)).rowcount == 1


def of_rule(connection: Connection, rule: str | None = None, states: Sequence[str] = ()) -> list[Row[Any]]:
    """Newest first, drafts left out unless they are asked for."""
    query = select(rule_edit).order_by(rule_edit.c.id.desc()).limit(200)
    query = query.where(rule_edit.c.state.in_(list(states)) if states else rule_edit.c.state != "draft")
    return list(connection.execute(query if rule is None else query.where(rule_edit.c.rule == rule)))


def versions(connection: Connection, rule: str) -> list[Row[Any]]:
    """Every version of a rule, newest first."""
    query = select(rule_version).where(rule_version.c.rule == rule).order_by(rule_version.c.number.desc())
    return list(connection.execute(query))


def fired(connection: Connection, since: int) -> dict[str, tuple[int, int]]:
    """Rule -> (open now, episodes since an instant)."""
    c = episode.c
    query = select(
        c.rule, func.count().filter(c.closed_at.is_(None)), func.count().filter(c.fired_at >= since)
    ).group_by(c.rule)  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def newest_period(connection: Connection, indicator: str, grain: str, until: int) -> int | None:
    query = select(func.max(chosen.c.period_start)).join(series, series.c.id == chosen.c.series_id)
    query = query.where(series.c.indicator == indicator, series.c.grain == grain)
    return connection.execute(query.where(chosen.c.period_start <= until)).scalar()


Course = Sequence[Any]
"""Figures of one series, oldest first: (series, period start, num, den, n, apart, status)."""


def series_after(connection: Connection, indicator: str, grain: str, after: int) -> Iterator[Any]:
    """(number, department, region, dims) of the series of an indicator behind a number, read a thousand at a time."""
    c = series.c
    mine = select(c.id, c.department_id, c.region_id, c.dims).where(c.indicator == indicator, c.grain == grain).order_by(c.id)
    while rows := connection.execute(mine.where(c.id > after).limit(1000)).fetchall():
        yield from rows
        after = rows[-1][0]


@dataclass(frozen=True, slots=True)
class Bound:
    """A threshold as fractions of whole numbers: of num / den, and of a num that stands alone."""

    below: bool
    rate: tuple[int, int]
    whole: tuple[int, int]

    def met(self, num: int | None, den: int | None) -> bool:
        """May a figure of these parts breach it? One at the bound may."""
        if num is None:
            return False
        left, right = (num * self.whole[1], self.whole[0]) if den is None else (num * self.rate[1], den * self.rate[0])
        return left <= right if self.below else left >= right

    def passed(self, num: int | None, den: int | None) -> bool:
        """Does a figure of these parts surely breach it? One at the bound may not."""
        if num is None or den == 0:
            return False
        left, right = (num * self.whole[1], self.whole[0]) if den is None else (num * self.rate[1], den * self.rate[0])
        return left < right if self.below else left > right

    @property
    def small(self) -> bool:
        """Products with it stay within 64 bits."""
        return all(abs(part) < 10**6 for part in (*self.rate, *self.whole))


def may_breach(
    connection: Connection, series_ids: Sequence[int], version: int, since: int, until: int, bounds: Sequence[Bound]
) -> list[int]:
    """Those of the series of which any figure in [since, until] may breach a bound; a figure at it counts."""
    if not all(bound.small for bound in bounds):
        return list(series_ids)
    c = chosen.c
    met = []
    for bound in bounds:
        left, right = c.num * bound.rate[1], c.den * bound.rate[0]
        alone, whole = c.num * bound.whole[1], bound.whole[0]
        met.append(and_(c.den.is_not(None), left <= right if bound.below else left >= right))
        met.append(and_(c.den.is_(None), alone <= whole if bound.below else alone >= whole))
    query = select(c.series_id).where(
        c.series_id.in_(list(series_ids)), c.version == version, c.period_start.between(since, until), or_(*met)
    )
    return list(connection.execute(query.distinct()).scalars())


def courses(
    connection: Connection, series_ids: Sequence[int], version: int, since: int, until: int
) -> Iterator[tuple[int, Course]]:
    """(series, its figures in [since, until], oldest first). Bare rows: most of them are never looked at closer."""
    c = chosen.c
    query = (
        select(c.series_id, c.period_start, c.num, c.den, c.n, c.apart, c.status)
        .where(c.series_id.in_(list(series_ids)), c.version == version, c.period_start.between(since, until))
        .order_by(c.series_id, c.period_start)
    )
    rows = connection.execute(query).fetchall()
    for number, mine in groupby(rows, key=itemgetter(0)):
        yield number, list(mine)
