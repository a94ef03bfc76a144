"""Built-in alerts on a source, not on a figure: one open episode of each kind a source, told to whoever owns the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from alerts import described, matter, outbox, rules, telling
from alerts.message import Facts
from alerts.stamp import Stamp
from alerts.store import episodes, versions
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Source, Text
from metrics.periods import from_us


@dataclass(frozen=True, slots=True)
class BuiltIn:
    rule: str
    name: Text
    body: str
    """What its version holds, as JSON: a built-in rule has versions like any other, so that its events can name theirs. Empty:
    what the newest one holds."""


def open_(
    connection: Connection, workspace: Workspace, of: BuiltIn, source: Source, since: int, text: str, stamp: Stamp, **more: Any
) -> None:  # fmt: skip
    """A new episode, and its message. `more`: further facts of the message."""
    values = {
        "rule": of.rule, "source": source.key, "rule_version": _version(connection, of, stamp), "condition": "FIRING",
        "level": 0, "severity": "warning", "worst_severity": "warning", "since": since, "fired_at": stamp.at,
        "revision": stamp.revision, "value": str(more["held"]) if "held" in more else None,
    }  # fmt: skip
    number = episodes.add(connection, values)
    seq = _note(connection, of, source, number, "firing", text, stamp)
    told = facts(workspace, of.rule, of.name, source, number, "firing", since, stamp.at, stamp, more)
    about = matter.of_source(source, of.rule, "warning")
    outbox.tell(connection, workspace, told, telling.firing(connection, workspace, about, (), stamp.at), seq, stamp)
    telling.start_following(connection, workspace, [(about, number)], stamp.at)


def again(
    connection: Connection, workspace: Workspace, of: BuiltIn, source: Source, row: Row[Any], stamp: Stamp, **more: Any
) -> None:
    """There is more of it than was told: whoever is told of such an alert is told once more."""
    kind = "repeated" if row.handling == "NEW" else "reminded"
    seq = _note(connection, of, source, row.id, kind, "", stamp)
    told = facts(workspace, of.rule, of.name, source, row.id, kind, row.since, row.fired_at, stamp, more)
    about = matter.of_source(source, of.rule, "warning")
    outbox.tell(connection, workspace, told, telling.firing(connection, workspace, about, (), stamp.at), seq, stamp)


def end(connection: Connection, workspace: Workspace, row: Row[Any], stamp: Stamp) -> None:
    """Of a source that is in the workspace no more: nothing of it is waited for, and nothing is held for it."""
    of = BuiltIn(row.rule, described.BUILT_IN[row.rule], "")
    name = {"zh": row.source, "en": row.source}
    source = Source(row.source, name, "", TOTAL, "observations", {}, {})
    close(connection, workspace, of, source, "source_removed", stamp)


def close(connection: Connection, workspace: Workspace, of: BuiltIn, source: Source, why: str, stamp: Stamp) -> None:
    row = episodes.opened(connection, of.rule, 0, source.key)
    if row is None:
        return
    episodes.change(connection, row.id, {"condition": "NORMAL", "closed_at": stamp.at, "closed": why})
    seq = _note(connection, of, source, row.id, why, "", stamp)
    told = facts(workspace, of.rule, of.name, source, row.id, why, row.since, row.fired_at, stamp, {})
    about = matter.of_source(source, of.rule, "warning")
    outbox.tell(connection, workspace, told, telling.closing(connection, workspace, about, row.id, stamp.at), seq, stamp)


def _note(connection: Connection, of: BuiltIn, source: Source, episode: int, kind: str, text: str, stamp: Stamp) -> int:
    """The event, and the input that made it."""
    made = {"kind": "tick", "rule": of.rule, "source": source.key, "at": stamp.at, "revision": stamp.revision}
    episodes.add_inputs(connection, [{**made, "body": '{"step": "%s"}' % kind}])  # noqa: UP031 - a JSON text
    event = {
        "episode_id": episode, "rule": of.rule, "rule_version": _version(connection, of, stamp), "at": stamp.at, "kind": kind,
        "severity": "warning", "text": text, "revision": stamp.revision,
    }  # fmt: skip
    return episodes.add_event(connection, event)


def _version(connection: Connection, of: BuiltIn, stamp: Stamp) -> int:
    kept = [one for one in versions.every(connection) if one.rule == of.rule]
    if kept and of.body in (kept[-1].body, ""):
        return kept[-1].id
    return versions.add(connection, of.rule, len(kept) + 1, rules.digest(of.body), of.body, stamp.at, stamp.revision).id


def facts(
    workspace: Workspace, rule: str, name: Text, source: Source, episode: int, kind: str, since: int, fired_at: int, stamp: Stamp,
    more: dict[str, Any],
) -> Facts:  # fmt: skip
    departments = workspace.departments
    place = departments.get(source.department).name if source.department in departments else workspace.name
    return Facts(
        kind=kind, severity="warning", rule=rule, rule_name=name, matter=source.name, place=place,
        episode=episode, source=source.key, since=from_us(since), fired_at=from_us(fired_at), at=stamp.now, value=None,
        before=None, threshold=None, op="", unit={}, rate=False, period_start=None, period_end=None, grain=None,
        by_correction=False, demo=workspace.demo, path=f"/alerts/{episode}", **more,
    )  # fmt: skip
