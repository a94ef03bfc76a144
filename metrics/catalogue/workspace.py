"""What one government configures, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from metrics.catalogue.population import Population
from metrics.catalogue.tree import Tree
from metrics.hours import ALL_DAY, WorkHours
from metrics.model import Board, Grain, Indicator, Source, Text
from metrics.periods import WEEKDAYS, WorkCalendar, from_us, local_date
from metrics.rulebook import Receiver, Roster, Route, Rule


@dataclass(frozen=True)
class Replay:
    """How the history of a demo is made: `advance` is asked before each step to move the simulated systems on."""

    advance: str | None
    days: int


@dataclass(frozen=True)
class Meaning:
    """One version of an indicator's definition, as it was accepted."""

    version: int
    since: date | None
    """The first day whose periods have this meaning; None: from the start."""
    reason: str
    by: str
    at: str
    text: str
    """The block as it was written; empty for what was accepted before texts were kept."""
    hash: str
    indicator: Indicator | None
    """None where the text does not fit this workspace any longer."""
    before: str = ""
    """The hash of the same meaning from when who reports a figure was a part of it; databases and locks may hold it."""


@dataclass(frozen=True)
class Retention:
    """How long the beginnings of payloads and figures finer than a day are kept; None: for good."""

    payloads: timedelta | None
    sub_day: timedelta | None


@dataclass(frozen=True)
class Workspace:
    folder: Path
    key: str
    name: Text
    zone: ZoneInfo
    departments: Tree
    regions: Tree
    fields: Mapping[str, Text]
    """The fields of work (办公运行 ...) indicators are grouped in, in the order shown."""
    units: Mapping[str, Text]
    """Units of measure, as written after a figure."""
    sources: Mapping[str, Source]
    indicators: Mapping[str, Indicator]
    rules: Mapping[str, Rule]
    receivers: Mapping[str, Receiver]
    boards: Mapping[str, Board]
    clock: datetime | None = None
    """The instant that stands for now in judging, periods, overdue and freshness; None: the real one."""
    demo: bool = False
    languages: tuple[str, ...] = ("zh", "en")
    """The first is shown to a stranger."""
    calendar: WorkCalendar = WEEKDAYS
    routes: Mapping[str, Route] = field(default_factory=dict)
    """In the order written; every one that matches tells its receivers."""
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    hours: tuple[tuple[time, time | None], ...] = ALL_DAY
    """Working hours of a working day, local time."""
    replay: Replay | None = None
    retention: Retention | None = None
    population: Population | None = None
    shapes: Mapping[str, Path] = field(default_factory=dict)
    """Region level -> GeoJSON file."""
    meaning: Mapping[str, str] = field(default_factory=dict)
    """Indicator -> hash of everything that changes what its figures mean."""

    versions: Mapping[str, tuple[Meaning, ...]] = field(default_factory=dict)
    """Indicator -> the versions of its definition, oldest first; the last one is that of `indicators`."""

    def version_on(self, key: str, day: date | None) -> int:
        """The version in force for periods that begin on a day (None: figures to date)."""
        found = self.indicators[key].version
        if day is None:
            return found
        for one in self.versions.get(key, ()):
            if one.since is None or one.since <= day:
                found = one.version
        return found

    def in_force(self, key: str, grain: Grain, start: int) -> int:
        """The version in force for the period that starts at an instant (microseconds), which is that of its first day."""
        if grain == "all" or len(self.versions.get(key, ())) < 2:
            return self.indicators[key].version
        return self.version_on(key, local_date(from_us(start), self.zone))

    def under(self, key: str, version: int) -> Workspace:
        """The same workspace with an earlier definition of one indicator; where that fits no longer, its number alone."""
        if self.indicators[key].version == version:
            return self
        was = next((one.indicator for one in self.versions.get(key, ()) if one.version == version), None)
        return replace(self, indicators={**self.indicators, key: was or replace(self.indicators[key], version=version)})

    def meant(self, key: str, version: int) -> Indicator:
        """What the figures of one version of a definition are said and judged by: its measure, unit and decimals, with the names
        and places of today. Targets and bands are today's too where they measure the same, else those of that version."""
        now = self.indicators[key]
        if now.version == version:
            return now
        was = self.under(key, version).indicators[key]
        origin = now if now.measure.kind == was.measure.kind == "observed" else was
        bounds = now if _measures(now) == _measures(was) else was
        return replace(
            now, version=version, version_reason=was.version_reason, measure=was.measure, unit=was.unit, decimals=was.decimals,
            attribute=was.attribute, additive=was.additive, want=was.want, source=origin.source, feeds=origin.feeds,
            better=bounds.better, target=bounds.target, no_target=bounds.no_target, bands=bounds.bands, min_n=bounds.min_n,
            tolerance=bounds.tolerance, plausible=bounds.plausible,
        )  # fmt: skip

    @cached_property
    def may_be_quiet(self) -> bool:
        """Whether any source says how long it has nothing new at most."""
        return any(source.quiet for source in self.sources.values())

    @property
    def work_hours(self) -> WorkHours:
        return WorkHours(self.zone, self.calendar, self.hours)

    def now(self, real_now: datetime) -> datetime:
        return self.clock or real_now


def _measures(one: Indicator) -> tuple[object, ...]:
    """What a bound is a bound of: the same bounds are right only where these are the same."""
    return one.unit, one.better, one.measure.number
