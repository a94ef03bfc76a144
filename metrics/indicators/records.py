"""Indicators over records: which periods a changed case touches, and what the figures of a period come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators import fold, gathered
from metrics.model import Condition, Grain, Indicator, Measure, Part
from metrics.store import sums
from metrics.store.cells import Place
from metrics.store.predicates import EVERYTHING, PLACES, Span
from metrics.store.records import Version
from metrics.store.series import Key
from metrics.store.sums import Leaf, Row, Wanted
from metrics.values import Values, storable

SHORT: tuple[Grain, ...] = ("minute5", "hour")
_COLUMNS = frozenset(
    {"opened", "due", "closed", "entered", "state", "worked_days", "department_id", "region_id", "category", "withdrawn"}
)
Asked = tuple[str, str, Wanted]
"""(indicator, role, what is summed for it)."""
ROLES = ("num", "den", "apart")
Leaves = dict[Leaf, list[int]]
"""Leaf -> its numbers in the order of ROLES."""
EPOCH = 0
"""Start of the one period of grain `all`, in microseconds."""


@dataclass(frozen=True)
class Figures:
    """Figures of one indicator and grain."""

    indicator: Indicator
    grain: Grain
    cells: Mapping[Place, Values]


def over(workspace: Workspace, source: str) -> list[Indicator]:
    """The indicators computed from the records of a source."""
    return [one for one in workspace.indicators.values() if one.source == source and one.measure.from_records]


def roles(indicator: Indicator) -> dict[str, Wanted]:
    """Which numbers a figure needs: `num`, `den`, `apart`, by the kind of its measure."""
    found = _roles(indicator)
    return {role: replace(one, at_event=True) for role, one in found.items()} if at_event(indicator) else found


def at_event(indicator: Indicator) -> bool:
    """A case counts where it was at the event that counts; a stock has no event: it is where the cases are."""
    return indicator.attribute == "at_event" and not indicator.measure.stock


def _roles(indicator: Indicator) -> dict[str, Wanted]:
    measure = indicator.measure
    assert measure.over is not None
    if measure.stock:
        return {"num": Wanted(measure.over, stock=measure.kind)}
    if measure.kind == "count":
        return {"num": Wanted(measure.over)}
    if measure.kind in ("sum", "mean"):
        return {"num": Wanted(counted(measure), measure.field, indicator.decimals), "den": Wanted(counted(measure))}
    found = {"num": Wanted(numerator(indicator)), "den": Wanted(measure.over)}
    if measure.apart is not None:
        found["apart"] = Wanted(measure.apart)
    return found


def counted(measure: Measure) -> Part:
    """`over`; of an amount those that have it: a case closed before it was opened took no days."""
    assert measure.over is not None
    if not measure.amounts or measure.field in PLACES:
        return measure.over
    had: tuple[Condition, ...]
    if measure.field == "elapsed":
        had = (Condition("closed", "present"), Condition("opened", "by", "closed"))
    else:
        had = (Condition(measure.field, "present"),)
    return Part(measure.over.anchor, (*measure.over.conditions, *had))


def numerator(indicator: Indicator) -> Part:
    """`of` counts within `over`: its conditions are those of `over` and its own."""
    measure = indicator.measure
    assert measure.over is not None
    assert measure.of is not None
    return Part(measure.over.anchor, (*measure.over.conditions, *measure.of.conditions))


def anchors(indicator: Indicator) -> set[str]:
    measure = indicator.measure
    return {part.anchor for part in (measure.over, measure.apart) if part is not None and part.anchor}


def touched(
    workspace: Workspace, indicators: Iterable[Indicator], changed: Sequence[tuple[Version | None, Version]]
) -> dict[tuple[str, Grain], set[int]]:
    """Starts (microseconds) of the periods in which the old and the new versions count. Stock measures: none.

    A change of fields the measure does not read touches nothing: a signature, a call-back, a corrected address.
    """
    fresh = [new for old, new in changed if old is None]
    moved = [(old, new) for old, new in changed if old is not None]
    added: dict[tuple[str, bool], dict[int, int]] = {}
    found: dict[tuple[str, Grain], set[int]] = defaultdict(set)
    for indicator in indicators:
        if indicator.measure.stock:
            continue
        if indicator.measure.over is not None and indicator.measure.over.anchor is None and "all" in indicator.grains:
            found[indicator.key, "all"].add(EPOCH)
        for anchor, names in _read(indicator):
            differing = [(old, new) for old, new in moved if any(said(old, name) != said(new, name) for name in names)]
            versions = [one for pair in differing for one in pair]
            for grain in indicator.grains:
                short = grain in SHORT
                if (anchor, short) not in added:
                    added[anchor, short] = _moments(fresh, anchor, short)
                moments = {**added[anchor, short], **_moments(versions, anchor, short)}
                found[indicator.key, grain] |= {_start(grain, one, workspace) for one in moments.values()}
    return found


def _moments(versions: Iterable[Version], anchor: str, short: bool) -> dict[int, int]:
    """One instant of each local day (below a day: every instant) that the versions' anchors lie on."""
    named = anchor if short else f"{anchor}_day"
    return {one[named]: one[anchor] for one in versions if one[anchor] is not None}


