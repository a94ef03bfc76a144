"""Rules that time moves: ranks, volumes, late entries and conflicts of a whole period, cases due soon, figures that grow stale.

The door and a settled period put a wake row; the tick that finds it due makes the values here and has them judged like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from alerts import conflicts, kinds, naming
from alerts.course import Era
from alerts.evaluate import WAKE, Reader
from alerts.judge import State, Value, breached, safe
from alerts.store import figures
from alerts.take_in import Case
from alerts.whole_periods import figures_of, of_rule, period
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.indicators import records as from_records
from metrics.model import Indicator, Measure
from metrics.rulebook import Rule
from metrics.status import expected_interval
from metrics.store import series as series_store
from metrics.store import wakes
from metrics.store.series import Key
from metrics.tick import settled_between
from metrics.values import Values

HOUR = Decimal(3_600_000_000)
PATIENCE = timedelta(days=30)
"""How long an answer is waited for before a period is left as missing."""


def due(connection: Connection, workspace: Workspace, at: datetime) -> list[str]:
    """Keys of the wake rows to answer now; those that are missing are put first."""
    known = {key: when for (_, key), when in wakes.pending(connection, (WAKE, conflicts.SEEN)).items()}
    for rule in workspace.rules.values():
        if rule.key in known or rule.indicator not in workspace.indicators:
            continue
        if rule.kind in ("volume", "late_entry"):
            wakes.put(connection, WAKE, rule.key, _next_settled(workspace, rule, at))
        elif rule.kind in kinds.READINGS:
            wakes.put(connection, WAKE, rule.key, at)
    for rule in workspace.rules.values():
        if rule.kind == "conflict" and rule.indicator in workspace.indicators:
            conflicts.look(connection, workspace, rule, at, WAKE)
    return [key for _, key, _ in wakes.due(connection, at, (WAKE,))]


def cases(
    connection: Connection, workspace: Workspace, in_force: Mapping[str, Sequence[Era]], keys: Sequence[str], at: datetime
) -> list[Case]:
    """What is judged for these wake rows, which are answered with that."""
    values = Reader(workspace)
    since = {key: when for (_, key), when in wakes.pending(connection, (WAKE,)).items()}
    starts: dict[str, set[int]] = {}
    for key in keys:
        name, _, start = key.partition("|")
        wakes.drop(connection, WAKE, key)
        rule = workspace.rules.get(name)
        if rule is None or name not in in_force or rule.indicator not in workspace.indicators:
            continue
        wanted = starts.setdefault(name, set())
        if start:
            wanted.add(int(start))
        elif rule.kind in ("volume", "late_entry"):
            indicator = workspace.indicators[rule.indicator]
            wanted.update(settled_between(workspace, indicator, rule.grain, since[key], at))
            wakes.put(connection, WAKE, name, _next_settled(workspace, rule, at))
        if rule.kind in ("volume", "late_entry"):
            _ask_again(connection, workspace, rule, wanted, at)
    found: list[Case] = []
    for name, periods_ in starts.items():
        rule = in_force[name][-1].rule
        if rule.kind in kinds.READINGS:
            found += _readings(connection, workspace, values, rule, at)
        elif periods_:
            found += _of_periods(connection, workspace, values, rule, sorted(periods_), at)
    return found


def _ask_again(connection: Connection, workspace: Workspace, rule: Rule, starts: Iterable[int], at: datetime) -> None:
    """What the source has not answered since is looked at again: nothing can be told of it yet."""
    indicator = workspace.indicators[rule.indicator]
    source = workspace.sources.get(indicator.source or "")
    if source is None or not indicator.measure.from_records:
        return
    for start in starts:
        end = periods.bounds(rule.grain, periods.from_us(start), workspace.zone)[1]
        if at - end < PATIENCE and not figures.answered_after(connection, source.key, end):
            wakes.put(connection, WAKE, f"{rule.key}|{start}", at + expected_interval(source))


def _of_periods(
    connection: Connection, workspace: Workspace, values: Reader, rule: Rule, starts: Sequence[int], at: datetime
) -> Iterator[Case]:
    indicator = workspace.indicators[rule.indicator]
    made = {start: period(connection, workspace, rule, start) for start in starts}
    keys = {key for one in made.values() for key in one}
    numbers = series_store.ensure(connection, rule.indicator, rule.grain, sorted(keys))
    delay = indicator.settle_delay // timedelta(microseconds=1)
    memory: dict[int, Mapping[Key, tuple[Decimal | None, int | None]]] = dict(made)
    every = sorted({*figures_of(connection, rule), *starts})

    for key in sorted(keys):

        def arrivals(state: State, key: Key = key) -> dict[int, Value | None]:
            found = {start: _value(values, rule, start, one.get(key)) for start, one in made.items()}
            return {start: v for start, v in found.items() if v is not None or (state.last and start <= state.last.start)}

        def history(until: int, key: Key = key) -> list[Value]:
            for start in every:
                if start <= until and start not in memory:
                    memory[start] = period(connection, workspace, rule, start)
            found = (_value(values, rule, start, memory[start].get(key)) for start in every if start <= until)
            return [value for value in found if value is not None]

        yield Case(
            rule, indicator, numbers[key], Series(rule.indicator, rule.grain, *key), arrivals, history, delay
        )  # fmt: skip


def _readings(connection: Connection, workspace: Workspace, values: Reader, rule: Rule, at: datetime) -> list[Case]:
    runs = 0 if rule.grain == "all" else periods.to_us(periods.bounds(rule.grain, at, workspace.zone)[0])
    indicator = values.in_force(rule, runs)
    found = _soon(connection, workspace, rule, indicator, at) if rule.kind == "due_soon" else _ages(
        connection, workspace, rule, indicator, at
    )  # fmt: skip
    numbers = series_store.ensure(connection, rule.indicator, rule.grain, sorted(found))
    moment = periods.to_us(at)

    def case(key: Key, value: Decimal) -> Case:
        def arrivals(state: State) -> dict[int, Value | None]:
            if state.condition == "NORMAL" and breached(rule, value) < 0:
                return {}  # nothing has begun
            start = moment if state.last is None or state.last.start < moment else state.last.start + 1
            return {start: Value(start, start, value, definition=indicator.version)}

        series = Series(rule.indicator, rule.grain, *key)

        def ended(state: State) -> str:
            """Cases that came due meanwhile and are still open have not recovered: they are overdue."""
            since = state.breach_since if state.breach_since is not None else moment
            late = naming.overtaken(connection, workspace, rule, series, periods.from_us(since), at)
            return "overdue" if late and not safe(rule, value + late) else ""

        due = ended if rule.kind == "due_soon" else None
        return Case(rule, indicator, numbers[key], series, arrivals, lambda until: [], ended=due)

    return [case(key, value) for key, value in sorted(found.items())]


def _soon(connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, at: datetime) -> dict[Key, Decimal]:
    """Open cases due within `within`: those that will be overdue by then, less those that are now."""
    within = rule.within or timedelta(0)
    overdue = replace(indicator, measure=Measure("overdue", over=indicator.measure.over))
    place = replace(workspace, indicators={**workspace.indicators, indicator.key: overdue})
    start = 0 if rule.grain == "all" else periods.to_us(periods.bounds(rule.grain, at, workspace.zone)[0])
    source = indicator.source or ""

    def count(moment: datetime) -> dict[Key, Values]:
        (one,) = from_records.figures(connection, place, source, {(indicator.key, rule.grain): [start]}, moment)
        return {key: value for (key, _), value in one.cells.items()}

    then, now = count(at + within), count(at)
    every = {*series_store.ids(connection, rule.indicator, rule.grain), *then, *now}
    following = figures.next_due(connection, source, at + within)
    leaving = figures.next_due(connection, source, at)
    wake = min(
        ([following - within] if following else []) + ([leaving] if leaving else []), default=at + timedelta(days=1)
    ) + timedelta(microseconds=1)  # fmt: skip
    wakes.put(connection, WAKE, rule.key, max(wake, at + timedelta(seconds=1)))

    def number(found: Mapping[Key, Values], key: Key) -> int:
        return (found[key].num or 0) if key in found else 0

    return {key: Decimal(number(then, key) - number(now, key)) for key in of_rule(workspace, rule, dict.fromkeys(every))}


def _ages(connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, at: datetime) -> dict[Key, Decimal]:
    """Hours since the newest figure of each series settled; a series that never had one is not watched."""
    newest = figures.newest_periods(connection, indicator.key, rule.grain)
    keys = {number: key for key, number in series_store.ids(connection, rule.indicator, rule.grain).items()}
    meant = of_rule(workspace, rule, dict.fromkeys(keys[number] for number in newest if number in keys))
    found: dict[Key, Decimal] = {}
    wake = at + timedelta(days=1)
    for number, start in newest.items():
        if keys.get(number) not in meant:
            continue
        end = periods.bounds(rule.grain, periods.from_us(start), workspace.zone)[1] + indicator.settle_delay
        hours = Decimal(max(0, periods.to_us(at) - periods.to_us(end))) / HOUR
        found[keys[number]] = hours.quantize(Decimal("0.1"))
        for level in rule.levels:
            crossing = end + timedelta(hours=float(level.threshold), minutes=6)  # a tenth of an hour past it
            if at < crossing < wake:
                wake = crossing
    wakes.put(connection, WAKE, rule.key, wake)
    return found


def _value(values: Reader, rule: Rule, start: int, given: tuple[Decimal | None, int | None] | None) -> Value | None:
    if given is None or given[0] is None:
        return None
    version = values.workspace.in_force(rule.indicator, rule.grain, start)
    return Value(start, values.end(rule.grain, start), given[0], n=given[1], definition=version)


def _next_settled(workspace: Workspace, rule: Rule, at: datetime) -> datetime:
    indicator = workspace.indicators[rule.indicator]
    end = periods.bounds(rule.grain, at - indicator.settle_delay, workspace.zone)[1]
    return end + indicator.settle_delay
