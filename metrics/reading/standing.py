"""Figures as they stand: now, or as they stood at the revision a question is pinned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from metrics import periods, silent
from metrics.answers import Ask
from metrics.asof import as_accepted, as_counted, figures_as_of
from metrics.indicators import derived
from metrics.indicators import records as from_records
from metrics.model import Grain, Indicator
from metrics.reading import resting
from metrics.store import cells, definitions, head, records, scope
from metrics.store import kept as kept_store
from metrics.store.cells import Place
from metrics.store.kept import Kept
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.values import Values


def at_revision(ask: Ask, revision: int) -> Ask:
    """The same question of what was known at a revision, asked at the instant of it."""
    return replace(ask, revision=revision, now=ask.workspace.now(head.instant(ask.connection, revision)))


def kept(
    ask: Ask,
    indicator: Indicator,
    grain: Grain,
    starts: Sequence[int],
    keys: Sequence[Key] = (),
    within: Scope | None = None,
    *,
    like: int | None = None,
) -> list[Kept]:
    """Figures within the asker's scope (or `within`), of these series (none named: of all) and periods, oldest first.

    Pinned to a revision: a figure that has not moved since stands as it is, the others are summed again from what was known
    then. A sum over no case is not given: `absent` knows whether the source had answered.
    like: what is compared goes by one version of the definition, that in force for this period.
    """
    within = within or scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found: list[Kept] = []
    versions = in_force(ask, indicator, grain, starts)
    if like is not None:
        versions = {next(iter(in_force(ask, indicator, grain, [like]))): list(starts)}
    for version, some in versions.items():
        workspace = ask.workspace.under(indicator.key, version)
        found += _of_version(replace(ask, workspace=workspace), workspace.indicators[indicator.key], grain, some, keys, within)
    if indicator.measure.inputs and resting.on_counts(ask.workspace, indicator):
        found = resting.filled(ask, indicator, grain, found)
    since = silent.after(ask.connection, ask.workspace, indicator, ask.now, then(ask))
    if since is not None:
        found = [_unknown(row, ask) if silent.unknown(indicator, grain, row.period_start, since) else row for row in found]
    return found if len(versions) == 1 else sorted(found, key=lambda row: row.period_start)


def then(ask: Ask) -> datetime | None:
    """The instant of the revision a question is pinned to: what had begun by then was known."""
    return head.instant(ask.connection, ask.revision) if ask.revision is not None else None


def _unknown(row: Kept, ask: Ask) -> Kept:
    return row._replace(num=None, den=None, n=None, apart=None, status="M", evaluated_at=periods.to_us(ask.now))


def in_force(ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int]) -> dict[int, list[int]]:
    """Version of the definition -> the periods it is in force for, as far as it was accepted by then."""
    if len(ask.workspace.versions.get(indicator.key, ())) < 2 or ask.alike:
        return {indicator.version: list(starts)}
    accepted = indicator.version
    if ask.revision is not None:
        accepted = definitions.newest_at(ask.connection, indicator.key, ask.revision) or accepted
    found: dict[int, list[int]] = {}
    for start in starts:
        found.setdefault(min(ask.workspace.in_force(indicator.key, grain, start), accepted), []).append(start)
    return found


def meant(ask: Ask, indicator: Indicator, grain: Grain, start: int) -> Indicator:
    """The indicator as the version in force for a period means it: what the figure of that period is said and judged by."""
    return ask.workspace.meant(indicator.key, next(iter(in_force(ask, indicator, grain, [start]))))


def _of_version(
    ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], keys: Sequence[Key], within: Scope
) -> list[Kept]:  # fmt: skip
    rows = kept_store.kept(ask.connection, indicator.key, grain, indicator.version, starts, within, keys)
    if ask.revision is None:
        return rows
    moved = {(row.key, row.period_start) for row in rows if row.revision > (ask.revision or 0)}
    if not moved:
        return rows
    nothing = from_records.zero(indicator) if indicator.measure.from_records else None
    found = [row for row in rows if (row.key, row.period_start) not in moved]
    for place, values in _then(ask, indicator, grain, sorted({start for _, start in moved}), ask.now).items():
        if place in moved and values != nothing:
            at = _evaluated(ask, indicator, grain, place[1])
            found.append(Kept.of(*place, indicator.version, values, ask.revision, at))
    return sorted(found, key=lambda row: row.period_start)


def _then(ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], at: datetime) -> Mapping[Place, Values]:
    """Summed from what was known; a derived figure from the figures of its inputs as they stood."""
    if not indicator.measure.inputs:
        return figures_as_of(ask.connection, ask.workspace, indicator.key, grain, starts, ask.revision or 0, at)
    keys, revision = list(dict.fromkeys(indicator.measure.inputs)), ask.revision or 0
    accepted = as_accepted(ask.connection, ask.workspace, keys, revision)
    found: dict[Place, Values] = {}
    for was, some in derived.by_inputs(accepted, indicator, grain, starts):
        asked = derived.needed(was, indicator, grain, some)
        own = replace(ask, alike=False)  # what it was made of
        rows = [kept(own, ask.workspace.indicators[key], grain, asked, (), scope.WHOLE, like=some[0]) for key in keys]
        stood = [{(row.key, row.period_start): row.values for row in part} for part in rows]
        found |= derived.combine(as_counted(ask.connection, was, indicator, revision), indicator, grain, some, stood)
    return found


def first_period(ask: Ask, indicator: Indicator, grain: Grain) -> int | None:
    """Start of the oldest period of which the indicator had any figure."""
    first = cells.first_period(ask.connection, indicator.key, grain)
    anchors = from_records.anchors(indicator) if indicator.measure.from_records else ()
    if first is None or ask.revision is None or grain == "all" or not anchors:
        return first
    oldest = records.oldest_known(ask.connection, indicator.source or "", sorted(anchors), ask.revision)
    if oldest is None:
        return None
    return max(first, periods.to_us(periods.bounds(grain, periods.from_us(oldest), ask.workspace.zone)[0]))


def _evaluated(ask: Ask, indicator: Indicator, grain: Grain, start: int) -> int:
    """A stock as it stood at the end of its period."""
    if not indicator.measure.stock:
        return periods.to_us(ask.now)
    return periods.to_us(min(periods.bounds(grain, periods.from_us(start), ask.workspace.zone)[1], ask.now))
