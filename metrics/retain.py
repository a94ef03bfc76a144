"""Letting go of what a workspace keeps only for a while (`retention:`): raw payloads and figures finer than a day.

Never of what was known: cases, figures by day and coarser with all their corrections, revisions, runs and hashes stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from metrics.catalogue.workspace import Workspace
from metrics.periods import to_us
from metrics.store import leases, retention, wakes
from metrics.store.engine import Store

WAKE = "retain"
EVERY = timedelta(days=1)
AT_ONCE = 200
"""Series of one transaction: nobody waits long for the next write."""


@dataclass(frozen=True)
class LetGo:
    payloads: int = 0
    figures: int = 0


def retain(store: Store, workspace: Workspace, now: datetime, *, epoch: int | None = None, dry_run: bool = False) -> LetGo:
    """What was let go of; with `dry_run` what would be. Raises Fenced where `epoch` is past."""
    kept = workspace.retention
    if kept is None:
        return LetGo()
    at = workspace.now(now)

    drop, payloads, figures = not dry_run, 0, 0
    if kept.payloads is not None:
        payloads = _once(store, partial(retention.payloads, before=to_us(at - kept.payloads), drop=drop), epoch, drop)
    if kept.sub_day is not None:
        if drop:
            _once(store, partial(_remember, workspace, at - kept.sub_day), epoch, drop)
        with store.read() as connection:
            every = retention.series_of(connection)
        for spot in range(0, len(every), AT_ONCE):
            some = every[spot : spot + AT_ONCE]
            figures += _once(store, partial(retention.figures, ids=some, before=to_us(at - kept.sub_day), drop=drop), epoch, drop)
    return LetGo(payloads, figures)


def _remember(workspace: Workspace, before: datetime, connection: Connection) -> int:
    """Up to when figures finer than a day are let go of; a longer keeping set later brings nothing back."""
    known = wakes.at(connection, retention.LET_GO, workspace.key)
    wakes.put(connection, retention.LET_GO, workspace.key, max(before, known) if known is not None else before)
    return 0


def _once(store: Store, work: Callable[[Connection], int], epoch: int | None, drop: bool) -> int:
    if not drop:
        with store.read() as connection:
            return work(connection)
    with store.write() as connection:
        if epoch is not None:
            leases.fence(connection, epoch)
        return work(connection)


def when_due(store: Store, workspace: Workspace, now: datetime, *, epoch: int | None = None) -> LetGo | None:
    """Once a day, wherever it was done last and by whichever worker; None where it is not time."""
    if workspace.retention is None:
        return None
    with store.read() as connection:
        known = wakes.at(connection, WAKE, workspace.key)
    if known is not None and known > now:
        return None
    done = retain(store, workspace, now, epoch=epoch)
    with store.write() as connection:
        if epoch is not None:
            leases.fence(connection, epoch)
        wakes.put(connection, WAKE, workspace.key, now + EVERY)
    return done
