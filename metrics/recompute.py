"""After something is stored, or after time has passed: the figures that are touched are summed afresh, never adjusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators import derived, fold, observed, stocks
from metrics.indicators import records as from_records
from metrics.model import Grain, Indicator
from metrics.store import cells, wakes
from metrics.store.cells import Place
from metrics.store.records import Version
from metrics.store.sheet import Sheet, Stamp
from metrics.values import CellChange, Values

Wanted = dict[tuple[str, Grain], set[int]]
"""(indicator, grain) -> starts of periods in microseconds."""


def after(
    connection: Connection,
    workspace: Workspace,
    source: str,
    records: Sequence[tuple[Version | None, Version]],
    reported: Mapping[tuple[str, str], Iterable[int]],
    revision: int,
    at: datetime,
    *,
    filling: bool = False,
) -> list[CellChange]:
    """Every figure at every level that these changes touch, written to `chosen`; what changed.

    filling: a back-fill, whose units bring a period bit by bit."""
    sheet = Sheet(connection, filling)
    changes: list[CellChange] = []
    if records:
        wanted = touched(workspace, source, records, at)
        changes += of_records(sheet, workspace, source, wanted, revision, at)
        changes += of_earlier(sheet, workspace, source, wanted, revision, at)
        changes += _of_past_stocks(sheet, workspace, source, records, revision, at)
        wake_when_due(connection, workspace, source, at)
    plain = {pair: starts for pair, starts in reported.items() if len(workspace.versions.get(pair[0], ())) < 2}
    made = list(observed.figures_now(connection, workspace, plain))
    sheet.expect(
        {(indicator.key, grain, indicator.version): (numbers, chosen.cells) for indicator, grain, numbers, chosen in made}
    )
    for indicator, grain, _, chosen in made:
        changes += put(sheet, workspace, indicator, grain, chosen.cells, revision, at, chosen.feeds)
    for (key, by), starts in reported.items():
        for was, some in by_version(workspace, key, by, starts) if (key, by) not in plain else ():  # type: ignore[arg-type]
            indicator = was.indicators[key]
            chosen = observed.figures(connection, was, indicator, by, some)  # type: ignore[arg-type]
            changes += put(sheet, was, indicator, by, chosen.cells, revision, at, chosen.feeds)  # type: ignore[arg-type]
    changes += follow(sheet, workspace, changes, revision, at)
    sheet.flush()
    return changes


def by_version(workspace: Workspace, key: str, grain: Grain, starts: Iterable[int]) -> list[tuple[Workspace, list[int]]]:
    """Periods by the definition in force for them: the workspace with that definition, and the periods."""
    found: dict[int, list[int]] = defaultdict(list)
    for start in starts:
        found[workspace.in_force(key, grain, start)].append(start)
    return [(workspace.under(key, version), some) for version, some in found.items()]


def of_earlier(
    sheet: Sheet,
    workspace: Workspace,
    source: str,
    wanted: Mapping[tuple[str, Grain], Iterable[int]],
    revision: int,
    at: datetime,
) -> list[CellChange]:
    """The same periods by the earlier definition that is in force for them: what comes late is late for both, and what time
    changes (a due date that passes, a period that ends) it changes for both. A stock is as at the end of a period that ended."""
    changes: list[CellChange] = []
    for (key, grain), starts in wanted.items():
        for was, some in by_version(workspace, key, grain, starts):
            measure = was.indicators[key].measure
            if was is workspace or not measure.from_records:
                continue
            if not measure.stock:
                changes += of_records(sheet, was, source, {(key, grain): some}, revision, at)
                continue
            for start in some:
                end = periods.bounds(grain, periods.from_us(start), workspace.zone)[1]
                changes += of_records(sheet, was, source, {(key, grain): [start]}, revision, min(end, at))
    return changes


def _of_past_stocks(
    sheet: Sheet,
    workspace: Workspace,
    source: str,
    records: Sequence[tuple[Version | None, Version]],
    revision: int,
    at: datetime,
) -> list[CellChange]:
    """What was open or overdue at the end of periods that are over, where it is known otherwise now than it was then: as far back
    as the figure is kept, each period at its own end."""
    changes: list[CellChange] = []
    for indicator in from_records.over(workspace, source):
        if not indicator.measure.stock:
            continue
        for grain in indicator.grains:
            running = current_start(workspace, grain, at) if grain != "all" else 0
            spans = stocks.stood(indicator, records, running)
            first = cells.first_period(sheet.connection, indicator.key, grain, fold.WHOLE) if spans else None
            if first is None:
                continue
            late = list(stocks.ended_within(workspace, grain, spans, first, running))
            for was, some in by_version(workspace, indicator.key, grain, late) if late else ():
                changes += _at_their_ends(sheet, was, was.indicators[indicator.key], grain, some, revision, at)
    return changes


def _at_their_ends(
    sheet: Sheet, workspace: Workspace, indicator: Indicator, grain: Grain, starts: Sequence[int], revision: int, at: datetime
) -> list[CellChange]:
    made = stocks.figures(sheet.connection, workspace, indicator, grain, starts, at)
    for place in sheet.known(indicator.key, grain, indicator.version, starts):
        made.setdefault(place, from_records.zero(indicator))
    by_start: dict[int, dict[Place, Values]] = defaultdict(dict)
    for place, values in made.items():
        by_start[place[1]][place] = values
    changes: list[CellChange] = []
    for start, some in by_start.items():
        end = periods.from_us(stocks.end_of(workspace, grain, start))
        changes += put(sheet, workspace, indicator, grain, some, revision, min(end, at))
    return changes


def touched(workspace: Workspace, source: str, records: Sequence[tuple[Version | None, Version]], at: datetime) -> Wanted:
    over = from_records.over(workspace, source)
    wanted: Wanted = from_records.touched(workspace, over, records)
    for indicator in over:
        if indicator.measure.stock:
            wanted[indicator.key, indicator.grains[0]].add(current_start(workspace, indicator.grains[0], at))
    for was, indicator in _earlier(workspace, over):
        for (key, grain), starts in from_records.touched(was, [indicator], records).items():
            mine = {start for start in starts if workspace.in_force(key, grain, start) == indicator.version}
            if mine and grain in workspace.indicators[key].grains:
                wanted[key, grain] |= mine
    return wanted


def _earlier(workspace: Workspace, indicators: Iterable[Indicator]) -> Iterator[tuple[Workspace, Indicator]]:
    """By their earlier definitions a case may count in another period: by its closing, not by its due date."""
    for one in indicators:
        for meaning in workspace.versions.get(one.key, ())[:-1]:
            was = workspace.under(one.key, meaning.version)
            if was.indicators[one.key].measure.from_records:
                yield was, was.indicators[one.key]


def of_records(
    sheet: Sheet,
    workspace: Workspace,
    source: str,
    wanted: Mapping[tuple[str, Grain], Iterable[int]],
    revision: int,
    at: datetime,
) -> list[CellChange]:
    """Figures of these periods summed from records at every level; cells in which no case is left become zero."""
    changes: list[CellChange] = []
    sheet.read({(key, grain, workspace.indicators[key].version): starts for (key, grain), starts in wanted.items()})
    for made in from_records.figures(sheet.connection, workspace, source, wanted, at):
        starts = sorted(set(wanted[made.indicator.key, made.grain]))
        new = dict(made.cells)
        for place in sheet.known(made.indicator.key, made.grain, made.indicator.version, starts):
            if place not in new:
                new[place] = from_records.zero(made.indicator)
        changes += put(sheet, workspace, made.indicator, made.grain, new, revision, at)
    return changes


def follow(sheet: Sheet, workspace: Workspace, changes: Sequence[CellChange], revision: int, at: datetime) -> list[CellChange]:
    """The derived figures that rest on these changes, and those that rest on them."""
    found: list[CellChange] = []
    latest = list(changes)
    while latest:
        moved: dict[str, dict[Grain, set[int]]] = defaultdict(lambda: defaultdict(set))
        for change in latest:
            moved[change.series.indicator][change.series.grain].add(change.period_start)
        latest = []
        for indicator in derived.resting_on(workspace, moved):
            for grain in indicator.grains:
                starts = {start for key in indicator.measure.inputs for start in moved.get(key, {}).get(grain, ())}
                if starts:
                    made = derived.figures(sheet, workspace, indicator, grain, starts)
                    latest += put(sheet, workspace, indicator, grain, made, revision, at)
        found += latest
    return found


def put(
    sheet: Sheet,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    made: Mapping[Place, Values],
    revision: int,
    at: datetime,
    feeds: Mapping[Place, int] | None = None,
) -> list[CellChange]:
    never = sheet.filling or indicator.measure.stock or grain == "all"
    stamp = Stamp(revision, periods.to_us(at), None if never else _settling(workspace, indicator, grain))
    limit = settled_before(workspace, indicator, grain, at)
    return sheet.put(indicator.key, grain, indicator.version, made, stamp, limit, feeds)


def _settling(workspace: Workspace, indicator: Indicator, grain: Grain) -> Callable[[int], int]:
    @cache
    def settled_at(start: int) -> int:
        return periods.to_us(periods.bounds(grain, periods.from_us(start), workspace.zone)[1] + indicator.settle_delay)

    return settled_at


def current_start(workspace: Workspace, grain: Grain, at: datetime) -> int:
    return periods.to_us(periods.bounds(grain, at, workspace.zone)[0])


def settled_before(workspace: Workspace, indicator: Indicator, grain: Grain, at: datetime) -> int:
    """Periods that start before this instant (microseconds) are settled. A stock is judged as it stands; so is grain `all`."""
    if indicator.measure.stock or grain == "all":
        return periods.to_us(at) + 1
    return periods.to_us(periods.bounds(grain, at - indicator.settle_delay, workspace.zone)[0])


def wake_when_due(connection: Connection, workspace: Workspace, source: str, at: datetime) -> None:
    """An instant that passes (a due date above all) changes figures though nothing arrives."""
    if workspace.clock is not None:
        return
    due = wakes.next_instant(connection, source, at, periods.day_ordinal(at, workspace.zone))
    if due is not None:
        wakes.put(connection, "due", source, due)
