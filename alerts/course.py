"""The course of one series under one rule: from values that arrive in any order to what happens to its episode. Pure.

A value later than the last one judged is judged on top of the kept state. Anything else (a correction, a late or withdrawn
value) folds the whole course again over the final values and compares what should have happened with what did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from alerts.judge import Event, State, Value, edited, judge
from alerts.why import NOTHING as NO_REASON
from alerts.why import Why
from metrics.rulebook import Rule

HOUR = 3_600_000_000
LENGTH = {
    "minute5": HOUR // 12, "hour": HOUR, "day": 24 * HOUR, "week": 168 * HOUR, "tenday": 243 * HOUR, "month": 730 * HOUR,
    "quarter": 2190 * HOUR, "year": 8766 * HOUR,
}  # fmt: skip
OPEN = ("FIRING", "RECOVERING")
NOTHING = State()
SEVERITIES = ("", "reminder", "warning", "serious")


@dataclass(frozen=True, slots=True)
class Era:
    """One version of a rule and the instant (microseconds) it came into force."""

    rule: Rule
    since: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One fired stretch of a course: what an episode should look like."""

    since: int
    fired: Event
    last: Value
    worst: str
    """The worst severity it reached; a name, for its level may have been of another version."""
    closing: Literal["", "recovered", "rule_changed", "paused"] = ""
    era: int = -1
    closed_era: int = -1
    """Indexes of the versions of the rule under which it fired and recovered."""


@dataclass(frozen=True, slots=True)
class Known:
    """An episode as it was recorded: business time from its breach to the last value judged in it."""

    id: int
    since: int
    last: int
    level: int
    open: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What to record. `open` and `retro` make an episode, `close` ends the open one, `move` is an event of it or of none."""

    kind: Literal["open", "move", "close", "retro"]
    event: Event
    reason: str = ""
    """Of a close: recovered, overdue, corrected, rule_changed, paused. Of a move: the event's kind."""
    by_correction: bool = False
    worst: str = ""
    last: Value | None = None
    era: int = -1
    """Index of the version of the rule its levels are of; the newest."""
    why: Why = NO_REASON


def advance(
    eras: Sequence[Era],
    state: State,
    arrivals: Mapping[int, Value | None],
    history: Callable[[], Iterable[Value]],
    known: Callable[[], Sequence[Known]],
    *,
    grain: str,
    delay: int,
    now: datetime,
    begun: State = NOTHING,
    afresh: bool = False,
) -> tuple[State, list[Step]]:
    """Take in settled values by period start (None: no judged value there any more); the new state and what to record.

    `history` gives every judged value now in the store, arrivals included, and `known` the episodes recorded; both are asked only
    when the course must be folded again. `delay` is the indicator's settle delay in microseconds. `begun`: what the values before
    these left open, under an earlier definition of the indicator; `afresh`: these are the first under a new one.
    """
    first, newest = eras[0], eras[-1]
    steps: list[Step] = []
    last = state.last.start if state.last else None
    told = None if afresh else state.last
    earlier = [start for start in arrivals if last is not None and start <= last and not _same(told, arrivals[start])]
    later = sorted(start for start in arrivals if last is None or start > last)
    if earlier:
        mine = [v for v in history() if v.start <= (last or 0)]
        state, more = _again(eras, state, mine, known(), grain, delay, now, begun)
        steps = [replace(step, why=Why(corrected=min(earlier))) for step in more]
    for start in later:
        value = arrivals[start]
        if value is None or value.end + delay < first.since:
            continue
        if value.end + delay < newest.since and len(eras) > 1:
            # It belongs to an earlier version of the rule, which has to judge it before the newest one takes over.
            mine = [v for v in history() if v.start <= start]
            state, more = _again(eras, state, mine, known(), grain, delay, now, begun)
            steps += [replace(step, why=Why(corrected=start)) for step in more]
            continue
        if unjudged(newest.rule, value):
            continue
        state = redefined(state, value)
        after, events = judge(newest.rule, state, [spaced(state.last.end if state.last else None, value, grain)], now)
        for event in events:
            steps.append(_step(event, value))
        state = after
    return state, steps


def fold(
    eras: Sequence[Era], values: Iterable[Value], grain: str, delay: int, now: datetime, begun: State = NOTHING
) -> tuple[State, list[Run]]:
    """The whole course over final values in period order, each under the version of the rule in force when it settled.

    begun: open when these values began; what lies before its last value was judged under another definition, and stays so.
    """
    values = sorted(values, key=lambda v: v.start)
    if begun.last is not None and any((v.start, v.definition) == (begun.last.start, begun.last.definition) for v in values):
        begun = NOTHING  # its period is still under that definition: it is among these values, as it stands now
    state, era, runs = _beginning(eras, begun, delay)
    judged = runs[0].last.start if runs else None
    for value in values:
        if value.end + delay < eras[0].since or (judged is not None and value.start <= judged):
            continue
        while era + 1 < len(eras) and value.end + delay >= eras[era + 1].since:
            era += 1
            state = _into(eras[era], state, runs)
        if unjudged(eras[era].rule, value):
            continue
        state = redefined(state, value)
        state, events = judge(eras[era].rule, state, [spaced(state.last.end if state.last else None, value, grain)], now)
        _note(runs, events, value, eras[era].rule, era, state)
    while era + 1 < len(eras):
        era += 1
        state = _into(eras[era], state, runs)
    return state, runs


