"""One figure across places: for maps, rankings within peer groups and small multiples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from metrics import periods, status
from metrics.answers import Ask, Health, Unit
from metrics.arrivals import Series
from metrics.comparing import ranked, with_ranks_before
from metrics.model import TOTAL, Grain, Indicator, Place
from metrics.reading.absent import MISSING, absent
from metrics.reading.cards import make_cell, recent
from metrics.reading.coverage import enough
from metrics.reading.freshness import source_health
from metrics.reading.marks import marked
from metrics.reading.standing import kept as standing
from metrics.store import scope
from metrics.store.kept import Kept
from metrics.values import Values, display


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
    """Every unit of a level (`department`, or a region level), best first with its rank now and before, those not ranked last.

    under: only units below this place; grain: else the first the level is kept by; ended_by: of the last period that
    had ended by then (to date: of the next grain), else of the last settled one;
    other: the region (for departments) or department (for regions) the figures are of; sparks: how many earlier periods.
    """
    indicator = ask.workspace.indicators[key]
    by = grain or _grain(indicator, level, to_date=ended_by is None)
    starts = recent(ask, indicator, by, max(sparks, 2), ended_by)
    tree = ask.workspace.departments if level == "department" else ask.workspace.regions
    day = periods.local_date(periods.from_us(starts[-1]), ask.workspace.zone) if by != "all" else None
    below = tree.subtree(under, day) if under is not None and under != TOTAL else None
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    rows = standing(ask, indicator, by, starts, like=starts[-1])
    spot = 0 if level == "department" else 1
    kept = {(row.key[spot], row.period_start): row for row in rows if row.key[1 - spot] == other and row.key[2] == "{}"}
    health = source_health(ask, indicator)[0] if ended_by is None else "FRESH"
    empty: dict[int, Values] | None = None
    found: list[Unit] = []
    earlier: list[Unit] = []
    for place in tree.at_level(level):
        mine = (place.id, other) if spot == 0 else (other, place.id)
        if place.id == TOTAL or (below is not None and place.id not in below) or not within.holds(*mine):
            continue
        if not tree.valid(place.id, day) and (place.id, starts[-1]) not in kept:
            continue  # merged away, or not founded yet: it is missing nowhere
        series = Series(key, by, *mine)
        if empty is None:  # the same for every unit of the level
            empty = absent(ask, indicator, series, starts)
        line = [kept[place.id, start].values if (place.id, start) in kept else empty[start] for start in starts]
        spark = [display(indicator, one) for one in line][-sparks:] if sparks else []
        found.append(_unit(ask, indicator, place, series, starts[-1], line[-1], kept.get((place.id, starts[-1])), health, spark))
        if len(starts) > 1:
            row = kept.get((place.id, starts[-2]))
            earlier.append(_unit(ask, indicator, place, series, starts[-2], line[-2], row, "FRESH", ()))
    return with_ranks_before(_ranked(ask, indicator, by, _marked(ask, found)), _ranked(ask, indicator, by, earlier))


def _marked(ask: Ask, many: Sequence[Unit]) -> list[Unit]:
    cells = iter(marked(ask, [one.cell for one in many if one.cell is not None]))
    return [one if one.cell is None else replace(one, cell=next(cells)) for one in many]


def _ranked(ask: Ask, indicator: Indicator, grain: Grain, many: Sequence[Unit]) -> list[Unit]:
    return ranked(indicator, many, enough(ask, indicator, grain, many))


def _unit(
    ask: Ask,
    indicator: Indicator,
    place: Place,
    series: Series,
    start: int,
    found: Values,
    row: Kept | None,
    health: Health,
    spark: Sequence[Decimal | None],
) -> Unit:
    values = None if found is MISSING else found
    cell = make_cell(ask, indicator, series, start, row, values) if values is not None else None
    return Unit(place, cell, status.state(indicator, values, health), None, spark)


def _grain(indicator: Indicator, level: str, *, to_date: bool) -> Grain:
    fitting = [grain for grain in indicator.grains if (level,) in indicator.cuts.get(grain, ())]
    return next((grain for grain in fitting if to_date or grain != "all"), fitting[0] if fitting else indicator.grains[0])
