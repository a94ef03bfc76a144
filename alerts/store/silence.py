"""What Runs say of a source that does not answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from metrics.store.runs import GOOD
from metrics.tables import run


@dataclass(frozen=True, slots=True)
class Quiet:
    """A source whose newest Run failed. Instants in microseconds."""

    last_good: int | None
    first_failure: int
    """Start of the first failed Run since then."""
    failures: int
    error: str


def quiet(connection: Connection, source: str) -> Quiet | None:
    """None where the newest Run was answered, or there is none. Back-fill does not count: it says nothing about now."""
    c = run.c
    mine = (c.source == source, c.kind != "backfill")
    newest = connection.execute(select(c.outcome, c.error_class).where(*mine).order_by(c.id.desc()).limit(1)).first()
    if newest is None or newest.outcome in GOOD:
        return None
    good = connection.execute(select(c.id, c.ended).where(*mine, c.outcome.in_(GOOD)).order_by(c.id.desc()).limit(1)).first()
    since = (*mine, c.id > (good.id if good else 0))
    first, failures = connection.execute(select(func.min(c.started), func.count()).where(*since)).one()
    return Quiet(good.ended if good else None, first, failures, newest.error_class)
