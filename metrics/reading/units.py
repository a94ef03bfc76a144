"""One figure across places: for maps, rankings within peer groups and small multiples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache

from metrics import periods, status
from metrics.answers import Ask, Health, Unit
from metrics.arrivals import Series
from metrics.comparing import ranked, with_ranks_before
from metrics.model import TOTAL, Grain, Indicator, Place
from metrics.reading.absent import MISSING, of_many
from metrics.reading.cards import make_cell, recent
from metrics.reading.coverage import enough
from metrics.reading.freshness import source_health
from metrics.reading.marks import marked
from metrics.reading.standing import kept as standing
from metrics.reading.standing import meant
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
    Given are those in the asker's scope; ranked they are among all of their group, in each period those there were.

    under: only units below this place; grain: else the first the level is kept by; ended_by: of the last period that
    had ended by then (to date: of the next grain), else of the last settled one;
    other: the region (for departments) or department (for regions) the figures are of; sparks: how many earlier periods.
    """
    indicator = ask.workspace.indicators[key]
    by = grain or _grain(indicator, level, to_date=ended_by is None)
    starts = recent(ask, indicator, by, max(sparks, 2), ended_by)
    was = meant(ask, indicator, by, starts[-1])
    tree = ask.workspace.departments if level == "department" else ask.workspace.regions
    spot = 0 if level == "department" else 1
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    whole = replace(ask, who=replace(ask.who, departments=(TOTAL,), regions=(TOTAL,)))  # a rank is among all of the group
    rows = standing(whole, indicator, by, starts, like=starts[-1])
    kept = {(row.key[spot], row.period_start): row for row in rows if row.key[1 - spot] == other and row.key[2] == "{}"}

    def there(start: int) -> list[Place]:
        """In that period: who was merged away by then, or not founded yet, is missing nowhere."""
        day = periods.local_date(periods.from_us(start), ask.workspace.zone) if by != "all" else None
        below = tree.subtree(under, day) if under is not None and under != TOTAL else None
        found = [one for one in tree.at_level(level) if one.id != TOTAL and (below is None or one.id in below)]
        return [one for one in found if tree.valid(one.id, day) or (one.id, start) in kept]

    def series(id: str) -> Series:
        return Series(key, by, *((id, other) if spot == 0 else (other, id)))

    places = there(starts[-1])
    if not places:
        return []
    blank = of_many(whole, was, by)
    alike = blank(series(places[0].id), starts) if not was.measure.inputs else None
    empty = cache(lambda id: alike or blank(series(id), starts))  # the same for every unit, unless it is derived

    def values(place: Place, start: int) -> Values:
        return kept[place.id, start].values if (place.id, start) in kept else empty(place.id)[start]

    def unit(place: Place, start: int, health: Health, spark: Sequence[Decimal | None] = ()) -> Unit:
        row = kept.get((place.id, start))
        return _unit(whole, was, place, series(place.id), start, values(place, start), row, health, spark)

    health = source_health(ask, indicator)[0] if ended_by is None else "FRESH"
    last = starts[-sparks:] if sparks else []
    found = [unit(one, starts[-1], health, [display(was, values(one, at)) for at in last]) for one in places]
    earlier = [unit(one, starts[-2], "FRESH") for one in there(starts[-2])] if len(starts) > 1 else []
    now, before = (_ranked(whole, was, by, some) for some in (found, earlier))
    mine = [one for one in now if within.holds(*((one.place.id, other) if spot == 0 else (other, one.place.id)))]
    return with_ranks_before(_marked(ask, mine), before)


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
