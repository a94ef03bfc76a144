"""The state of every source: what people see when data does not come."""

from __future__ import annotations

from datetime import datetime

from metrics import schedule
from metrics.answers import Ask, RunRow, SourceState
from metrics.model import Source
from metrics.reading.freshness import reads, told
from metrics.reading.standing import then
from metrics.store import asks
from metrics.store import payloads as payload_store
from metrics.store import runs as run_store
from metrics.store.asks import Pause
from metrics.store.payloads import Kept


def sources(ask: Ask) -> list[SourceState]:
    """Every source, in the order of the workspace."""
    by = then(ask)
    known = told(ask, ask.workspace.sources)
    started = run_store.last_started(ask.connection, ask.workspace.sources, by)
    paused = asks.pauses(ask.connection, ask.now, then=by is not None)
    found: list[SourceState] = []
    for source in ask.workspace.sources.values():
        last, filled = run_store.last_apart(ask.connection, source.key, 30, by)
        one = known[source.key]
        using = [indicator.key for indicator in ask.workspace.indicators.values() if reads(ask, indicator, source)]
        found.append(
            SourceState(
                key=source.key, name=source.name, type=source.type, department=source.department,
                health=one.health, last_run=last[0] if last else None, last_success=one.last_good,
                outcomes=[row.outcome for row in reversed(last)], newest_period=one.newest,
                age_seconds=max(0.0, (ask.now - one.covered).total_seconds()) if one.covered is not None else None,
                next_run=_next(ask, source, started.get(source.key), paused.get(source.key)),
                indicators=using, rules=[rule.key for rule in ask.workspace.rules.values() if rule.indicator in using],
                department_name=_department(ask, source), filled=filled, expected=one.due,
            )
        )  # fmt: skip
    return found


def runs(ask: Ask, source: str, limit: int = 30) -> list[RunRow]:
    """The newest Runs of a source, newest first."""
    return run_store.last(ask.connection, source, limit, then(ask))


def payloads(ask: Ask, source: str) -> dict[bool, Kept]:
    """The beginnings of the last payload that could be taken (True) and of the last that could not, personal fields masked."""
    return payload_store.kept(ask.connection, source)


def _next(ask: Ask, source: Source, started: datetime | None, pause: Pause | None) -> datetime | None:
    """By the schedule; of a paused one when the pause ends by itself."""
    if pause is not None:
        return pause.until
    return schedule.next_at(source, started, ask.workspace.zone, ask.now)


def _department(ask: Ask, source: Source) -> dict[str, str]:
    departments = ask.workspace.departments
    return dict(departments.get(source.department).name) if source.department in departments else {}
