"""One step of a series under a rule: the rows that keep it, and the facts that are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from alerts import kinds, links, matter, naming
from alerts.course import SEVERITIES, Era, Step
from alerts.judge import State
from alerts.message import Facts, place_name
from alerts.stamp import Stamp
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us
from metrics.rulebook import Rule


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

    def matter(self, workspace: Workspace, severity: str) -> matter.Matter:
        return matter.of_series(workspace, self.rule, severity, self.series, self.series_id)

    def direct(self, workspace: Workspace) -> Sequence[str]:
        """Receivers the rule names itself."""
        return (workspace.rules.get(self.rule.key) or self.rule).receivers

    def severity(self, level: int) -> str | None:
        return self.rule.levels[level].severity if 0 <= level < len(self.rule.levels) else None

    def threshold(self, level: int) -> str | None:
        return str(self.rule.levels[level].threshold) if 0 <= level < len(self.rule.levels) else None


def standing(subject: Subject, state: State) -> dict[str, Any]:
    """Where the open episode stands now: its condition and the newest value judged in it."""
    if state.last is None:
        return {}
    last = state.last
    level = max(state.level, 0)
    values: dict[str, Any] = {
        "condition": state.condition, "period_start": last.start, "period_end": last.end, "value": str(last.value),
        "level": level, "severity": subject.severity(level), "threshold": subject.threshold(level),
    }  # fmt: skip
    if state.breach_since is not None:
        values["since"] = state.breach_since
    return values


def episode(subject: Subject, step: Step, stamp: Stamp) -> dict[str, Any]:
    rule, event = subject.rule, step.event
    severity = subject.severity(event.level)
    return {
        "rule": rule.key, "series_id": subject.series_id, "rule_version": subject.rule_version,
        "definition": event.value.definition or subject.definition,
        "level": event.level, "severity": severity,
        "worst_severity": max(step.worst, severity or "", key=SEVERITIES.index),
        "since": event.since if event.since is not None else event.at,
        "fired_at": stamp.at, "op": rule.op, "threshold": subject.threshold(event.level),
        "by_correction": step.by_correction, "revision": stamp.revision, **last(step),
    }  # fmt: skip


def last(step: Step) -> dict[str, Any]:
    value = step.last or step.event.value
    return {"period_start": value.start, "period_end": value.end, "value": str(value.value)}


def event(subject: Subject, kind: str, severity: str | None, step: Step, stamp: Stamp, number: int | None) -> dict[str, Any]:
    """`number`: of the episode, where there is one."""
    value = step.event.value
    return {
        "episode_id": number, "rule": subject.rule.key, "rule_version": subject.rule_version,
        "series_id": subject.series_id, "at": stamp.at, "kind": kind, "severity": severity, "period_start": value.start,
        "value": str(value.value), "revision": stamp.revision, "text": step.why.text, "actor": step.why.by[:64],
    }  # fmt: skip


def facts(
    connection: Connection, workspace: Workspace, subject: Subject, number: int, severity: str, step: Step, before: State,
    stamp: Stamp, fired_at: int, since: int, recent: tuple[Decimal, ...],
) -> Facts:  # fmt: skip
    """`recent`: the figures of the last periods, newest last."""
    value = step.event.value
    told = step.reason in ("firing", "severity_up")
    level = step.event.level if 0 <= step.event.level < len(subject.rule.levels) else 0
    earlier: Decimal | None = before.last.value if before.last is not None and not step.by_correction else None
    return Facts(
        kind=step.reason, severity=severity, episode=number, source="", since=from_us(since),
        fired_at=from_us(fired_at), at=stamp.now, value=value.value, before=earlier,
        threshold=subject.rule.levels[level].threshold, op=subject.rule.op,
        period_start=from_us(value.start), period_end=from_us(value.end),
        grain=None if value.start == value.end else subject.rule.grain,
        by_correction=step.by_correction, path=f"/alerts/{number}", recent=recent, why=step.why.as_json(),
        cases=naming.cases(connection, workspace, subject.rule, subject.series, stamp.now) if told else (),
        **named(workspace, subject.rule, subject.series),
    )  # fmt: skip


def named(workspace: Workspace, rule: Rule, series: Series) -> dict[str, Any]:
    """What a message calls a rule and a series, and the unit of what is judged: the same whatever has happened."""
    indicator = workspace.indicators.get(rule.indicator)
    newest = workspace.rules.get(rule.key) or rule
    return {
        "rule": newest.key, "rule_name": newest.name, "unit": kinds.unit(newest, indicator, workspace.units),
        "rate": kinds.rate(rule, indicator),
        "matter": indicator.name if indicator else {"zh": rule.indicator, "en": rule.indicator},
        "place": place_name(workspace, series), "figure_path": links.figure(rule, series), "demo": workspace.demo,
    }  # fmt: skip
