"""How far back feeds reach: a total is of those who had ever reported by its period, so an earlier first report changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, update

from metrics.tables import feed, reach

_FURTHER = update(feed).where(feed.c.id == bindparam("which")).values(first_period=bindparam("since"))


@dataclass(frozen=True, slots=True)
class Wider:
    """Periods that start in [since, before) are from now on of one more."""

    since: int
    before: int

    def or_(self, other: Wider | None) -> Wider:
        return self if other is None else Wider(min(self.since, other.since), max(self.before, other.before))


def widen(connection: Connection, since: Mapping[int, int], revision: int) -> None:
    """Feed -> the first period it is now known to have reported of, earlier than the one known before."""
    if since:
        connection.execute(_FURTHER, [{"which": number, "since": start} for number, start in since.items()])
        rows = [{"feed_id": number, "revision": revision, "first_period": start} for number, start in since.items()]
        connection.execute(insert(reach), rows)
