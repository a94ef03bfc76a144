"""Many figures in one question: every indicator of one place, or who stands best over days. Within the asker's scope."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from metrics import periods, silent
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
from metrics.indicators.fold import NO_DIMS
from metrics.model import TOTAL, Cut, Grain, Indicator
from metrics.reading.absent import absent
from metrics.reading.cards import grain_for, make_cell, opening, recent
from metrics.reading.marks import marked
from metrics.reading.standing import in_force, kept, meant, then
from metrics.store import kept as kept_store
from metrics.store import scope
from metrics.store.kept import Kept, Summed
from metrics.store.scope import Scope
from metrics.store.series import Key


def latest(ask: Ask, keys: Iterable[str], place: Key = (TOTAL, TOTAL, "{}")) -> dict[str, Kept]:
    """Indicator -> its figure of the last settled period in the grain a card of this place shows; only those that have one."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found: dict[str, Kept] = {}
    workspace = ask.workspace
    quiet = workspace.may_be_quiet
    for (grain, start), some in _shown(ask, keys, place).items():
        if ask.revision is not None:
            for key in some:
                found.update((key, row) for row in kept(ask, workspace.indicators[key], grain, [start], [place], within))
            continue
        alike: dict[int, list[str]] = {}
        for key in some:
            indicator = workspace.indicators[key]
            if quiet and silent.unknown(indicator, grain, start, silent.after(ask.connection, workspace, indicator, ask.now)):
                continue
            version = next(iter(in_force(ask, indicator, grain, [start]))) if key in workspace.versions else indicator.version
            alike.setdefault(version, []).append(key)
        for version, of_it in alike.items():
            found.update(kept_store.of_place(ask.connection, of_it, grain, version, start, place, within))
    return found


def figures(ask: Ask, keys: Sequence[str], place: Key) -> list[Cell]:
    """Of every indicator the figure that `latest` gives, or what stands where none is kept: a zero, or nothing."""
    found, said = latest(ask, keys, place), []
    when = {key: shown for shown, some in _shown(ask, keys, place).items() for key in some}
    for key in keys:
        grain, start = when[key]
        indicator, row, series = ask.workspace.indicators[key], found.get(key), Series(key, grain, *place)
        values = row.values if row else absent(ask, meant(ask, indicator, grain, start), series, [start])[start]
        said.append(make_cell(ask, indicator, series, start, row, values))
    return marked(ask, said)


def _shown(ask: Ask, keys: Iterable[str], place: Key) -> dict[tuple[Grain, int], list[str]]:
    """Grain and period -> indicators; what settles alike is reckoned once."""
    indicators = ask.workspace.indicators
    alike: dict[tuple[Grain, timedelta, bool], list[str]] = {}
    for key in keys:
        indicator = indicators[key]
        how = (grain_for(indicator, place), indicator.settle_delay, indicator.measure.stock)
        alike.setdefault(how, []).append(key)
    found: dict[tuple[Grain, int], list[str]] = {}
    for (grain, *_), some in alike.items():
        found.setdefault((grain, recent(ask, indicators[some[0]], grain, 1)[-1]), []).extend(some)
    return found


