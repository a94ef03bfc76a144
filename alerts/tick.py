"""What happens to alerts when nothing arrives: sources that stay silent, figures that wait for a word, rules that are gone.
Cheap when nothing is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from alerts import following as messages
from alerts import of_source, readings, rules
from alerts.described import SILENT_NAME
from alerts.doubted import Turns
from alerts.gone import orphans, without_source
from alerts.of_source import BuiltIn
from alerts.orders import evidence
from alerts.stamp import Stamp
from alerts.store import episodes
from alerts.store.silence import Quiet, quiet
from alerts.take_in import take_in
from alerts.versions import drop, eras
from metrics.arrivals import RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.model import Source
from metrics.periods import from_us, to_us
from metrics.status import MISSED, expected_interval
from metrics.store import head, leases

SILENT = BuiltIn(rules.SILENT, SILENT_NAME, '{"missed": %d}' % MISSED)  # noqa: UP031 - a JSON text


def tick(
    connection: Connection,
    workspace: Workspace,
    now: datetime,
    *,
    kind: RevisionKind = "tick",
    step: timedelta | None = None,
    epoch: int | None = None,
) -> int | None:
    """On a writing connection: judge what depends on time alone. The revision it took, or None where nothing happened.

    kind: `replay` while history is made (nobody is called). step: of the replay; a source's interval is at least that.
    epoch: of the leader's lease; Fenced where it is past.
    """
    open_ = episodes.all_open(connection)
    lost, back = _silent(connection, workspace, open_, now, step)
    doubted = Turns(connection, workspace, to_us(now))
    at = workspace.now(now)
    gone, left = orphans(connection, workspace, open_, at), without_source(workspace, open_)
    waiting = readings.due(connection, workspace, at)
    letters = messages.due(connection, workspace, now)
    turning = evidence.due(connection, now)
    if not (lost or back or doubted or gone or left or waiting or letters or turning):
        return None
    following = head.lock(connection, now)
    if epoch is not None:
        leases.fence(connection, epoch)
    head.confirm(connection, following, kind)
    turning = evidence.due(connection, now) if turning else []  # somebody may have taken a step before the lock was ours
    stamp = Stamp(following.number, now, kind == "replay")
    for source, found in lost:
        since = found.last_good if found.last_good is not None else found.first_failure
        of_source.open_(connection, workspace, SILENT, source, since, found.error, stamp)
    for source in back:
        of_source.close(connection, workspace, SILENT, source, "recovered", stamp)
    doubted.take(stamp)
    for row in left:
        of_source.end(connection, workspace, row, stamp)
    if gone:
        drop(connection, workspace, gone, stamp)
    if waiting:
        judged = Stamp(following.number, at, kind == "replay")
        in_force = eras(connection, workspace, judged)
        take_in(connection, workspace, in_force, readings.cases(connection, workspace, in_force, waiting, at), judged, "tick")
    if turning:
        evidence.turn(connection, workspace, turning, now, following.number)
    if lost or back or gone or left or waiting or turning:
        evidence.follow(connection, workspace, now, following.number)
    if letters:
        messages.tend(connection, workspace, letters, stamp)
    if lost or back or doubted or gone or left:
        episodes.touch(connection, following.number)
    return following.number


def _silent(
    connection: Connection, workspace: Workspace, open_: Sequence[Row[Any]], now: datetime, step: timedelta | None
) -> tuple[list[tuple[Source, Quiet]], list[Source]]:
    """Sources to raise an alert for, and those whose alert is over."""
    known = {row.source for row in open_ if row.rule == rules.SILENT}
    lost, back = [], []
    for source in workspace.sources.values():
        if source.history_only:
            continue
        found = quiet(connection, source.key)
        if found is None:
            if source.key in known:
                back.append(source)
        elif source.key not in known and _too_long(source, found, now, step):
            lost.append((source, found))
    return lost, back


def _too_long(source: Source, found: Quiet, now: datetime, step: timedelta | None) -> bool:
    """No success for MISSED intervals, though it was asked all the while: after a pause of our own one failure is not enough."""
    interval = max(expected_interval(source), step or timedelta(0))
    asked_since = from_us(found.first_failure)
    good = from_us(found.last_good) if found.last_good is not None else asked_since
    return now - good >= MISSED * interval and now - asked_since >= (MISSED - 1) * interval and found.failures >= MISSED
