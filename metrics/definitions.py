"""A catalogue and the database it works on: new versions of definitions are written down as a revision, figures of the past are
computed anew beside the old ones, and a catalogue that contradicts what was accepted does not write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from metrics import periods, recompute
from metrics.catalogue.lock import with_feeds
from metrics.catalogue.workspace import Meaning, Workspace
from metrics.indicators import derived, observed
from metrics.model import Grain, Indicator
from metrics.store import definitions, head, leases, wakes
from metrics.store.engine import Store
from metrics.store.sheet import Sheet

WAKE = "definition"
AT_ONCE = 100
"""Periods of one transaction: others wait for the database meanwhile."""


def contradictions(store: Store, workspace: Workspace) -> list[str]:
    """What this catalogue says otherwise than the database was told: each in a sentence."""
    with store.read() as connection:
        known = definitions.known(connection)
    newest: dict[str, int] = {}
    for key, version in known:
        newest[key] = max(version, newest.get(key, 0))
    found = []
    for one, meaning in _every(workspace):
        before = known.get((one.key, meaning.version))
        if before is not None and before.hash not in (meaning.hash, meaning.before):
            found.append(f"{one.key} v{meaning.version} means something else here than in the database")
    for key, one in workspace.indicators.items():
        if one.version < newest.get(key, 0):
            found.append(f"{key} is v{one.version} here, and v{newest[key]} was accepted in the database")
    return found


def take_in(store: Store, workspace: Workspace, now: datetime) -> int | None:
    """Write down the versions the database does not know, as one revision; None where there is none. Figures of the past under a
    new version are left for `recompute_history`."""
    with store.read() as connection:
        known = definitions.known(connection)
    fresh = [(one, meaning) for one, meaning in _every(workspace) if (one.key, meaning.version) not in known]
    if not fresh:
        return None
    with store.write() as connection:
        taken = head.lock(connection, now)  # web and worker start together: the second one finds what the first one wrote
        known = definitions.known(connection)
        fresh = [(one, meaning) for one, meaning in fresh if (one.key, meaning.version) not in known]
        if not fresh:
            return None
        told = {key for key, _ in known}
        changed = {one.key for one, meaning in fresh if one.key in told or meaning.version > 1}
        number = taken.number
        if changed:
            head.confirm(connection, taken, "definition", _by(fresh))
            head.touch(connection, number, changed)
        else:
            number = max(number - 1, 0)  # a first catalogue is no news: it was in force from the beginning
        definitions.add(connection, [
            {
                "indicator": one.key, "version": meaning.version, "meaning_hash": meaning.hash, "reason": meaning.reason,
                "from_period": _start(workspace, meaning), "revision": number if one.key in changed else 0,
            }
            for one, meaning in fresh
        ])  # fmt: skip
        for key in changed:
            wakes.put(connection, WAKE, key, workspace.now(now))
    return number if changed else None


def recompute_history(store: Store, workspace: Workspace, now: datetime, epoch: int | None = None) -> list[str]:
    """Figures of the past under the newest version beside those under the earlier ones: no correction, nobody is told. The
    indicators that were done; reported figures cannot be, they stay as they were reported."""
    with store.read() as connection:
        waiting = [key for _, key, _ in wakes.due(connection, workspace.now(now), (WAKE,)) if key in workspace.indicators]
    for key in waiting:
        indicator = workspace.indicators[key]
        for grain in indicator.grains:
            with store.read() as connection:
                starts = {
                    start
                    for version in range(1, indicator.version)
                    for start in definitions.periods_under(connection, key, grain, version)
                }
            many = sorted(starts)
            for first in range(0, len(many), AT_ONCE):
                _again(store, workspace, indicator, grain, many[first : first + AT_ONCE], now, epoch)
        with store.write() as connection:
            wakes.drop(connection, WAKE, key)
    return waiting


def _again(
    store: Store, workspace: Workspace, indicator: Indicator, grain: Grain, starts: list[int], now: datetime, epoch: int | None
) -> None:
    at = workspace.now(now)
    with store.write() as connection:
        taken = head.lock(connection, now)
        if epoch is not None:
            leases.fence(connection, epoch)
        sheet, changes = Sheet(connection), []
        if indicator.measure.stock:
            for start in starts:  # as it stood at the end of each period
                end = periods.bounds(grain, periods.from_us(start), workspace.zone)[1]
                wanted = {(indicator.key, grain): [start]}
                changes += recompute.of_records(sheet, workspace, indicator.source or "", wanted, taken.number, min(end, at))
        elif indicator.measure.from_records:
            wanted = {(indicator.key, grain): starts}
            changes = recompute.of_records(sheet, workspace, indicator.source or "", wanted, taken.number, at)
        elif indicator.measure.kind == "observed":
            # What was reported from the day of the new meaning on counts under it, and says under which it was reported.
            some = [start for was, part in recompute.by_version(workspace, indicator.key, grain, starts) for start in part
                    if was is workspace]  # fmt: skip
            chosen = observed.figures(connection, workspace, indicator, grain, some)
            changes = recompute.put(sheet, workspace, indicator, grain, chosen.cells, taken.number, at, chosen.feeds)
        elif indicator.measure.inputs:
            made = derived.figures(sheet, workspace, indicator, grain, starts)
            changes = recompute.put(sheet, workspace, indicator, grain, made, taken.number, at)
        if not changes:
            return
        rest_on = [one for one in changes if workspace.in_force(indicator.key, grain, one.period_start) == indicator.version]
        changes += recompute.follow(sheet, workspace, rest_on, taken.number, at)
        sheet.flush()
        head.confirm(connection, taken, "definition")
        head.touch(connection, taken.number, {change.series.indicator for change in changes})


def _every(workspace: Workspace) -> Iterable[tuple[Indicator, Meaning]]:
    for key, one in workspace.indicators.items():
        for meaning in workspace.versions.get(key, ()):
            if meaning.hash or meaning.version == one.version:
                yield one, meaning if meaning.hash else _bare(workspace, one, meaning)


def _bare(workspace: Workspace, one: Indicator, meaning: Meaning) -> Meaning:
    """Of a workspace without a lock."""
    return Meaning(meaning.version, meaning.since, meaning.reason, meaning.by, meaning.at, meaning.text,
                   workspace.meaning.get(one.key, ""), meaning.indicator, with_feeds(one))  # fmt: skip


def _start(workspace: Workspace, meaning: Meaning) -> int:
    if meaning.since is None:
        return 0
    return periods.to_us(datetime.combine(meaning.since, time(), workspace.zone))


def _by(fresh: list[tuple[Indicator, Meaning]]) -> str:
    return next((meaning.by for _, meaning in reversed(fresh) if meaning.by), "")[:64]
