"""Rule versions in force: a rule met for the first time, or met changed, becomes a row that never changes; edits judge anew."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row

from alerts import record, rules
from alerts.course import Era, Step
from alerts.judge import Event, State, Value, edited
from alerts.stamp import Stamp
from alerts.store import edits, episodes, states, versions
from alerts.store.states import Kept
from alerts.store.versions import Version
from alerts.telling import KeptBack
from alerts.transition import Subject
from alerts.why import NOTHING, Why, difference
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.rulebook import Rule

_revive = lru_cache(maxsize=1024)(rules.revive)


def eras(
    connection: Connection, workspace: Workspace, stamp: Stamp, standing: frozenset[tuple[str, int]] | None = None
) -> dict[str, list[Era]]:
    """Every version of every rule of the workspace, oldest first; new ones are written and take over at this instant."""
    if standing is None:
        standing = versions.standing(connection).versions
    known = _KNOWN.get(connection.engine)
    if known is not None and known.workspace is workspace and known.standing == standing:
        return known.eras
    edited = edits.active(connection)
    found: dict[str, list[Version]] = defaultdict(list)
    fresh = False
    for version in versions.every(connection):
        if version.rule not in rules.BUILT_IN:
            found[version.rule].append(version)
    for rule in workspace.rules.values():
        edit = edited.get(rule.key)
        body = rules.wanted(rule, edit)
        hash = rules.digest(body)
        kept = found[rule.key]
        if kept and kept[-1].hash == hash:
            continue
        fresh, before = True, _eras(kept)
        since = stamp.at if before or not stamp.replay else _after_the_first(workspace, rule, stamp)
        author = edit.author_name if edit is not None and edit.body == body else ""
        kept.append(versions.add(connection, rule.key, len(kept) + 1, hash, body, since, stamp.revision, author[:64]))
        if before:
            _edit(connection, workspace, before[-1].rule, _eras(kept)[-1], stamp, author)
    made = {key: _eras(kept) for key, kept in found.items()}
    if not fresh:  # what this transaction writes may yet be rolled back
        _KNOWN[connection.engine] = _Known(workspace, standing, made)
    return made


@dataclass(frozen=True)
class _Known:
    """What was read last: versions are only ever added, so it stands while the newest is the same."""

    workspace: Workspace
    standing: frozenset[tuple[str, int]]
    eras: dict[str, list[Era]]


_KNOWN: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()


def drop(connection: Connection, workspace: Workspace, gone: Sequence[tuple[Row[Any], str]], stamp: Stamp) -> None:
    """Close what is open on what is no more (`gone.orphans`): with that reason, never `recovered`."""
    last = {version.rule: version for version in versions.every(connection)}
    for row, reason in gone:
        version = last[row.rule]
        rule = _revive(row.rule, version.number, version.body)
        kept = states.of_series(connection, [row.series_id]).get((row.rule, row.series_id))
        _end(connection, workspace, rule, version.id, kept, states.series_of(connection, [row.series_id]), reason, stamp)


def _after_the_first(workspace: Workspace, rule: Rule, stamp: Stamp) -> int:
    """A replay begins in the middle of a period, of which it brings the rest only (the back-fill completes it): a rule comes into
    force once that period has settled.
    """
    indicator = workspace.indicators[rule.indicator]
    if rules.reading(indicator, rule.grain):
        return stamp.at
    end = periods.bounds(rule.grain, stamp.now, workspace.zone)[1]
    return periods.to_us(end + indicator.settle_delay) + 1


def _eras(kept: list[Version]) -> list[Era]:
    return [Era(_revive(one.rule, one.number, one.body), one.since, one.id) for one in kept]


def _edit(connection: Connection, workspace: Workspace, old: Rule, era: Era, stamp: Stamp, author: str) -> None:
    """Judge the latest judged value under the new version: what no longer breaches is closed `rule_changed`, all `paused`."""
    held = states.unquiet(connection, era.rule.key)
    back = KeptBack(connection, stamp.at)
    series = states.series_of(connection, [kept.series_id for kept in held])
    moved = _about(old) != _about(era.rule)
    cut = rules.cutter(workspace)
    body = json.dumps({"rule_version": era.id})
    inputs = [
        {"kind": "rule", "rule": kept.rule, "series_id": kept.series_id, "at": stamp.at, "revision": stamp.revision, "body": body}
        for kept in held
    ]
    episodes.add_inputs(connection, inputs)
    reason = "paused" if era.rule.paused else "rule_changed"
    why = Why(changed=difference(old, era.rule), by=author)
    for kept in held:
        one = series[kept.series_id]
        gone = moved and not (
            (one.indicator, one.grain) == (era.rule.indicator, era.rule.grain) and rules.means(era.rule, cut(one))
        )
        after, closed = (State(last=kept.state.last), True) if gone else edited(era.rule, kept.state)
        if closed and kept.state.condition in ("FIRING", "RECOVERING"):
            _end(connection, workspace, old if gone else era.rule, era.id, kept, series, reason, stamp, why)
            continue
        if after.condition == "FIRING" and after.last is not None:
            subject = Subject(era.rule, era.id, kept.series_id, one, kept.definition)
            steps = []
            if after.level != kept.state.level:
                up = after.level > kept.state.level
                kind: Literal["severity_up", "severity_down"] = "severity_up" if up else "severity_down"
                moved_to = Event(kind, after.last.start, after.last, after.level, after.breach_since)
                steps = [Step("move", moved_to, kind, why=why)]
            record.steps(connection, workspace, subject, kept.state, after, steps, stamp, back)
        states.save(connection, [], [replace(kept, state=after, rule_version=era.id)], stamp.revision)
    if held:
        episodes.touch(connection, stamp.revision)


def _about(rule: Rule) -> tuple[object, ...]:
    """What a rule looks at: where that moves, what was judged before says nothing."""
    return rule.indicator, rule.grain, rule.cut, rule.kind, rule.within


def _end(
    connection: Connection,
    workspace: Workspace,
    rule: Rule,
    version: int,
    kept: Kept | None,
    series: dict[int, Series],
    reason: str,
    stamp: Stamp,
    why: Why = NOTHING,
) -> None:
    if kept is None or kept.state.last is None:
        return
    last: Value = kept.state.last
    event = Event("cleared", last.start, last, kept.state.level, kept.state.breach_since)
    subject = Subject(rule, version, kept.series_id, series[kept.series_id], kept.definition)
    record.close(connection, workspace, subject, kept.state, Step("close", event, reason, why=why), stamp)
    states.save(connection, [], [replace(kept, state=State(last=last), rule_version=version)], stamp.revision)
