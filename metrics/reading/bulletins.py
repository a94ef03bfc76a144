"""The monthly bulletin: what it says of a month, and what was corrected after it was published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from metrics import periods, status
from metrics.answers import Ask, Cell, Unit
from metrics.arrivals import Series
from metrics.comparing import Compared
from metrics.model import TOTAL, Grain, Indicator
from metrics.reading import changed
from metrics.reading.cards import changes
from metrics.reading.changed import Revised
from metrics.reading.trends import trend
from metrics.reading.units import units
from metrics.store import bulletins, scope
from metrics.store.bulletins import Bulletin
from metrics.values import Values

Said = dict[str, Any]
"""Plain values, as they are kept: names in every language, numbers as text, instants in microseconds."""


def content(ask: Ask, month: datetime, department: str = TOTAL, keys: Iterable[str] | None = None) -> Said:
    """All that a bulletin of the month that begins at `month` says, as known to the question.

    For each indicator with monthly figures (else the last period of its own grain that had ended by then): the figure of the
    whole or of one department with its changes, and the departments ranked within their peer groups; of the whole the regions
    right below it too."""
    end = periods.bounds("month", month, ask.workspace.zone)[1]
    found = (_line(ask, ask.workspace.indicators[key], end, department) for key in keys or ask.workspace.indicators)
    lines = [one for one in found if one is not None]
    names = dict(ask.workspace.departments.get(department).name) if department != TOTAL else dict(ask.workspace.name)
    return {
        "form": 1, "department": department, "name": names, "month": periods.to_us(month), "end": periods.to_us(end),
        "lines": [one for one in lines if one["settled"]], "unsettled": [one["name"] for one in lines if not one["settled"]],
    }  # fmt: skip


def _line(ask: Ask, indicator: Indicator, end: datetime, department: str) -> Said | None:
    grain = _grain(indicator, department)
    if grain is None:
        return None
    series = Series(indicator.key, grain, department, TOTAL)
    cells = trend(ask, series, 14, ended_by=end)
    if not cells:
        return None
    cell = cells[-1]
    values = Values(cell.num, cell.den, cell.n, cell.apart, cell.status, cell.have, cell.want)
    indicator = ask.workspace.meant(indicator.key, cell.version)
    period, year = changes(ask, series, cell, cells)
    there, regions, level = _units(ask, indicator, grain, "department", end), [], ""
    if department != TOTAL:
        peer = ask.workspace.departments.get(department).peer
        there = [one for one in there if one.place.peer == peer]
    elif places := ask.workspace.regions.children(TOTAL):
        level = places[0].level
        regions = _units(ask, indicator, grain, level, end)
    shown = max(indicator.decimals, 1) if indicator.measure.rate or indicator.unit == "percent" else indicator.decimals
    ended = grain != "month" or cell.period_end == end
    return {
        "indicator": indicator.key, "name": dict(indicator.name), "field": indicator.field, "unit": indicator.unit,
        "decimals": indicator.decimals, "shown": shown, "measure": indicator.measure.kind, "rate": indicator.measure.rate,
        "version": indicator.version,
        "target": _number(indicator.target), "better": indicator.better, "min_n": indicator.min_n, "grain": grain,
        "department": department, "start": periods.to_us(cell.period_start), "settled": ended and cell.settled,
        **_figure(cell), "state": status.state(indicator, None if cell.status == "M" else values, "FRESH"),
        "on_period": _compared(period), "on_year": _compared(year), "units": [_unit(one) for one in there],
        "level": level, "regions": [_unit(one) for one in regions], "bands": bool(indicator.bands),
    }  # fmt: skip


def _units(ask: Ask, indicator: Indicator, grain: Grain, level: str, end: datetime) -> list[Unit]:
    """None where the indicator is not cut so."""
    if (level,) not in indicator.cuts.get(grain, ()):
        return []
    return units(ask, indicator.key, level, grain=grain, ended_by=end)


def _grain(indicator: Indicator, department: str) -> Grain | None:
    cut = ("department",)
    fitting = [one for one in indicator.grains if one != "all" and (department == TOTAL or cut in indicator.cuts.get(one, ()))]
    return "month" if "month" in fitting else next(iter(fitting), None)


def _figure(cell: Cell | None) -> Said:
    if cell is None:
        return dict.fromkeys(("value", "num", "den", "n", "have", "want"), None)
    value = None if cell.value is None else cell.value.quantize(Decimal("0.000001")).normalize()
    return {"value": _number(value), "num": cell.num, "den": cell.den, "n": cell.n, "have": cell.have, "want": cell.want}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _compared(one: Compared) -> Said:
    change = one.change
    said = {"amount": _number(change.amount.quantize(Decimal("0.0001"))), "points": change.in_points} if change else None
    return {"change": said, "without": one.without}


def _unit(one: Unit) -> Said:
    return {
        "id": one.place.id, "name": dict(one.place.name), "peer": one.place.peer, **_figure(one.cell), "state": one.state,
        "rank": one.rank, "was": one.rank_before, "of": one.of, "tied": one.tied,
    }  # fmt: skip


def published(ask: Ask, id: int) -> Bulletin | None:
    """None: there is none, or whose it is lies out of the asker's scope. To be shown as `as_read`."""
    return bulletins.one(ask.connection, id, scope.of(ask.who, ask.workspace.departments, ask.workspace.regions))


