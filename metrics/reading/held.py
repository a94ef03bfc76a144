"""Figures that were doubted: what was reported, what stands in its place, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from metrics import periods, steering
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator, Principal
from metrics.reading.cards import make_cell
from metrics.reading.standing import kept
from metrics.store import doubts, head, scope
from metrics.store.doubts import OPEN, Doubted
from metrics.store.gone import KIND
from metrics.values import Values, display

BACK = 12
"""Periods looked back for a good figure."""


@dataclass(frozen=True)
class Held:
    id: int
    indicator: Indicator
    """As it was meant when the figure was reported."""
    series: Series
    period_start: datetime
    source: str
    value: Decimal | None
    """As reported, in display units."""
    kind: str
    words: str
    held: bool
    """False: stored as reported, and a question to whoever reported it."""
    against: Decimal | None
    """What it was compared with."""
    good: Cell | None
    """The figure that stands: of the same period, else of the nearest before it."""
    run_id: int | None
    since: datetime
    verdict: str
    """Empty while it waits; else `released`, `rejected`, `settled`, `replaced` or `resolved`."""
    actor: str
    reason: str
    decided_at: datetime | None
    mine: bool
    """The asker may decide on it."""


def may_see(who: Principal, workspace: Workspace) -> bool:
    """What is not believed is not for everybody: for those who work with it; in a demonstration for all."""
    return who.has("staff", "supervisor", "administrator") or workspace.demo


def held(
    ask: Ask, *, waiting: bool | None = None, indicator: str | None = None, limit: int = 200, offset: int = 0
) -> list[Held]:  # fmt: skip
    """In the asker's scope or of the asker's own systems; those that wait first, held before noted, then the newest. As of an
    earlier revision as they stood then: nobody decides in the past.

    waiting: only those that wait, or only those that do not."""
    if not may_see(ask.who, ask.workspace):
        return []
    rows = doubts.every(ask.connection, **_sight(ask, indicator), waiting=waiting, limit=limit, offset=offset)
    return [_held(ask, row) for row in rows]


def held_counts(ask: Ask, indicator: str | None = None) -> tuple[int, int]:
    """How many of them wait, and how many do not: all there are, however few a list gives."""
    return doubts.number(ask.connection, **_sight(ask, indicator)) if may_see(ask.who, ask.workspace) else (0, 0)


def held_one(ask: Ask, id: int) -> Held | None:
    """One of them, however old; None: there is none, or it is out of the asker's scope."""
    if not may_see(ask.who, ask.workspace):
        return None
    row = doubts.seen(ask.connection, id, **_sight(ask))
    return _held(ask, row) if row is not None else None


def _sight(ask: Ask, indicator: str | None = None) -> dict[str, Any]:
    """Which doubted figures are the asker's to see, as the store asks for them."""
    then = None if ask.revision is None else (ask.revision, periods.to_us(head.instant(ask.connection, ask.revision)))
    return {
        "scope": scope.of(ask.who, ask.workspace.departments, ask.workspace.regions),
        "owned": [one.key for one in ask.workspace.sources.values() if steering.owns(ask.who, ask.workspace, one)],
        "indicators": ask.workspace.indicators if indicator is None else [indicator], "then": then,
    }  # fmt: skip


def may_decide(who: Principal, workspace: Workspace, one: Doubted) -> bool:
    """Staff of the department whose system reported it, and supervisors in whose scope the figure lies."""
    source = workspace.sources.get(one.source)
    if source is not None and steering.owns(who, workspace, source):
        return True
    within = scope.of(who, workspace.departments, workspace.regions)
    return who.has("supervisor") and within.holds(*one.key[:2])


def _held(ask: Ask, one: Doubted) -> Held:
    indicator = ask.workspace.meant(one.indicator, one.version)
    return Held(
        id=one.id, indicator=indicator, series=Series(one.indicator, one.grain, *one.key),
        period_start=periods.from_us(one.period_start), source=one.source,
        value=_value(indicator, one), kind=one.kind, words=one.words, held=one.held,
        against=Decimal(one.against) if one.against else None,
        good=_good(ask, one) if one.verdict == OPEN and one.kind != KIND else None,
        run_id=one.run_id, since=periods.from_us(one.at),
        verdict=one.verdict, actor=one.actor, reason=one.reason,
        decided_at=periods.from_us(one.decided_at) if one.decided_at is not None else None,
        mine=ask.revision is None and may_decide(ask.who, ask.workspace, one),
    )  # fmt: skip


def _value(indicator: Indicator, one: Doubted) -> Decimal | None:
    """As reported; of cases that are gone how many."""
    if one.kind == KIND:
        return Decimal(one.num or 0)
    return display(indicator, Values(one.num, one.den, one.n, None, one.status))


def _good(ask: Ask, one: Doubted) -> Cell | None:
    indicator = ask.workspace.indicators[one.indicator]
    starts = [one.period_start]
    step = periods.from_us(one.period_start)
    while len(starts) <= BACK and (before := periods.previous(one.grain, step, ask.workspace.zone)) is not None:
        step = before
        starts.append(periods.to_us(before))
    rows = kept(ask, indicator, one.grain, sorted(starts), [one.key], scope.WHOLE, like=one.period_start)
    series = Series(one.indicator, one.grain, *one.key)
    for row in reversed(rows):
        cell = make_cell(ask, indicator, series, row.period_start, row, row.values)
        if cell.value is not None:
            return cell
    return None
