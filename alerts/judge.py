"""Judging: `judge(rule, state, window, now) -> (state', events)`. Pure: no clock, no database, no catalogue.

The condition of a (rule, series) moves on judged values only. Missing, unsettled and too small values are never in a window, so
nothing recovers because data is missing. All comparisons are exact (Decimal in display units); boundaries are `>=` for counts and
spans, and the rule's own operator for thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from metrics.rulebook import Rule

GAP = 2
"""More than this many missing periods in a row pause `for`: the gap is not counted."""

EventKind = Literal["pending", "cleared", "firing", "severity_up", "severity_down", "recovering", "relapsed", "recovered"]


@dataclass(frozen=True, slots=True)
class Value:
    """One judged value. Instants are epoch microseconds; a reading taken at an instant has start = end."""

    start: int
    end: int
    value: Decimal
    gap: int = 0
    """Periods directly before it that have no judged value."""
    n: int | None = None
    """How many cases it rests on, where that is known."""
    definition: int = 0
    """The version of the indicator's definition it was judged by."""


@dataclass(frozen=True, slots=True)
class State:
    """What is kept per (rule, series) between values. Levels are indexes into `rule.levels`; -1 is none."""

    condition: Literal["NORMAL", "PENDING", "FIRING", "RECOVERING"] = "NORMAL"
    level: int = -1
    breach_since: int | None = None
    """Start of the first breaching period of this run, in business time."""
    breach_count: int = 0
    recover_since: int | None = None
    recover_count: int = 0
    paused: int = 0
    """Microseconds of gaps inside the running span that do not count."""
    recent: tuple[int, ...] = ()
    """Of the last n judged values while PENDING, oldest first: the start of one that breaches, -1 for one that does not."""
    last: Value | None = None
    """The newest value judged."""
    pauses: tuple[int, ...] = ()
    """Of each in `recent`, where the rule has a `for`: what was paused before it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded transition."""

    kind: EventKind
    at: int
    """Start of the judged period that made it, in business time."""
    value: Value
    level: int
    since: int | None


def judge(rule: Rule, state: State, window: Sequence[Value], now: datetime) -> tuple[State, list[Event]]:
    """Fold the values of `window` (newest last, each later than `state.last`) into the state.

    `now` bounds what may be judged: a value whose period has not ended by then is a fault of the caller.
    """
    events: list[Event] = []
    for value in window:
        if state.last is not None and value.start <= state.last.start:
            raise ValueError(f"{rule.key}: the value of {value.start} is not later than the last one judged")
        state = _step(rule, state, value, events)
    return state, events


def breached(rule: Rule, value: Decimal) -> int:
    """Index of the highest level the value breaches; -1 for none."""
    highest = -1
    for place, level in enumerate(rule.levels):
        if beyond(rule.op, value, level.threshold):
            highest = place
    return highest


def safe(rule: Rule, value: Decimal, level: int = 0) -> bool:
    """Is the value on the safe side of the recovery bound of a level? Between that and the threshold lies the dead band."""
    bound = rule.levels[level].recovery
    return value <= bound if rule.op in (">", ">=") else value >= bound


def edited(rule: Rule, state: State) -> tuple[State, bool]:
    """The latest judged value under a new version of the rule, and whether that closes the episode (`rule_changed`).

    A firing alert whose value still breaches goes on, whatever the new `for` or m of n; a pending one starts afresh.
    A paused rule keeps nothing open.
    """
    if not rule.paused and state.condition in ("FIRING", "RECOVERING") and state.last is not None:
        level = breached(rule, state.last.value)
        if level >= 0:
            return replace(state, condition="FIRING", level=level, recover_since=None, recover_count=0), False
        return State(last=state.last), True
    return State(last=state.last), rule.paused and state.condition in ("FIRING", "RECOVERING")


def beyond(op: str, value: Decimal, threshold: Decimal) -> bool:
    """Does the value breach the threshold?"""
    match op:
        case ">":
            return value > threshold
        case ">=":
            return value >= threshold
        case "<":
            return value < threshold
        case _:
            return value <= threshold


def _step(rule: Rule, state: State, value: Value, events: list[Event]) -> State:
    level = breached(rule, value.value)
    if state.last is not None and value.gap > GAP and state.condition != "NORMAL":
        state = replace(state, paused=state.paused + max(0, value.start - state.last.end))
    open_ = state.condition in ("FIRING", "RECOVERING")
    s = _open(rule, state, value, level, events) if open_ else _quiet(rule, state, value, level, events)
    # Written out: `replace` takes three times as long, and this is the step everything rests on.
    return State(
        s.condition, s.level, s.breach_since, s.breach_count, s.recover_since, s.recover_count, s.paused, s.recent, value,
        s.pauses,
    )  # fmt: skip