def adds_up(indicator: Indicator) -> bool:
    """Sums over periods mean something: not of what is open at a moment, nor of medians and numbers of different values."""
    measure = indicator.measure
    if measure.stock or measure.gathered:
        return False
    return (
        measure.kind in ("count", "sum", "mean") or measure.rate or (measure.kind == "observed" and indicator.unit == "percent")
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    rank: int
    """Among all units of the cut, in scope or not; ties share it."""
    of: int
    """How many are ranked."""
    unit: Summed


def top(ask: Ask, indicator: Indicator, grain: Grain, by: Cut, starts: Sequence[int], most: int = 10) -> list[Ranked]:
    """The units of a cut that stand best over these periods (ascending) together: sums over sums, best first.

    By the definition in force for the last of them. Who has too few cases or nothing due does not stand among them, nor who
    left out more of the periods than `coverage` allows. Ranked they are among all; given are those in the asker's scope.
    """
    since = silent.after(ask.connection, ask.workspace, indicator, ask.now, then(ask))
    starts = [start for start in starts if not silent.unknown(indicator, grain, start, since)]
    if not starts:
        return []
    units = _units(ask, by)
    sums = _sums(ask, indicator, grain, starts, units)
    sums += _zeros(ask, indicator, grain, starts, units, {one.key for one in sums})
    reported = math.ceil(indicator.coverage * len(starts)) if indicator.measure.kind == "observed" else 1
    enough = [one for one in sums if one.periods >= reported and (one.n is None or one.n >= indicator.min_n)]
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    ranked = _ranked(enough, highest=indicator.better != "lower")
    return list(islice((one for one in ranked if within.holds(*one.unit.key[:2])), most))


def _units(ask: Ask, by: Cut) -> Scope:
    """The places a cut is by, all there are; what it is not by stands at the whole of the asker's scope."""
    department, region = opening(ask)
    departments, regions = {department}, {region}
    for name in by:
        if name == "department":
            departments = {place.id for place in ask.workspace.departments.at_level(name)} - {TOTAL}
        else:
            regions = {place.id for place in ask.workspace.regions.at_level(name)}
    return Scope(frozenset(departments), frozenset(regions))


def _sums(ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], units: Scope) -> list[Summed]:
    """Of what is divided, only what has both its parts: a rate told without them cannot be weighed against others."""
    divided = indicator.measure.kind not in ("count", "sum")
    if ask.revision is None:
        (version,) = in_force(ask, indicator, grain, starts[-1:])
        between = (starts[0], starts[-1])
        return kept_store.summed(ask.connection, indicator.key, grain, version, between, units, divided)
    by_key: dict[Key, list[Kept]] = {}
    for row in kept(ask, indicator, grain, starts, (), units, like=starts[-1]):
        if row.key[2] == NO_DIMS and row.num is not None and not (divided and row.den is None):
            by_key.setdefault(row.key, []).append(row)
    return [
        Summed(key, sum(row.num or 0 for row in rows), _total(row.den for row in rows), _total(row.n for row in rows), len(rows))
        for key, rows in by_key.items()
    ]


def _zeros(
    ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], units: Scope, there: Container[Key]
) -> Iterator[Summed]:
    """Units of which no case was counted though the source answered: nothing, which is a figure too."""
    if not indicator.measure.from_records or indicator.measure.kind not in ("count", "sum"):
        return
    on = None if grain == "all" else periods.local_date(periods.from_us(starts[-1]), ask.workspace.zone)
    departments = [one for one in units.departments or () if ask.workspace.departments.valid(one, on)]
    regions = [one for one in units.regions or () if ask.workspace.regions.valid(one, on)]
    keys = [key for one in departments for other in regions if (key := (one, other, NO_DIMS)) not in there]
    if not keys:
        return
    whole = replace(ask, who=replace(ask.who, departments=(TOTAL,), regions=(TOTAL,)))
    empty = absent(whole, indicator, Series(indicator.key, grain, *keys[0]), starts)  # the same for every unit of the cut
    zeros = sum(one.num == 0 for one in empty.values())
    yield from (Summed(key, 0, None, 0, zeros) for key in keys if zeros)


def _total(of: Iterable[int | None]) -> int | None:
    there = [one for one in of if one is not None]
    return sum(there) if there else None


def _ranked(many: Iterable[Summed], highest: bool) -> Iterator[Ranked]:
    """Best first. A quotient of whole numbers is rounded the same way wherever it is equal, so what ties is seen to tie."""
    worth = [(one.num if one.den is None else one.num / one.den, one.key, one) for one in many if one.den != 0]
    worth.sort(key=lambda one: (-one[0] if highest else one[0], one[1]))
    rank, before = 0, None
    for place, (value, _, one) in enumerate(worth, 1):
        rank, before = place if value != before else rank, value
        yield Ranked(rank, len(worth), one)
