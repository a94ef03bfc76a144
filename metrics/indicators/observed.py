"""Indicators a source reports: one feed is chosen for each series, and the levels above are summed from what was chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.indicators import fold
from metrics.indicators.leaves import Growing
from metrics.model import MAX, Grain, Indicator
from metrics.store import observations, reports, rulings
from metrics.store.cells import Place
from metrics.store.observations import Reported
from metrics.store.rulings import Ruled
from metrics.store.series import Key
from metrics.values import Values, only_rate


class Said(Protocol):
    """One figure of one feed."""

    source: str
    feed_id: int
    values: Values


S = TypeVar("S", bound=Said)


@dataclass(frozen=True)
class Chosen:
    cells: Mapping[Place, Values]
    feeds: Mapping[Place, int]
    """Feed a reported figure was taken from; summed figures have none."""


def figures(
    connection: Connection,
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    starts: Iterable[int],
    revision: int | None = None,
) -> Chosen:
    """The figures of these periods at every level, as known at a revision."""
    wanted = sorted(set(starts))
    rows = told(connection, workspace, indicator, grain, wanted, revision)
    leaves = Growing(workspace, indicator, grain, observations.since(connection, indicator.key, grain, revision))
    ruled = rulings.in_force(connection, indicator.key, grain, revision) if len(indicator.feeds) > 1 else []
    by_period: dict[int, dict[Key, list[Reported]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_period[row.period_start][row.key].append(row)
    return _chosen(workspace, indicator, grain, wanted, by_period, leaves, ruled, revision is not None)


def figures_now(
    connection: Connection, workspace: Workspace, wanted: Mapping[tuple[str, str], Iterable[int]]
) -> Iterator[tuple[Indicator, Grain, Mapping[Key, int], Chosen]]:
    """The same of many indicators, as known now, with the ids of their series: few questions, however many indicators."""
    alike: dict[tuple[Grain, tuple[int, ...]], list[str]] = defaultdict(list)
    for (key, grain), starts in wanted.items():
        alike[grain, tuple(sorted(set(starts)))].append(key)  # type: ignore[index]
    for (grain, starts), keys in alike.items():
        for key, told in reports.of(connection, grain, keys, starts).items():
            indicator = workspace.indicators[key]
            ruled = rulings.in_force(connection, key, grain, None) if len(indicator.feeds) > 1 else []
            by_period = {start: told.figures.get((indicator.version, start), {}) for start in starts}
            leaves = Growing(workspace, indicator, grain, told.since)
            yield indicator, grain, told.numbers, _chosen(workspace, indicator, grain, starts, by_period, leaves, ruled)


def _chosen(
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    starts: Sequence[int],
    by_period: Mapping[int, Mapping[Key, Sequence[Said]]],
    leaves: Growing,
    ruled: Sequence[Ruled],
    as_of: bool = False,
) -> Chosen:
    cells: dict[Place, Values] = {}
    feeds: dict[Place, int] = {}
    for start in starts:
        if as_of and start not in by_period:
            continue  # no word of this period was known yet
        reported: dict[Key, Values] = {}
        for key, many in by_period.get(start, {}).items():
            one = many[0] if len(many) == 1 else choose(indicator, many, rulings.covering(ruled, key, start))
            place = (key, start)
            feeds[place] = one.feed_id
            cells[place] = reported[key] = one.values
        told = {key for key, values in reported.items() if there(values)}
        made = leaves.at(start)
        entering = made.of(told)
        aside = set(made.every).difference(entering) if made.parts else ()
        for key, values in _summed(workspace, indicator, grain, start, reported, entering, aside):
            cells[key, start] = values
            feeds.pop((key, start), None)
    return Chosen(cells, feeds)


def told(
    connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, starts: Sequence[int], revision: int | None
) -> list[Reported]:  # fmt: skip
    """What sources reported of these periods under the indicator's version, and of who did not report under it yet, what they
    reported under an earlier one: such a sum holds two versions, and whoever shows it says so."""
    found = observations.reported(connection, indicator.key, grain, indicator.version, starts, revision)
    earlier = [one.version for one in workspace.versions.get(indicator.key, ()) if one.version < indicator.version]
    for version in sorted(earlier, reverse=True):
        there = {(row.key, row.source, row.period_start) for row in found}
        rows = observations.reported(connection, indicator.key, grain, version, starts, revision)
        found += [row for row in rows if (row.key, row.source, row.period_start) not in there]
    return found


def told_in_force(
    connection: Connection, workspace: Workspace, key: str, grain: Grain, starts: Iterable[int]
) -> Iterator[tuple[Indicator, Reported]]:
    """The same as it stands, of each period under the version in force for it; with the definition each was reported under."""
    by_version: dict[int, list[int]] = defaultdict(list)
    for start in sorted(set(starts)):
        by_version[workspace.in_force(key, grain, start)].append(start)
    for version, some in by_version.items():
        was = workspace.under(key, version)
        for row in told(connection, was, was.indicators[key], grain, some, None):
            yield workspace.under(key, row.version).indicators[key], row


def choose(indicator: Indicator, rows: Sequence[S], ruled: Ruled | None = None) -> S:
    """The feed a person ruled for, else the authoritative one, where it has a figure; else the next one that has."""
    order = {source: place for place, source in enumerate(indicator.feeds)}
    if ruled is not None:
        order[ruled.source] = -1
    ranked = sorted(rows, key=lambda row: (row.values.num is None, order.get(row.source, len(order)), row.source))
    return ranked[0]


def _summed(
    workspace: Workspace,
    indicator: Indicator,
    grain: Grain,
    start: int,
    values: Mapping[Key, Values],
    leaves: Sequence[Key],
    aside: Iterable[Key],
) -> Iterator[tuple[Key, Values]]:
    """The levels above; but what a source reports itself stands as reported, whatever its parts add up to; and a blank where
    they add up to nothing. aside: what is not summed; where it is all there is of a place, nothing is known of that place."""
    on = None if grain == "all" else periods.local_date(periods.from_us(start), workspace.zone)
    above = fold.above(workspace, indicator.cuts.get(grain, ()), on, fold.as_they_are)
    gathered: dict[Key, list[Values | None]] = defaultdict(list)
    for leaf in leaves:
        value = values.get(leaf)
        if value is None:
            if not fold.there(workspace, leaf, on):
                continue
        elif not enters(indicator, value):
            value = None
        for target in above[leaf]:
            gathered[target].append(value)
    silent: dict[Key, list[Values | None]] = defaultdict(list)
    for leaf in aside:
        for target in above[leaf] if fold.there(workspace, leaf, on) else ():
            if target not in gathered:
                silent[target].append(None)
    for key, many in (*gathered.items(), *silent.items()):
        said = values.get(key)
        if said is None or (blank(said) and any(one is not None for one in many)):
            yield key, total(many)


def there(value: Values) -> bool:
    """Whether what was reported is a figure: a blank is a report of none, and stands for nobody."""
    return value.num is not None and value.status != "M"


def blank(value: Values) -> bool:
    """Nothing is told, and it is not said why: that nothing applies, or that it is kept back, is an answer."""
    return not there(value) and value.status not in ("N", "S")


def enters(indicator: Indicator, value: Values) -> bool:
    """Whether a reported figure may be part of a total; the total names one that may not as missing."""
    return there(value) and not only_rate(indicator, value)


def made_of(indicator: Indicator, here: Key, below: Sequence[Key], chosen: Mapping[Key, Said]) -> Sequence[Key]:
    """Of what the figure of a place is: of its own as it was reported, or else of those `below` it that are summed."""
    mine = chosen.get(here)
    if mine is None or (blank(mine.values) and any(key in chosen and enters(indicator, chosen[key].values) for key in below)):
        return below
    return [here]


def total(many: Sequence[Values | None]) -> Values:
    """The sum of what is there, with have of want; nothing there (None) is missing, never 0.

    Where some are parts of something (a share, a mean), only those are summed; n is of the cases that are known."""
    num = den = n = have = 0
    divided = counted = False
    for one in many:  # in one go: a batch makes ten thousand sums, most of two or three
        if one is None:
            continue
        if one.den is None:
            if divided:
                continue
        else:
            if not divided:
                divided, counted = True, False
                num = den = n = have = 0
            den += one.den
        num += one.num or 0
        if one.n is not None:
            n, counted = n + one.n, True
        have += 1
    if not have:
        return Values(None, None, None, None, "M", 0, len(many))
    if not -MAX <= num <= MAX or den > MAX or n > MAX:
        return Values(None, None, None, None, "M", have, len(many))  # as `storable` has it, which a call each would slow down
    status = "N" if divided and not den else "A"
    return Values(num, den if divided else None, n if counted else None, None, status, have, len(many))
