"""Sums over records by leaf (department, region, category): what every figure computed from cases is folded from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, bindparam, case, cast, func, literal, or_, select

from metrics.model import Part
from metrics.periods import to_us
from metrics.store import places, predicates
from metrics.store.predicates import Span
from metrics.tables import record_version as rv


@dataclass(frozen=True, slots=True)
class Wanted:
    """One number wanted of every leaf: how many records, or the sum of an amount over them."""

    part: Part
    field: str = ""
    decimals: int = 0
    stock: str = ""
    """`open` or `overdue`: as they stand at the instant, whatever the period."""
    at_event: bool = False
    """By where the case was at its anchor, not by where it is."""

    @property
    def event(self) -> str | None:
        return self.part.anchor if self.at_event else None


Leaf = tuple[str, str, str]
"""(department, region, category)."""
Row = tuple[Leaf, Sequence[int]]
"""A leaf and one integer for each number wanted."""
DAYS_AT_ONCE = 400


def by_leaf(
    connection: Connection,
    source: str,
    wanted: Sequence[Wanted],
    span: Span,
    at: datetime,
    revision: int | None = None,
    by_category: bool = False,
) -> list[Row]:
    """All of `wanted` share an anchor and where a case counts, so one scan serves them."""
    values: dict[str, int] = {"at": to_us(at)}
    if revision is not None:
        values["k"] = revision
    if span.first_day is not None and span.last_day is not None:
        values |= {"low": span.first_day, "high": span.last_day}
    elif not span.everything:
        values |= {"low": span.start, "high": span.end}
        values |= {"first": span.within[0], "last": span.within[1]} if span.within is not None else {}
    kind = (
        "all" if span.everything else ("days" if span.first_day is not None else "instants" if span.within is None else "within")
    )
    query = _by_leaf(source, tuple(wanted), kind, revision is not None, by_category)
    rows = connection.execute(query, values).all()
    return [(row[:3], row[3:]) for row in rows]


def by_day(
    connection: Connection,
    source: str,
    wanted: Sequence[Wanted],
    days: Sequence[int],
    at: datetime,
    revision: int | None = None,
    by_category: bool = False,
) -> dict[int, list[Row]]:
    """`by_leaf` of many local days (ordinals) in one scan; none of `wanted` is a stock."""
    found: dict[int, list[Row]] = defaultdict(list)
    values: dict[str, int] = {"at": to_us(at)} | ({} if revision is None else {"k": revision})
    query = _by_leaf(source, tuple(wanted), "each", revision is not None, by_category)
    for start in range(0, len(days), DAYS_AT_ONCE):
        some = {"each": list(days[start : start + DAYS_AT_ONCE])}
        for row in connection.execute(query, values | some).all():
            found[row[0]].append((row[1:4], row[4:]))
    return found


@lru_cache(maxsize=2048)
def _by_leaf(source: str, wanted: tuple[Wanted, ...], kind: str, as_of: bool, by_category: bool) -> Select[Any]:
    """Made once: the same sums are asked for at every arrival."""
    at: Any = bindparam("at", type_=BigInteger)
    anchor = wanted[0].part.anchor
    where: ColumnElement[bool] = and_(True)
    if all(one.stock for one in wanted):
        where = or_(rv.c.closed.is_(None), rv.c.closed > at)
    elif anchor:
        column = rv.c[f"{anchor}_day"] if kind in ("days", "each") else rv.c[anchor]
        low, high = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
        inside = {
            "all": column.is_not(None),
            "days": column.between(low, high),
            "each": column.in_(bindparam("each", expanding=True)),
            "instants": and_(column >= low, column < high),
            "within": and_(rv.c[f"{anchor}_day"].between(bindparam("first"), bindparam("last")), column >= low, column < high),
        }[kind]
        where = and_(inside, rv.c[anchor] <= at)
    keys: list[Any] = [rv.c[f"{anchor}_day"]] if kind == "each" else []
    keys += [*_where(wanted[0]), *([rv.c.category] if by_category else [])]
    shown = keys if by_category else [*keys, literal("")]
    known: Any = predicates.visible(bindparam("k", type_=BigInteger) if as_of else None)
    return select(*shown, *(_sum(one, at) for one in wanted)).where(rv.c.source == source, known, where).group_by(*keys)


def amounts(
    connection: Connection, source: str, wanted: Wanted, span: Span, at: datetime, revision: int | None = None
) -> Iterator[tuple[Leaf, int, int]]:
    """Every amount and how many records have it, for measures that do not add up (a median)."""
    inner = select(*_where(wanted), rv.c.category, predicates.amount(wanted.field, wanted.decimals).label("amount")).where(
        rv.c.source == source, predicates.visible(revision), predicates.behind(wanted.part, span, at)
    )
    found = inner.subquery()
    query = select(found, func.count()).where(found.c.amount.is_not(None)).group_by(*found.c)
    for department, region, category, one, number in connection.execute(query).all():
        yield (department, region, category), int(one), number


def spread(
    connection: Connection, source: str, wanted: Wanted, span: Span, at: datetime, revision: int | None = None
) -> Iterator[tuple[Leaf, str, int]]:
    """Every value of a field and how many records have it."""
    inner = select(*_where(wanted), rv.c.category, predicates.said(wanted.field, wanted.event).label("said"))
    inner = inner.where(rv.c.source == source, predicates.visible(revision), predicates.behind(wanted.part, span, at))
    found = inner.subquery()
    query = select(found, func.count()).where(found.c.said.is_not(None)).group_by(*found.c)
    for department, region, category, one, number in connection.execute(query).all():
        yield (department, region, category), one, number


def _where(one: Wanted) -> list[Any]:
    """The department and the region a case counts in."""
    if one.event is None:
        return [rv.c.department_id, rv.c.region_id]
    return [places.of("department_id", one.event).label("of_department"), places.of("region_id", one.event).label("of_region")]


def _sum(one: Wanted, at: Any) -> ColumnElement[Any]:
    met = predicates.conditions(one.part, at)
    if one.stock:
        met.append(predicates.open_at(at) if one.stock == "open" else predicates.overdue_at(at))
    value: Any = predicates.amount(one.field, one.decimals) if one.field else 1
    total: Any = func.sum(case((and_(*met), value), else_=0)) if met else func.sum(value)
    return cast(func.coalesce(total, 0), BigInteger)
