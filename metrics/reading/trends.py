"""Figures of one series over time: as they stand, or as they were known at a revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from metrics import periods
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
from metrics.model import Indicator
from metrics.reading.absent import absent
from metrics.reading.cards import SPARK, make_cell, recent, running_start
from metrics.reading.standing import first_period, in_force, kept
from metrics.store import cells
from metrics.values import Values


def trend(
    ask: Ask,
    series: Series,
    count: int = SPARK,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    ended_by: datetime | None = None,
) -> list[Cell]:
    """The last settled periods and the running one, oldest first: the last `count` that start before `until`, of them those from
    `since` on, none before the first the indicator has any figure of. With `ended_by` the last that had ended by then, and none
    that runs.

    A period without a figure is a cell without a value; of cases whose source answered after the period it is a real zero.
    With `ask.revision` every figure is what was known then, evaluated at `ask.now`, which is to be the instant of it.
    """
    indicator = ask.workspace.indicators[series.indicator]
    starts = recent(ask, indicator, series.grain, count, ended_by, until)
    running = running_start(ask, indicator, series.grain) if ended_by is None else None
    if running is not None and running not in starts:
        starts.append(running)
    low = min(starts)
    if since is not None:
        low = max(periods.to_us(since), first_period(ask, indicator, series.grain) or 0)
    high = periods.to_us(until) if until is not None else max(starts) + 1
    wanted = [start for start in starts if low <= start < high]
    key = (series.department, series.region, series.dims)
    found = {row.period_start: row for row in kept(ask, indicator, series.grain, wanted, [key])} if wanted else {}
    empty = _absent(ask, indicator, series, [start for start in wanted if start not in found])
    rows = [(start, found.get(start)) for start in wanted]
    return [make_cell(ask, indicator, series, start, row, row.values if row else empty[start]) for start, row in rows]


def _absent(ask: Ask, indicator: Indicator, series: Series, starts: Sequence[int]) -> dict[int, Values]:
    """What stands where no figure is kept, by the version in force for each period: a median of nothing is no zero."""
    found: dict[int, Values] = {}
    for version, some in in_force(ask, indicator, series.grain, starts).items():
        found |= absent(ask, ask.workspace.meant(indicator.key, version), series, some)
    return found


def first_periods(ask: Ask, indicators: Sequence[str]) -> dict[str, datetime]:
    """Grain -> start of the oldest period of which there is any figure of these indicators."""
    return {grain: periods.from_us(at) for grain, at in cells.first_periods(ask.connection, indicators).items()}


def since_first(found: Sequence[Cell]) -> list[Cell]:
    """Without the periods before anything was known of the series."""
    first = next((spot for spot, cell in enumerate(found) if cell.revision or cell.status not in ("M", "L")), len(found))
    return list(found[first:])
