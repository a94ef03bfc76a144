"""The state of every source: what people see when data does not come."""

from __future__ import annotations

from datetime import datetime

from metrics import schedule, status
from metrics.answers import Ask, Health, RunRow, SourceState
from metrics.model import Indicator, Source
from metrics.periods import to_us
from metrics.store import asks, doubts, head
from metrics.store import payloads as payload_store
from metrics.store import runs as run_store
from metrics.store.asks import Pause
from metrics.store.payloads import Kept


def sources(ask: Ask) -> list[SourceState]:
    """Every source, in the order of the workspace."""
    by = _then(ask)
    good = run_store.last_good(ask.connection, ask.workspace.sources, by)
    started = run_store.last_started(ask.connection, ask.workspace.sources, by)
    covered = run_store.newest_periods(ask.connection, ask.workspace.sources, by)
    paused = asks.pauses(ask.connection, ask.now, then=by is not None)
    found: list[SourceState] = []
    for source in ask.workspace.sources.values():
        last, filled = run_store.last_apart(ask.connection, source.key, 30, by)
        outcomes = [row.outcome for row in reversed(last)]
        success = good.get(source.key)
        newest = covered.get(source.key)
        since = newest if newest is not None and source.gives == "observations" else success
        using = [one.key for one in ask.workspace.indicators.values() if reads(ask, one, source)]
        found.append(
            SourceState(
                key=source.key, name=source.name, type=source.type, department=source.department,
                health=status.health(source, outcomes, success, newest, ask.now, source.key in paused),
                last_run=last[0] if last else None, last_success=success, outcomes=outcomes, newest_period=newest,
                age_seconds=max(0.0, (ask.now - since).total_seconds()) if since is not None else None,
                next_run=_next(ask, source, started.get(source.key), paused.get(source.key)),
                indicators=using, rules=[rule.key for rule in ask.workspace.rules.values() if rule.indicator in using],
                department_name=_department(ask, source), filled=filled,
            )
        )  # fmt: skip
    return found


def runs(ask: Ask, source: str, limit: int = 30) -> list[RunRow]:
    """The newest Runs of a source, newest first."""
    return run_store.last(ask.connection, source, limit, _then(ask))


def payloads(ask: Ask, source: str) -> dict[bool, Kept]:
    """The beginnings of the last payload that could be taken (True) and of the last that could not, personal fields masked."""
    return payload_store.kept(ask.connection, source)


def source_health(ask: Ask, indicator: Indicator) -> tuple[Health, datetime | None]:
    """The worst health of what the indicator reads, and when that last answered; a derived one reads what its inputs read."""
    order: tuple[Health, ...] = ("FRESH", "LATE", "SUSPECT", "NEVER", "PAUSED", "STALE", "SOURCE_ERROR", "RETIRED")
    by = _then(ask)
    good = run_store.last_good(ask.connection, ask.workspace.sources, by)
    covered = run_store.newest_periods(ask.connection, ask.workspace.sources, by)
    paused = asks.pauses(ask.connection, ask.now, then=by is not None)
    held = doubts.waiting(ask.connection, ask.revision, to_us(by) if by is not None else 0)
    worst: Health = "SUSPECT" if held.get(indicator.key) else "FRESH"
    oldest: datetime | None = None
    for source in ask.workspace.sources.values():
        if source.key != indicator.source and not reads(ask, indicator, source):
            continue
        outcomes = [row.outcome for row in run_store.last_apart(ask.connection, source.key, 1, by)[0]]
        found = status.health(source, outcomes, good.get(source.key), covered.get(source.key), ask.now, source.key in paused)
        worst = max(worst, found, key=order.index)
        answered = good.get(source.key)
        if answered is not None:
            oldest = answered if oldest is None else min(oldest, answered)
    return worst, oldest


def _then(ask: Ask) -> datetime | None:
    """The instant of the revision a question is pinned to: what had begun by then was known."""
    return head.instant(ask.connection, ask.revision) if ask.revision is not None else None


def reads(ask: Ask, indicator: Indicator, source: Source) -> bool:
    """Directly, or through the indicators it is made of. Of several feeds the authoritative one counts."""
    if indicator.source is not None:
        return indicator.source == source.key
    return any(reads(ask, ask.workspace.indicators[key], source) for key in indicator.measure.inputs)


def _next(ask: Ask, source: Source, started: datetime | None, pause: Pause | None) -> datetime | None:
    """By the schedule; of a paused one when the pause ends by itself."""
    if pause is not None:
        return pause.until
    return schedule.next_at(source, started, ask.workspace.zone, ask.now)


def _department(ask: Ask, source: Source) -> dict[str, str]:
    departments = ask.workspace.departments
    return dict(departments.get(source.department).name) if source.department in departments else {}
