"""Sums over records by leaf (department, region, category): what every figure computed from cases is folded from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from metrics.model import Part
from metrics.periods import to_us
from metrics.store import predicates
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


Leaf = tuple[str, str, str]
"""(department, region, category)."""


def by_leaf(
    connection: Connection,
    source: str,
    wanted: Sequence[Wanted],
    span: Span,
    at: datetime,
    revision: int | None = None,
    by_category: bool = False,
) -> Iterator[tuple[Leaf, tuple[int, ...]]]:
    """Leaf -> one integer a wanted number. All of `wanted` share an anchor, so one scan serves them."""
    where, columns = _columns(wanted, span, at)
    category: Any = rv.c.category if by_category else None
    keys = [rv.c.department_id, rv.c.region_id, *([category] if by_category else [])]
    query = select(*keys, *columns).where(rv.c.source == source, predicates.visible(revision), where).group_by(*keys)
    width = len(keys)
    for row in connection.execute(query):
        leaf = (row[0], row[1], row[2] if by_category else "")
        yield leaf, tuple(int(value or 0) for value in row[width:])


def by_day_and_leaf(
    connection: Connection,
    source: str,
    wanted: Sequence[Wanted],
    days: Sequence[int],
    at: datetime,
    revision: int | None = None,
    by_category: bool = False,
) -> Iterator[tuple[int, Leaf, tuple[int, ...]]]:
    """The same for many single days in one scan: (day, leaf, integers)."""
    anchor = wanted[0].part.anchor
    assert anchor is not None
    day = rv.c[f"{anchor}_day"]
    _, columns = _columns(wanted, predicates.EVERYTHING, at)
    keys = [day, rv.c.department_id, rv.c.region_id, *([rv.c.category] if by_category else [])]
    where = [rv.c.source == source, predicates.visible(revision), rv.c[anchor] <= to_us(at)]
    where.append(day == days[0] if len(days) == 1 else and_(day >= min(days), day <= max(days)))
    width = len(keys)
    few = set(days)
    for row in connection.execute(select(*keys, *columns).where(*where).group_by(*keys)):
        if row[0] in few:
            yield row[0], (row[1], row[2], row[3] if by_category else ""), tuple(int(value or 0) for value in row[width:])


def amounts(
    connection: Connection, source: str, wanted: Wanted, span: Span, at: datetime, revision: int | None = None
) -> Iterator[tuple[Leaf, int]]:
    """Every single amount, for measures that do not add up (a median)."""
    value = predicates.amount(wanted.field, wanted.decimals)
    query = select(rv.c.department_id, rv.c.region_id, rv.c.category, value).where(
        rv.c.source == source, predicates.visible(revision), predicates.behind(wanted.part, span, at), value.is_not(None)
    )
    for department, region, category, one in connection.execute(query):
        yield (department, region, category), int(one)


def _columns(wanted: Sequence[Wanted], span: Span, at: datetime) -> tuple[ColumnElement[bool], list[ColumnElement[Any]]]:
    moment = to_us(at)
    anchor = wanted[0].part.anchor
    if all(one.stock for one in wanted):
        where = or_(rv.c.closed.is_(None), rv.c.closed > moment)
    else:
        where = predicates.in_span(anchor, span, moment) if anchor else and_(True)
    return where, [_sum(one, moment) for one in wanted]


def _sum(one: Wanted, at: int) -> ColumnElement[Any]:
    met = predicates.conditions(one.part, at)
    if one.stock:
        met.append(predicates.open_at(at) if one.stock == "open" else predicates.overdue_at(at))
    value: Any = predicates.amount(one.field, one.decimals) if one.field else 1
    return func.sum(case((and_(*met), value), else_=0)) if met else func.sum(value)