_PLACE = ("department_id", "region_id", "category", "withdrawn")


@lru_cache(maxsize=2048)
def _reads(measure: Measure, anchor_of: str) -> tuple[str, ...]:
    parts = [part for part in (measure.over, measure.of, measure.apart) if part is not None]
    names = {*_PLACE, *([anchor_of] if anchor_of else [])}
    for part in parts if anchor_of == ((measure.over.anchor if measure.over else None) or "") else parts[-1:]:
        for one in part.conditions:
            names.add(one.field)
            if one.op in ("by", "before"):
                names.add(str(one.value))
            if one.op == "after" and isinstance(one.value, tuple):
                names.add(one.value[0])
    if measure.field:
        names |= (
            {"opened", "closed"} if measure.field in ("worked_days", "elapsed") else {PLACES.get(measure.field, measure.field)}
        )
    return tuple(sorted(names))


def _read(indicator: Indicator) -> list[tuple[str, tuple[str, ...]]]:
    """(anchor, fields read) of each part of the measure that has an anchor."""
    return [(anchor, _reads(indicator.measure, anchor)) for anchor in sorted(anchors(indicator))]


def reads(measure: Measure) -> tuple[str, ...]:
    """What a stock reads of a case besides when it stood: whose it is, and its conditions."""
    return _reads(measure, "")


def said(version: Version, name: str) -> object:
    return version[name] if name in _COLUMNS else version["extra"].get(name)


def _start(grain: Grain, instant: int, workspace: Workspace) -> int:
    return EPOCH if grain == "all" else periods.to_us(periods.bounds(grain, periods.from_us(instant), workspace.zone)[0])


def span(workspace: Workspace, grain: Grain, start: int) -> Span:
    """The period of a grain that starts at an instant (microseconds)."""
    if grain == "all":
        return EVERYTHING
    first, end = periods.bounds(grain, periods.from_us(start), workspace.zone)
    if grain in SHORT:
        days = periods.day_ordinal(first, workspace.zone), periods.day_ordinal(end, workspace.zone)
        return Span(start=periods.to_us(first), end=periods.to_us(end), within=days)
    return Span(periods.day_ordinal(first, workspace.zone), periods.day_ordinal(end, workspace.zone) - 1)


