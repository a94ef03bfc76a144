"""What was said to be one thing and then another: figures that moved after a revision, and records with another version since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, not_, or_, select

from metrics.model import MAX
from metrics.store import inhabitants
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import chosen, doubted, feed, observation, record, ruling, series
from metrics.tables import record_version as rv
from metrics.values import Values

CHUNK = 500
FEW = 8
EVERYWHERE = "*"
Figure = tuple[str, str, int]
"""(indicator, grain, version of its definition)."""
_VALUES = ("num", "den", "n", "apart", "status", "have", "want")


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure as it stands, that was last changed at `revision`."""

    indicator: str
    grain: str
    key: Key
    period_start: int
    version: int
    values: Values
    revision: int
    evaluated_at: int
    series: int

    @property
    def spot(self) -> tuple[int, int, int]:
        """Where the next page goes on."""
        return self.revision, self.period_start, self.series


def figures(
    connection: Connection, spans: Mapping[Figure, tuple[int, int]], since: int, within: Scope, most: int,
    starts: Collection[int] = (), first: bool | None = None, place: tuple[str | None, str | None] = (None, None),
    after: tuple[int, int, int] | None = None,
) -> list[Moved]:  # fmt: skip
    """Figures of periods that start within their span (its end left out) and moved after a revision, the newest change first.

    place: of exactly this department and region, where they are named; after: only those behind this `spot`.
    first: of what a source reported only that of which nothing (False: something) was known then; sums are always among them."""
    if not spans:
        return []
    keys, grains = sorted({key for key, _, _ in spans}), sorted({grain for _, grain, _ in spans})
    few = bool(starts) or len(keys) <= FEW
    # Of a few indicators their periods are looked through, of many what moved: the term keeps the database from the other way.
    moved = chosen.c.revision + 0 > since if few else chosen.c.revision > since
    low, high = min(begin for begin, _ in spans.values()), max(end for _, end in spans.values())
    query = (
        select(series.c.indicator, series.c.grain, series.c.department_id, series.c.region_id, series.c.dims, chosen)
        .join(chosen, chosen.c.series_id == series.c.id)
        .where(moved, chosen.c.period_start >= low, chosen.c.period_start < high, series.c.grain.in_(grains), *within.series())
        .order_by(chosen.c.revision.desc(), chosen.c.period_start.desc(), chosen.c.series_id)
    )
    query = query.where(series.c.indicator.in_(keys)) if few else query
    if after is not None:
        revision, period, number = after
        later = and_(chosen.c.period_start == period, chosen.c.series_id > number)
        query = query.where(
            chosen.c.revision <= revision, or_(chosen.c.revision < revision, chosen.c.period_start < period, later)
        )
    for column, exactly in zip((series.c.department_id, series.c.region_id), place, strict=True):
        query = query if exactly is None else query.where(column == exactly)
    if starts:
        query = query.where(chosen.c.period_start.in_(sorted(starts)))
    if first is not None:
        # A join would go through all figures of the period.
        mine = select(feed.c.id).where(feed.c.series_id == chosen.c.series_id).correlate(chosen)
        before = exists().where(
            observation.c.feed_id.in_(mine), observation.c.period_start == chosen.c.period_start,
            observation.c.known_from <= since, observation.c.num.is_not(None),
        )  # fmt: skip
        query = query.where(or_(chosen.c.feed_id.is_(None), not_(before) if first else before))
    found: list[Moved] = []
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        begin, end = spans.get((row.indicator, row.grain, row.version), (0, 0))
        if not begin <= row.period_start < end:
            continue
        key, values = (row.department_id, row.region_id, row.dims), Values(*(getattr(row, name) for name in _VALUES))
        figure = (row.indicator, row.grain, key, row.period_start, row.version)
        found.append(Moved(*figure, values, row.revision, row.evaluated_at, row.series_id))
        if len(found) == most:
            break
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """What was said of one series (EVERYWHERE as its department: of all of them) and of periods that start in [first, last]."""

    text: str
    grain: str = ""
    department: str = EVERYWHERE
    region: str = EVERYWHERE
    dims: str = ""
    first: int = -MAX
    last: int = MAX


Reasons = dict[tuple[int, str], list[Reason]]
"""(revision, indicator) -> why; ("": all that moved then) by what the people were counted anew; of a decision on what was doubted
its moment, negative, stands in place of the revision."""


