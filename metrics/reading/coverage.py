"""How much of a figure is there: who of those it is made of has not reported, who stands in for whom, what came late."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from metrics import periods
from metrics.answers import Ask, Unit
from metrics.arrivals import Series
from metrics.indicators import fold, observed
from metrics.indicators.leaves import Growing, wanted
from metrics.model import MAX, TOTAL, Grain, Indicator, Text
from metrics.status import in_time
from metrics.store import observations, rulings
from metrics.store.observations import Reported
from metrics.store.rulings import Ruled
from metrics.store.series import Key


class Coverage:
    """Of one indicator that sources report, by one version of its definition, in some periods; read once for all of them, when
    it is first asked for, and only of those in which there is something to be said: `incomplete`, where somebody has not
    reported, where a second source or version may have entered, or where something came late."""

    def __init__(
        self, ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], incomplete: Collection[int] = ()
    ) -> None:
        self.ask, self.indicator, self.grain, self.starts, self.incomplete = ask, indicator, grain, starts, incomplete
        self._below: dict[int, dict[Key, list[Key]]] = {}
        self._of: dict[int, dict[Key, Reported]] = {}

    def missing(self, series: Series, start: int) -> list[Text]:
        """Names of the places that have not reported what this figure is made of."""
        on, there = self._day(start), self._there(series, start)
        silent = [key for key in self._keys(series, start) if key not in there and fold.there(self.ask.workspace, key, on)]
        return [self._name(key) for key in silent]

    def stand_ins(self, series: Series, start: int) -> set[str]:
        """Sources whose figures entered in place of the one in authority, or of the one a person ruled for."""
        if len(self.indicator.feeds) < 2:
            return set()
        found = set()
        for key, row in self._entered(series, start):
            decided = rulings.covering(self._ruled, key, start)
            if row.source != (decided.source if decided is not None else self.indicator.feeds[0]):
                found.add(row.source)
        return found

    def versions(self, series: Series, start: int) -> set[int]:
        """Of the definition, under which the values of the sum were reported."""
        return {row.version for _, row in self._entered(series, start)} if self.indicator.version > 1 else set()

    def late(self, series: Series, start: int) -> datetime | None:
        """When the last of it came that was first known after its time; None where all came in time."""
        if start not in self._later:
            return None
        found = []
        for key, row in self._entered(series, start):
            at = self._later[start].get((key, row.source))
            until = self._until(row.source, start) if at is not None else None
            if at is not None and until is not None and at > until:
                found.append(at)
        return max(found, default=None)

    def _until(self, key: str, start: int) -> datetime | None:
        """Until when a figure of this period is in time, by this source."""
        source, zone = self.ask.workspace.sources.get(key), self.ask.workspace.zone
        if source is None or self.grain == "all":
            return None
        return in_time(source, periods.bounds(self.grain, periods.from_us(start), zone)[1], self.indicator.settle_delay, zone)

    def _entered(self, series: Series, start: int) -> Iterator[tuple[Key, Reported]]:
        """What was chosen of every place in it."""
        chosen = self._chosen(start)
        return ((key, chosen[key]) for key in self._keys(series, start) if key in chosen)

    def _chosen(self, start: int) -> dict[Key, Reported]:
        """Of each place what was chosen."""
        if start not in self._of:
            self._of[start] = {}
            for key, many in self._told.get(start, {}).items():
                decided = rulings.covering(self._ruled, key, start) if len(many) > 1 else None
                self._of[start][key] = observed.choose(self.indicator, many, decided)
        return self._of[start]

    def _keys(self, series: Series, start: int) -> Sequence[Key]:
        here = (series.department, series.region, series.dims)
        chosen = self._chosen(start)
        if start not in self._below:
            below = self._below[start] = {}
            cuts, on = self.indicator.cuts.get(self.grain, ()), self._day(start)
            for key in sorted(self._leaves.at(start).of({key for key, row in chosen.items() if observed.there(row.values)})):
                for target in fold.targets(self.ask.workspace, cuts, *key, on):
                    below.setdefault(target, []).append(key)
        return observed.made_of(self.indicator, here, self._below[start].get(here, []), chosen)

    def _day(self, start: int) -> date | None:
        return None if self.grain == "all" else periods.local_date(periods.from_us(start), self.ask.workspace.zone)

    def _there(self, series: Series, start: int) -> set[Key]:
        """Who has told what may be part of this total; among shares only shares are summed."""
        found = {key: row.values for key, row in self._entered(series, start) if observed.enters(self.indicator, row.values)}
        shares = {key for key, values in found.items() if values.den is not None}
        return shares or set(found)

    @cached_property
    def _told(self) -> dict[int, dict[Key, list[Reported]]]:
        found: dict[int, dict[Key, list[Reported]]] = {}
        ask = self.ask
        for row in observed.told(ask.connection, ask.workspace, self.indicator, self.grain, self._read, ask.revision):
            found.setdefault(row.period_start, {}).setdefault(row.key, []).append(row)
        return found

    @cached_property
    def _leaves(self) -> Growing:
        ask = self.ask
        since = observations.since(ask.connection, self.indicator.key, self.grain, ask.revision)
        return Growing(ask.workspace, self.indicator, self.grain, since)

    @cached_property
    def _ruled(self) -> list[Ruled]:
        if len(self.indicator.feeds) < 2:
            return []
        return rulings.in_force(self.ask.connection, self.indicator.key, self.grain, self.ask.revision)

    @cached_property
    def _later(self) -> dict[int, dict[tuple[Key, str], datetime]]:
        """By period what was first known so long after it began that it may be late."""
        limits = [
            until - periods.from_us(start)
            for start in self.starts
            for key in self.indicator.feeds
            if (until := self._until(key, start)) is not None
        ]
        if not limits:
            return {}
        after = min(limits) // timedelta(microseconds=1)
        found: dict[int, dict[tuple[Key, str], datetime]] = {}
        came = observations.came_later(self.ask.connection, self.indicator.key, self.grain, self.starts, after)
        for (key, source, start), at in came.items():
            found.setdefault(start, {})[key, source] = at
        return found

    @cached_property
    def _read(self) -> Sequence[int]:
        if len(self.indicator.feeds) > 1 or self.indicator.version > 1:
            return self.starts
        return sorted({*self.incomplete, *self._later})

    def _name(self, key: Key) -> Text:
        departments, regions = self.ask.workspace.departments, self.ask.workspace.regions
        return regions.get(key[1]).name if key[1] != TOTAL else departments.get(key[0]).name


def leaves_of(
    ask: Ask, indicator: Indicator, grain: Grain, here: Key, start: int, told: Container[Key] | None = None
) -> list[Key]:  # fmt: skip
    """The finest series reported by then, for this period or one before, and the places that are to report and had not, that
    count in this place, by the tree in force at the period.

    told: who has a figure of that period; where of a place and those within it only the place itself has, that one. None: all."""
    on = None if grain == "all" else periods.local_date(periods.from_us(start), ask.workspace.zone)
    since = observations.since(ask.connection, indicator.key, grain, ask.revision)
    made_of = Growing(ask.workspace, indicator, grain, since).at(start)
    cuts = indicator.cuts.get(grain, ())
    keys = made_of.every if told is None else made_of.of(told)
    return sorted(key for key in keys if here in fold.targets(ask.workspace, cuts, *key, on))


def enough(ask: Ask, indicator: Indicator, grain: Grain, many: Sequence[Unit]) -> Callable[[Unit], bool]:
    """Whether a unit may be ranked: enough of what its own figure is made of is there, and enough of its peer group reported.

    Of the group those count that had a figure by then, or are to report: who never reports this is no part of it."""
    starts = (periods.to_us(one.cell.period_start) for one in many if one.cell is not None)
    ever = _ever(ask, indicator, grain, max(starts, default=MAX))
    there: dict[str, list[bool]] = {}
    for unit in many:
        reported = unit.state != "nrep"
        if reported or unit.place.id in ever:
            there.setdefault(unit.place.peer, []).append(reported)
    short = {peer for peer, found in there.items() if Decimal(sum(found)) < indicator.coverage * len(found)}

    def may(unit: Unit) -> bool:
        cell = unit.cell
        if unit.place.peer in short:
            return False
        if cell is None or not cell.want or cell.have is None:
            return True
        return Decimal(cell.have) >= indicator.coverage * cell.want

    return may


def _ever(ask: Ask, indicator: Indicator, grain: Grain, by: int) -> set[str]:
    """Places of which a figure was reported by a period, or is to be, and those above them, as known when it is asked for."""
    found: set[str] = set()
    for part in reported(ask, indicator):
        due = wanted(ask.workspace, part, grain) if part.want else []
        since = observations.since(ask.connection, part.key, grain, ask.revision)
        for department, region, _ in (*(key for key, begun in since.items() if begun <= by), *due):
            for tree, id in ((ask.workspace.departments, department), (ask.workspace.regions, region)):
                if id != TOTAL and id in tree and id not in found:
                    found.update((id, *tree.ancestors(id)))
    return found


def reported(ask: Ask, indicator: Indicator) -> list[Indicator]:
    """What sources report of it: itself, or what it is made of."""
    if not indicator.measure.inputs:
        return [indicator] if indicator.measure.kind == "observed" else []
    parts = (ask.workspace.indicators[key] for key in dict.fromkeys(indicator.measure.inputs))
    return [one for part in parts for one in reported(ask, part)]