def _quiet(rule: Rule, state: State, value: Value, level: int, events: list[Event]) -> State:
    """NORMAL or PENDING: count breaches until m of the last n, over `for`."""
    if level < 0:
        return state if state.condition == "NORMAL" else _weaken(rule, state, value, events)
    if state.condition == "NORMAL":
        state = State(condition="PENDING", level=level, breach_since=value.start)
    recent = (*state.recent, value.start)[-rule.n :]
    grown = State(
        state.condition, level, state.breach_since, state.breach_count + 1, paused=state.paused, recent=recent, last=state.last,
        pauses=_pauses(rule, state),
    )  # fmt: skip
    if _breaches(recent) >= rule.m and _lasted(rule.for_, grown.breach_since, value, grown.paused):
        events.append(Event("firing", value.start, value, level, grown.breach_since))
        return replace(grown, condition="FIRING", recent=(), paused=0, pauses=())
    if state.breach_count == 0:
        events.append(Event("pending", value.start, value, level, grown.breach_since))
    return grown


def _weaken(rule: Rule, state: State, value: Value, events: list[Event]) -> State:
    """PENDING, not a breach: it uses up one of n; NORMAL once m of n cannot be reached without a new first breach."""
    recent, pauses = (*state.recent, -1)[-rule.n :], _pauses(rule, state)
    kept = State(
        state.condition, state.level, state.breach_since, state.breach_count, paused=state.paused, recent=recent,
        last=state.last, pauses=pauses,
    )  # fmt: skip
    breaches = _breaches(recent)
    if breaches >= rule.m:
        return kept
    for place, start in enumerate(recent):
        ahead = rule.n - (len(recent) - place)
        if start >= 0 and breaches + ahead >= rule.m:
            if start == state.breach_since:
                return kept
            before = pauses[place] if pauses else 0
            left = tuple([max(0, pause - before) for pause in pauses])
            return replace(kept, breach_since=start, breach_count=breaches, paused=kept.paused - before, pauses=left)
        breaches -= start >= 0
    events.append(Event("cleared", value.start, value, -1, state.breach_since))
    return State()


def _pauses(rule: Rule, state: State) -> tuple[int, ...]:
    """With a `for`, a gap counts to what began before it only; without one, nothing asks."""
    return (*state.pauses, state.paused)[-rule.n :] if rule.for_ is not None else ()


def _open(rule: Rule, state: State, value: Value, level: int, events: list[Event]) -> State:
    """FIRING or RECOVERING: the same episode until OK by the recovery bound, often and long enough."""
    if level >= 0:
        return _again(rule, state, value, level, events)
    if not safe(rule, value.value):
        return replace(state, level=_banded(rule, state, value, level, events))
    if state.condition == "FIRING":
        state = replace(state, condition="RECOVERING", recover_since=value.start, recover_count=0, paused=0)
        first = True
    else:
        first = False
    state = replace(state, recover_count=state.recover_count + 1)
    if state.recover_count >= rule.recover_count and _lasted(rule.recover_for, state.recover_since, value, state.paused):
        events.append(Event("recovered", value.start, value, state.level, state.breach_since))
        return State()
    if first:
        events.append(Event("recovering", value.start, value, state.level, state.breach_since))
    return state


def _again(rule: Rule, state: State, value: Value, level: int, events: list[Event]) -> State:
    """A breach while open: the same episode."""
    if state.condition == "RECOVERING":
        events.append(Event("relapsed", value.start, value, max(level, state.level), state.breach_since))
    level = _banded(rule, state, value, level, events)
    return State("FIRING", level, state.breach_since, state.breach_count + 1, recent=state.recent, last=state.last)


def _banded(rule: Rule, state: State, value: Value, level: int, events: list[Event]) -> int:
    """The level it stands at: a higher one at once, a lower one only past the recovery bound of each level above it."""
    kept = max((i for i in range(state.level + 1) if not safe(rule, value.value, i)), default=-1)
    level = max(level, kept)
    if level != state.level:
        kind: EventKind = "severity_up" if level > state.level else "severity_down"
        events.append(Event(kind, value.start, value, level, state.breach_since))
    return level


def _breaches(recent: Sequence[int]) -> int:
    return sum([start >= 0 for start in recent])


def _lasted(span: timedelta | None, since: int | None, value: Value, paused: int) -> bool:
    """Is the time from the start of the first period to the end of this one, without paused gaps, at least `span`?"""
    if span is None:
        return True
    assert since is not None
    return value.end - since - paused >= span // timedelta(microseconds=1)
