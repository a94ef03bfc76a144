"""Measures that neither add up nor average: median, percentile, distinct. Each level is made of the values of its own cases."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators import fold
from metrics.model import Grain, Indicator
from metrics.store import sums
from metrics.store.cells import Place
from metrics.store.predicates import Span
from metrics.store.series import Key
from metrics.store.sums import Leaf, Wanted
from metrics.values import Values

V = TypeVar("V", bound=Hashable)


def figures(
    connection: Connection,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    start: int,
    span: Span,
    at: datetime,
    revision: int | None,
) -> dict[Place, Values]:
    """The figures of one period at every level; a level without any case is not there, but for the whole."""
    from metrics.indicators.records import at_event, counted, zero

    measure, source = indicator.measure, indicator.source or ""
    wanted = Wanted(counted(measure), measure.field, indicator.decimals, at_event=at_event(indicator))
    read = sums.spread if measure.kind == "distinct" else sums.amounts
    rows = read(connection, source, wanted, span, at, revision)
    found = _by_level(workspace, indicator, grain, start, rows)  # type: ignore[arg-type]
    return {(key, start): _value(indicator, many) if many else zero(indicator) for key, many in found.items()}


def _by_level(
    workspace: Workspace, indicator: Indicator, grain: Grain, start: int, rows: Iterator[tuple[Leaf, V, int]]
) -> dict[Key, dict[V, int]]:
    on = None if grain == "all" else periods.local_date(periods.from_us(start), workspace.zone)
    above = fold.above(workspace, indicator.cuts.get(grain, ()), on, fold.of_category)
    found: dict[Key, dict[V, int]] = {fold.WHOLE: {}}
    for leaf, one, number in rows:
        for key in above[leaf]:
            many = found.get(key)
            if many is None:
                found[key] = {one: number}
            else:
                many[one] = many.get(one, 0) + number
    return found


def _value(indicator: Indicator, many: dict[V, int]) -> Values:
    measure, total = indicator.measure, sum(many.values())
    if measure.kind == "distinct":
        return Values(len(many), n=total)
    amounts: Mapping[int, int] = many  # type: ignore[assignment]
    return Values(
        median(amounts) if measure.kind == "median" else percentile(amounts, measure.number or Decimal(50)), None, total
    )


def median(many: Mapping[int, int]) -> int:
    """Of amounts counted by value: the middle one, or half way between the two in the middle."""
    total, passed, low = sum(many.values()), 0, None
    for amount in sorted(many):
        passed += many[amount]
        if low is None and passed * 2 >= total:
            low = amount
        if low is not None and passed * 2 > total:
            return round((low + amount) / 2)
    raise ValueError("the median of nothing")


def percentile(many: Mapping[int, int], share: Decimal) -> int:
    """By the nearest rank: the least amount that at least `share` per cent of the cases do not exceed."""
    total, passed = sum(many.values()), 0
    for amount in sorted(many):
        passed += many[amount]
        if passed * 100 >= share * total:
            return amount
    raise ValueError("a percentile of nothing")
