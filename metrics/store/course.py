"""The revisions at which a figure may have changed: what has to be looked at to tell its course. Numbers only, oldest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, union

from metrics.model import MAX
from metrics.store import places
from metrics.store.predicates import Span
from metrics.store.series import Key
from metrics.tables import feed, observation, revision, ruling, series, touched
from metrics.tables import record_version as rv

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A revision: when, by which way in, by whom, with which Run."""

    number: int
    at: int
    kind: str
    actor: str
    run_id: int | None


def of_reported(connection: Connection, indicator: str, grain: str, keys: Collection[Key], start: int) -> set[int]:
    """At which some source said something of these series and this period, or a person ruled on it."""
    wanted = set(keys)
    named = select(series.c.department_id, series.c.region_id, series.c.dims).where(
        series.c.indicator == indicator, series.c.grain == grain
    )
    told = (
        named.add_columns(observation.c.known_from, observation.c.known_to)
        .join(feed, feed.c.series_id == series.c.id)
        .join(observation, observation.c.feed_id == feed.c.id)
        .where(observation.c.period_start == start)
    )
    ruled = (
        named.add_columns(ruling.c.everywhere, ruling.c.known_from, ruling.c.known_to)
        .join(ruling, ruling.c.series_id == series.c.id)
        .where(ruling.c.from_period <= start, ruling.c.to_period >= start)
    )
    rows = [(*row[:3], False, *row[3:]) for row in connection.execute(told)]
    rows += [tuple(row) for row in connection.execute(ruled)]
    return {
        number
        for *key, everywhere, began, ended in rows
        if everywhere or tuple(key) in wanted
        for number in (began, ended)
        if number < MAX
    }


def of_records(
    connection: Connection, source: str, anchors: Iterable[str], at_event: bool, span: Span,
    departments: Collection[str] | None, regions: Collection[str] | None, since: int,
) -> set[int]:  # fmt: skip
    """At which a case came into these places and this period, changed in them or left them, from revision `since` on."""
    parts = []
    for anchor in anchors:
        where: Any = rv.c[anchor].is_not(None)
        if not span.everything and span.first_day is not None:
            where = rv.c[f"{anchor}_day"].between(span.first_day, span.last_day)
        elif not span.everything:
            where = (rv.c[anchor] >= span.start) & (rv.c[anchor] < span.end)
        held = [where, rv.c.source == source]
        if departments is not None:
            held.append(places.of("department_id", anchor if at_event else None).in_(sorted(departments)))
        if regions is not None:
            held.append(places.of("region_id", anchor if at_event else None).in_(sorted(regions)))
        for column in (rv.c.known_from, rv.c.known_to):
            parts.append(select(column).where(*held, column >= since, column < MAX))
    return set(connection.execute(union(*parts)).scalars()) if parts else set()


def of_topic(connection: Connection, topic: str, since: int, most: int) -> set[int]:
    """The newest revisions that moved an indicator at all."""
    query = select(touched.c.revision).where(touched.c.topic == topic, touched.c.revision >= since)
    return set(connection.execute(query.order_by(touched.c.revision.desc()).limit(most)).scalars())


def taken(connection: Connection, numbers: Sequence[int]) -> dict[int, Taken]:
    found: dict[int, Taken] = {}
    for start in range(0, len(numbers), CHUNK):
        query = select(revision).where(revision.c.number.in_(list(numbers[start : start + CHUNK])))
        for row in connection.execute(query):
            found[row.number] = Taken(row.number, row.at, row.kind, row.actor, row.run_id)
    return found
