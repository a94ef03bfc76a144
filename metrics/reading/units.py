"""One figure across places: for maps, rankings within peer groups and small multiples."""

from __future__ import annotations

from datetime import datetime

from metrics import status
from metrics.answers import Ask, State, Unit
from metrics.arrivals import Series
from metrics.model import TOTAL, Grain, Indicator
from metrics.reading.absent import MISSING, absent
from metrics.reading.cards import make_cell, recent
from metrics.reading.sources import source_health
from metrics.store import cells, scope
from metrics.values import Values, display

RANKED: tuple[State, ...] = ("ok", "watch", "off", "serious", "none")


def units(
    ask: Ask,
    key: str,
    level: str,
    under: str | None = None,
    grain: Grain | None = None,
    *,
    other: str = TOTAL,
    sparks: int = 0,
    ended_by: datetime | None = None,
) -> list[Unit]:
    """Every unit of a level (`department`, or a region level), best first, those not ranked last.

    under: only units below this place; grain: else the first the level is kept by; ended_by: of the last period that
    had ended by then (to date: of the next grain), else of the last settled one;
    other: the region (for departments) or department (for regions) the figures are of; sparks: how many earlier periods.
    """
    indicator = ask.workspace.indicators[key]
    tree = ask.workspace.departments if level == "department" else ask.workspace.regions
    below = tree.subtree(under) if under is not None and under != TOTAL else None
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    by = grain or _grain(indicator, level, to_date=ended_by is None)
    starts = recent(ask, indicator, by, max(sparks, 1), ended_by)
    rows = cells.kept(ask.connection, key, by, indicator.version, starts, within)
    spot = 0 if level == "department" else 1
    kept = {(row.key[spot], row.period_start): row for row in rows if row.key[1 - spot] == other and row.key[2] == "{}"}
    health = source_health(ask, indicator)[0] if ended_by is None else "FRESH"
    empty: dict[int, Values] | None = None
    found: list[Unit] = []
    for place in tree.at_level(level):
        mine = (place.id, other) if spot == 0 else (other, place.id)
        if place.id == TOTAL or (below is not None and place.id not in below) or not within.holds(*mine):
            continue
        series = Series(key, by, *mine)
        if empty is None:  # the same for every unit of the level
            empty = absent(ask, indicator, series, starts)
        line = [kept[place.id, start].values if (place.id, start) in kept else empty[start] for start in starts]
        values = None if line[-1] is MISSING else line[-1]
        row = kept.get((place.id, starts[-1]))
        cell = make_cell(ask, indicator, series, starts[-1], row, values) if values is not None else None
        spark = [display(indicator, one) for one in line]
        found.append(Unit(place, cell, status.state(indicator, values, health), None, spark if sparks else ()))
    return ranked(indicator, found)


def ranked(indicator: Indicator, many: list[Unit]) -> list[Unit]:
    """Ranked within their peer groups, ties sharing a rank; too few, nothing due and not reported are listed after, unranked."""
    worst_last = indicator.better != "lower"

    def order(unit: Unit) -> tuple[bool, object]:
        value = unit.cell.value if unit.cell is not None else None
        if unit.state not in RANKED or value is None:
            return True, 0
        return False, -value if worst_last else value

    placed: list[Unit] = []
    seen: dict[str, tuple[int, int, object]] = {}
    for unit in sorted(many, key=order):  # type: ignore[arg-type,return-value]
        last, mark = order(unit)
        if last:
            placed.append(unit)
            continue
        count, rank, before = seen.get(unit.place.peer, (0, 0, None))
        count += 1
        rank = rank if mark == before else count
        seen[unit.place.peer] = (count, rank, mark)
        placed.append(Unit(unit.place, unit.cell, unit.state, rank if indicator.better != "none" else None, unit.spark))
    return placed


def _grain(indicator: Indicator, level: str, *, to_date: bool) -> Grain:
    fitting = [grain for grain in indicator.grains if (level,) in indicator.cuts.get(grain, ())]
    return next((grain for grain in fitting if to_date or grain != "all"), fitting[0] if fitting else indicator.grains[0])
