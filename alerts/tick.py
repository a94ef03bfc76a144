"""What happens to alerts when nothing arrives: sources that stay silent, rules that are gone. Cheap when nothing is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import following as messages
from alerts import matter, outbox, readings, rules, telling
from alerts.described import SILENT_NAME
from alerts.gone import orphans
from alerts.message import Facts
from alerts.orders import evidence
from alerts.record import Stamp
from alerts.store import episodes, versions
from alerts.store.silence import Quiet, quiet
from alerts.take_in import take_in
from alerts.versions import drop, eras
from metrics.arrivals import RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.model import Source
from metrics.periods import from_us
from metrics.status import MISSED, expected_interval
from metrics.store import head, leases


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
    lost, back = _silent(connection, workspace, now, step)
    at = workspace.now(now)
    gone = orphans(connection, workspace, at)
    waiting = readings.due(connection, workspace, at)
    letters = messages.due(connection, workspace, now)
    turning = evidence.due(connection, now)
    if not (lost or back or gone or waiting or letters or turning):
        return None
    following = head.lock(connection, now)
    if epoch is not None:
        leases.fence(connection, epoch)
    head.confirm(connection, following, kind)
    stamp = Stamp(following.number, now, kind == "replay")
    for source, found in lost:
        _raise(connection, workspace, source, found, stamp)
    for source in back:
        _close(connection, workspace, source, stamp)
    if gone:
        drop(connection, workspace, gone, stamp)
    if waiting:
        judged = Stamp(following.number, at, kind == "replay")
        in_force = eras(connection, workspace, judged)
        take_in(connection, workspace, in_force, readings.cases(connection, workspace, in_force, waiting, at), judged, "tick")
    if turning:
        evidence.turn(connection, workspace, turning, now, following.number)
    if lost or back or gone or waiting or turning:
        evidence.follow(connection, workspace, now, following.number)
    if letters:
        messages.tend(connection, workspace, letters, stamp)
    if lost or back or gone:
        episodes.touch(connection, following.number)
    return following.number


def _silent(
    connection: Connection, workspace: Workspace, now: datetime, step: timedelta | None
) -> tuple[list[tuple[Source, Quiet]], list[Source]]:
    """Sources to raise an alert for, and those whose alert is over."""
    known = {row.source for row in episodes.all_open(connection) if row.rule == rules.SILENT}
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


def _raise(connection: Connection, workspace: Workspace, source: Source, found: Quiet, stamp: Stamp) -> None:
    since = found.last_good if found.last_good is not None else found.first_failure
    values = {
        "rule": rules.SILENT, "source": source.key, "rule_version": _version(connection, stamp), "condition": "FIRING",
        "level": 0, "severity": "warning", "worst_severity": "warning", "since": since, "fired_at": stamp.at,
        "revision": stamp.revision,
    }  # fmt: skip
    number = episodes.add(connection, values)
    seq = _note(connection, source, number, "firing", found.error, stamp)
    facts = _facts(workspace, source, number, "firing", since, stamp.at, stamp)
    about = matter.of_source(source, rules.SILENT, "warning")
    outbox.tell(connection, workspace, facts, telling.firing(connection, workspace, about, (), stamp.at), seq, stamp)
    telling.start_following(connection, workspace, about, number, stamp.at)


def _close(connection: Connection, workspace: Workspace, source: Source, stamp: Stamp) -> None:
    row = episodes.opened(connection, rules.SILENT, 0, source.key)
    if row is None:
        return
    episodes.change(connection, row.id, {"condition": "NORMAL", "closed_at": stamp.at, "closed": "recovered"})
    seq = _note(connection, source, row.id, "recovered", "", stamp)
    facts = _facts(workspace, source, row.id, "recovered", row.since, row.fired_at, stamp)
    about = matter.of_source(source, rules.SILENT, "warning")
    outbox.tell(connection, workspace, facts, telling.closing(connection, about, row.id, stamp.at), seq, stamp)


def _note(connection: Connection, source: Source, episode: int, kind: str, text: str, stamp: Stamp) -> int:
    """The event, and the input that made it."""
    made = {"kind": "tick", "rule": rules.SILENT, "source": source.key, "at": stamp.at, "revision": stamp.revision}
    episodes.add_inputs(connection, [{**made, "body": '{"step": "%s"}' % kind}])  # noqa: UP031 - a JSON text
    event = {
        "episode_id": episode, "rule": rules.SILENT, "rule_version": _version(connection, stamp), "at": stamp.at, "kind": kind,
        "severity": "warning", "text": text, "revision": stamp.revision,
    }  # fmt: skip
    return episodes.add_event(connection, event)


def _version(connection: Connection, stamp: Stamp) -> int:
    """The built-in rule has versions like any other, so that its events can name theirs."""
    body = '{"missed": %d}' % MISSED  # noqa: UP031 - a JSON text
    kept = [one for one in versions.every(connection) if one.rule == rules.SILENT]
    if kept and kept[-1].body == body:
        return kept[-1].id
    return versions.add(connection, rules.SILENT, len(kept) + 1, rules.digest(body), body, stamp.at, stamp.revision).id


def _facts(workspace: Workspace, source: Source, episode: int, kind: str, since: int, fired_at: int, stamp: Stamp) -> Facts:
    departments = workspace.departments
    place = departments.get(source.department).name if source.department in departments else workspace.name
    return Facts(
        kind=kind, severity="warning", rule=rules.SILENT, rule_name=SILENT_NAME, matter=source.name, place=place,
        episode=episode, source=source.key, since=from_us(since), fired_at=from_us(fired_at), at=stamp.now, value=None,
        before=None, threshold=None, op="", unit={}, rate=False, period_start=None, period_end=None, grain=None,
        by_correction=False, demo=workspace.demo, path=f"/alerts/{episode}",
    )  # fmt: skip
