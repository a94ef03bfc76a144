"""What sources report now of many indicators at once: their series, and the figures of the periods asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from metrics.model import MAX
from metrics.store.engine import plain
from metrics.store.series import Key
from metrics.tables import feed, observation, series
from metrics.values import Values

CHUNK = 500
_SERIES = (
    select(
        series.c.indicator,
        series.c.id,
        series.c.department_id,
        series.c.region_id,
        series.c.dims,
        feed.c.id,
        feed.c.source,
        feed.c.first_period,
    )
    .join(feed, feed.c.series_id == series.c.id, isouter=True)
    .where(series.c.grain == bindparam("every"), series.c.indicator.in_(bindparam("of", expanding=True)))
)
_FIGURES = select(
    observation.c.feed_id, observation.c.period_start, observation.c.version, observation.c.num, observation.c.den,
    observation.c.n, observation.c.status,
).where(observation.c.known_to == MAX, observation.c.period_start.in_(bindparam("periods", expanding=True)))  # fmt: skip
_OF_FEW = _FIGURES.where(observation.c.feed_id.in_(bindparam("feeds", expanding=True)))
# What reports together came together and has ids in a row: its figures lie in a row too, and are read as they lie.
_IN_A_ROW = _FIGURES.where(observation.c.feed_id.between(bindparam("first"), bindparam("last")))


@dataclass(slots=True)
class Told:
    """One figure of one feed, as known now."""

    source: str
    feed_id: int
    values: Values


Figures = dict[tuple[int, int], dict[Key, list[Told]]]
"""(version, period start) -> every source's figure of each series."""


@dataclass
class Reports:
    """Of one indicator and grain."""

    numbers: dict[Key, int] = field(default_factory=dict)
    """Ids of all its series, summed ones too."""
    since: dict[Key, int] = field(default_factory=dict)
    """The series that some source has ever reported, and the first period each was reported of."""
    figures: Figures = field(default_factory=lambda: defaultdict(dict))


def of(connection: Connection, grain: str, indicators: Iterable[str], periods: Sequence[int]) -> dict[str, Reports]:
    """These periods of these indicators, as known now."""
    keys = sorted(indicators)
    found = {key: Reports() for key in keys}
    for at in range(0, len(keys), CHUNK):
        feeds: dict[int, tuple[Key, str, Figures]] = {}
        rows = plain(connection, _SERIES, {"every": grain, "of": keys[at : at + CHUNK]})
        for indicator, number, department, region, dims, feed_id, source, since in rows:
            key, of_indicator = (department, region, dims), found[indicator]
            of_indicator.numbers[key] = number
            if feed_id is not None:
                if since < MAX:
                    of_indicator.since[key] = min(since, of_indicator.since.get(key, since))
                feeds[feed_id] = (key, source, of_indicator.figures)
        for spot in range(0, len(periods), CHUNK) if feeds else ():
            _read(connection, feeds, periods[spot : spot + CHUNK])
    return found


def _read(connection: Connection, feeds: Mapping[int, tuple[Key, str, Figures]], periods: Sequence[int]) -> None:
    for rows in _rows(connection, sorted(feeds), {"periods": list(periods)}):
        for feed_id, start, version, num, den, n, status in rows:
            feed = feeds.get(feed_id)
            if feed is not None:
                key, source, figures = feed
                figures[version, start].setdefault(key, []).append(Told(source, feed_id, Values(num, den, n, None, status)))


def _rows(connection: Connection, feeds: Sequence[int], asked: dict[str, object]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """feeds: their ids, ascending."""
    few: list[int] = []
    for stretch in _stretches(feeds):
        if len(stretch) < CHUNK:
            few += stretch
        else:
            yield plain(connection, _IN_A_ROW, asked | {"first": stretch[0], "last": stretch[-1]})
    for at in range(0, len(few), CHUNK):
        yield plain(connection, _OF_FEW, asked | {"feeds": few[at : at + CHUNK]})


def _stretches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Ids with fewer than CHUNK strangers between one and the next."""
    first = 0
    for at in range(1, len(ids)):
        if ids[at] - ids[at - 1] > CHUNK:
            yield ids[first:at]
            first = at
    yield ids[first:]
