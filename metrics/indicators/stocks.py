"""What was open, or overdue, at the end of periods that are over: each at its own end, also when it is known late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators import records as from_records
from metrics.model import MAX, Grain, Indicator
from metrics.store import stocks
from metrics.store.cells import Place
from metrics.store.records import Version
from metrics.values import Values

AT_ONCE = 400
Span = tuple[int, int]
"""From one instant on, before another (microseconds)."""


def figures(
    connection: Connection,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    starts: Iterable[int],
    at: datetime,
    revision: int | None = None,
) -> dict[Place, Values]:
    """A stock at every level as it stood at the end of each period, of one that is not over at `at`."""
    found: dict[Place, Values] = {}
    over: list[tuple[int, int]] = []
    for start in sorted(set(starts)):
        end = end_of(workspace, grain, start)
        if end <= periods.to_us(at) and stocks.steady(from_records.roles(indicator)["num"].part):
            over.append((start, end))
            continue
        wanted, moment = {(indicator.key, grain): [start]}, min(periods.from_us(end), at)
        for made in from_records.figures(connection, workspace, indicator.source or "", wanted, moment, revision):
            found.update(made.cells)
    for first in range(0, len(over), AT_ONCE):
        found.update(_at_ends(connection, workspace, indicator, grain, over[first : first + AT_ONCE], revision))
    return found


def _at_ends(
    connection: Connection,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    over: Sequence[tuple[int, int]],
    revision: int | None,
) -> Iterator[tuple[Place, Values]]:
    wanted, ends = from_records.roles(indicator)["num"], [end for _, end in over]
    whole = grain not in from_records.SHORT
    days = [periods.day_ordinal(periods.from_us(end), workspace.zone) for end in ends] if whole else None
    by_category = any("category" in cut for cut in indicator.cuts.get(grain, ()))
    made = stocks.at_each(connection, indicator.source or "", wanted, ends, days, revision, by_category)
    for (start, _), leaves in zip(over, made, strict=True):
        yield from from_records.summed(
            workspace, indicator, grain, start, {leaf: [many, 0, 0] for leaf, many in leaves.items()}
        ).items()


def end_of(workspace: Workspace, grain: Grain, start: int) -> int:
    return periods.to_us(periods.bounds(grain, periods.from_us(start), workspace.zone)[1])


def stood(indicator: Indicator, changed: Iterable[tuple[Version | None, Version]], before: int) -> list[Span]:
    """The spans, up to an instant, in which these cases counted and do no more, or count now, or elsewhere; put together."""
    since, names = stocks.SINCE[indicator.measure.kind], from_records.reads(indicator.measure)
    spans: list[Span] = []
    for old, new in changed:
        now = _span(new, since)
        if old is None:  # most that comes: thousands at once, so nothing more is asked of it
            if now is not None and now[0] < before:
                spans.append(now)
            continue
        was = _span(old, since)
        if was is None or now is None or any(from_records.said(old, one) != from_records.said(new, one) for one in names):
            spans += [one for one in (was, now) if one is not None]
        else:
            spans += [(min(pair), max(pair)) for pair in zip(was, now, strict=True) if pair[0] != pair[1]]
    joined: list[Span] = []
    for low, high in sorted(one for one in spans if one[0] < before):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _span(version: Version, since: str) -> Span | None:
    low, high = version[since], version["closed"]
    if low is None or version["withdrawn"]:
        return None
    if high is None:
        return low, MAX
    return (low, high) if low < high else None


def ended_within(workspace: Workspace, grain: Grain, spans: Sequence[Span], first: int, running: int) -> Iterator[int]:
    """Starts of the periods from `first` on and before `running` that ended within one of the spans."""
    left = list(spans)
    start = first
    while left and start < running:
        end = end_of(workspace, grain, start)
        while left and left[0][1] < end:
            left.pop(0)
        if left and left[0][0] <= end:
            yield start
        start = end
