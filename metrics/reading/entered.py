"""The values a figure is made of, where it has no cases behind it: what sources reported, or the figures of other indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from metrics import periods
from metrics.answers import Ask, Cell, Entered
from metrics.arrivals import Series
from metrics.indicators import fold, observed
from metrics.model import Grain, Indicator
from metrics.reading.absent import absent
from metrics.reading.cards import make_cell
from metrics.reading.coverage import leaves_of
from metrics.reading.standing import in_force, kept
from metrics.store import observations, rulings, scope
from metrics.store.rulings import Ruled
from metrics.store.series import Key
from metrics.values import Values, display, only_rate


def entered(ask: Ask, series: Series, period_start: datetime) -> list[Entered]:
    """All that entered one figure, at `ask.revision`; out of the asker's scope it is as if there were nothing.

    Of reported figures each feed is named, the one used and those that stood aside; a place that reported nothing is a value
    that is missing. Of a derived one the figures of its inputs, in the order of its formula.
    """
    version = next(iter(in_force(ask, ask.workspace.indicators[series.indicator], series.grain, [periods.to_us(period_start)])))
    ask = replace(ask, workspace=ask.workspace.under(series.indicator, version))
    indicator = ask.workspace.indicators[series.indicator]
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    if not within.holds(series.department, series.region) or indicator.measure.from_records:
        return []
    start = periods.to_us(period_start)
    if indicator.measure.inputs:
        return _inputs(ask, indicator, series, start)
    return _reported(ask, indicator, series, start)


def versions(values: Sequence[Entered]) -> list[int]:
    """The versions of its definition under which the values of one sum were reported; one, unless they are mixed."""
    return sorted({one.cell.version for one in values if one.used and one.source is not None})


def _reported(ask: Ask, indicator: Indicator, series: Series, start: int) -> list[Entered]:
    grain = series.grain
    here: Key = (series.department, series.region, series.dims)
    rows = observed.told(ask.connection, ask.workspace, indicator, grain, [start], ask.revision)
    by_key: dict[Key, list[observations.Reported]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    ruled = rulings.in_force(ask.connection, indicator.key, grain, ask.revision)
    used = {key: observed.choose(indicator, many, rulings.covering(ruled, key, start)) for key, many in by_key.items()}
    told = {key for key, row in used.items() if observed.there(row.values)}
    keys = observed.made_of(indicator, here, leaves_of(ask, indicator, grain, here, start, told), used)
    on = None if grain == "all" else periods.local_date(periods.from_us(start), ask.workspace.zone)
    found: list[Entered] = []
    for key in keys:
        many = by_key.get(key, [])
        if not many and not fold.there(ask.workspace, key, on):
            continue
        if not many:
            missing = _cell(ask, indicator, grain, key, start, Values(None, status="M"), 0)
            found.append(Entered(missing, None, None, True))
            continue
        decided = rulings.covering(ruled, key, start)
        for row in sorted(many, key=lambda row: row is not used[key]):
            cell = replace(_cell(ask, indicator, grain, key, start, row.values, row.known_from), version=row.version)
            found.append(Entered(cell, row.source, row.run_id, row is used[key], _stead(indicator, row.source, decided)))
    return found


def _stead(indicator: Indicator, source: str, decided: Ruled | None) -> str:
    if decided is not None and decided.source == source:
        return "ruled"
    first = decided.source if decided is not None else next(iter(indicator.feeds), source)
    return "" if source == first else "stand_in"


def _inputs(ask: Ask, indicator: Indicator, series: Series, start: int) -> list[Entered]:
    zone, starts = ask.workspace.zone, [start]
    if indicator.measure.kind == "increase":
        before = periods.previous(series.grain, periods.from_us(start), zone)
        starts = [*([periods.to_us(before)] if before is not None else []), start]
    here: Key = (series.department, series.region, series.dims)
    found = []
    for name in indicator.measure.inputs:
        part = ask.workspace.indicators[name]
        for one in starts:
            found.append(Entered(_figure(ask, part, series.grain, here, one, start), None, None, True))
    return found


def _figure(ask: Ask, part: Indicator, grain: Grain, here: Key, start: int, like: int) -> Cell:
    """The input's own figure: as it stood at the revision asked for, with the stamp of now where it has not moved since; by
    the version of its definition in force for the period `like`."""
    rows = kept(replace(ask, alike=False), part, grain, [start], [here], scope.WHOLE, like=like)
    row, series = rows[0] if rows else None, _series(part, grain, here)
    values = row.values if row else absent(replace(ask, alike=False), part, series, [start])[start]
    return make_cell(ask, part, series, start, row, values)


def _cell(ask: Ask, indicator: Indicator, grain: Grain, key: Key, start: int, values: Values, revision: int) -> Cell:
    first, end = periods.bounds(grain, periods.from_us(start), ask.workspace.zone)
    return Cell(
        series=_series(indicator, grain, key), period_start=first, period_end=end, version=indicator.version, num=values.num,
        den=values.den, n=values.n, apart=values.apart, status=values.status, have=values.have, want=values.want,
        revision=revision, evaluated_at=ask.now, settled=end <= ask.now, value=display(indicator, values),
        only_rate=only_rate(indicator, values),
    )  # fmt: skip


def _series(indicator: Indicator, grain: Grain, key: Key) -> Series:
    return Series(indicator.key, grain, *key)
