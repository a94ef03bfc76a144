"""Judging what was stored, in the transaction that stores it: `evaluate(workspace)` is the judge handed to `metrics.ingest`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Connection

from alerts import kinds, quiet, rules
from alerts.judge import State, Value
from alerts.orders import evidence
from alerts.stamp import Stamp
from alerts.store import versions
from alerts.take_in import Case, take_in
from alerts.versions import eras
from alerts.windows import Windows, course, windows
from metrics import periods, silent
from metrics.catalogue.workspace import Workspace
from metrics.model import MAX, Indicator
from metrics.rulebook import Rule
from metrics.store import wakes
from metrics.values import CellChange, Changed, Values, display, size

WAKE = "rule"
"""Kind of the wake rows of rules that the tick judges; the key is the rule, or `rule|period start`."""


def evaluate(workspace: Workspace) -> Callable[[Connection, Changed, datetime], None]:
    """The judge of a workspace. It costs one look-up a change and one query where no rule is on what changed."""
    index = rules.Index(workspace)
    values = Reader(workspace)
    bounds = quiet.InForce({})

    def judge_changes(connection: Connection, changed: Changed, now: datetime) -> None:
        nonlocal bounds
        changed = _known(connection, workspace, changed, now)
        begin = versions.standing(connection)
        stamp = Stamp(begin.revision, now, begin.kind == "replay")
        in_force = eras(connection, workspace, stamp, begin.versions)
        if bounds.eras is not in_force:
            bounds = quiet.InForce(in_force)
        arrived, later = _sort(workspace, index, changed)
        work = _left(connection, values, arrived, bounds, stamp)
        if work:
            take_in(connection, workspace, in_force, [_case(connection, values, one, now) for one in work], stamp)
        for rule, start in later:
            wakes.put(connection, WAKE, f"{rule}|{start}" if start else rule, now)
        if begin.orders:
            settled = (change.series_id for change in changed if change.settled)
            evidence.follow(connection, workspace, now, stamp.revision, settled)

    return judge_changes


class Reader:
    """Turns stored figures into judged values, exactly, in display units."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.end = lru_cache(maxsize=4096)(self._end)
        self.under = lru_cache(maxsize=1024)(self._under)

    def value(self, indicator: Indicator, grain: str, start: int, values: Values) -> Value | None:
        """None where there is nothing to judge: missing, not applicable, suppressed, nothing due, fewer than min_n cases."""
        shown, n = display(indicator, values), size(values)
        if shown is None or (n is not None and n < indicator.min_n):
            return None
        return Value(start, self.end(grain, start), shown, n=n, definition=indicator.version)

    def base(self, rule: Rule, start: int) -> int | None:
        """Start of the period a change is measured against."""
        before = periods.previous if rule.kind == "change_last" else periods.year_before
        found = before(rule.grain, periods.from_us(start), self.workspace.zone)
        return None if found is None else periods.to_us(found)

    def in_force(self, rule: Rule, start: int) -> Indicator:
        """The rule's indicator by the version of its definition that is in force for a period."""
        return self.under(rule.indicator, self.workspace.in_force(rule.indicator, rule.grain, start))

    def _under(self, key: str, version: int) -> Indicator:
        return self.workspace.under(key, version).indicators[key]

    def _end(self, grain: Any, start: int) -> int:
        return periods.to_us(periods.bounds(grain, periods.from_us(start), self.workspace.zone)[1])


@dataclass(slots=True)
class _Arrived:
    """What changed of one series, and the rules that mean it."""

    rules: Sequence[Rule]
    changes: list[CellChange]


@dataclass(frozen=True, slots=True)
class _Work:
    rule: Rule
    indicator: Indicator
    changes: list[CellChange]


def _sort(workspace: Workspace, index: rules.Index, changed: Iterable[CellChange]) -> tuple[list[_Arrived], set[tuple[str, int]]]:
    """What is judged now, by series; and what the next tick judges: (rule, period start)."""
    arrived: dict[int, _Arrived] = {}
    later: set[tuple[str, int]] = set()
    for change in changed:
        series = change.series
        if (series.indicator, series.grain) not in index.figures:
            continue
        found = index.of(series)
        if not found:
            continue
        if change.version != workspace.in_force(series.indicator, series.grain, change.period_start):
            continue  # it stands beside what the period is judged by
        for rule in found.by_tick:
            if rule.kind in kinds.READINGS:
                later.add((rule.key, 0))
            elif change.settled:
                later.add((rule.key, change.period_start))
        if found.at_once and change.settled:
            mine = arrived.get(change.series_id)
            if mine is None:
                mine = arrived[change.series_id] = _Arrived(found.at_once, [])
            mine.changes.append(change)
    return list(arrived.values()), later


def _known(connection: Connection, workspace: Workspace, changed: Changed, now: datetime) -> Changed:
    """Without the figures of periods that a source has fallen silent about: a 0 that nobody said ends no trouble."""
    keys = {change.series.indicator for change in changed}
    since = {key: at for key in keys if (at := silent.after(connection, workspace, workspace.indicators[key], now)) is not None}
    if not since:
        return changed
    return [
        one
        for one in changed
        if not silent.unknown(
            workspace.indicators[one.series.indicator], one.series.grain, one.period_start, since.get(one.series.indicator)
        )
    ]


