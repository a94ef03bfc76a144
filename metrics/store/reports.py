"""What sources report now of many indicators at once: their series, and the figures of the periods asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from metrics.model import MAX
from metrics.store.observations import Reported
from metrics.store.series import Key
from metrics.tables import feed, observation, series
from metrics.values import Values

CHUNK = 500
_SERIES = (
    select(series.c.indicator, series.c.id, series.c.department_id, series.c.region_id, series.c.dims, feed.c.source)
    .join(feed, feed.c.series_id == series.c.id, isouter=True)
    .where(series.c.grain == bindparam("every"), series.c.indicator.in_(bindparam("of", expanding=True)))
)
_FIGURES = (
    select(
        feed.c.series_id, feed.c.source, observation.c.feed_id, observation.c.period_start, observation.c.version,
        observation.c.num, observation.c.den, observation.c.n, observation.c.status, observation.c.run_id,
        observation.c.known_from,
    )
    .select_from(series)
    .join(feed, feed.c.series_id == series.c.id)
    .join(observation, observation.c.feed_id == feed.c.id)
    .where(series.c.grain == bindparam("every"), series.c.indicator.in_(bindparam("of", expanding=True)))
    .where(observation.c.known_to == MAX, observation.c.period_start.in_(bindparam("periods", expanding=True)))
)  # fmt: skip


@dataclass
class Reports:
    """Of one indicator and grain."""

    numbers: dict[Key, int] = field(default_factory=dict)
    """Ids of all its series, summed ones too."""
    leaves: set[Key] = field(default_factory=set)
    """The series that some source has ever reported."""
    figures: dict[tuple[int, int], dict[Key, list[Reported]]] = field(default_factory=lambda: defaultdict(dict))
    """(version, period start) -> every source's figure of each series."""


def of(connection: Connection, grain: str, indicators: Iterable[str], periods: Sequence[int]) -> dict[str, Reports]:
    """These periods of these indicators, as known now."""
    keys = sorted(indicators)
    found = {key: Reports() for key in keys}
    where: dict[int, tuple[str, Key]] = {}
    for at in range(0, len(keys), CHUNK):
        asked = {"every": grain, "of": keys[at : at + CHUNK]}
        for indicator, number, department, region, dims, source in connection.execute(_SERIES, asked).all():
            key = (department, region, dims)
            where[number] = (indicator, key)
            found[indicator].numbers[key] = number
            if source is not None:
                found[indicator].leaves.add(key)
        for spot in range(0, len(periods), CHUNK):
            some = asked | {"periods": list(periods[spot : spot + CHUNK])}
            for row in connection.execute(_FIGURES, some).all():
                number, source, feed_id, start, version, num, den, n, status, run_id, known_from = row
                indicator, key = where[number]
                one = Reported(key, source, feed_id, start, Values(num, den, n, None, status), run_id, known_from)
                others = found[indicator].figures[version, start]
                if key in others:
                    others[key].append(one)
                else:
                    others[key] = [one]
    return found