def figures(
    connection: Connection,
    workspace: Workspace,
    source: str,
    wanted: Mapping[tuple[str, Grain], Iterable[int]],
    at: datetime,
    revision: int | None = None,
) -> list[Figures]:
    """The figures of (indicator, grain) for the periods wanted, at every level, as known at a revision and evaluated at `at`."""
    parts: dict[tuple[str, Grain, int], Leaves] = {}
    gather: list[tuple[Indicator, Grain, int]] = []
    scans: dict[tuple[str | None, str | None, Grain, int], list[Asked]] = defaultdict(list)
    for (key, grain), starts in wanted.items():
        indicator = workspace.indicators[key]
        for start in sorted(set(starts)):
            if indicator.measure.gathered:
                gather.append((indicator, grain, start))
                continue
            parts[key, grain, start] = {}
            for role, one in roles(indicator).items():
                scans[one.part.anchor, one.event, grain, start].append((key, role, one))
    for group, grain, found in _scan(connection, workspace, source, scans, at, revision):
        for start, several in found.items():
            for index, (key, role, _) in enumerate(group):
                leaves, place, kept = parts[key, grain, start], ROLES.index(role), role == "den"
                for leaf, numbers in several:
                    number = numbers[index]
                    if number or kept:
                        parts_of = leaves.get(leaf)
                        if parts_of is None:
                            parts_of = leaves[leaf] = [0, 0, 0]
                        parts_of[place] = number
    folded: dict[tuple[str, Grain], dict[Place, Values]] = defaultdict(dict)
    for (key, grain, start), leaves in parts.items():
        folded[key, grain].update(summed(workspace, workspace.indicators[key], grain, start, leaves))
    for indicator, grain, start in gather:
        where = span(workspace, grain, start)
        made = gathered.figures(connection, workspace, indicator, grain, start, where, at, revision)
        folded[indicator.key, grain].update(made)
    return [Figures(workspace.indicators[key], grain, cells) for (key, grain), cells in folded.items()]


def _scan(
    connection: Connection,
    workspace: Workspace,
    source: str,
    scans: Mapping[tuple[str | None, str | None, Grain, int], Sequence[Asked]],
    at: datetime,
    revision: int | None,
) -> Iterator[tuple[Sequence[Asked], Grain, Mapping[int, Sequence[Row]]]]:
    """What is asked, with the rows of each period by its start; days of which the same is asked are read together."""
    together: dict[tuple[Asked, ...], dict[int, int]] = defaultdict(dict)
    for (anchor, _, grain, start), group in scans.items():
        where = span(workspace, grain, start)
        if grain == "day" and anchor and where.first_day is not None:
            together[tuple(group)][where.first_day] = start
            continue
        wanted = [one for _, _, one in group]
        rows = sums.by_leaf(connection, source, wanted, where, at, revision, _categories(workspace, group))
        yield group, grain, {start: rows}
    for several, days in together.items():
        wanted = [one for _, _, one in several]
        found = sums.by_day(connection, source, wanted, list(days), at, revision, _categories(workspace, several))
        yield several, "day", {days[day]: rows for day, rows in found.items()}


def zero(indicator: Indicator) -> Values:
    """What a cell comes to when no case is left in it."""
    if indicator.measure.kind in ("count", "open", "overdue"):
        return Values(0, n=0)
    if indicator.measure.kind in ("sum", "distinct"):
        return Values(0, n=0)
    return Values(None if indicator.measure.gathered else 0, 0, 0, 0 if indicator.measure.apart else None, "N")


def _categories(workspace: Workspace, group: Sequence[tuple[str, str, Wanted]]) -> bool:
    return any("category" in cut for key, _, _ in group for cuts in workspace.indicators[key].cuts.values() for cut in cuts)


def summed(workspace: Workspace, indicator: Indicator, grain: Grain, start: int, leaves: Leaves) -> dict[Place, Values]:
    on = None if grain == "all" else periods.local_date(periods.from_us(start), workspace.zone)
    cuts = indicator.cuts.get(grain, ())
    totals: dict[Key, list[int]] = {fold.WHOLE: [0, 0, 0]}
    above = fold.above(workspace, cuts, on, fold.of_category)
    for leaf, (num, den, apart) in leaves.items():
        for key in above[leaf]:
            try:  # millions of times in a replay, and new a few times a fold: cheaper than to ask first
                total = totals[key]
            except KeyError:
                totals[key] = [num, den, apart]
                continue
            total[0] += num
            if den:
                total[1] += den
            if apart:
                total[2] += apart
    return {(key, start): storable(_values(indicator, *total)) for key, total in totals.items()}


def _values(indicator: Indicator, num: int, den: int, apart: int) -> Values:
    if indicator.measure.kind in ("count", "open", "overdue"):
        return Values(num, None, num)
    if indicator.measure.kind == "sum":
        return Values(num, None, den)
    return Values(num, den, den, apart if indicator.measure.apart is not None else None, "A" if den else "N")
