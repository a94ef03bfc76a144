"""环比 and 同比, ranks and how they moved: said in one way by cards, pages, exports and bulletins. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from metrics.answers import Change, State, Unit
from metrics.model import Indicator
from metrics.values import Values, display

Without = Literal["", "missing", "zero", "version"]
"""Why nothing is compared: there is no figure to compare, the base is zero, or the base was made by another definition."""
RANKED: tuple[State, ...] = ("ok", "watch", "off", "serious", "none")


@dataclass(frozen=True, slots=True)
class Compared:
    change: Change | None
    without: Without = ""


def compare(indicator: Indicator, now: Values | None, before: Values | None, *, other_version: bool = False) -> Compared:
    """A rate changes in percentage points, an amount in per cent of its base. other_version: the base was made by another
    version of the definition, so that nothing is said."""
    new = display(indicator, now) if now is not None else None
    old = display(indicator, before) if before is not None else None
    return compare_shown(indicator, new, old, other_version=other_version)


def compare_shown(indicator: Indicator, new: Decimal | None, old: Decimal | None, *, other_version: bool = False) -> Compared:
    """`compare` of values in display units."""
    if other_version:
        return Compared(None, "version")
    if new is None or old is None:
        return Compared(None, "missing")
    if indicator.in_points:
        return Compared(Change(new - old, in_points=True))
    return Compared(Change((new - old) / abs(old) * 100, in_points=False)) if old else Compared(None, "zero")


def ranked(indicator: Indicator, many: Sequence[Unit], may: Callable[[Unit], bool] = lambda unit: True) -> list[Unit]:
    """Best first, each ranked within its peer group, ties sharing a rank; then those that are not ranked: nothing due, too few
    cases, not reported, and those that `may` refuses (a coverage below the floor)."""
    worst_last = indicator.better != "lower"

    def order(unit: Unit) -> tuple[bool, Decimal]:
        value = unit.cell.value if unit.cell is not None else None
        if unit.state not in RANKED or value is None or not may(unit):
            return True, Decimal(0)
        return False, -value if worst_last else value

    placed: list[Unit] = []
    seen: dict[str, tuple[int, int, object]] = {}
    for unit in sorted(many, key=order):
        last, mark = order(unit)
        if last:
            placed.append(replace(unit, rank=None))
            continue
        count, rank, before = seen.get(unit.place.peer, (0, 0, None))
        count += 1
        rank = rank if mark == before else count
        seen[unit.place.peer] = (count, rank, mark)
        placed.append(replace(unit, rank=rank if indicator.better != "none" else None))
    places = Counter((one.place.peer, one.rank) for one in placed if one.rank is not None)
    of = Counter(one.place.peer for one in placed if one.rank is not None)
    return [
        one if one.rank is None else replace(one, of=of[one.place.peer], tied=places[one.place.peer, one.rank] > 1)
        for one in placed
    ]


def with_ranks_before(many: Sequence[Unit], before: Sequence[Unit]) -> list[Unit]:
    """Each unit with the rank it had (`before`: the same units, ranked for the period before)."""
    ranks: Mapping[str, int | None] = {unit.place.id: unit.rank for unit in before}
    return [replace(unit, rank_before=ranks.get(unit.place.id)) for unit in many]


def apart(many: Sequence[Unit]) -> dict[State, list[Unit]]:
    """Units that are not ranked, by why."""
    found: dict[State, list[Unit]] = {}
    for unit in many:
        if unit.rank is None:
            found.setdefault(unit.state, []).append(unit)
    return found
