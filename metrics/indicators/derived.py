"""Indicators made of other indicators, at the same place and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators.fold import NO_DIMS
from metrics.model import TOTAL, Grain, Indicator
from metrics.store.cells import Place
from metrics.store.series import Key
from metrics.store.sheet import Sheet
from metrics.values import Values, exact, storable


def resting_on(workspace: Workspace, keys: Iterable[str]) -> list[Indicator]:
    """Derived indicators that read any of these, directly, in the order of the catalogue."""
    wanted = set(keys)
    return [one for one in workspace.indicators.values() if wanted.intersection(one.measure.inputs)]


def figures(sheet: Sheet, workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int]) -> dict[Place, Values]:
    """The figures of these periods wherever an input has one; a reading also moves the increase of the period after it."""
    wanted = set(starts)
    if indicator.measure.kind == "increase":
        wanted |= {_next(workspace, grain, start) for start in wanted}
    found: dict[Place, Values] = {}
    for was, some in by_inputs(workspace, indicator, grain, wanted):
        asked = needed(was, indicator, grain, some)
        known = [sheet.known(key, grain, was.indicators[key].version, asked) for key in dict.fromkeys(indicator.measure.inputs)]
        found |= combine(was, indicator, grain, some, known)
    return found


def by_inputs(
    workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int]
) -> Iterator[tuple[Workspace, list[int]]]:
    """Periods by the versions of the inputs that are in force for them: the workspace with those, and the periods.

    An increase takes the reading of the period before by the same version: by two it would be the difference of two things."""
    keys = list(dict.fromkeys(indicator.measure.inputs))
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for start in sorted(starts):
        found[tuple(workspace.in_force(key, grain, start) for key in keys)].append(start)
    for versions, some in found.items():
        was = workspace
        for key, version in zip(keys, versions, strict=True):
            was = was.under(key, version)
        yield was, some


def needed(workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int]) -> list[int]:
    """Periods whose inputs are read: an increase also reads the period before."""
    wanted = set(starts)
    if indicator.measure.kind == "increase":
        wanted |= {_previous(workspace, grain, start) for start in wanted}
    return sorted(wanted)


def combine(
    workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int], known: Sequence[Mapping[Place, Values]]
) -> dict[Place, Values]:
    """From the figures of the inputs, in the order in which they are first named."""
    return {place: storable(values) for place, values in _combined(workspace, indicator, grain, starts, known).items()}


def _combined(
    workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int], known: Sequence[Mapping[Place, Values]]
) -> dict[Place, Values]:
    if indicator.measure.kind == "increase":
        return _increase(workspace, indicator, grain, set(starts), known[0])
    if indicator.measure.kind in ("per_head", "per_workday"):
        return _per(workspace, indicator, grain, set(starts), known[0])
    by_key = dict(zip(dict.fromkeys(indicator.measure.inputs), known, strict=True))
    wanted = set(starts)
    places = {place for one in known for place in one if place[1] in wanted}
    return {
        place: _combine(workspace, indicator, [by_key[key].get(place) for key in indicator.measure.inputs]) for place in places
    }


def _combine(workspace: Workspace, indicator: Indicator, parts: list[Values | None]) -> Values:
    numbers = [one.num if one is not None and one.status != "M" else None for one in parts]
    have, want = sum(number is not None for number in numbers), len(numbers)
    if indicator.measure.kind == "derived_ratio":
        num, den = numbers
        if num is None or den is None:
            return Values(None, None, None, None, "M", have, want)
        return Values(num, den, den, None, "A" if den else "N", *_least(parts))
    if any(number is None for number in numbers):
        return Values(None, None, None, None, "M", have, want)
    known = [one for one in parts if one is not None]
    if all(one.den is None for one in known):
        first, *rest = [number or 0 for number in numbers]
        total = first + sum(rest) if indicator.measure.kind == "derived_sum" else first - sum(rest)
        return Values(total, None, None, None, "A", *_least(parts))
    return _of_quotients(workspace, indicator, known)


def _of_quotients(workspace: Workspace, indicator: Indicator, parts: Sequence[Values]) -> Values:
    """Where a part is a quotient its value counts, never its numerator; the whole is rounded once, and has no denominator."""
    inputs = [workspace.indicators[key] for key in indicator.measure.inputs]
    first, *rest = [exact(one, values) for one, values in zip(inputs, parts, strict=True)]
    if first is None or any(one is None for one in rest):
        return Values(None, None, None, None, "N", *_least(parts))
    others = sum((one for one in rest if one is not None), Fraction(0))
    total = first + others if indicator.measure.kind == "derived_sum" else first - others
    return Values(_whole(total, indicator.decimals), None, None, None, "A", *_least(parts))


def _whole(value: Fraction, decimals: int) -> int:
    """In the smallest unit; a half goes away from zero, as on every screen."""
    size = int(abs(value) * 10**decimals + Fraction(1, 2))
    return size if value >= 0 else -size


def _least(parts: Sequence[Values | None]) -> tuple[int | None, int | None]:
    """A figure is covered as the least covered of its parts is."""
    known = [(one.have / one.want, one.have, one.want) for one in parts if one is not None and one.want and one.have is not None]
    return min(known)[1:] if known else (None, None)


def _per(
    workspace: Workspace, indicator: Indicator, grain: Grain, starts: set[int], amounts: Mapping[Place, Values]
) -> dict[Place, Values]:
    """An amount over the people who live there, or over the working days of the whole period, also while it runs."""
    scale = 10 ** (indicator.decimals - workspace.indicators[indicator.measure.inputs[0]].decimals)
    heads = indicator.measure.kind == "per_head"
    found: dict[Place, Values] = {}
    for (key, start), amount in amounts.items():
        if start not in starts:
            continue
        den = _people(workspace, key, grain, start) if heads else _workdays(workspace, grain, start)
        if den is None:
            continue  # a place whose people nobody has counted has no such figure
        if amount.num is None or amount.status == "M":
            found[key, start] = Values(None, status="M")
        else:
            found[key, start] = Values(amount.num * scale, den, amount.n, None, "A" if den else "N", amount.have, amount.want)
    return found


def _people(workspace: Workspace, key: Key, grain: Grain, start: int) -> int | None:
    """Of a region, by the year in which the period began (`all`: the newest); nobody has counted those of a department."""
    department, region, dims = key
    if department != TOTAL or dims != NO_DIMS or workspace.population is None:
        return None
    year = None if grain == "all" else periods.local_date(periods.from_us(start), workspace.zone).year
    return workspace.population.of(region, year)


def _workdays(workspace: Workspace, grain: Grain, start: int) -> int:
    first, end = (
        periods.local_date(one, workspace.zone) for one in periods.bounds(grain, periods.from_us(start), workspace.zone)
    )
    return workspace.calendar.working_days(first - timedelta(days=1), end - timedelta(days=1))


def _increase(
    workspace: Workspace, indicator: Indicator, grain: Grain, starts: set[int], readings: Mapping[Place, Values]
) -> dict[Place, Values]:
    """From cumulative readings at the end of each period; a reading below the one before is a reset: it counts whole."""
    read = workspace.indicators[indicator.measure.inputs[0]]
    found: dict[Place, Values] = {}
    for (key, start), now in readings.items():
        if start not in starts:
            continue
        earlier = readings.get((key, _previous(workspace, grain, start)))
        if now.num is None or earlier is None or earlier.num is None:
            found[key, start] = Values(None, status="M")
        elif now.den is None and earlier.den is None:
            grown = now.num - earlier.num if now.num >= earlier.num else now.num
            found[key, start] = Values(grown, None, None, None, "A", *_least([now, earlier]))
        else:
            after, before = exact(read, now), exact(read, earlier)
            if after is None or before is None:
                found[key, start] = Values(None, status="N")
            else:
                grown = _whole(after - before if after >= before else after, indicator.decimals)
                found[key, start] = Values(grown, None, None, None, "A", *_least([now, earlier]))
    return found


def _next(workspace: Workspace, grain: Grain, start: int) -> int:
    return periods.to_us(periods.bounds(grain, periods.from_us(start), workspace.zone)[1])


def _previous(workspace: Workspace, grain: Grain, start: int) -> int:
    found = periods.previous(grain, periods.from_us(start), workspace.zone)
    return periods.to_us(found) if found is not None else start
