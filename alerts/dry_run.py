"""A rule tried on the past before it is saved: how often it would have fired, and for whom. By `judge` itself.

It goes on from where it stopped, some series at a time, and what it found so far is kept with the draft: any process may take the
next step, and what is saved with the new version was counted here, not sent by a browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from heapq import nsmallest
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import Connection

from alerts import kinds, rules
from alerts.course import LENGTH, unjudged
from alerts.evaluate import Reader
from alerts.judge import State, Value, breached, judge
from alerts.store import edits
from alerts.store.edits import Bound
from alerts.whole_periods import period
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator
from metrics.rulebook import Rule
from metrics.store.series import Key
from metrics.values import Values

PERIODS: Mapping[str, int] = {
    "minute5": 288,
    "hour": 168,
    "day": 90,
    "week": 53,
    "tenday": 36,
    "month": 13,
    "quarter": 9,
    "year": 3,
}
"""How far back it looks, by grain."""
BATCH = 500
"""Series read at once."""
PLACES = 200
"""Places named, the worst; the count is of all."""
UNTRIED = ("due_soon", "stale")
"""Kinds that nothing is kept of: they depend on the instant they are looked at."""


@dataclass
class Trial:
    """What it has found so far; kept as JSON between steps."""

    done: int = 0
    """Series tried."""
    of: int = 0
    after: int = 0
    """The number of the last series tried; it goes on behind it."""
    times: int = 0
    """How often it would have fired."""
    before: int = 0
    """How often the rule in force would have, over the same past."""
    since: int = 0
    until: int = 0
    """The first and the last period tried (microseconds)."""
    where: int = 0
    """At how many places it would have."""
    places: list[dict[str, Any]] | None = None
    """department, region, times, worst, last: the most often first, so many of them."""
    untried: bool = False
    against: str = ""
    """Digest of the rule in force when it was begun."""

    @property
    def finished(self) -> bool:
        return self.untried or self.done >= self.of

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "places": self.places or []}


def begin(connection: Connection, workspace: Workspace, rule: Rule, now: datetime) -> Trial:
    """Which series and which periods: those settled by now."""
    indicator = workspace.indicators[rule.indicator]
    if rule.kind in UNTRIED or rule.grain == "all":
        return Trial(untried=True)
    last = periods.to_us(now - indicator.settle_delay)
    newest = edits.newest_period(connection, indicator.key, rule.grain, last)
    if newest is None:
        return Trial()
    reader = Reader(workspace)
    until = newest if reader.end(rule.grain, newest) <= last else _before(workspace, rule, newest)
    since = until
    for _ in range(PERIODS.get(rule.grain, 30) - 1):
        since = _before(workspace, rule, since)
    return Trial(of=len(_series(connection, workspace, rule)), since=since, until=until)


def advance(
    connection: Connection, workspace: Workspace, rule: Rule, current: Rule, trial: Trial, now: datetime, budget: float
) -> Trial:
    """Some more series, for at most about `budget` seconds; done at a time so that nobody waits for the whole."""
    until = monotonic() + budget
    ranked = _by_period(connection, workspace, rule, trial) if rule.kind in kinds.BY_TICK else None
    other = _by_period(connection, workspace, current, trial) if ranked is not None else None
    # Whoever looks at whole periods has made them all by now: the rest is little.
    while not trial.finished and (ranked is not None or monotonic() < until):
        batch = _series(connection, workspace, rule, trial.after, BATCH)
        if ranked is None:
            _try(connection, workspace, rule, current, batch, trial, now)
        else:
            for _, key in batch:
                _count(rule, key, Plain(ranked.get(key, []), rule), trial, now, fired=True)
                _count(current, key, Plain((other or {}).get(key, []), current), trial, now, fired=False)
        trial.done += len(batch)
        if not batch:
            trial.of = trial.done
            break
        trial.after = batch[-1][0]
        trial.places = nsmallest(PLACES, trial.places or [], lambda one: (-one["times"], one["department"], one["region"]))
    return trial


def _try(
    connection: Connection,
    workspace: Workspace,
    rule: Rule,
    current: Rule,
    batch: Sequence[tuple[int, Key]],
    trial: Trial,
    now: datetime,
) -> None:
    """Series by their kept figures. Where no figure breaches, nothing can fire: that is seen without judging."""
    reader = Reader(workspace)
    indicator = reader.in_force(rule, trial.until)  # the past by one version, so that like is tried with like
    keys = dict(batch)
    reach = _reach(workspace, rule, trial.since)
    wanted: Sequence[int] = list(keys)
    if rule.kind == "threshold":
        bounds = [_bounds(indicator, one)[0] for one in (rule, current)]
        wanted = edits.may_breach(connection, wanted, indicator.version, reach, trial.until, bounds)
    for number, rows in edits.courses(connection, wanted, indicator.version, reach, trial.until) if wanted else ():
        made: dict[int, Value | None] = {}
        for one, fired in ((rule, True), (current, False)):
            course: Course
            if rule.kind in kinds.CHANGES:
                course = Plain(_compared(reader, indicator, rule, rows, trial.since), one)
            else:
                course = Kept(rows, _bounds(indicator, one), reader, indicator, one, made)
            _count(one, keys[number], course, trial, now, fired=fired)


class Course(Protocol):
    """The values of one series, oldest first, made only when they are asked for."""

    breaching: list[bool]
    """Which may breach; the others begin nothing."""

    def value(self, place: int) -> Value | None: ...

    def stays(self, place: int, level: int) -> bool:
        """Surely breaches this level and none above it: an alert that stands there stands there still."""
        ...


class Kept:
    """Figures as they are kept: whether one may breach is seen by its whole numbers."""

    def __init__(
        self,
        rows: edits.Course,
        bounds: Sequence[Bound],
        reader: Reader,
        indicator: Indicator,
        rule: Rule,
        made: dict[int, Value | None],
    ) -> None:
        """bounds: of each level, the mildest first; made: values that were made before, of the same rows under another rule."""
        self.rows, self.reader, self.indicator, self.rule, self.made = rows, reader, indicator, rule, made
        self.bounds, met = bounds, bounds[0].met
        self.breaching = [met(row[2], row[3]) for row in rows]

    def stays(self, place: int, level: int) -> bool:
        num, den = self.rows[place][2:4]
        worse = self.bounds[level + 1] if level + 1 < len(self.bounds) else None
        return self.bounds[level].passed(num, den) and not (worse is not None and worse.met(num, den))

    def value(self, place: int) -> Value | None:
        if place not in self.made:
            self.made[place] = _made(self.reader, self.indicator, self.rule, self.rows[place])
        return self.made[place]


class Plain:
    """Values that had to be made first."""

    def __init__(self, values: Sequence[Value], rule: Rule) -> None:
        self.values, self.rule = values, rule
        bound, below = rule.levels[0].threshold, rule.op in ("<", "<=")
        self.breaching = [one.value <= bound if below else one.value >= bound for one in values]

    def value(self, place: int) -> Value | None:
        return self.values[place]

    def stays(self, place: int, level: int) -> bool:
        return breached(self.rule, self.values[place].value) == level


def _made(reader: Reader, indicator: Indicator, rule: Rule, row: Any) -> Value | None:
    _, start, num, den, n, apart, status = row
    return reader.value(indicator, rule.grain, start, Values(num, den, n, apart, status))


def _compared(reader: Reader, indicator: Indicator, rule: Rule, rows: edits.Course, since: int) -> list[Value]:
    """How far each figure moved from the one it is compared with."""
    known = {row[1]: _made(reader, indicator, rule, row) for row in rows}
    compared = []
    for start, value in known.items():
        base = known.get(reader.base(rule, start) or -1)
        moved = kinds.change(indicator, value.value, base.value) if value is not None and base is not None else None
        if start >= since and value is not None and moved is not None:
            compared.append(replace(value, value=moved))
    return compared


def _count(rule: Rule, key: Key, course: Course, trial: Trial, now: datetime, *, fired: bool) -> None:
    """Judge the course of one series; each firing counts. What can change nothing is passed over: what does not breach while
    nothing has begun, and what breaches the level at which an alert stands."""
    state = State()
    length = LENGTH.get(rule.grain, 0)
    times, worst, last = 0, -1, 0
    before: Value | None = None
    quiet, looked = True, -1
    for place, breaching in enumerate(course.breaching):
        if not breaching if quiet else breaching and state.condition == "FIRING" and course.stays(place, state.level):
            continue
        value = course.value(place)
        if value is None or unjudged(rule, value):
            continue
        before = _newest(rule, course, place, looked) or before
        gap = 0 if before is None or not length else max(0, round((value.start - before.end) / length))
        if gap:
            value = replace(value, gap=gap)
        state = State(last=before) if quiet else state if state.last is before else replace(state, last=before)
        state, events = judge(rule, state, [value], now)
        before, quiet, looked = value, state.condition == "NORMAL", place
        for event in events:
            if event.kind == "firing":
                times, last = times + 1, value.start
            if event.kind in ("firing", "severity_up"):
                worst = max(worst, event.level)
    if not times:
        return
    if not fired:
        trial.before += times
        return
    trial.times += times
    trial.where += 1
    places = trial.places = trial.places or []
    severity = rule.levels[worst].severity
    places.append({"department": key[0], "region": key[1], "times": times, "worst": severity, "last": last})


def _newest(rule: Rule, course: Course, place: int, looked: int) -> Value | None:
    """The last judged value between two places, both left out."""
    for back in range(place - 1, looked, -1):
        value = course.value(back)
        if value is not None and not unjudged(rule, value):
            return value
    return None


def _by_period(connection: Connection, workspace: Workspace, rule: Rule, trial: Trial) -> dict[Key, list[Value]]:
    """Kinds that look at a whole period at once: every period, turned into the course of each series."""
    reader = Reader(workspace)
    found: dict[Key, list[Value]] = {}
    start = trial.since
    while start <= trial.until:
        end = reader.end(rule.grain, start)
        for key, (value, n) in period(connection, workspace, rule, start).items():
            if value is not None:
                found.setdefault(key, []).append(Value(start, end, value, n=n))
        start = end
    return found


def _bounds(indicator: Indicator, rule: Rule) -> list[Bound]:
    """The thresholds in whole numbers, the mildest first, so that the database can pass over what surely breaches nothing."""
    return [_bound(indicator, rule, level.threshold) for level in rule.levels]


def _bound(indicator: Indicator, rule: Rule, threshold: Decimal) -> Bound:
    quotient = indicator.measure.quotient
    percent = 100 if indicator.unit == "percent" and not quotient else 1
    scale = Decimal(10) ** indicator.decimals / (indicator.measure.number or 1) if quotient else Decimal(1)
    rate = (threshold * scale / percent).as_integer_ratio()
    return Bound(rule.op in ("<", "<="), rate, (threshold * Decimal(10) ** indicator.decimals).as_integer_ratio())


def _series(
    connection: Connection, workspace: Workspace, rule: Rule, after: int = 0, most: int | None = None
) -> list[tuple[int, Key]]:
    """The series the rule means, by number, behind one of them; so many of them at most."""
    cut, found = rules.cutter(workspace), list[tuple[int, Key]]()
    for number, *key in edits.series_after(connection, rule.indicator, rule.grain, after):
        if rules.means(rule, cut(Series(rule.indicator, rule.grain, *key))):
            found.append((number, (key[0], key[1], key[2])))
            if len(found) == most:
                break
    return found


def _before(workspace: Workspace, rule: Rule, start: int) -> int:
    found = periods.previous(rule.grain, periods.from_us(start), workspace.zone)
    assert found is not None
    return periods.to_us(found)


def _reach(workspace: Workspace, rule: Rule, since: int) -> int:
    """A change is measured against a figure of before the first period tried."""
    if rule.kind == "change_last":
        return _before(workspace, rule, since)
    found = periods.year_before(rule.grain, periods.from_us(since), workspace.zone) if rule.kind == "change_year" else None
    return since if found is None else periods.to_us(found)
