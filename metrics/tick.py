"""Time is an input like data: what is due now is recomputed and judged as a revision of kind `tick`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from metrics import periods, recompute
from metrics.arrivals import RevisionKind, Series
from metrics.catalogue.workspace import Workspace
from metrics.indicators import records as from_records
from metrics.ingest import Judge
from metrics.model import Grain, Indicator
from metrics.store import head, leases, wakes
from metrics.store.engine import Store
from metrics.store.sheet import Sheet
from metrics.values import CellChange

DUE, SETTLE = "due", "settle"


def tick(
    store: Store,
    workspace: Workspace,
    judges: Sequence[Judge],
    now: datetime,
    *,
    kind: RevisionKind = "tick",
    epoch: int | None = None,
) -> int | None:
    """Do what has become due: due dates that passed, periods that ended, periods that settled. The revision, or None."""
    at = workspace.now(now)
    with store.read() as connection:
        waiting = wakes.due(connection, at, (DUE, SETTLE))
        known = wakes.pending(connection, (SETTLE,))
    fresh = [pair for pair in _settling(workspace) if (SETTLE, "|".join(pair)) not in known]
    if not waiting and not fresh:
        return None
    with store.write() as connection:
        taken = head.lock(connection, now)
        if epoch is not None:
            leases.fence(connection, epoch)
        waiting = wakes.due(connection, at, (DUE, SETTLE))
        sheet = Sheet(connection)
        changes: list[CellChange] = []
        for source, since in [(key, when) for one, key, when in waiting if one == DUE]:
            changes += _due(sheet, workspace, source, since, taken.number, at)
        for key, since in [(key, when) for one, key, when in waiting if one == SETTLE]:
            changes += _settle(sheet, workspace, key, since, taken.number, at)
        for indicator_key, grain in fresh:
            _next_settle(connection, workspace, workspace.indicators[indicator_key], grain, at)  # type: ignore[arg-type]
        if not changes:
            return None
        changes += recompute.follow(sheet, workspace, changes, taken.number, at)
        sheet.flush()
        head.confirm(connection, taken, kind)
        for judge in judges:
            judge(connection, changes, at)
        head.touch(connection, taken.number, {change.series.indicator for change in changes})
    return taken.number


def _settling(workspace: Workspace) -> list[tuple[str, str]]:
    return [(one.key, grain) for one in workspace.indicators.values() for grain in one.grains if grain != "all"]


def _due(sheet: Sheet, workspace: Workspace, source: str, since: datetime, revision: int, at: datetime) -> list[CellChange]:
    """Instants of this source's cases have passed: what is open or overdue, and running periods, which count up to now.

    since: the first of these instants. After a pause a period that has ended and not yet settled counts too."""
    wakes.drop(sheet.connection, DUE, source)
    wanted: recompute.Wanted = defaultdict(set)
    for indicator in from_records.over(workspace, source):
        grains = indicator.grains[:1] if indicator.measure.stock else indicator.grains
        for grain in grains:
            running = recompute.current_start(workspace, grain, at)
            wanted[indicator.key, grain].add(running)
            start = recompute.current_start(workspace, grain, max(since, at - indicator.settle_delay))
            while start < running and not indicator.measure.stock:
                wanted[indicator.key, grain].add(start)
                start = periods.to_us(periods.bounds(grain, periods.from_us(start), workspace.zone)[1])
    changes = recompute.of_records(sheet, workspace, source, wanted, revision, at)
    changes += recompute.of_earlier(sheet, workspace, source, wanted, revision, at)
    recompute.wake_when_due(sheet.connection, workspace, source, at)
    return changes


def _settle(sheet: Sheet, workspace: Workspace, key: str, since: datetime, revision: int, at: datetime) -> list[CellChange]:
    """Every period of the indicator and grain that settled from `since` on: judged, though no value changed."""
    name, grain = key.split("|")
    indicator = workspace.indicators.get(name)
    if indicator is None or grain not in indicator.grains:
        wakes.drop(sheet.connection, SETTLE, key)
        return []
    starts = settled_between(workspace, indicator, grain, since, at)  # type: ignore[arg-type]
    changes: list[CellChange] = []
    if indicator.measure.from_records:
        changes += _finish(sheet, workspace, indicator, grain, starts, revision, at)  # type: ignore[arg-type]
    done = {(change.series_id, change.period_start, change.version) for change in changes}
    for was, some in recompute.by_version(workspace, name, grain, starts):  # type: ignore[arg-type]
        version = was.indicators[name].version
        for (place, start), values in sheet.known(name, grain, version, some).items():
            number = sheet.number(name, grain, place)
            if (number, start, version) not in done:
                identity = Series(name, grain, *place)  # type: ignore[arg-type]
                changes.append(CellChange(number, identity, start, version, values, values, True))
    _next_settle(sheet.connection, workspace, indicator, grain, at)  # type: ignore[arg-type]
    return changes


def _finish(
    sheet: Sheet,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    starts: Sequence[int],
    revision: int,
    at: datetime,
) -> list[CellChange]:
    """A period that ended is summed once more, at its own end for a stock: what came due in its last hours counts."""
    source = indicator.source or ""
    changes: list[CellChange] = []
    every: recompute.Wanted = {(indicator.key, grain): set(starts)}
    if not indicator.measure.stock:
        changes = recompute.of_records(sheet, workspace, source, every, revision, at)
        return changes + recompute.of_earlier(sheet, workspace, source, every, revision, at)
    for start in starts:
        end = periods.bounds(grain, periods.from_us(start), workspace.zone)[1]
        wanted = {(indicator.key, grain): [start]}
        changes += recompute.of_records(sheet, workspace, source, wanted, revision, min(end, at))
    running = recompute.current_start(workspace, grain, at)
    changes += recompute.of_records(sheet, workspace, source, {(indicator.key, grain): [running]}, revision, at)
    every[indicator.key, grain].add(running)
    return changes + recompute.of_earlier(sheet, workspace, source, every, revision, at)


def settled_between(workspace: Workspace, indicator: Indicator, grain: Grain, since: datetime, at: datetime) -> list[int]:
    """Starts of the periods whose end + settle_delay lies in [since, at]."""
    found: list[int] = []
    first = periods.bounds(grain, since - indicator.settle_delay, workspace.zone)[0]
    start = periods.previous(grain, first, workspace.zone)
    while start is not None:
        end = periods.bounds(grain, start, workspace.zone)[1]
        if end + indicator.settle_delay > at:
            break
        if end + indicator.settle_delay >= since:
            found.append(periods.to_us(start))
        start = end
    return found


def _next_settle(connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, at: datetime) -> None:
    """The first instant after `at` at which a period of this grain settles."""
    end = periods.bounds(grain, at - indicator.settle_delay, workspace.zone)[1]
    wakes.put(connection, SETTLE, f"{indicator.key}|{grain}", end + indicator.settle_delay)
