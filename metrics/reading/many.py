"""Many figures in one question: every indicator of one place, or who stands best over days. Within the asker's scope."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction

from metrics import silent
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
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


def top(ask: Ask, indicator: Indicator, grain: Grain, by: Cut, starts: Sequence[int], most: int = 10) -> list[Summed]:
    """The units of a cut that stand best over these periods (ascending) together: sums over sums, best first.

    By the definition in force for the last of them. Who has too few cases does not stand among them, nor who left out
    more of the periods than `coverage` allows.
    """
    since = silent.after(ask.connection, ask.workspace, indicator, ask.now, then(ask))
    starts = [start for start in starts if not silent.unknown(indicator, grain, start, since)]
    if not starts:
        return []
    units = _units(ask, by)
    reported = math.ceil(indicator.coverage * len(starts)) if indicator.measure.kind == "observed" else 1
    highest = indicator.better != "lower"
    if ask.revision is None:
        (version,) = in_force(ask, indicator, grain, starts[-1:])
        return kept_store.best(
            ask.connection,
            indicator.key,
            grain,
            version,
            (starts[0], starts[-1]),
            units,
            highest,
            most,
            indicator.min_n,
            reported,
        )
    rows = [row for row in kept(ask, indicator, grain, starts, (), units, like=starts[-1]) if row.num is not None]
    sums = [_summed(key, mine) for key, mine in _by_series(rows).items() if len(mine) >= reported]
    enough = [one for one in sums if one.n is None or one.n >= indicator.min_n]
    return sorted(enough, key=lambda one: _rank(one, highest))[:most]


def _units(ask: Ask, by: Cut) -> Scope:
    """The places a cut is by, of those in the asker's scope; what it is not by stands at the whole of the scope."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    department, region = opening(ask)
    departments, regions = {department}, {region}
    for name in by:
        if name == "department":
            departments = {place.id for place in ask.workspace.departments.at_level(name)} - {TOTAL}
        else:
            regions = {place.id for place in ask.workspace.regions.at_level(name)}
    return Scope(
        frozenset(departments if within.departments is None else departments & within.departments),
        frozenset(regions if within.regions is None else regions & within.regions),
    )


def _by_series(rows: Iterable[Kept]) -> dict[Key, list[Kept]]:
    found: dict[Key, list[Kept]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def _summed(key: Key, rows: Sequence[Kept]) -> Summed:
    def total(of: Iterable[int | None]) -> int | None:
        there = [one for one in of if one is not None]
        return sum(there) if there else None

    return Summed(
        key, total(row.num for row in rows) or 0, total(row.den for row in rows), total(row.n for row in rows), len(rows)
    )


def _rank(one: Summed, highest: bool) -> tuple[bool, Fraction, Key]:
    value = None if one.den == 0 else Fraction(one.num, one.den or 1)
    return value is None, (-value if highest else value) if value is not None else Fraction(0), one.key
