"""The passport of a number: the number as it was taken away, what it was made of, what was checked, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from metrics import links, masking, periods
from metrics.answers import Ask, CaseQuery, Cell, Entered, RunRow
from metrics.arrivals import Series
from metrics.indicators import records as from_records
from metrics.model import TOTAL, Indicator, Source
from metrics.passport import Printed, of_cell
from metrics.reading import course as courses
from metrics.reading.absent import absent
from metrics.reading.cards import make_cell
from metrics.reading.cases import count, runs_behind
from metrics.reading.coded_lists import counted_over
from metrics.reading.course import Course
from metrics.reading.entered import entered
from metrics.reading.marks import marked
from metrics.reading.recomputing import recomputing
from metrics.reading.standing import in_force, kept
from metrics.store import doubts, excerpts, head, passports, scope
from metrics.store import runs as run_store
from metrics.store.doubts import Doubted
from metrics.store.kept import Kept as KeptCell
from metrics.store.payloads import Kept
from metrics.values import LET_GO, Values

RUNS = 8


@dataclass(frozen=True)
class Behind:
    """A Run that brought something of the figure."""

    run: RunRow
    cases: int | None
    """How many of the cases; None for reported figures."""
    excerpt: Kept | None
    """How its payload began, personal fields masked; None where none is kept, or for whom it is not to be seen."""
    withheld: bool


@dataclass(frozen=True)
class Passport:
    code: str | None
    """None: nobody was handed one yet."""
    indicator: Indicator
    cell: Cell
    """As printed."""
    now: Cell
    """As it stands now (of a stock: of the same moment, as known now)."""
    again: Values
    """The printed figure summed again from what was known then."""
    course: Course
    entered: Sequence[Entered]
    """At most RUNS of each are shown in full; empty for what is counted from cases."""
    cases: CaseQuery | None
    runs: Sequence[Behind]
    doubts: Sequence[Doubted]
    boards: Sequence[str] = ()
    rules: Sequence[str] = ()
    indicators: Sequence[str] = ()
    made_at: datetime | None = None
    revision_at: datetime | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    recomputing: bool = False
    """What was decided of it is still being carried out."""

    @property
    def let_go(self) -> bool:
        """What it was made of is no longer kept: nobody can say whether it changed, nor sum it again."""
        return self.now.status == LET_GO.status

    @property
    def same(self) -> bool | None:
        """None: let go of."""
        return None if self.let_go else (self.cell.num, self.cell.den, self.cell.apart, self.cell.status) == (
            self.now.num, self.now.den, self.now.apart, self.now.status,
        )  # fmt: skip

    @property
    def reproduced(self) -> bool | None:
        """Summed again it comes to the same. Of no case at all nothing is summed: that is the zero that was printed. None: what
        it was summed from was let go of."""
        if self.let_go:
            return None
        again, cell = self.again, self.cell
        return (again.num, again.den) == (cell.num, cell.den) or (again.num is None and not cell.num and not cell.den)


def find(ask: Ask, code: str) -> Printed | None:
    """What a code stands for, if it lies in the asker's scope and this workspace still knows what it names."""
    printed = passports.find(ask.connection, [code]).get(code)
    return printed if printed is not None and readable(ask, printed) else None


def readable(ask: Ask, printed: Printed) -> bool:
    series = printed.series
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    known = series.department in ask.workspace.departments and series.region in ask.workspace.regions
    if printed.query:
        source = links.parameters(printed.query).get("source", "")
        return known and source in ask.workspace.sources and all(within.holds(*one) for one in counted_over(printed))
    return known and series.indicator in ask.workspace.indicators and within.holds(series.department, series.region)


def printed(ask: Ask, series: Series, period_start: datetime, revision: int | None = None) -> Printed | None:
    """The figure of a series and period, as it stands or as it was known at a revision; None out of the asker's scope."""
    indicator = ask.workspace.indicators[series.indicator]
    if not scope.of(ask.who, ask.workspace.departments, ask.workspace.regions).holds(series.department, series.region):
        return None
    start = from_records.EPOCH
    if series.grain != "all":
        start = periods.to_us(periods.bounds(series.grain, period_start, ask.workspace.zone)[0])
    row = _row(ask, indicator, series, start)
    newest = head.newest(ask.connection)
    if row is None or (revision is not None and revision != row.revision):
        pinned = ask.revision if revision is None else None
        at = next(one for one in (revision, pinned, newest.number) if one is not None)
        moment = periods.to_us(ask.now if pinned is not None else ask.workspace.now(head.instant(ask.connection, at)))
        version = next(iter(in_force(replace(ask, revision=at), indicator, series.grain, [start])))
        if row is None or revision is None:
            values = absent(ask, indicator, series, [start])[start]
        else:
            bare = Printed(series, start, version, at, moment, courses.MISSING)
            values = courses.as_of(replace(ask, workspace=ask.workspace.under(indicator.key, version)), bare, at)
        return Printed(series, start, version, at, moment, values)
    return Printed(series, start, row.version, row.revision, row.evaluated_at, row.values)


