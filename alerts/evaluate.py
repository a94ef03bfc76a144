"""Judging what was stored, in the transaction that stores it: `evaluate(workspace)` is the judge handed to `metrics.ingest`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Connection

from alerts import record, rules
from alerts.course import Era, advance
from alerts.judge import State, Value
from alerts.record import Stamp, Subject
from alerts.store import episodes, states
from alerts.store.states import Kept
from alerts.versions import eras
from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator, Rule, Series
from metrics.values import CellChange, Changed, Values, display, size

Pair = tuple[str, int]
"""(rule, series id)."""


def evaluate(workspace: Workspace) -> Callable[[Connection, Changed, datetime], None]:
    """The judge of a workspace. It costs one look-up a change and one query where no rule is on what changed."""
    index = rules.by_figure(workspace)
    cut = rules.cutter(workspace)
    values = Reader(workspace)

    def judge_changes(connection: Connection, changed: Changed, now: datetime) -> None:
        stamp = standing(connection, now)
        in_force = eras(connection, workspace, stamp)
        work = _sort(workspace, index, cut, changed)
        if work:
            _judge(connection, workspace, values, in_force, work, stamp)

    return judge_changes


def standing(connection: Connection, now: datetime) -> Stamp:
    """Stamp of the revision this transaction has taken; whether it is a replay is written on that."""
    number, kind = episodes.standing(connection)
    return Stamp(number, now, kind == "replay")


class Reader:
    """Turns stored figures into judged values, exactly, in display units."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.end = lru_cache(maxsize=4096)(self._end)

    def value(self, indicator: Indicator, grain: str, start: int, values: Values) -> Value | None:
        """None where there is nothing to judge: missing, not applicable, suppressed, nothing due, fewer than min_n cases."""
        shown, n = display(indicator, values), size(values)
        if shown is None or (n is not None and n < indicator.min_n):
            return None
        return Value(start, self.end(grain, start), shown, n=n)

    def _end(self, grain: Any, start: int) -> int:
        return periods.to_us(periods.bounds(grain, periods.from_us(start), self.workspace.zone)[1])


@dataclass(frozen=True, slots=True)
class _Work:
    rule: Rule
    indicator: Indicator
    changes: list[CellChange]


def _sort(
    workspace: Workspace,
    index: Mapping[tuple[str, str], list[Rule]],
    cut: Callable[[Series], frozenset[str]],
    changed: Iterable[CellChange],
) -> dict[Pair, _Work]:
    work: dict[Pair, _Work] = {}
    for change in changed:
        found = index.get((change.series.indicator, change.series.grain))
        if not found or not change.settled:
            continue
        indicator = workspace.indicators[change.series.indicator]
        if change.version != indicator.version:
            continue
        split = cut(change.series)
        for rule in found:
            if rules.means(rule, split):
                work.setdefault((rule.key, change.series_id), _Work(rule, indicator, [])).changes.append(change)
    return work


def _judge(
    connection: Connection,
    workspace: Workspace,
    values: Reader,
    in_force: Mapping[str, Sequence[Era]],
    work: Mapping[Pair, _Work],
    stamp: Stamp,
) -> None:
    kept = states.of_series(connection, (series_id for _, series_id in work))
    fresh: list[Kept] = []
    known: list[Kept] = []
    inputs: list[dict[str, Any]] = []
    news = False
    for pair, one in work.items():
        before = kept.get(pair)
        held = before.state if before else State()
        state = _redefined(held) if before and before.definition != one.indicator.version else held
        era = in_force[one.rule.key]
        arrivals = _arrivals(values, one, state, stamp.now)
        delay = 0 if rules.reading(one.indicator, one.rule.grain) else one.indicator.settle_delay // timedelta(microseconds=1)
        if not any(value is None or value.end + delay >= era[0].since for value in arrivals.values()):
            continue
        until = state.last.start if state.last else 0
        after, found = advance(
            era, state, arrivals, partial(_history, connection, values, one, max(until, *arrivals)),
            partial(episodes.known, connection, *pair), grain=one.rule.grain, delay=delay, now=stamp.now,
        )  # fmt: skip
        inputs.append(_input(pair, one, arrivals, stamp))
        if found:
            news = True
        subject = Subject(era[-1].rule, era[-1].id, pair[1], one.changes[0].series, one.indicator.version, era)
        if found or after.condition != "NORMAL":
            record.steps(connection, workspace, subject, state, after, found, stamp)
        (known if before else fresh).append(Kept(*pair, after, era[-1].id, one.indicator.version))
    states.save(connection, fresh, known, stamp.revision)
    episodes.add_inputs(connection, inputs)
    if news:
        episodes.touch(connection, stamp.revision)


def _arrivals(values: Reader, one: _Work, state: State, now: datetime) -> dict[int, Value | None]:
    if not rules.reading(one.indicator, one.rule.grain):
        found = {
            change.period_start: values.value(one.indicator, one.rule.grain, change.period_start, change.new)
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
    change = one.changes[0]
    found = states.window(connection, change.series_id, one.indicator.version, until)
    judged = (values.value(one.indicator, one.rule.grain, start, figures) for start, figures in found)
    return [value for value in judged if value is not None]


def _redefined(state: State) -> State:
    """Another version of the definition: what is pending starts afresh, what fires stays until judged under the new one."""
    return State(last=state.last) if state.condition == "PENDING" else state


def _input(pair: Pair, one: _Work, arrivals: Mapping[int, Value | None], stamp: Stamp) -> dict[str, Any]:
    body = {str(start): None if v is None else [v.end, str(v.value), v.n] for start, v in arrivals.items()}
    return {
        "kind": "data", "rule": pair[0], "series_id": pair[1], "at": stamp.at, "revision": stamp.revision,
        "body": json.dumps({"values": body, "definition": one.indicator.version}),
    }  # fmt: skip