def every(ask: Ask) -> list[Bulletin]:
    return bulletins.every(ask.connection, scope.of(ask.who, ask.workspace.departments, ask.workspace.regions))


def as_read(ask: Ask, one: Bulletin) -> Said:
    """What it says to the asker: of units out of their scope nothing, but of how many (`of`) the others are ranked and who ties
    (`tied`)."""
    said: Said = json.loads(one.content)
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    for line in said["lines"]:
        every = line["units"]
        line["units"] = [unit for unit in every if within.holds(unit["id"], TOTAL)]
        places = Counter((unit["peer"], unit["rank"]) for unit in every if unit["rank"] is not None)
        many = Counter(unit["peer"] for unit in every if unit["rank"] is not None)
        for unit in line["units"]:  # of one that was published before units said it themselves
            unit.setdefault("of", many[unit["peer"]])
            unit.setdefault("tied", places[unit["peer"], unit["rank"]] > 1)
    return said


def corrections(ask: Ask, one: Bulletin) -> list[Revised]:
    """Figures printed in it that have become others since, those that its changes and ranks were made from, and those it said
    were missing; the newest change first."""
    printed: dict[tuple[str, str, str, str], set[int]] = {}
    for line in json.loads(one.content)["lines"]:
        before, year = _compared_with(ask, line["grain"], line["start"])
        ranked = [(unit["id"], TOTAL) for unit in line["units"]]
        ranked += [(TOTAL, unit["id"]) for unit in line.get("regions", ())]
        for place in ranked:
            printed.setdefault((line["indicator"], line["grain"], *place), set()).update({line["start"], *before})
        own = printed.setdefault((line["indicator"], line["grain"], line["department"], TOTAL), set())
        own.update({line["start"], *before, *year})
    found: list[Revised] = []
    for key, grain in dict.fromkeys((key, grain) for key, grain, _, _ in printed):
        if key not in ask.workspace.indicators:
            continue
        of = {place: some for place, some in printed.items() if place[:2] == (key, grain)}
        starts = {start for some in of.values() for start in some}
        how: dict[str, Any] = {"starts": starts, "grain": grain, "stocks": True, "arrived": None}
        moved = changed.figures(ask, one.revision, [key], None, TOTAL, **how).items
        if any(region != TOTAL for _, _, _, region in of):
            across = changed.figures(ask, one.revision, [key], TOTAL, None, **how).items
            moved += [row for row in across if row.series.region != TOTAL]
        found += [row for row in moved if row.series.dims == "{}" and periods.to_us(row.period_start) in of.get(_place(row), ())]
    found.sort(key=lambda row: row.period_start, reverse=True)
    return sorted(found, key=lambda row: (-row.by.revision, row.series.indicator, row.series.department))


def _place(row: Revised) -> tuple[str, str, str, str]:
    return row.series.indicator, row.series.grain, row.series.department, row.series.region


def _compared_with(ask: Ask, grain: Grain, start: int) -> tuple[list[int], list[int]]:
    """The period before, of which a change and a rank before are made, and that of the year before; each where there is one."""
    at, zone = periods.from_us(start), ask.workspace.zone
    before, year = periods.previous(grain, at, zone), periods.year_before(grain, at, zone)
    return [periods.to_us(before)] if before else [], [periods.to_us(year)] if year else []
