"""Writing down what judging found: episodes, events and the messages that go with them, all on the connection that stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts import flapping, kinds, links, matter, naming, outbox, telling
from alerts.course import SEVERITIES, Era, Step
from alerts.judge import State
from alerts.message import Facts, place_name
from alerts.store import episodes
from alerts.telling import KeptBack
from alerts.windows import course, windows
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.rulebook import Rule
from metrics.values import display

RECENT = 5
"""Periods the trend in words looks at."""
_FIGURES = ("threshold", "change_last", "change_year", "conflict")


@dataclass(frozen=True)
class Stamp:
    """Of which revision, at which instant, and whether it is history being made (nobody is called)."""

    revision: int
    now: datetime
    replay: bool

    @property
    def at(self) -> int:
        return to_us(self.now)


@dataclass(frozen=True)
class Subject:
    """Which rule version on which series."""

    rule: Rule
    rule_version: int
    series_id: int
    series: Series
    definition: int
    eras: Sequence[Era] = ()
    """All versions of the rule, oldest first."""


def steps(
    connection: Connection,
    workspace: Workspace,
    subject: Subject,
    before: State,
    after: State,
    found: Sequence[Step],
    stamp: Stamp,
    back: KeptBack,
) -> None:
    """Record each step in order; `before` and `after` are the states around all of them."""
    stands = _standing(subject, after) if after.condition in ("FIRING", "RECOVERING") else {}
    for number, step in enumerate(found, 1):
        of_then = subject
        if subject.eras:
            era = subject.eras[step.era]
            of_then = replace(subject, rule=era.rule, rule_version=era.id)
        match step.kind:
            case "open":
                last = number == len(found)
                _open(connection, workspace, of_then, before, step, stamp, back, stands if last else {})
                stands = {} if last else stands
            case "retro":
                _retro(connection, of_then, step, stamp)
            case "close":
                close(connection, workspace, of_then, before, step, stamp)
            case _:
                _move(connection, workspace, of_then, before, step, stamp, back)
    if stands:
        episodes.stand(connection, subject.rule.key, subject.series_id, stands)


def close(connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp) -> None:
    """End the open episode; those who were told of it are told why it ended."""
    row = episodes.opened(connection, subject.rule.key, subject.series_id)
    if row is None:
        return
    values = {"condition": "NORMAL", "closed_at": stamp.at, "closed": step.reason, **_last(step)}
    values["by_correction"] = row.by_correction or step.by_correction
    episodes.change(connection, row.id, values)
    step = _under(step, row, subject)
    seq = _event(connection, subject, step.reason, row.severity, step, stamp, row.id)
    facts = _facts(connection, workspace, subject, row.id, row.severity, step, before, stamp, row.fired_at, row.since)
    flaps = _flaps(connection, workspace, subject, step, facts, stamp)
    letters = telling.closing(connection, _matter(workspace, subject, row.severity), row.id, stamp.at, flaps)
    outbox.tell(connection, workspace, facts, letters, seq, stamp)


def _open(
    connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp,
    back: KeptBack, stands: Mapping[str, Any],
) -> None:  # fmt: skip
    """`stands`: where the episode stands by now, if nothing follows."""
    values = _episode(subject, step, stamp)
    number = episodes.add(connection, {**values, "condition": "FIRING", **stands})
    severity = values["severity"]
    seq = _event(connection, subject, "firing", severity, step, stamp, number)
    facts = _facts(connection, workspace, subject, number, severity, step, before, stamp, stamp.at, values["since"])
    flaps = _flaps(connection, workspace, subject, step, facts, stamp)
    about = _matter(workspace, subject, severity)
    letters = telling.firing(connection, workspace, about, _direct(workspace, subject), stamp.at, back=back, flaps=flaps)
    outbox.tell(connection, workspace, facts, letters, seq, stamp)
    telling.start_following(connection, workspace, about, number, stamp.at)


def _retro(connection: Connection, subject: Subject, step: Step, stamp: Stamp) -> None:
    """Only history breached: kept under the version of then, closed, nobody is paged."""
    values = {**_episode(subject, step, stamp), "condition": "NORMAL", "closed_at": stamp.at, "closed": "retro"}
    number = episodes.add(connection, values)
    _event(connection, subject, "retro", values["severity"], step, stamp, number)


def _move(
    connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp, back: KeptBack
) -> None:
    row = episodes.opened(connection, subject.rule.key, subject.series_id)
    severity = _severity(subject.rule, step.event.level)
    step = _under(step, row, subject)
    seq = _event(connection, subject, step.reason, severity, step, stamp, row.id if row else None)
    if step.reason == "cleared":
        flapping.counted(connection, subject.rule.key, subject.series_id, subject.rule.grain, stamp.at)
    if row is not None and step.reason in ("recovering", "relapsed"):
        facts = _facts(connection, workspace, subject, row.id, row.severity, step, before, stamp, row.fired_at, row.since)
        _flaps(connection, workspace, subject, step, facts, stamp)
    if row is None or step.reason not in ("severity_up", "severity_down"):
        return
    bound = _threshold(subject.rule, step.event.level)
    values = {"level": step.event.level, "severity": severity, "threshold": bound, **_last(step)}
    values["worst_severity"] = max(row.worst_severity, severity or "", key=SEVERITIES.index)
    episodes.change(connection, row.id, values)
    if step.reason == "severity_up":
        facts = _facts(connection, workspace, subject, row.id, str(severity), step, before, stamp, row.fired_at, row.since)
        about = _matter(workspace, subject, str(severity))
        direct = _direct(workspace, subject)
        letters = telling.firing(connection, workspace, about, direct, stamp.at, severity_up=True, back=back)
        outbox.tell(connection, workspace, facts, letters, seq, stamp)
        if row.handling == "NEW":  # whoever took it on hears that it is worse, and has it
            telling.start_following(connection, workspace, about, row.id, stamp.at)


def _under(step: Step, row: Row[Any] | None, subject: Subject) -> Step:
    """Of an episode that was raised under an earlier definition, each step names both."""
    if row is None or row.definition in (0, subject.definition):
        return step
    return replace(step, why=replace(step.why, definitions=(row.definition, subject.definition)))


def _matter(workspace: Workspace, subject: Subject, severity: str) -> matter.Matter:
    return matter.of_series(workspace, subject.rule, severity, subject.series, subject.series_id)


def _direct(workspace: Workspace, subject: Subject) -> Sequence[str]:
    """Receivers the rule names itself."""
    return (workspace.rules.get(subject.rule.key) or subject.rule).receivers


def _flaps(connection: Connection, workspace: Workspace, subject: Subject, step: Step, facts: Facts, stamp: Stamp) -> bool:
    """The condition has turned once more: where it flaps from now on, that is told once, and the turns only in the digest."""
    turn = flapping.turned(connection, subject.rule.key, subject.series_id, subject.rule.grain, stamp.at)
    if turn != "begins":
        return turn == "flaps"
    told = telling.closing(connection, _matter(workspace, subject, facts.severity), facts.episode, stamp.at)
    about = _matter(workspace, subject, facts.severity)
    meant = telling.firing(connection, workspace, about, _direct(workspace, subject), stamp.at)
    letters = {one.receiver: replace(one, held_by="" if one.held_by == "flapping" else one.held_by) for one in (*meant, *told)}
    seq = _event(connection, subject, "flapping", facts.severity, step, stamp, facts.episode)
    outbox.tell(connection, workspace, replace(facts, kind="flapping"), letters.values(), seq, stamp)
    return True


def _standing(subject: Subject, state: State) -> dict[str, Any]:
    """Where the open episode stands now: its condition and the newest value judged in it."""
    if state.last is None:
        return {}
    last = state.last
    level = max(state.level, 0)
    values: dict[str, Any] = {
        "condition": state.condition, "period_start": last.start, "period_end": last.end, "value": str(last.value),
        "level": level, "severity": _severity(subject.rule, level), "threshold": _threshold(subject.rule, level),
    }  # fmt: skip
    if state.breach_since is not None:
        values["since"] = state.breach_since
    return values


def _episode(subject: Subject, step: Step, stamp: Stamp) -> dict[str, Any]:
    rule, event = subject.rule, step.event
    severity = _severity(rule, event.level)
    return {
        "rule": rule.key, "series_id": subject.series_id, "rule_version": subject.rule_version,
        "definition": event.value.definition or subject.definition,
        "level": event.level, "severity": severity,
        "worst_severity": max(step.worst, severity or "", key=SEVERITIES.index),
        "since": event.since if event.since is not None else event.at,
        "fired_at": stamp.at, "op": rule.op, "threshold": _threshold(rule, event.level),
        "by_correction": step.by_correction, "revision": stamp.revision, **_last(step),
    }  # fmt: skip


def _last(step: Step) -> dict[str, Any]:
    value = step.last or step.event.value
    return {"period_start": value.start, "period_end": value.end, "value": str(value.value)}


def _event(
    connection: Connection, subject: Subject, kind: str, severity: str | None, step: Step, stamp: Stamp, episode: int | None
) -> int:
    value = step.event.value
    return episodes.add_event(
        connection,
        {
            "episode_id": episode, "rule": subject.rule.key, "rule_version": subject.rule_version,
            "series_id": subject.series_id, "at": stamp.at, "kind": kind, "severity": severity, "period_start": value.start,
            "value": str(value.value), "revision": stamp.revision, "text": step.why.text, "actor": step.why.by[:64],
        },
    )  # fmt: skip


def _facts(
    connection: Connection,
    workspace: Workspace,
    subject: Subject,
    episode: int,
    severity: str,
    step: Step,
    before: State,
    stamp: Stamp,
    fired_at: int,
    since: int,
) -> Facts:
    indicator = workspace.indicators.get(subject.rule.indicator)
    rule = workspace.rules.get(subject.rule.key) or subject.rule
    value = step.event.value
    told = step.reason in ("firing", "severity_up")
    level = step.event.level if 0 <= step.event.level < len(subject.rule.levels) else 0
    earlier: Decimal | None = before.last.value if before.last is not None and not step.by_correction else None
    return Facts(
        kind=step.reason, severity=severity, rule=rule.key, rule_name=rule.name,
        matter=indicator.name if indicator else {"zh": subject.rule.indicator, "en": subject.rule.indicator},
        place=place_name(workspace, subject.series), episode=episode, source="", since=from_us(since),
        fired_at=from_us(fired_at), at=stamp.now, value=value.value, before=earlier,
        threshold=subject.rule.levels[level].threshold, op=subject.rule.op,
        unit=kinds.unit(rule, indicator, workspace.units),
        rate=subject.rule.kind in _FIGURES and bool(indicator and (indicator.unit == "percent" or indicator.measure.rate)),
        period_start=from_us(value.start), period_end=from_us(value.end),
        grain=None if value.start == value.end else subject.rule.grain,
        by_correction=step.by_correction, demo=workspace.demo, path=f"/alerts/{episode}",
        figure_path=links.figure(subject.rule, subject.series),
        recent=_recent(connection, workspace, subject, value.start, step),
        why=step.why.as_json(),
        cases=naming.cases(connection, workspace, subject.rule, subject.series, stamp.now) if told else (),
    )  # fmt: skip


def _recent(connection: Connection, workspace: Workspace, subject: Subject, until: int, step: Step) -> tuple[Decimal, ...]:
    """The figures of the last periods, newest last, for the trend in words."""
    indicator = workspace.indicators.get(subject.rule.indicator)
    if indicator is None or subject.rule.kind != "threshold" or step.by_correction:
        return ()
    found = windows(connection, workspace, subject.series_id, subject.series, until, RECENT)
    shown = [
        display(workspace.under(indicator.key, version).indicators[indicator.key], values)
        for _, version, values in course(workspace, subject.series, found)[-RECENT:]
    ]
    return tuple(value for value in shown if value is not None)


def _severity(rule: Rule, level: int) -> str | None:
    return rule.levels[level].severity if 0 <= level < len(rule.levels) else None


def _threshold(rule: Rule, level: int) -> str | None:
    return str(rule.levels[level].threshold) if 0 <= level < len(rule.levels) else None
