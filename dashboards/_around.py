"""The figures around an order or an alert: from some periods before it until it was over, whatever came after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from metrics import periods, reading
from metrics.answers import Ask, Cell
from metrics.arrivals import Series

FIRST, LAST = 60, 180
"""Of more periods than both these are so many of its beginning and of its end: a month of five minutes is 9 000."""


@dataclass(frozen=True)
class Around:
    cells: list[Cell]
    """Settled ones, oldest first."""
    left_out: int = 0
    """How many periods between two of them are not among them."""
    gap: datetime | None = None
    """Where those would begin."""


def around(ask: Ask, series: Series, since: datetime, over: datetime | None, before: int) -> Around:
    """From `before` periods before `since` to the last that had ended when it was over; None: to the newest.

    Of a stock the period in which it was over is one of them: by its figure it was judged."""
    grain, zone = series.grain, ask.workspace.zone
    if grain == "all":
        return Around(_settled(reading.trend(ask, series)))
    begin = periods.bounds(grain, since, zone)[0]
    for _ in range(before):
        begin = periods.previous(grain, begin, zone) or begin
    if over is not None and ask.workspace.indicators[series.indicator].measure.stock:
        over = periods.bounds(grain, over, zone)[1]
    last = _settled(reading.trend(ask, series, LAST, since=begin, ended_by=over))
    starts = list(islice(periods.starts(grain, begin, last[0].period_start, zone), FIRST)) if last else []
    if not starts:
        return Around(last)
    ended_by = periods.bounds(grain, starts[-1], zone)[1]
    first = _settled(reading.trend(ask, series, FIRST, since=begin, ended_by=ended_by))
    left_out = periods.count(grain, ended_by, last[0].period_start, zone)
    return Around([*first, *last], left_out, ended_by if left_out else None)


def _settled(cells: Iterable[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.settled]
