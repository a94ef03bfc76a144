"""Rulings: a person says which source's figure stands for a series over a time, and why; never changed, only withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from metrics.model import MAX
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import feed, revision, ruling, series


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling as kept. Instants in microseconds; the first and the last period it covers, both included."""

    id: int
    indicator: str
    grain: str
    key: Key
    first: int
    last: int
    feed_id: int
    source: str
    reason: str
    actor: str
    known_from: int
    known_to: int
    """MAX: in force."""
    ended_by: str
    ended_reason: str
    """By whom and why it was taken back."""
    everywhere: bool = False
    """For every series of the indicator and grain, those that come later too; `key` is where it was made."""


_KEPT = (
    select(
        ruling.c.id, series.c.indicator, series.c.grain, series.c.department_id, series.c.region_id, series.c.dims,
        ruling.c.from_period, ruling.c.to_period, ruling.c.feed_id, feed.c.source, ruling.c.reason, ruling.c.actor,
        ruling.c.known_from, ruling.c.known_to, ruling.c.ended_by, ruling.c.ended_reason, ruling.c.everywhere,
    )
    .join(series, series.c.id == ruling.c.series_id)
    .join(feed, feed.c.id == ruling.c.feed_id)
    .order_by(ruling.c.known_from.desc(), ruling.c.id.desc())
)  # fmt: skip
_OF_FIGURE = _KEPT.where(series.c.indicator == bindparam("of"), series.c.grain == bindparam("every"))


def in_force(connection: Connection, indicator: str, grain: str, revision: int | None = None) -> list[Ruled]:
    """Those of an indicator and grain that hold now, or held at a revision; the newest first, which is the one that counts."""
    known = ruling.c.known_to == MAX if revision is None else (ruling.c.known_from <= revision) & (ruling.c.known_to > revision)
    rows = connection.execute(_OF_FIGURE.where(known), {"of": indicator, "every": grain})
    return [_ruled(row) for row in rows]


def kept(connection: Connection, indicator: str, grain: str) -> list[Ruled]:
    """All there ever were of an indicator and grain, newest first."""
    return [_ruled(row) for row in connection.execute(_OF_FIGURE, {"of": indicator, "every": grain})]


def moved_at(connection: Connection, number: int) -> int | None:
    """When the revision in which a ruling was made or taken back was (microseconds); None for one that has not come."""
    return connection.execute(select(revision.c.at).where(revision.c.number == number)).scalar()


def every(connection: Connection, scope: Scope) -> list[Ruled]:
    """All there ever were within a scope, withdrawn ones too, newest first."""
    return [_ruled(row) for row in connection.execute(_KEPT.where(*scope.series()))]


def one(connection: Connection, id: int) -> Ruled | None:
    row = connection.execute(_KEPT.where(ruling.c.id == id)).first()
    return _ruled(row) if row is not None else None


def add(
    connection: Connection, series_id: int, first: int, last: int, feed_id: int, reason: str, actor: str, revision: int,
    everywhere: bool = False,
) -> int:  # fmt: skip
    values = {
        "series_id": series_id, "from_period": first, "to_period": last, "feed_id": feed_id, "reason": reason, "actor": actor,
        "known_from": revision, "known_to": MAX, "everywhere": everywhere,
    }  # fmt: skip
    return int(connection.execute(insert(ruling).returning(ruling.c.id), values).scalar_one())


def withdraw(connection: Connection, id: int, revision: int, actor: str, reason: str) -> None:
    ended = {"known_to": revision, "ended_by": actor, "ended_reason": reason}
    connection.execute(update(ruling).where(ruling.c.id == id, ruling.c.known_to == MAX).values(**ended))


def covering(found: Sequence[Ruled], key: Key, start: int) -> Ruled | None:
    """Of rulings, the newest first, the one that counts for a series and period: one made for it before one for all of them."""
    of_all = None
    for one in found:
        if one.first <= start <= one.last:
            if one.key == key:
                return one
            if one.everywhere and of_all is None:
                of_all = one
    return of_all


def _ruled(row: Any) -> Ruled:
    id, indicator, grain, department, region, dims, *rest = row
    return Ruled(id, indicator, grain, (department, region, dims), *rest)
