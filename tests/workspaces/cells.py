"""Figures drawn at random from a loaded workspace, and the questions that ask what they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from metrics import periods
from metrics.answers import Ask, CaseQuery
from metrics.model import TOTAL, Indicator
from metrics.store import cells, scope
from metrics.store import kept as kept_store
from metrics.store.kept import Kept

FROM_RECORDS = ("ratio", "count", "sum", "mean", "median", "percentile", "distinct", "open", "overdue")


@dataclass(frozen=True)
class Drawn:
    """One figure that stands: of which workspace (its number), indicator, grain, place and period."""

    workspace: int
    indicator: Indicator
    grain: str
    row: Kept

    @property
    def from_records(self) -> bool:
        return self.indicator.measure.from_records

    @property
    def zero(self) -> bool:
        return 0 in (self.row.values.num, self.row.values.den)

    def aggregate(self, ask: Ask) -> bool:
        """Of a place that has others below it: the whole, a city of counties."""
        trees = ((ask.workspace.departments, self.row.key[0]), (ask.workspace.regions, self.row.key[1]))
        return any(one == TOTAL or bool(tree.children(one)) for tree, one in trees)

    def behind(self, role: str) -> CaseQuery:
        """The cases in one part of the figure, at its own revision and moment."""
        return CaseQuery(
            self.indicator.source or "", self.indicator.key, role, self.grain, periods.from_us(self.row.period_start),  # type: ignore[arg-type]
            self.row.key[0], self.row.key[1], revision=self.row.revision, evaluated_at=periods.from_us(self.row.evaluated_at),
        )  # fmt: skip


def standing(number: int, ask: Ask) -> Iterator[Drawn]:
    """Every figure of a workspace that stands now."""
    for indicator in ask.workspace.indicators.values():
        for grain in indicator.grains:
            first = cells.first_period(ask.connection, indicator.key, grain)
            if first is None:
                continue
            begin = periods.from_us(first)
            starts = [periods.to_us(one) for one in periods.starts(grain, begin, ask.now, ask.workspace.zone)]
            for row in kept_store.kept(ask.connection, indicator.key, grain, indicator.version, starts, scope.WHOLE):
                if row.key[2] == "{}":
                    yield Drawn(number, indicator, grain, row)


def quotas(dice, everything: list[Drawn], asks: list[Ask], wanted: list[tuple[int, Callable[[Drawn, Ask], bool]]]) -> list[Drawn]:
    """So many of each kind, none twice; each workspace that has some of a kind gives its share."""
    found: dict[int, Drawn] = {}
    for number, fits in wanted:
        left = [spot for spot, one in enumerate(everything) if spot not in found and fits(one, asks[one.workspace])]
        dice.shuffle(left)
        seen: Counter[int] = Counter()
        turn = {}
        for spot in left:
            seen[everything[spot].workspace] += 1
            turn[spot] = seen[everything[spot].workspace]
        found.update((spot, everything[spot]) for spot in sorted(left, key=turn.__getitem__)[:number])
    return list(found.values())
