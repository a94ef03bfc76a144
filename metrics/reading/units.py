"""One figure across places: for maps, rankings within peer groups and small multiples."""

from __future__ import annotations

from datetime import datetime

from metrics import periods, status
from metrics.answers import Ask, State, Unit
from metrics.indicators import records as from_records
from metrics.model import TOTAL, Grain, Indicator, Series
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
    period: datetime | None = None,
    *,
    other: str = TOTAL,
    sparks: int = 0,
) -> list[Unit]:
    """Every unit of a level (`department`, or a region level), best first, those not ranked last.

    under: only units below this place; grain: else the first the level is kept by; period: else the last settled one;
    other: the region (for departments) or department (for regions) the figures are of; sparks: how many earlier periods.
    """
    indicator = ask.workspace.indicators[key]
    tree = ask.workspace.departments if level == "department" else ask.workspace.regions
    below = tree.subtree(under) if under is not None and under != TOTAL else None
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    by = grain or _grain(indicator, level)
    starts = recent(ask, indicator, by, max(sparks, 1))
    if period is not None:
        starts = [periods.to_us(period)]
    rows = cells.kept(ask.connection, key, by, indicator.version, starts, within)
    spot = 0 if level == "department" else 1
    kept = {(row.key[spot], row.period_start): row for row in rows if row.key[1 - spot] == other and row.key[2] == "{}"}
    health, collected = source_health(ask, indicator)
    answered = collected is not None and bool(rows) and indicator.measure.from_records
    found: list[Unit] = []
    for place in tree.at_level(level):
        mine = (place.id, other) if spot == 0 else (other, place.id)
        if place.id == TOTAL or (below is not None and place.id not in below) or not within.holds(*mine):
            continue
        row = kept.get((place.id, starts[-1]))
        values: Values | None = row.values if row else (from_records.zero(indicator) if answered else None)
        series = Series(key, by, *mine)
        cell = make_cell(ask, indicator, series, starts[-1], row, values) if values is not None else None
        spark = [display(indicator, kept[place.id, start].values) if (place.id, start) in kept else None for start in starts]
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


def _grain(indicator: Indicator, level: str) -> Grain:
    return next((grain for grain in indicator.grains if (level,) in indicator.cuts.get(grain, ())), indicator.grains[0])