def _left(
    connection: Connection, values: Reader, arrived: Sequence[_Arrived], bounds: quiet.InForce, stamp: Stamp
) -> list[_Work]:
    """What is to be judged one by one: all but single new values that change nothing."""
    simple: list[quiet.Arrival] = []
    work: list[_Work] = []
    for one in arrived:
        plain = [rule for rule in one.rules if rule.kind == "threshold"] if len(one.changes) == 1 else []
        indicator = _newest(values, one.changes)
        arrival = _arrival(values, indicator, one, plain, stamp) if plain else None
        if arrival is None:
            work += [_Work(rule, indicator, one.changes) for rule in one.rules]
            continue
        simple.append(arrival)
        work += [_Work(rule, indicator, one.changes) for rule in one.rules if rule.kind != "threshold"]
    for remaining, of_it in quiet.pass_over(connection, bounds, simple, stamp) if simple else ():
        change = remaining.change
        work += [_Work(rule, _newest(values, [change]), [change]) for rule in of_it]
    return work


def _newest(values: Reader, changes: Sequence[CellChange]) -> Indicator:
    """By the version of its definition that is in force for the newest of the periods."""
    newest = max(changes, key=lambda change: change.period_start)
    return values.under(newest.series.indicator, newest.version)


def _arrival(values: Reader, indicator: Indicator, one: _Arrived, plain: Sequence[Rule], stamp: Stamp) -> quiet.Arrival | None:
    """The one value of a series; None where there is none, which is another matter."""
    (change,) = one.changes
    grain, delay = change.series.grain, _delay(indicator, change.series.grain)
    value = values.value(indicator, grain, change.period_start, change.new)
    if value is None:
        return None
    if rules.reading(indicator, grain):
        if value.end <= stamp.at:
            return None
        value = replace(value, start=stamp.at, end=stamp.at)
    return quiet.Arrival(change, plain, value, value.end + delay, grain, indicator.version)


def _delay(indicator: Indicator, grain: str) -> int:
    return 0 if rules.reading(indicator, grain) else indicator.settle_delay // timedelta(microseconds=1)


def _case(connection: Connection, values: Reader, one: _Work, now: datetime) -> Case:
    change = one.changes[0]
    delay = _delay(one.indicator, one.rule.grain)
    if one.rule.kind in kinds.CHANGES:
        return Case(
            one.rule, one.indicator, change.series_id, change.series, partial(_compared, connection, values, one, now),
            partial(_all_compared, connection, values, one), delay,
        )  # fmt: skip
    return Case(
        one.rule, one.indicator, change.series_id, change.series, partial(_arrivals, values, one, now),
        partial(_history, connection, values, one), delay,
    )  # fmt: skip


def _arrivals(values: Reader, one: _Work, now: datetime, state: State) -> dict[int, Value | None]:
    if not rules.reading(one.indicator, one.rule.grain):
        found = {
            change.period_start: values.value(
                values.under(one.indicator.key, change.version), one.rule.grain, change.period_start, change.new
            )
            for change in one.changes
        }
        return {start: value for start, value in found.items() if value is not None or _judged_before(state, start)}
    newest = max(one.changes, key=lambda change: change.period_start)
    value = values.value(one.indicator, one.rule.grain, newest.period_start, newest.new)
    if value is None or values.end(one.rule.grain, newest.period_start) <= periods.to_us(now):
        return {}  # nothing to read, or the end of a past day, which was judged as it stood then
    at = periods.to_us(now)
    if state.last is not None and state.last.start >= at:
        at = state.last.start + 1
    return {at: replace(value, start=at, end=at)}


def _judged_before(state: State, start: int) -> bool:
    return state.last is not None and start <= state.last.start


def _history(connection: Connection, values: Reader, one: _Work, until: int) -> list[Value]:
    change, key = one.changes[0], one.indicator.key
    found = windows(connection, values.workspace, change.series_id, change.series, until)
    in_force = course(values.workspace, change.series, found)
    judged = (values.value(values.under(key, version), one.rule.grain, start, figures) for start, version, figures in in_force)
    return [value for value in judged if value is not None]


def _compared(connection: Connection, values: Reader, one: _Work, now: datetime, state: State) -> dict[int, Value | None]:
    """The changed periods, and the later ones that are compared with them."""
    changed = {change.period_start for change in one.changes}
    known = windows(connection, values.workspace, one.changes[0].series_id, one.changes[0].series, MAX)
    settled = periods.to_us(now - one.indicator.settle_delay)
    wanted = set(changed)
    for start, _, _ in course(values.workspace, one.changes[0].series, known):
        if values.base(one.rule, start) in changed and values.end(one.rule.grain, start) <= settled:
            wanted.add(start)
    found = {start: _difference(values, one.rule, known, start) for start in wanted}
    return {start: value for start, value in found.items() if value is not None or _judged_before(state, start)}


def _all_compared(connection: Connection, values: Reader, one: _Work, until: int) -> list[Value]:
    change = one.changes[0]
    known = windows(connection, values.workspace, change.series_id, change.series, until)
    starts = [start for start, _, _ in course(values.workspace, change.series, known)]
    found = (_difference(values, one.rule, known, start) for start in starts)
    return [value for value in found if value is not None]


def _difference(values: Reader, rule: Rule, known: Windows, start: int) -> Value | None:
    """Like with like: both by the version in force for the period that is compared."""
    indicator, base = values.in_force(rule, start), values.base(rule, start)
    window = known.get(indicator.version, {})
    if start not in window or base is None or base not in window:
        return None
    mine = values.value(indicator, rule.grain, start, window[start])
    other = values.value(indicator, rule.grain, base, window[base])
    if mine is None or other is None:
        return None
    moved = kinds.change(indicator, mine.value, other.value)
    return None if moved is None else replace(mine, value=moved)
