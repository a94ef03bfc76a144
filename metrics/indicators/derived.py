"""Indicators made of other indicators, at the same place and period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.model import Grain, Indicator
from metrics.store import cells
from metrics.store.cells import Place
from metrics.values import Values


def resting_on(workspace: Workspace, keys: Iterable[str]) -> list[Indicator]:
    """Derived indicators that read any of these, directly, in the order of the catalogue."""
    wanted = set(keys)
    return [one for one in workspace.indicators.values() if wanted.intersection(one.measure.inputs)]


def figures(
    connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, starts: Iterable[int]
) -> dict[Place, Values]:
    """The figures of these periods wherever an input has one."""
    wanted = set(starts)
    if indicator.measure.kind == "increase":
        return _increase(connection, workspace, indicator, grain, wanted)
    known: list[Mapping[Place, Values]] = []
    for key in indicator.measure.inputs:
        version = workspace.indicators[key].version
        known.append(cells.known(connection, key, grain, version, sorted(wanted)))
    places = {place for one in known for place in one}
    return {place: _combine(indicator, [one.get(place) for one in known]) for place in places}


def _combine(indicator: Indicator, parts: list[Values | None]) -> Values:
    numbers = [one.num if one is not None and one.status != "M" else None for one in parts]
    have, want = sum(number is not None for number in numbers), len(numbers)
    if indicator.measure.kind == "derived_ratio":
        num, den = numbers
        if num is None or den is None:
            return Values(None, None, None, None, "M", have, want)
        return Values(num, den, den, None, "A" if den else "N")
    if any(number is None for number in numbers):
        return Values(None, None, None, None, "M", have, want)
    first, *rest = [number or 0 for number in numbers]
    return Values(first + sum(rest) if indicator.measure.kind == "derived_sum" else first - sum(rest))


def _increase(
    connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, starts: set[int]
) -> dict[Place, Values]:
    """From cumulative readings at the end of each period; a reading below the one before is a reset: it counts whole."""
    key = indicator.measure.inputs[0]
    following = {start: _next(workspace, grain, start) for start in starts}
    before = {start: _previous(workspace, grain, start) for start in {*starts, *following.values()}}
    known = cells.known(connection, key, grain, workspace.indicators[key].version, sorted({*before, *before.values()}))
    found: dict[Place, Values] = {}
    for (place, start), now in known.items():
        if start not in before:
            continue
        earlier = known.get((place, before[start]))
        if now.num is None or earlier is None or earlier.num is None:
            found[place, start] = Values(None, status="M")
        else:
            found[place, start] = Values(now.num - earlier.num if now.num >= earlier.num else now.num)
    return found


def _next(workspace: Workspace, grain: Grain, start: int) -> int:
    return periods.to_us(periods.bounds(grain, periods.from_us(start), workspace.zone)[1])


def _previous(workspace: Workspace, grain: Grain, start: int) -> int:
    found = periods.previous(grain, periods.from_us(start), workspace.zone)
    return periods.to_us(found) if found is not None else start