def reasons(connection: Connection, revisions: Iterable[int], instants: Iterable[int], within: Scope) -> Reasons:
    """What the source said, or the person who ruled or released. Instants in microseconds; within: only what was said of these
    places, or of all."""
    numbers, found = sorted(set(revisions)), Reasons()
    place = (series.c.grain, series.c.department_id, series.c.region_id, series.c.dims)
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        said = (
            select(observation.c.known_from, series.c.indicator, observation.c.reason, *place, observation.c.period_start)
            .join(feed, feed.c.id == observation.c.feed_id)
            .join(series, series.c.id == feed.c.series_id)
            .where(observation.c.known_from.in_(some), observation.c.reason != "", *within.series())
            .order_by(observation.c.num.is_(None), series.c.id)  # a blank moves a sum less often than a figure does
        )
        for number, indicator, text, grain, department, region, dims, at in connection.execute(said):
            found.setdefault((number, indicator), []).append(Reason(text, grain, department, region, dims, at, at))
        ruled = (
            select(ruling, series.c.indicator, *place)
            .join(series, series.c.id == ruling.c.series_id)
            .where(or_(ruling.c.known_from.in_(some), ruling.c.known_to.in_(some)))
            .where(or_(ruling.c.everywhere, and_(True, *within.series())))
        )
        for row in connection.execute(ruled):
            department = EVERYWHERE if row.everywhere else row.department_id
            for number, text in ((row.known_from, row.reason), (row.known_to, row.ended_reason)):
                told = Reason(text, row.grain, department, row.region_id, row.dims, row.from_period, row.to_period)
                found.setdefault((number, row.indicator), []).append(told)
    counted = inhabitants.revisions(connection).items()
    found |= {(number, ""): [Reason(text)] for number, text in counted if text and number in numbers}
    moments = sorted(set(instants))
    for start in range(0, len(moments), CHUNK):
        some = moments[start : start + CHUNK]
        decided = (
            select(doubted.c.decided_at, series.c.indicator, doubted.c.reason, *place, doubted.c.period_start)
            .join(series, series.c.id == doubted.c.series_id)
            .where(doubted.c.decided_at.in_(some), doubted.c.reason != "", *within.series())
        )
        for moment, indicator, text, grain, department, region, dims, at in connection.execute(decided):
            found.setdefault((-moment, indicator), []).append(Reason(text, grain, department, region, dims, at, at))
    return found


@dataclass(frozen=True, slots=True)
class Versions:
    """A record before and after one change; the side that lies outside the asker's scope is None."""

    source: str
    external_id: str
    revision: int
    run_id: int | None
    old: Row[Any] | None
    new: Row[Any] | None


def records(
    connection: Connection, sources: Sequence[str], since: int, within: Scope, most: int, offset: int,
    departments: Collection[str] | None = None, regions: Collection[str] | None = None, external_id: str | None = None,
) -> list[Versions]:  # fmt: skip
    """Records that got another version after a revision, the newest change first: seen from a side in the scope."""
    old, new = rv.alias("old"), rv.alias("new")
    seen = {side: and_(True, *_sided(side, within), *_places(side, departments, regions)) for side in (old, new)}
    query = (
        select(
            record.c.external_id, record.c.source, new.c.record_id, new.c.known_from, new.c.run_id,
            seen[old].label("of_old"), seen[new].label("of_new"),
        )
        .join(record, record.c.id == new.c.record_id)
        .join(old, and_(old.c.record_id == new.c.record_id, old.c.known_to == new.c.known_from))
        .where(new.c.known_from > since, new.c.source.in_(list(sources)), or_(seen[old], seen[new]))
        .order_by(new.c.known_from.desc(), new.c.record_id)
        .limit(most)
        .offset(offset)
    )  # fmt: skip
    if external_id is not None:
        query = query.where(record.c.external_id == external_id)
    rows = connection.execute(query).all()
    ids = sorted({row.record_id for row in rows})
    every: dict[tuple[int, str, int], Row[Any]] = {}
    for start in range(0, len(ids), CHUNK):
        for one in connection.execute(select(rv).where(rv.c.record_id.in_(ids[start : start + CHUNK]))):
            every[one.record_id, "old", one.known_to] = every[one.record_id, "new", one.known_from] = one
    return [
        Versions(
            row.source, row.external_id, row.known_from, row.run_id,
            every[row.record_id, "old", row.known_from] if row.of_old else None,
            every[row.record_id, "new", row.known_from] if row.of_new else None,
        )
        for row in rows
    ]  # fmt: skip


def _sided(side: Any, within: Scope) -> list[Any]:
    return _places(side, within.departments, within.regions)


def _places(side: Any, departments: Collection[str] | None, regions: Collection[str] | None) -> list[Any]:
    found = [] if departments is None else [side.c.department_id.in_(sorted(departments))]
    return found if regions is None else [*found, side.c.region_id.in_(sorted(regions))]