def passport(ask: Ask, one: Printed, code: str | None) -> Passport:
    """All that is known of it. Of a figure the asker may read (`readable`)."""
    workspace, series = ask.workspace.under(one.series.indicator, one.version), one.series
    ask, indicator = replace(ask, workspace=workspace), workspace.indicators[series.indicator]
    then = replace(ask, revision=one.revision)
    cell = _cell(ask, indicator, one)
    query = links.behind(cell, indicator, "over") if indicator.measure.from_records else None
    now = _now(ask, indicator, one)
    gone = now.status == LET_GO.status
    values = [] if indicator.measure.from_records or gone else entered(then, series, cell.period_start)
    made = passports.made(ask.connection, code) if code else None
    return Passport(
        code=code, indicator=indicator, cell=marked(then, [cell])[0], now=marked(ask, [now])[0],
        again=courses.as_of(ask, one, one.revision),
        course=courses.printed_alone(ask, one) if gone else courses.course(ask, one, _moved(ask, indicator, one)),
        entered=values, cases=query, runs=_runs(then, indicator, values, query, one),
        doubts=_doubts(ask, indicator, one, values),
        boards=[board.key for board in workspace.boards.values() if indicator.key in (*board.cards, board.map, board.rank)],
        rules=[rule.key for rule in workspace.rules.values() if rule.indicator == indicator.key],
        indicators=[other.key for other in workspace.indicators.values() if indicator.key in other.measure.inputs],
        made_at=periods.from_us(made[0]) if made else None, revision_at=head.instant(ask.connection, one.revision),
        counted={role: count(ask, links.behind(cell, indicator, role)) for role in _roles(indicator)},  # type: ignore[arg-type]
        recomputing=recomputing(ask, indicator),
    )  # fmt: skip


def sees_payloads(ask: Ask, source: Source) -> bool:
    """The beginning of a payload tells of any case of its source: it is for whoever sees them all, and for its own staff."""
    if TOTAL in ask.who.departments and TOTAL in ask.who.regions:
        return True
    return ask.who.has("staff", "supervisor") and masking.in_scope(ask.who, source.department, TOTAL, ask.workspace)


def _roles(indicator: Indicator) -> tuple[str, ...]:
    if not indicator.measure.from_records:
        return ()
    return ("missed", "of", "over", "apart") if indicator.measure.kind == "ratio" else ("over",)


def _row(ask: Ask, indicator: Indicator, series: Series, start: int) -> KeptCell | None:
    key = (series.department, series.region, series.dims)
    found = kept(ask, indicator, series.grain, [start], [key], scope.WHOLE)
    return found[0] if found else None


def _cell(ask: Ask, indicator: Indicator, one: Printed) -> Cell:
    key = (one.series.department, one.series.region, one.series.dims)
    row = KeptCell.of(key, one.period_start, one.version, one.values, one.revision, one.evaluated_at)
    return replace(make_cell(ask, indicator, one.series, one.period_start, row, one.values), version=one.version)


def _moved(ask: Ask, indicator: Indicator, one: Printed) -> int | None:
    row = None if indicator.measure.stock else _row(ask, indicator, one.series, one.period_start)
    return row.revision if row is not None and row.version == one.version else None


def _now(ask: Ask, indicator: Indicator, one: Printed) -> Cell:
    newest = head.newest(ask.connection)
    row = None if indicator.measure.stock else _row(ask, indicator, one.series, one.period_start)
    if row is not None:
        return make_cell(ask, indicator, one.series, one.period_start, row, row.values)
    values = courses.as_of(ask, one, newest.number)
    if values.num is None and values.status == "M":
        values = absent(ask, indicator, one.series, [one.period_start])[one.period_start]
    moved = replace(one, revision=newest.number, values=values)
    return _cell(ask, indicator, moved)


def _runs(ask: Ask, indicator: Indicator, values: Sequence[Entered], query: CaseQuery | None, one: Printed) -> list[Behind]:
    counted: dict[int, int | None] = {}
    if query is not None:
        counted = dict(runs_behind(ask, query, RUNS))
    else:
        for number in _run_ids(ask, values, one, 0):
            counted.setdefault(number, None)
    wanted = list(counted)[:RUNS]
    began = excerpts.of_runs(ask.connection, wanted)
    found = []
    for number in wanted:
        run = run_store.one(ask.connection, number)
        source = ask.workspace.sources.get(run.source) if run is not None else None
        if run is None:
            continue
        seen = source is not None and sees_payloads(ask, source)
        found.append(Behind(run, counted[number], began.get(number) if seen else None, number in began and not seen))
    return found


def _run_ids(ask: Ask, values: Sequence[Entered], one: Printed, depth: int) -> list[int]:
    """Through what the figure is derived of, down to what some source reported or to the cases counted."""
    found: list[int] = []
    for value in values:
        if value.run_id is not None and value.used:
            found.append(value.run_id)
        below = ask.workspace.indicators[value.cell.series.indicator]
        if value.source is not None or depth > 4 or below.key == one.series.indicator:
            continue
        if below.measure.from_records:
            found += [run for run, _ in runs_behind(ask, links.behind(value.cell, below, "over"), 3)]
        else:
            found += _run_ids(ask, entered(ask, value.cell.series, value.cell.period_start), one, depth + 1)
    return list(dict.fromkeys(found))


def _doubts(ask: Ask, indicator: Indicator, one: Printed, values: Sequence[Entered]) -> list[Doubted]:
    every_series = [one.series, *(value.cell.series for value in values)]
    keys = {(series.department, series.region, series.dims) for series in every_series}
    sources = dict.fromkeys((indicator.source, *indicator.feeds))
    every = [
        doubt
        for source in sources
        if source is not None
        for doubt in doubts.of_periods(ask.connection, source, indicator.key, one.series.grain, [one.period_start])
    ]
    return [doubt for doubt in every if doubt.key in keys]


__all__ = ["Behind", "Passport", "find", "of_cell", "passport", "printed", "readable", "sees_payloads"]
