"""Many figures in one question: what a board, a map over time or a ranking over days is drawn from. Within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metrics import periods
from metrics.answers import Ask
from metrics.model import TOTAL, Grain
from metrics.reading.cards import recent
from metrics.store import cells, scope
from metrics.store.cells import Kept, Summed
from metrics.store.series import Key


def latest(ask: Ask, keys: Iterable[str], place: Key = (TOTAL, TOTAL, "{}")) -> dict[str, Kept]:
    """Indicator -> its figure of the last settled period in its first grain, for one place; only those that have one."""
    alike: dict[tuple[Grain, int, int], list[str]] = {}
    starts: dict[tuple[Grain, object, bool], int] = {}
    for key in keys:
        indicator = ask.workspace.indicators[key]
        how = (indicator.grains[0], indicator.settle_delay, indicator.measure.stock)
        if how not in starts:
            starts[how] = recent(ask, indicator, indicator.grains[0], 1)[-1]
        alike.setdefault((indicator.grains[0], indicator.version, starts[how]), []).append(key)
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found: dict[str, Kept] = {}
    for (grain, version, start), some in alike.items():
        found.update(cells.of_place(ask.connection, some, grain, version, start, place, within))
    return found


def over_time(ask: Ask, key: str, grain: Grain, starts: Sequence[int]) -> list[Kept]:
    """The figures of every series of an indicator in these periods (microseconds), oldest first."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    return cells.kept(ask.connection, key, grain, ask.workspace.indicators[key].version, starts, within)


def top(ask: Ask, key: str, grain: Grain, starts: Sequence[int], most: int = 10) -> list[Summed]:
    """The series of an indicator's finest cut that stand best over these periods together: sums over sums, best first."""
    indicator = ask.workspace.indicators[key]
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    split = len(max(indicator.cuts.get(grain, ((),)), key=len)) > 1
    return cells.best(
        ask.connection,
        key,
        grain,
        indicator.version,
        (min(starts), max(starts)),
        within,
        split,
        indicator.better != "lower",
        most,
    )


def days(ask: Ask, count: int) -> list[int]:
    """Starts of the last `count` days that have ended."""
    start, found = periods.bounds("day", ask.now, ask.workspace.zone)[0], []
    for _ in range(count):
        before = periods.previous("day", start, ask.workspace.zone)
        if before is None:
            break
        start = before
        found.append(periods.to_us(start))
    return found[::-1]
