"""Figures of one series over time: as they stand, or as they were known at a revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from metrics import periods
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
from metrics.asof import figures_as_of
from metrics.indicators import records as from_records
from metrics.model import Indicator
from metrics.reading.absent import absent
from metrics.reading.cards import SPARK, kept_of, make_cell, recent, running_start
from metrics.store import cells, scope
from metrics.store.cells import Kept


def trend(
    ask: Ask,
    series: Series,
    count: int = SPARK,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    ended_by: datetime | None = None,
) -> list[Cell]:
    """The last settled periods and the running one, oldest first; of those that start in [since, until), none of them before
    the first the indicator has any figure of. With `ended_by` the last that had ended by then, and none that runs.

    A period without a figure is a cell without a value; of cases whose source answered after the period it is a real zero.
    With `ask.revision` every figure is what was known then, evaluated at `ask.now`, which is to be the instant of it.
    """
    indicator = ask.workspace.indicators[series.indicator]
    starts = recent(ask, indicator, series.grain, count, ended_by)
    running = running_start(ask, indicator, series.grain) if ended_by is None else None
    if running is not None and running not in starts:
        starts.append(running)
    low = min(starts)
    if since is not None:
        low = max(periods.to_us(since), cells.first_period(ask.connection, indicator.key, series.grain) or 0)
    high = periods.to_us(until) if until is not None else max(starts) + 1
    wanted = [start for start in starts if low <= start < high]
    found = _now(ask, indicator, series, wanted) if ask.revision is None else _then(ask, indicator, series, wanted)
    empty = absent(ask, indicator, series, [start for start in wanted if start not in found])
    rows = [(start, found.get(start)) for start in wanted]
    return [make_cell(ask, indicator, series, start, row, row.values if row else empty[start]) for start, row in rows]


def first_periods(ask: Ask, indicators: Sequence[str]) -> dict[str, datetime]:
    """Grain -> start of the oldest period of which there is any figure of these indicators."""
    return {grain: periods.from_us(at) for grain, at in cells.first_periods(ask.connection, indicators).items()}


def since_first(found: Sequence[Cell]) -> list[Cell]:
    """Without the periods before anything was known of the series."""
    first = next((spot for spot, cell in enumerate(found) if cell.revision or cell.status != "M"), len(found))
    return list(found[first:])


def _now(ask: Ask, indicator: Indicator, series: Series, starts: Sequence[int]) -> dict[int, Kept]:
    key = (series.department, series.region, series.dims)
    return {row.period_start: row for row in kept_of(ask, indicator, series.grain, starts, key)} if starts else {}


def _then(ask: Ask, indicator: Indicator, series: Series, starts: Sequence[int]) -> dict[int, Kept]:
    """Summed again from what was known; a stock as it stood at the end of each period."""
    first = cells.first_period(ask.connection, indicator.key, series.grain)
    asked = [start for start in starts if first is not None and start >= first]
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    if not asked or ask.revision is None or not within.holds(series.department, series.region):
        return {}
    key = (series.department, series.region, series.dims)
    groups = [(asked, ask.now)]
    if indicator.measure.stock:
        ends = [periods.bounds(series.grain, periods.from_us(start), ask.workspace.zone)[1] for start in asked]
        groups = [([start], min(end, ask.now)) for start, end in zip(asked, ends, strict=True)]
    # A sum over no case at all is not yet a zero: `absent` knows whether the source had answered.
    nothing = from_records.zero(indicator) if indicator.measure.from_records else None
    found: dict[int, Kept] = {}
    for some, at in groups:
        then = figures_as_of(ask.connection, ask.workspace, indicator.key, series.grain, some, ask.revision, at)
        for start in some:
            values = then.get((key, start))
            if values is not None and values != nothing:
                found[start] = Kept(key, start, indicator.version, values, ask.revision, periods.to_us(at))
    return found
