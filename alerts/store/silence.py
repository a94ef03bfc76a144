"""What Runs say of a source that does not answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

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


# Made once: they are asked of every source each second.
_C = run.c
_MINE = (_C.source == bindparam("of"), _C.kind != "backfill")
_NEWEST = select(_C.outcome, _C.error_class).where(*_MINE).order_by(_C.id.desc()).limit(1)
_GOOD = select(_C.id, _C.ended).where(*_MINE, _C.outcome.in_(GOOD)).order_by(_C.id.desc()).limit(1)
_SINCE = select(func.min(_C.started), func.count()).where(*_MINE, _C.id > bindparam("after"))


def quiet(connection: Connection, source: str) -> Quiet | None:
    """None where the newest Run was answered, or there is none. Back-fill does not count: it says nothing about now."""
    newest = connection.execute(_NEWEST, {"of": source}).first()
    if newest is None or newest.outcome in GOOD:
        return None
    good = connection.execute(_GOOD, {"of": source}).first()
    first, failures = connection.execute(_SINCE, {"of": source, "after": good.id if good else 0}).one()
    return Quiet(good.ended if good else None, first, failures, newest.error_class)
