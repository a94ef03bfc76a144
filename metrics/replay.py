"""History made by replay: the real collectors of all sources, interleaved in time order, with an injected clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from metrics import schedule
from metrics.catalogue.workspace import Workspace
from metrics.ingest import Judge
from metrics.model import Source
from metrics.status import expected_interval
from metrics.store import head, runs
from metrics.store.engine import Store
from metrics.tick import tick

LIVE = frozenset({"collect", "push", "upload", "backfill", "person"})
STEP = timedelta(hours=4)
"""What a shorter interval of a source is stretched to."""
FINE = timedelta(hours=2)
"""Before the end every source runs at its own interval, though not more often than FINEST."""
FINEST = timedelta(minutes=5)


class NotAllowed(RuntimeError):
    """The store already holds what was collected live: its past cannot be replayed."""


@dataclass(frozen=True)
class Progress:
    at: datetime
    done: float
    """From 0 to 1."""


Collect = Callable[[Source, datetime], object]
Step = Callable[[datetime], None]


def resume_at(connection: Connection, begin: datetime) -> datetime:
    """Where a replay from `begin` may go on; NotAllowed after anything live or a back-fill."""
    if head.kinds(connection) & LIVE:
        raise NotAllowed("this store already holds live data; a replay may only come before it")
    return max(begin, head.newest(connection).at)


def replay(
    store: Store,
    workspace: Workspace,
    begin: datetime,
    end: datetime,
    *,
    advance: Step,
    collect: Collect,
    judges: Sequence[Judge],
    after_step: Step = lambda instant: None,
    epoch: int | None = None,
) -> Iterator[Progress]:
    """Drive every source from `begin` to `end`. `advance` moves the observed world, `collect` runs one source at an instant,
    `after_step` is what people did by then. Goes on where a killed replay stopped.
    """
    with store.read() as connection:
        start = resume_at(connection, begin)
    asked = [source for source in workspace.sources.values() if not (source.live_only or source.sends)]
    # In a step every source is asked once, but one that reports by day or by week has an interval longer than the step.
    seldom = {source.key for source in asked if expected_interval(source) > STEP}
    for instant in instants(start, end):
        advance(instant)
        timed = {source.key for source in asked} if end - instant < FINE else seldom
        with store.read() as connection:
            last = runs.last_started(connection, timed)
        for source in asked:
            if source.key not in timed or _ready(source, last.get(source.key), workspace, instant):
                collect(source, instant)
        tick(store, workspace, judges, instant, kind="replay", epoch=epoch)
        after_step(instant)
        yield Progress(instant, (instant - begin) / (end - begin))


def instants(start: datetime, end: datetime) -> Iterator[datetime]:
    """Steps of STEP, and of FINEST in the last FINE; the last is `end`."""
    instant = start
    while instant < end:
        yield instant
        length = STEP if end - instant > FINE + STEP else (FINEST if end - instant <= FINE else end - FINE - instant)
        instant += max(length, timedelta(seconds=1))
    yield end


def _ready(source: Source, last: datetime | None, workspace: Workspace, instant: datetime) -> bool:
    return bool(schedule.due([source], {source.key: last} if last else {}, workspace.zone, instant))
