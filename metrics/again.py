"""Summing again what was summed: at once where it is little; bit by bit where it is so much that all who write would wait.

A place whose first report turns out to lie far back makes every total since then one of one more. What is left to the worker is
a wake row; until it is done the figures are shown as being recomputed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from metrics import recompute
from metrics.catalogue.workspace import Workspace
from metrics.store import head, leases, observations, wakes
from metrics.store import series as series_store
from metrics.store.engine import Store
from metrics.values import CellChange, Changed

WAKE = "again"
"""Kind of the wake rows; the key is indicator|grain|first period left|last."""
AT_ONCE = 4_000
"""Figures summed again in one transaction: about a second and a half."""

Judges = Sequence[Callable[[Connection, Changed, datetime], None]]


def at_once(
    connection: Connection, wanted: Mapping[tuple[str, str], frozenset[int]], at: datetime
) -> Mapping[tuple[str, str], frozenset[int]]:
    """Of the periods (microseconds) to be summed again by indicator and grain, what need not be left to the worker."""
    few = {}
    for (key, grain), starts in wanted.items():
        if len(starts) <= periods_at_once(connection, key, grain):
            few[key, grain] = starts
        else:
            wakes.put(connection, WAKE, f"{key}|{grain}|{min(starts)}|{max(starts)}", at)
    return few


def carry_on(store: Store, workspace: Workspace, judges: Judges, now: datetime, *, epoch: int | None = None) -> int | None:
    """The next bit of what was left, as a revision of its own; None where nothing is left."""
    with taking(store, workspace, WAKE, now, epoch) as left:
        if left is None:
            return None
        connection, taken, waiting = left
        key, grain, first, last = waiting.split("|")
        if key not in workspace.indicators:
            return None
        starts = observations.periods_of(connection, key, grain, int(first), int(last))
        some = starts[: periods_at_once(connection, key, grain)]
        if len(some) < len(starts):
            wakes.put(connection, WAKE, f"{key}|{grain}|{starts[len(some)]}|{last}", workspace.now(now))
        head.confirm(connection, taken, "recompute")
        changes = sums(connection, workspace, key, grain, some, taken.number, judges, workspace.now(now))
        head.touch(connection, taken.number, {key, "sources", *(change.series.indicator for change in changes)})
    return taken.number


@contextmanager
def taking(
    store: Store, workspace: Workspace, kind: str, now: datetime, epoch: int | None
) -> Iterator[tuple[Connection, head.Revision, str] | None]:
    """The oldest wake row of a kind, taken away, with the transaction and the revision of what is done about it; None: there is
    none. Raises Fenced where `epoch` is past."""
    with store.read() as connection:
        due = wakes.due(connection, workspace.now(now), (kind,))
    if not due:
        yield None
        return
    with store.write() as connection:
        taken = head.lock(connection, now)
        if epoch is not None:
            leases.fence(connection, epoch)
        due = wakes.due(connection, workspace.now(now), (kind,))
        if due:
            wakes.drop(connection, kind, due[0][1])
        yield (connection, taken, due[0][1]) if due else None


def periods_at_once(connection: Connection, key: str, grain: str) -> int:
    return max(1, AT_ONCE // max(1, len(series_store.ids(connection, key, grain))))


def sums(
    connection: Connection, workspace: Workspace, key: str, grain: str, starts: Sequence[int], revision: int, judges: Judges,
    at: datetime,
) -> list[CellChange]:  # fmt: skip
    """Choose and sum these periods again, and have them judged."""
    changes = recompute.after(connection, workspace, "", (), {(key, grain): starts} if starts else {}, revision, at)
    for judge in judges:
        judge(connection, changes, at)
    return changes
