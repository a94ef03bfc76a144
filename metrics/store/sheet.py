"""What one transaction reads of `chosen` and changes in it: each figure is read once, all changes are written together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from metrics.arrivals import Series
from metrics.store import cells
from metrics.store import series as series_store
from metrics.store.cells import Place
from metrics.store.series import Key
from metrics.values import CellChange, Values

Figure = tuple[str, str, int]
"""(indicator, grain, version of its definition)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which revision and evaluated when (microseconds)."""

    revision: int
    evaluated_at: int
    settled_at: Callable[[int], int] | None = None
    """Start of a period -> when it settled: a figure said since then and changed now is corrected; None: nothing is."""


class Sheet:
    """Nothing is in the database before `flush`."""

    def __init__(self, connection: Connection, filling: bool = False) -> None:
        """filling: history is filled in, bit by bit; what one bit changes of the last is no correction."""
        self.connection = connection
        self.filling = filling
        self._values: dict[Figure, dict[int, dict[Key, Values]]] = defaultdict(dict)
        """By period; a period that is not there has not been read."""
        self._numbers: dict[tuple[str, str], dict[Key, int]] = defaultdict(dict)
        self._changed: dict[tuple[int, int, int], tuple[Any, ...]] = {}

    def read(self, wanted: Mapping[Figure, Iterable[int]]) -> None:
        """Read what is not known yet, of many indicators at once."""
        together: dict[tuple[str, int], tuple[set[str], set[int]]] = defaultdict(lambda: (set(), set()))
        for (indicator, grain, version), periods in wanted.items():
            missing = set(periods).difference(self._values[indicator, grain, version])
            if missing:
                keys, starts = together[grain, version]
                keys.add(indicator)
                starts |= missing
        for (grain, version), (keys, starts) in together.items():
            fresh = {
                (key, start) for key in keys for start in starts if start not in self._values[key, grain, version]
            }  # what is being changed here is newer than what the database says
            for key, start in fresh:
                self._values[key, grain, version][start] = {}
            for row in cells.standing(self.connection, keys, grain, version, sorted(starts)):
                self._numbers[row.indicator, grain][row.key] = row.series_id
                if (row.indicator, row.period_start) in fresh:
                    self._values[row.indicator, grain, version][row.period_start][row.key] = row.values

    def expect(self, wanted: Mapping[Figure, tuple[Mapping[Key, int], Iterable[Place]]]) -> None:
        """Read what is to be put, given the ids of the series there are: those of the same periods together."""
        alike: dict[tuple[int, ...], dict[Figure, Sequence[int]]] = defaultdict(dict)
        for figure, (numbers, places) in wanted.items():
            self._numbers[figure[0], figure[1]].update(numbers)
            starts = tuple(sorted({start for _, start in places}))
            alike[starts][figure] = starts
        for some in alike.values():
            self.read(some)

    def known(self, indicator: str, grain: str, version: int, periods: Iterable[int]) -> dict[Place, Values]:
        """The figures of every series of the indicator and grain as they stand after what was put here."""
        asked = list(periods)
        self.read({(indicator, grain, version): asked})
        of = self._values[indicator, grain, version]
        return {(key, start): values for start in asked for key, values in of[start].items()}

    def number(self, indicator: str, grain: str, key: Key) -> int:
        """Id of a series that was read or put here."""
        return self._numbers[indicator, grain][key]

    def put(
        self,
        indicator: str,
        grain: str,
        version: int,
        figures: Mapping[Place, Values],
        stamp: Stamp,
        settled_before: int,
        feeds: Mapping[Place, int] | None = None,
    ) -> list[CellChange]:
        """Take the figures that differ from what stands; the changes, in order of period.

        settled_before: periods that start before this instant are settled (the caller knows grain and delay).
        feeds: where a reported figure was taken from.
        """
        starts = {start for _, start in figures}
        self.read({(indicator, grain, version): starts})
        known, numbers = self._values[indicator, grain, version], self._numbers[indicator, grain]
        differing = []
        for place, new in figures.items():
            key, start = place
            old = known[start].get(key)
            if old is None or old != new:
                differing.append((start, key, old, new, feeds.get(place) if feeds else None))
        if len(starts) > 1:
            differing.sort(key=itemgetter(0))
        unnamed = [key for _, key, _, _, _ in differing if key not in numbers]
        if unnamed:
            numbers.update(series_store.ensure(self.connection, indicator, grain, unnamed))
        changes: list[CellChange] = []
        revision, evaluated_at = stamp.revision, stamp.evaluated_at
        for start, key, old, new, feed in differing:
            number = numbers[key]
            settled = start < settled_before
            since = None
            if stamp.settled_at is not None and settled and old is not None and old.num is not None:
                put = self._changed.get((number, start, version))
                if put is not None:
                    since = put[-1]
                elif (old.num, old.den) != (new.num, new.den):
                    since = stamp.settled_at(start)
            self._changed[number, start, version] = (
                number, start, version, feed, new.num, new.den, new.n, new.apart, new.status, new.have, new.want,
                revision, evaluated_at, since,
            )  # fmt: skip
            known[start][key] = new
            identity = Series(indicator, grain, *key)  # type: ignore[arg-type]
            changes.append(CellChange(number, identity, start, version, old, new, settled))
        return changes

    def flush(self) -> None:
        """Write what was put."""
        if self._changed:
            cells.replace(self.connection, list(self._changed.values()))
            self._changed = {}
