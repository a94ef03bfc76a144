"""What an office owes: which figures of which periods, by when, and what of it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from collectors._sent import owed
from collectors._settings import settings_of
from collectors.upload import SETTINGS
from metrics.arrivals import Deadline, ObservationIn
from metrics.model import TOTAL, Grain, Indicator, Source
from metrics.periods import bounds, previous, to_us
from metrics.store import observations
from metrics.values import Values

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

Spot = tuple[str, str, int, str, str]
"""(indicator, grain, start of the period in microseconds, department, region)."""
WHOLE_DAYS: tuple[Grain, ...] = ("day", "week", "tenday", "month", "quarter", "year")


@dataclass(frozen=True)
class Duty:
    """One figure of one period, for one place."""

    indicator: Indicator
    grain: Grain
    start: datetime
    deadline: datetime
    department: str
    region: str
    given: Values | None
    """What this office handed in for it; None: it is owed."""

    def place(self) -> tuple[str, str]:
        """("region", id) or ("department", id): what the line of the form is about."""
        return ("region", self.region) if self.region != TOTAL else ("department", self.department)


def duties(connection: Connection, source: Source, workspace: Workspace, now: datetime) -> list[Duty]:
    """Newest period first, in the order of the indicators."""
    settings = settings_of(source, SETTINGS)
    listed = [
        (indicator, grain, start, end + settings.due, department, region)
        for indicator in owed(source, workspace)
        if (grain := grain_of(source, indicator)) in WHOLE_DAYS
        for start, end in ended(grain, settings.periods, workspace.zone, now)
        for department, region in places(indicator, grain, source, workspace, settings.regions)
    ]
    if not listed:
        return []
    there = given(connection, source, min(start for _, _, start, *_ in listed))
    made = [Duty(*one, there.get((one[0].key, one[1], to_us(one[2]), one[4], one[5]))) for one in listed]
    return sorted(made, key=lambda duty: duty.start, reverse=True)


def deadlines(workspace: Workspace, now: datetime) -> list[Deadline]:
    """Of every office that hands in: by when it owes each of the ended periods its form offers, whatever is there already."""
    found = []
    for source in workspace.sources.values():
        if source.type != "upload":
            continue
        settings = settings_of(source, SETTINGS)
        grains = {grain_of(source, indicator) for indicator in owed(source, workspace)}
        for grain in WHOLE_DAYS:
            if grain in grains:
                for start, end in ended(grain, settings.periods, workspace.zone, now):
                    found.append(Deadline(source.key, grain, start, end + settings.due, settings.remind))
    return found


def missing(connection: Connection, workspace: Workspace, one: Deadline, now: datetime) -> tuple[int, int]:
    """(figures of this deadline that are not there, all of them)."""
    every = duties(connection, workspace.sources[one.source], workspace, now)
    mine = [duty for duty in every if duty.grain == one.grain and duty.start == one.start]
    return sum(duty.given is None for duty in mine), len(mine)


def given(connection: Connection, source: Source, since: datetime) -> Mapping[Spot, Values]:
    """What this source brought for periods from `since` on."""
    found = observations.of_source(connection, source.key, to_us(since))
    return {(key, grain, start, department, region): values for key, grain, start, department, region, values in found}


def spot(one: ObservationIn) -> Spot:
    return one.indicator, one.grain, to_us(one.period_start), one.department, one.region


def grain_of(source: Source, indicator: Indicator) -> Grain:
    said: Grain | None = source.mapping.get("grain")
    return said or indicator.grains[0]


def ended(grain: Grain, count: int, zone: ZoneInfo, now: datetime) -> Sequence[tuple[datetime, datetime]]:
    """The last periods that have ended, newest first."""
    found: list[tuple[datetime, datetime]] = []
    start = previous(grain, bounds(grain, now, zone)[0], zone)
    while start is not None and len(found) < count:
        found.append(bounds(grain, start, zone))
        start = previous(grain, start, zone)
    return found


def places(indicator: Indicator, grain: Grain, source: Source, workspace: Workspace, level: str) -> list[tuple[str, str]]:
    cut = {name for one in indicator.cuts.get(grain, ()) for name in one}
    department = source.department if "department" in cut else TOTAL
    regions = [place.id for place in workspace.regions.at_level(level)] if level in cut else [TOTAL]
    return [(department, region) for region in regions]


def period_text(grain: Grain, start: datetime, zone: ZoneInfo) -> str:
    """As the form writes a period, and `_sent` reads it."""
    local = start.astimezone(zone)
    if grain == "quarter":
        return f"{local.year}-Q{(local.month + 2) // 3}"
    return f"{local:%Y-%m-%d}" if grain in ("day", "week", "tenday") else f"{local:%Y-%m}" if grain == "month" else f"{local:%Y}"


def soon(deadline: datetime, now: datetime) -> bool:
    return now <= deadline < now + timedelta(days=3)
