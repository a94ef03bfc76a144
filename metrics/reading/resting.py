"""A derived figure where a count it rests on is a zero: where no case counted, no row is kept that it could have been made from.

It is made when it is read, of its inputs as they are read: a place that had no case has 0 per head, and has reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.asof import as_accepted, as_counted
from metrics.catalogue.workspace import Workspace
from metrics.indicators import derived
from metrics.model import Grain, Indicator
from metrics.store import scope
from metrics.store.cells import Place
from metrics.store.kept import Kept
from metrics.store.series import Key
from metrics.values import Values


def on_counts(workspace: Workspace, indicator: Indicator) -> bool:
    """Whether it rests on something that is counted from cases, directly or by what it is made of."""
    inputs = [workspace.indicators[key] for key in indicator.measure.inputs]
    return any(one.measure.from_records or on_counts(workspace, one) for one in inputs)


def figures(ask: Ask, indicator: Indicator, grain: Grain, here: Key, starts: Sequence[int]) -> dict[int, Values]:
    """Of these periods, those that anything is known of."""
    keys, workspace = list(dict.fromkeys(indicator.measure.inputs)), ask.workspace
    if ask.revision is not None:
        workspace = as_accepted(ask.connection, workspace, keys, ask.revision)
    found: dict[int, Values] = {}
    for was, some in derived.by_inputs(workspace, indicator, grain, starts):
        asked = derived.needed(was, indicator, grain, some)
        own = replace(ask, workspace=was, alike=False)
        known = [_read(own, was.indicators[key], grain, here, asked, some[0]) for key in keys]
        counted = was if ask.revision is None else as_counted(ask.connection, was, indicator, ask.revision)
        made = derived.combine(counted, indicator, grain, some, known)
        found |= {start: values for (place, start), values in made.items() if place == here}
    return found


def filled(ask: Ask, indicator: Indicator, grain: Grain, rows: list[Kept]) -> list[Kept]:
    """With those made that are missing for want of a row of what they are made of."""
    wanted: dict[Key, list[int]] = {}
    for row in rows:
        if row.num is None and row.status == "M":
            wanted.setdefault(row.key, []).append(row.period_start)
    made = {
        (key, start): values
        for key, starts in wanted.items()
        for start, values in figures(ask, indicator, grain, key, starts).items()
    }
    return [_with(row, made.get((row.key, row.period_start))) for row in rows] if made else rows


def _with(row: Kept, values: Values | None) -> Kept:
    if values is None or row.num is not None or row.status != "M":
        return row
    return Kept.of(row.key, row.period_start, row.version, values, row.revision, row.evaluated_at)


def _read(ask: Ask, part: Indicator, grain: Grain, here: Key, starts: Sequence[int], like: int) -> dict[Place, Values]:
    from metrics.reading.absent import MISSING, absent
    from metrics.reading.standing import kept

    found = {(here, row.period_start): row.values for row in kept(ask, part, grain, starts, [here], scope.WHOLE, like=like)}
    lacking = [start for start in starts if (here, start) not in found]
    empty = absent(ask, part, Series(part.key, grain, *here), lacking)
    return found | {(here, start): values for start, values in empty.items() if values != MISSING}
