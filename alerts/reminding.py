"""Offices are reminded of the figures they owe: before the deadline, on its last day, and once it has passed.

Each once, as a row, whatever happens to the process; nobody is reminded of what is there. What is owed is known to whoever
knows the forms: the roots hand that in, as they hand the judges to the door.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from alerts import matter, outbox, telling
from alerts.message import Facts
from alerts.stamp import Stamp
from alerts.store import episodes
from alerts.store import reminders as rows
from metrics.arrivals import Deadline, RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.store import head, leases
from metrics.store.engine import Store

RULE = "_owed"
NAME = {"zh": "填报提醒", "en": "Figures owed"}
LAST_DAY = timedelta(days=1)
TOO_LATE = timedelta(days=7)
"""After that nobody is reminded for the first time: a workspace begins with old periods nobody owes in earnest."""
Stage = Literal["before", "on", "after"]
Deadlines = Callable[[Workspace, datetime], Sequence[Deadline]]
Missing = Callable[[Connection, Workspace, Deadline, datetime], tuple[int, int]]


def remind(
    store: Store,
    workspace: Workspace,
    now: datetime,
    deadlines: Deadlines,
    missing: Missing,
    *,
    kind: RevisionKind = "tick",
    epoch: int | None = None,
) -> int:
    """How many offices were reminded of a period. Cheap when none is due: one look, and none without a deadline near."""
    at = workspace.now(now)
    near = [(one, stage) for one in deadlines(workspace, at) if (stage := stage_of(workspace, one, at)) is not None]
    if not near:
        return 0
    with store.read() as connection:
        todo = _not_yet(connection, near)
    if not todo:
        return 0
    with store.write() as connection:
        if epoch is not None:
            leases.fence(connection, epoch)
        counted = [(one, stage, *missing(connection, workspace, one, at)) for one, stage in _not_yet(connection, near)]
        for one, stage, owed, expected in counted:
            rows.add(connection, {
                "source": one.source, "grain": one.grain, "period_start": to_us(one.start), "stage": stage, "at": to_us(now),
                "owed": owed, "expected": expected,
            })  # fmt: skip
        telling_of = [one for one in counted if one[2]]
        if telling_of:
            following = head.lock(connection, now)
            head.confirm(connection, following, kind)
            for one, stage, owed, expected in telling_of:
                _tell(connection, workspace, one, stage, owed, expected, Stamp(following.number, now, kind == "replay"))
    return len(telling_of)


@dataclass(frozen=True)
class Reminder:
    """An office was told what it owes: instants are aware UTC."""

    source: str
    grain: str
    start: datetime
    stage: Stage
    at: datetime
    owed: int
    expected: int


def reminders(connection: Connection, source: str, limit: int) -> list[Reminder]:
    """Those that told somebody, newest first."""
    return [
        Reminder(row.source, row.grain, from_us(row.period_start), row.stage, from_us(row.at), row.owed, row.expected)
        for row in rows.last(connection, source, limit)
    ]


def stage_of(workspace: Workspace, one: Deadline, at: datetime) -> Stage | None:
    """Which reminder is due now. Each begins with working hours, unless its time would be over by then."""
    last_day = one.at - min(LAST_DAY, one.ahead)
    spans: tuple[tuple[Stage, datetime, datetime], ...] = (
        ("before", one.at - one.ahead, last_day), ("on", last_day, one.at), ("after", one.at, one.at + TOO_LATE)
    )  # fmt: skip
    for stage, begin, end in spans:
        opens = workspace.work_hours.next_open(begin)
        if (opens if opens < end else begin) <= at < end:
            return stage
    return None


def _not_yet(connection: Connection, near: Sequence[tuple[Deadline, Stage]]) -> list[tuple[Deadline, Stage]]:
    since = min(to_us(one.start) for one, _ in near)
    given = rows.given(connection, sorted({one.source for one, _ in near}), since)
    return [(one, stage) for one, stage in near if (one.source, one.grain, to_us(one.start), stage) not in given]


def _tell(
    connection: Connection, workspace: Workspace, one: Deadline, stage: Stage, owed: int, expected: int, stamp: Stamp
) -> None:
    """To the receivers of the office; where it has none, to whoever is told of trouble with data."""
    source = workspace.sources[one.source]
    severity = "warning" if stage == "after" else "reminder"
    about = matter.of_source(source, RULE, severity)
    office = workspace.departments.get(source.department).name if source.department in workspace.departments else workspace.name
    event = {
        "rule": RULE, "rule_version": 1, "at": stamp.at, "kind": f"owed_{stage}", "severity": severity,
        "period_start": to_us(one.start), "text": source.key, "revision": stamp.revision,
    }  # fmt: skip
    seq = episodes.add_event(connection, event)
    facts = Facts(
        kind=f"owed_{stage}", severity=severity, rule=RULE, rule_name=NAME, matter=source.name, place=office, episode=0,
        source=source.key, since=one.start, fired_at=stamp.now, at=stamp.now, value=None, before=None, threshold=None, op="",
        unit={}, rate=False, period_start=one.start, period_end=None, grain=one.grain, by_correction=False,
        demo=workspace.demo, path=f"/upload/{source.key}", deadline=one.at, owed=owed, expected=expected,
    )  # fmt: skip
    letters = telling.office(connection, workspace, about, f"owed:{source.key}:{to_us(one.start)}", stamp.at)
    outbox.tell(connection, workspace, facts, letters, seq, stamp)