def _beginning(eras: Sequence[Era], begun: State, delay: int) -> tuple[State, int, list[Run]]:
    """Where a course begins: with nothing under the first version of the rule, or with what was open, as its first run. The
    version of the rule in force at its last value may have fewer levels than the one it was left open under."""
    last = begun.last
    if begun.condition not in OPEN or last is None:
        return State(), 0, []
    era = max((place for place, one in enumerate(eras) if last.end + delay >= one.since), default=0)
    since = last.start if begun.breach_since is None else begun.breach_since
    level = min(begun.level, len(eras[era].rule.levels) - 1)
    fired = Event("firing", since, last, level, since)
    return replace(begun, level=level), era, [Run(since, fired, last, eras[era].rule.levels[level].severity, era=era)]


def unjudged(rule: Rule, value: Value) -> bool:
    """Too few cases to judge, or the rule is paused: as if the value were missing."""
    return rule.paused or (value.n is not None and value.n < rule.min_n)


def redefined(state: State, value: Value) -> State:
    """Before a value by another version of the definition: what is pending starts afresh, what fires stays until judged."""
    return renewed(state) if state.last is not None and state.last.definition != value.definition else state


def renewed(state: State) -> State:
    return state if state.condition in OPEN else State(last=state.last)


def _into(era: Era, state: State, runs: list[Run]) -> State:
    state, closed = edited(era.rule, state)
    if closed and runs and not runs[-1].closing:
        runs[-1] = replace(runs[-1], closing="paused" if era.rule.paused else "rule_changed")
    return state


def _note(runs: list[Run], events: Sequence[Event], value: Value, rule: Rule, era: int, state: State) -> None:
    for event in events:
        if event.kind == "firing":
            severity = rule.levels[event.level].severity
            runs.append(Run(event.since if event.since is not None else value.start, event, value, severity, era=era))
        elif event.kind == "recovered":
            runs[-1] = replace(runs[-1], last=value, closing="recovered", closed_era=era)
        elif event.kind == "severity_up":
            runs[-1] = replace(runs[-1], worst=max(runs[-1].worst, rule.levels[event.level].severity, key=SEVERITIES.index))
    if state.condition in OPEN and runs:
        runs[-1] = replace(runs[-1], last=value)


def _again(
    eras: Sequence[Era], before: State, values: list[Value], known: Sequence[Known], grain: str, delay: int, now: datetime,
    begun: State,
) -> tuple[State, list[Step]]:  # fmt: skip
    """Fold again and say what of it is news: an episode to open, to close, to move, or one that only history shows."""
    state, runs = fold(eras, values, grain, delay, now, begun)
    open_ = next((k for k in known if k.open), None)
    current = runs[-1] if runs and state.condition in OPEN else None
    steps: list[Step] = []
    for run in runs:
        if run is not current and not any(_overlap(run, k) for k in known):
            steps.append(Step("retro", run.fired, "retro", True, run.worst, run.last, run.era))
    at = state.last or before.last
    if at is None:
        return state, steps
    if open_ and current:
        steps += _moved(before, state, open_, at)
    elif open_:
        met = [run for run in runs if _overlap(run, open_)]
        reason = met[-1].closing if met else ""
        if reason == "recovered":
            at = met[-1].last  # the value that showed it, not a later one
        kind: Literal["recovered", "cleared"] = "recovered" if reason == "recovered" else "cleared"
        event = Event(kind, at.start, at, open_.level, open_.since)
        era = met[-1].closed_era if reason == "recovered" else -1
        steps.append(Step("close", event, reason or "corrected", True, last=at, era=era))
    elif current:
        event = replace(current.fired, value=at, level=state.level, since=state.breach_since)
        steps.append(Step("open", event, "firing", True, current.worst, at))
    return state, steps


def _moved(before: State, state: State, open_: Known, at: Value) -> list[Step]:
    """The same episode, seen anew: a higher level is told, everything else is only noted."""
    steps = []
    if state.level > open_.level:
        steps.append(Step("move", Event("severity_up", at.start, at, state.level, state.breach_since), "severity_up", True))
    elif state.level < open_.level:
        steps.append(Step("move", Event("severity_down", at.start, at, state.level, state.breach_since), "severity_down", True))
    if state.condition != before.condition:
        kind: Literal["recovering", "relapsed"] = "recovering" if state.condition == "RECOVERING" else "relapsed"
        steps.append(Step("move", Event(kind, at.start, at, state.level, state.breach_since), kind, True))
    return steps


def _step(event: Event, value: Value) -> Step:
    if event.kind == "firing":
        return Step("open", event, "firing", last=value)
    if event.kind == "recovered":
        return Step("close", event, "recovered", last=value)
    return Step("move", event, event.kind, last=value)


def spaced(until: int | None, value: Value, grain: str) -> Value:
    """With how many periods lie between it and the end of the last value; by the usual length of the grain, which is
    exact for the few that matter.
    """
    length = LENGTH.get(grain)
    if until is None or length is None:
        return value
    return replace(value, gap=max(0, round((value.start - until) / length)))


def _overlap(run: Run, episode: Known) -> bool:
    return run.since <= episode.last and run.last.start >= episode.since


def _same(last: Value | None, value: Value | None) -> bool:
    return last is not None and value is not None and (last.start, last.value, last.n) == (value.start, value.value, value.n)
