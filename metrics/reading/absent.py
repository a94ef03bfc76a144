"""What stands where no figure is kept: no case was counted though the source answered, which is a real zero, or nothing came, or
what came was let go of after a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from metrics import periods, silent
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.indicators import records as from_records
from metrics.model import TOTAL, Grain, Indicator
from metrics.reading import resting
from metrics.reading.freshness import source_health
from metrics.reading.standing import first_period, then
from metrics.store import cells, retention, scope
from metrics.store.scope import Scope
from metrics.values import LET_GO, Values

MISSING = Values(None, status="M")


def absent(ask: Ask, indicator: Indicator, series: Series, starts: Sequence[int]) -> dict[int, Values]:
    """Of periods without a figure. A zero only where figures are made for this kind of place, since the first of the indicator,
    and where the source answered after the period had ended (what is to date: at all; a stock: where others have one)."""
    return of_many(ask, indicator, series.grain)(series, starts) if starts else {}


def of_many(ask: Ask, indicator: Indicator, grain: Grain) -> Callable[[Series, Sequence[int]], dict[int, Values]]:
    """The same for many series of an indicator and grain: what all of them rest on is looked up once."""
    kept, before = _of_kept(ask, indicator, grain), retention.let_go_before(ask.connection, ask.workspace.key, grain)
    if not before:
        return kept

    def of(series: Series, starts: Sequence[int]) -> dict[int, Values]:
        later = kept(series, [start for start in starts if start >= before])
        return {start: later.get(start, LET_GO) for start in starts}

    return of


def _of_kept(ask: Ask, indicator: Indicator, grain: Grain) -> Callable[[Series, Sequence[int]], dict[int, Values]]:
    if resting.on_counts(ask.workspace, indicator):
        return partial(_of_inputs, ask, indicator, grain)
    first = first_period(ask, indicator, grain) if indicator.measure.from_records else None
    collected = source_health(ask, indicator)[1] if first is not None else None
    if first is None or collected is None:
        return lambda series, starts: dict.fromkeys(starts, MISSING)
    since, answered, zero = first, collected, from_records.zero(indicator)
    silent_since = silent.after(ask.connection, ask.workspace, indicator, ask.now, then(ask))
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)

    def of(series: Series, starts: Sequence[int]) -> dict[int, Values]:
        if not starts or not _made_for(ask, indicator, series, within):
            return dict.fromkeys(starts, MISSING)
        if indicator.measure.stock:
            there = {at for _, at in cells.known(ask.connection, indicator.key, grain, indicator.version, starts)}
            return {start: zero if start in there else MISSING for start in starts}
        return {
            start: zero
            if start >= since
            and (grain == "all" or answered >= _end(ask, series, start))
            and not silent.unknown(indicator, grain, start, silent_since)
            else MISSING
            for start in starts
        }

    return of


def _of_inputs(ask: Ask, indicator: Indicator, grain: Grain, series: Series, starts: Sequence[int]) -> dict[int, Values]:
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    if not starts or not _made_for(ask, indicator, series, within):
        return dict.fromkeys(starts, MISSING)
    here = (series.department, series.region, series.dims)
    made = resting.figures(ask, indicator, grain, here, starts)
    return {start: made.get(start, MISSING) for start in starts}


def _made_for(ask: Ask, indicator: Indicator, series: Series, within: Scope) -> bool:
    if series.dims != "{}" or not within.holds(series.department, series.region):
        return False
    kind = {"department"} if series.department != TOTAL else set()
    if series.region != TOTAL:
        kind.add(ask.workspace.regions.get(series.region).level)
    return not kind or any(set(cut) == kind for cut in indicator.cuts.get(series.grain, ()))


def _end(ask: Ask, series: Series, start: int) -> datetime:
    return periods.bounds(series.grain, periods.from_us(start), ask.workspace.zone)[1]
