"""Cards: one figure with all that stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from metrics import periods, status
from metrics.answers import Ask, Card, Cell
from metrics.arrivals import Series
from metrics.comparing import Compared, compare
from metrics.indicators import records as from_records
from metrics.model import TOTAL, Cut, Grain, Indicator
from metrics.reading.absent import MISSING, absent
from metrics.reading.freshness import behind
from metrics.reading.marks import marked
from metrics.reading.recomputing import recomputing
from metrics.reading.standing import in_force, kept, meant
from metrics.recompute import settled_before
from metrics.store import cells
from metrics.store.kept import Kept
from metrics.store.series import Key
from metrics.values import Values, display, only_rate

SPARK = 30


def opening(ask: Ask) -> tuple[str, str]:
    """The (department, region) a person opens on: the whole, or the first subtree of their scope."""
    return ask.who.departments[0] if ask.who.departments else TOTAL, ask.who.regions[0] if ask.who.regions else TOTAL


def card(
    ask: Ask,
    key: str,
    department: str | None = None,
    region: str | None = None,
    *,
    beside: bool = True,
    ended_by: datetime | None = None,
) -> Card:
    """The anatomy of one number for one place; without a place, for the whole of the asker's scope.

    ended_by: of the last period that had ended by then, judged as it stands; how its source does today says nothing about it.
    A figure to date has no past, so its next grain is shown.
    """
    indicator = ask.workspace.indicators[key]
    own_department, own_region = opening(ask)
    place = (department or own_department, region or own_region, "{}")
    grain = grain_for(indicator, place, to_date=ended_by is None)
    starts = recent(ask, indicator, grain, SPARK, ended_by)
    runs = running_start(ask, indicator, grain) if ended_by is None else None
    wanted = [*starts, *([runs] if runs is not None else [])]
    found = {row.period_start: row for row in kept(ask, indicator, grain, wanted, [place], like=starts[-1])}
    series = Series(key, grain, *place)
    data = behind(ask, indicator, series)
    health = data.health if ended_by is None else "FRESH"
    shown = starts[-1]
    was = meant(ask, indicator, grain, shown)
    empty = absent(ask, was, series, [start for start in starts if start not in found])

    def standing(start: int) -> Values | None:
        values = found[start].values if start in found else empty[start]
        return None if values is MISSING else values

    values = standing(shown)
    cell = _cell(ask, indicator, series, shown, found.get(shown), values)
    running = found.get(runs) if runs is not None else None
    period = on_period(ask, was, series, shown, values, standing(starts[-2]) if len(starts) > 1 else None)
    year = on_year(ask, was, series, shown, values)
    return Card(
        indicator=was,
        series=series,
        place_name=_place_name(ask, place),
        cell=marked(ask, [cell])[0] if cell is not None else None,
        running=_cell(ask, indicator, series, runs, running, running.values) if running and runs else None,
        state=status.state(was, values, health),
        health=health,
        on_period=period.change,
        on_year=year.change,
        no_period=period.without,
        no_year=year.without,
        spark=[display(was, past) if (past := standing(start)) is not None else None for start in starts],
        collected_at=data.collected,
        recomputing=recomputing(ask, indicator),
        expected=data.due if ended_by is None else None,
        beside=card(ask, indicator.beside, *place[:2], beside=False, ended_by=ended_by) if beside and indicator.beside else None,
    )


def recent(
    ask: Ask, indicator: Indicator, grain: Grain, count: int, ended_by: datetime | None = None, until: datetime | None = None
) -> list[int]:  # fmt: skip
    """Starts of the last settled periods, oldest first; of a stock up to the one that runs. `ended_by`: none that ended later;
    `until`: none that starts at it or later."""
    if grain == "all":
        return [from_records.EPOCH]
    zone = ask.workspace.zone
    limit = periods.from_us(settled_before(ask.workspace, indicator, grain, ask.now))
    newest: datetime | None = periods.bounds(grain, ask.now, zone)[0] if indicator.measure.stock else None
    if newest is None:
        newest = periods.previous(grain, limit, zone)
    if newest is not None and ended_by is not None:
        past = periods.previous(grain, periods.bounds(grain, ended_by, zone)[0], zone)
        newest = min(newest, past) if past is not None else newest
    if newest is not None and until is not None and newest >= until:
        newest = periods.previous(grain, until, zone)
    found: list[int] = []
    while newest is not None and len(found) < count:
        found.append(periods.to_us(newest))
        newest = periods.previous(grain, newest, zone)
    return found[::-1]


def grain_for(indicator: Indicator, place: Key, *, to_date: bool = True) -> Grain:
    """The first grain with figures for this kind of place; unless asked for, not `all`, where there is another."""
    needed = (place[0] != TOTAL, place[1] != TOTAL)
    for grain in indicator.grains if to_date else [grain for grain in indicator.grains if grain != "all"]:
        if needed in _kinds(indicator.cuts.get(grain, ())):
            return grain
    return indicator.grains[0]


@cache
def _kinds(cuts: Sequence[Cut]) -> frozenset[tuple[bool, bool]]:
    """Of the places cuts are by: whether of some department, and whether of some region. All are of the whole too."""
    by = {("department" in cut, any(name != "department" for name in cut)) for cut in cuts}
    return frozenset(by | {(False, False)})


def running_start(ask: Ask, indicator: Indicator, grain: Grain) -> int | None:
    """Of the period that runs; None for a stock, whose newest figure is of it, and for what is to date."""
    if indicator.measure.stock or grain == "all":
        return None
    return periods.to_us(periods.bounds(grain, ask.now, ask.workspace.zone)[0])


def _cell(ask: Ask, indicator: Indicator, series: Series, start: int, row: Kept | None, values: Values | None) -> Cell | None:
    if values is None:
        return None
    return make_cell(ask, indicator, series, start, row, values)


def make_cell(ask: Ask, indicator: Indicator, series: Series, start: int, row: Kept | None, values: Values) -> Cell:
    first, end = periods.bounds(series.grain, periods.from_us(start), ask.workspace.zone)
    version = row.version if row else next(iter(in_force(ask, indicator, series.grain, [start])))
    was = ask.workspace.meant(indicator.key, version)
    put_right = row.corrected if row and not was.measure.stock and series.grain != "all" else None
    return Cell(
        series=series, period_start=first, period_end=end, version=version,
        num=values.num, den=values.den, n=values.n, apart=values.apart, status=values.status, have=values.have,
        want=values.want, revision=row.revision if row else 0,
        evaluated_at=periods.from_us(row.evaluated_at) if row else ask.now,
        settled=start < settled_before(ask.workspace, indicator, series.grain, ask.now), value=display(was, values),
        corrected=periods.from_us(put_right) if put_right is not None else None, only_rate=only_rate(was, values),
    )  # fmt: skip


def changes(ask: Ask, series: Series, shown: Cell, line: Sequence[Cell]) -> tuple[Compared, Compared]:
    """A figure against the period before (a cell of `line`) and against the same period of the year before, by the version of
    the figure."""
    indicator, start = ask.workspace.meant(series.indicator, shown.version), periods.to_us(shown.period_start)
    past = periods.previous(series.grain, shown.period_start, ask.workspace.zone)
    before = next((one for one in line if one.period_start == past), None)
    now, was = _values(shown), _values(before) if before is not None else None
    if before is not None and before.version != shown.version:
        key = (series.department, series.region, series.dims)
        rows = kept(ask, indicator, series.grain, [periods.to_us(before.period_start)], [key], like=start)
        was = rows[0].values if rows else None
    return (
        on_period(ask, indicator, series, start, now, was),
        on_year(ask, indicator, series, start, now),
    )


def _values(cell: Cell) -> Values:
    return Values(cell.num, cell.den, cell.n, cell.apart, cell.status)


def on_period(ask: Ask, indicator: Indicator, series: Series, start: int, now: Values | None, before: Values | None) -> Compared:
    """Against the period before (`before`: its figure where there is one)."""
    zone = ask.workspace.zone
    past = periods.previous(series.grain, periods.from_us(start), zone)
    return _against(ask, indicator, series, now, before, past)


def on_year(ask: Ask, indicator: Indicator, series: Series, start: int, now: Values | None) -> Compared:
    """Against the same period of the year before."""
    past = periods.year_before(series.grain, periods.from_us(start), ask.workspace.zone)
    if past is None:
        return Compared(None, "missing")
    key = (series.department, series.region, series.dims)
    rows = kept(ask, indicator, series.grain, [periods.to_us(past)], [key], like=start)
    return _against(ask, indicator, series, now, rows[0].values if rows else None, past)


def _against(
    ask: Ask, indicator: Indicator, series: Series, now: Values | None, before: Values | None, past: datetime | None
) -> Compared:
    found = compare(indicator, now, before)
    if found.without != "missing" or past is None or ask.workspace.indicators[indicator.key].version == 1:
        return found
    key = (series.department, series.region, series.dims)
    others = cells.versions(ask.connection, indicator.key, series.grain, key, periods.to_us(past)) - {indicator.version}
    return compare(indicator, now, before, other_version=bool(others) and before is None)


def _place_name(ask: Ask, place: Key) -> dict[str, str] | None:
    department, region, _ = place
    if department == TOTAL and region == TOTAL:
        return None
    names = [
        tree.get(one).name
        for tree, one in ((ask.workspace.regions, region), (ask.workspace.departments, department))
        if one != TOTAL and one in tree
    ]
    return {language: "·".join(name[language] for name in names) for language in ask.workspace.languages}
