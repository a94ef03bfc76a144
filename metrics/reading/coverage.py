"""How much of a figure is there: who of those it is made of has not reported, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from decimal import Decimal
from functools import cached_property

from metrics import periods
from metrics.answers import Ask, Cell, Unit
from metrics.arrivals import Series
from metrics.indicators import fold, observed
from metrics.indicators.leaves import of_indicator, wanted
from metrics.model import TOTAL, Grain, Indicator, Text
from metrics.reading.freshness import within
from metrics.store import observations, rulings
from metrics.store.observations import Reported
from metrics.store.rulings import Ruled
from metrics.store.series import Key
from metrics.values import Values


class Coverage:
    """Of one indicator, grain and period; read when first asked for."""

    def __init__(self, ask: Ask, indicator: Indicator, grain: Grain, start: int) -> None:
        self.ask, self.indicator, self.grain, self.start = ask, indicator, grain, start

    def missing(self, cell: Cell | None) -> tuple[Text, ...]:
        """Names of the places that have not reported what this figure is made of; empty where all have."""
        if cell is None or cell.have is None or cell.want is None or cell.have >= cell.want:
            return ()
        names: list[Text] = []
        for part in _reported(self.ask, self.indicator):
            other = self if part is self.indicator else Coverage(self.ask, part, self.grain, self.start)
            names += [name for key in other._silent(cell.series) if (name := other._name(key)) not in names]
        return tuple(names)

    def stand_ins(self, series: Series) -> tuple[str, ...]:
        """Sources whose figures entered in place of the one in authority, or of the one a person ruled for."""
        if len(self.indicator.feeds) < 2:
            return ()
        met = {source for key, source in self._instead.items() if within(self.ask, key, series)}
        return tuple(sorted(met))

    def _silent(self, series: Series) -> list[Key]:
        here = (series.department, series.region, series.dims)
        on = None if self.grain == "all" else periods.local_date(periods.from_us(self.start), self.ask.workspace.zone)
        every = leaves_of(self.ask, self.indicator, self.grain, here, self.start, self._told)
        there = {key for key in every if key in self._there}
        if any(self._there[key].den is not None for key in there):  # among shares only shares were summed
            there = {key for key in there if self._there[key].den is not None}
        return [key for key in every if key not in there and fold.there(self.ask.workspace, key, on)]

    @cached_property
    def _told(self) -> dict[Key, list[Reported]]:
        found: dict[Key, list[Reported]] = {}
        ask = self.ask
        for row in observed.told(ask.connection, ask.workspace, self.indicator, self.grain, [self.start], ask.revision):
            found.setdefault(row.key, []).append(row)
        return found

    @cached_property
    def _there(self) -> dict[Key, Values]:
        """What may be part of a total."""
        chosen = {key: row.values for key, (row, _) in self._chosen.items()}
        return {key: values for key, values in chosen.items() if observed.enters(self.indicator, values)}

    @cached_property
    def _chosen(self) -> dict[Key, tuple[Reported, Ruled | None]]:
        several = len(self.indicator.feeds) > 1
        ruled = rulings.in_force(self.ask.connection, self.indicator.key, self.grain, self.ask.revision) if several else []
        found = {}
        for key, rows in self._told.items():
            decided = rulings.covering(ruled, key, self.start)
            found[key] = observed.choose(self.indicator, rows, decided), decided
        return found

    @cached_property
    def _instead(self) -> dict[Key, str]:
        found = {}
        for key, (chosen, decided) in self._chosen.items():
            source = chosen.source
            if source != (decided.source if decided is not None else self.indicator.feeds[0]):
                found[key] = source
        return found

    def _name(self, key: Key) -> Text:
        departments, regions = self.ask.workspace.departments, self.ask.workspace.regions
        return regions.get(key[1]).name if key[1] != TOTAL else departments.get(key[0]).name


def missing(ask: Ask, cell: Cell | None) -> tuple[Text, ...]:
    """Names of the places that have not reported what this figure is made of."""
    if cell is None:
        return ()
    indicator = ask.workspace.indicators[cell.series.indicator]
    return Coverage(ask, indicator, cell.series.grain, periods.to_us(cell.period_start)).missing(cell)


def leaves_of(
    ask: Ask, indicator: Indicator, grain: Grain, here: Key, start: int, reported: Container[Key] | None = None
) -> list[Key]:  # fmt: skip
    """The finest series ever reported, and the places that are to report and never have, that count in this place, by the tree in
    force at the period.

    reported: in that period; where of a place and those within it only the place itself is, that one. None: all of them."""
    on = None if grain == "all" else periods.local_date(periods.from_us(start), ask.workspace.zone)
    reports = observations.leaves(ask.connection, indicator.key, grain, ask.revision)
    made_of = of_indicator(ask.workspace, indicator, grain, reports)
    cuts = indicator.cuts.get(grain, ())
    keys = made_of.every if reported is None else made_of.of(reported)
    return sorted(key for key in keys if here in fold.targets(ask.workspace, cuts, *key, on))


def enough(ask: Ask, indicator: Indicator, grain: Grain, many: Sequence[Unit]) -> Callable[[Unit], bool]:
    """Whether a unit may be ranked: enough of what its own figure is made of is there, and enough of its peer group reported.

    Of the group those count that have ever had a figure, or are to report: who never reports this is no part of it."""
    ever = _ever(ask, indicator, grain)
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


def _ever(ask: Ask, indicator: Indicator, grain: Grain) -> set[str]:
    """Places of which a figure was ever reported, or is to be, and those above them, as known at the revision asked for."""
    found: set[str] = set()
    for part in _reported(ask, indicator):
        due = wanted(ask.workspace, part, grain) if part.want else []
        for department, region, _ in (*observations.leaves(ask.connection, part.key, grain, ask.revision), *due):
            for tree, id in ((ask.workspace.departments, department), (ask.workspace.regions, region)):
                if id != TOTAL and id in tree and id not in found:
                    found.update((id, *tree.ancestors(id)))
    return found


def _reported(ask: Ask, indicator: Indicator) -> list[Indicator]:
    """What sources report of it: itself, or what it is made of."""
    if not indicator.measure.inputs:
        return [indicator] if indicator.measure.kind == "observed" else []
    parts = (ask.workspace.indicators[key] for key in dict.fromkeys(indicator.measure.inputs))
    return [one for part in parts for one in _reported(ask, part)]
