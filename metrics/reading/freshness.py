"""How fresh the data is: of each source, and of what an indicator reads, by the one table of `metrics/status.py`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from metrics import status
from metrics.answers import Ask, Health
from metrics.arrivals import Series
from metrics.model import TOTAL, Indicator, Source
from metrics.periods import to_us
from metrics.plausible import AHEAD
from metrics.reading.standing import then
from metrics.store import asks, doubts
from metrics.store import runs as run_store
from metrics.store.doubts import Question
from metrics.store.series import Key

ORDER: tuple[Health, ...] = ("FRESH", "LATE", "SUSPECT", "NEVER", "PAUSED", "STALE", "SOURCE_ERROR", "RETIRED")
"""From the best to the worst."""


@dataclass(frozen=True)
class Told:
    """How far the data of one source goes, and how fresh that is."""

    health: Health
    last_good: datetime | None
    covered: datetime | None
    """Up to when it tells: of cases its last answer or its newest file, of figures the end of the newest period reported."""
    newest: datetime | None
    """The newest instant or end of a period in its data."""
    due: datetime | None
    """When the next is expected; None where nobody can say."""


def told(ask: Ask, keys: Collection[str]) -> dict[str, Told]:
    """Of these sources, as they stand or stood at the revision asked for."""
    by = then(ask)
    wanted = {key: ask.workspace.sources[key] for key in keys}
    good = run_store.last_good(ask.connection, wanted, by)
    reached = run_store.newest_periods(ask.connection, wanted, ask.now + AHEAD, by)
    files = [key for key, one in wanted.items() if one.in_files and one.gives == "records"]
    arrived = run_store.last_arrived(ask.connection, files, by) if files else {}
    paused = asks.pauses(ask.connection, ask.now, then=by is not None)
    questioned = {row.source for row in _held(ask)}
    found: dict[str, Told] = {}
    for key, source in wanted.items():
        covered = reached.get(key)
        if source.gives == "records" and covered is not None and not source.history_only:
            # Cases come when they come: a system that answers tells up to its answer, a folder up to its newest file.
            covered = arrived.get(key) if source.in_files else good.get(key)
        due = status.expected(source, covered, _settle(ask, source), ask.workspace.zone, ask.now)
        outcomes = [row.outcome for row in run_store.last_apart(ask.connection, key, 1, by)[0]]
        health = status.health(
            source, outcomes, good.get(key), covered, ask.now, key in paused, due=due, suspect=key in questioned,
            newest=reached.get(key),
        )  # fmt: skip
        if source.gives == "records" and key in reached and status.silent(source, reached[key], ask.now):
            covered = reached[key]  # it answers, and tells nothing
        found[key] = Told(health, good.get(key), covered, reached.get(key), due)
    return found


@dataclass(frozen=True)
class Behind:
    """How the data behind an indicator stands."""

    health: Health
    collected: datetime | None
    """When its sources last answered, the longest ago of several."""
    due: datetime | None
    """When the next is expected, the first of several."""


def behind(ask: Ask, indicator: Indicator, series: Series | None = None) -> Behind:
    """The worst health of what the indicator reads; a derived one reads what its inputs read.

    SUSPECT where a figure of it is held back; of a series, where one that it is made of is."""
    feeding = [key for key, one in ask.workspace.sources.items() if key == indicator.source or reads(ask, indicator, one)]
    worst: Health = "SUSPECT" if in_question(ask, indicator, series) else "FRESH"
    collected: datetime | None = None
    due: datetime | None = None
    for one in told(ask, feeding).values():
        worst = max(worst, "FRESH" if one.health == "SUSPECT" else one.health, key=ORDER.index)
        if one.last_good is not None:
            collected = one.last_good if collected is None else min(collected, one.last_good)
        if one.due is not None:
            due = one.due if due is None else min(due, one.due)
    return Behind(worst, collected, due)


def source_health(ask: Ask, indicator: Indicator, series: Series | None = None) -> tuple[Health, datetime | None]:
    """The health of what is behind it, and when that last answered."""
    found = behind(ask, indicator, series)
    return found.health, found.collected


def in_question(ask: Ask, indicator: Indicator, series: Series | None = None) -> bool:
    """A figure that it is made of is held back; of a series: one of it, or of a place within it."""
    rows = _held(ask)
    if not rows:
        return False
    below = made_of(ask, indicator)
    sources = {ask.workspace.indicators[key].source for key in below}
    return any(
        (row.indicator in below or (row.kind == "gone" and row.source in sources))
        and (series is None or row.kind == "gone" or within(ask, row.key, series))
        for row in rows
    )


def within(ask: Ask, key: Key, series: Series) -> bool:
    """The place of the key is that of the series, or lies in it."""
    departments, regions = ask.workspace.departments, ask.workspace.regions
    return all(
        place == top or top == TOTAL or (top in tree and place in tree.subtree(top))
        for tree, place, top in ((departments, key[0], series.department), (regions, key[1], series.region))
    )


def reads(ask: Ask, indicator: Indicator, source: Source) -> bool:
    """Directly, or through the indicators it is made of. Of several feeds the authoritative one counts."""
    if indicator.source is not None:
        return indicator.source == source.key
    return any(reads(ask, ask.workspace.indicators[key], source) for key in indicator.measure.inputs)


def _held(ask: Ask) -> list[Question]:
    by = then(ask)
    return doubts.open_held(ask.connection, ask.revision, to_us(by) if by is not None else 0)


def made_of(ask: Ask, indicator: Indicator) -> set[str]:
    """Keys of the indicator and of all that it is made of."""
    below = (ask.workspace.indicators[key] for key in indicator.measure.inputs)
    return {indicator.key}.union(*(made_of(ask, one) for one in below))


def _settle(ask: Ask, source: Source) -> timedelta:
    """The longest of the indicators that are made of its figures directly."""
    mine = (one.settle_delay for one in ask.workspace.indicators.values() if source.key in (one.source, *one.feeds))
    return max(mine, default=timedelta(0))
