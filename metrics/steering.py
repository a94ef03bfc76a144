"""What people may ask of a source: run now, fill back, pause with a reason, end the pause. Each is a row and a revision."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Principal, Source
from metrics.store import asks, head
from metrics.store.asks import Asked, Pause

LONGEST = timedelta(days=3 * 366)
"""Of one back-fill."""


class Refused(ValueError):
    """What was asked cannot be done; `args[0]` is a key of a sentence: reason, span, paused, not_paused, asked, sends."""


def may_steer(who: Principal, workspace: Workspace, source: Source) -> bool:
    """An administrator, or staff whose scope holds the department that owns it."""
    return who.has("administrator") or owns(who, workspace, source)


def owns(who: Principal, workspace: Workspace, source: Source) -> bool:
    """Staff whose scope holds the department whose system it is."""
    if not who.has("staff"):
        return False
    return any(id == TOTAL or source.department in workspace.departments.subtree(id) for id in who.departments)


def run_now(connection: Connection, source: Source, by: str, now: datetime) -> None:
    _ask(connection, source, "run", by, now, None, None)


def back_fill(
    connection: Connection, source: Source, by: str, now: datetime, since: datetime | None, until: datetime | None
) -> None:
    """Periods and cases of [since, until); never replaces a newer value."""
    end = until or now
    if since is None or not since < end <= now or end - since > LONGEST:
        raise Refused("span")
    _ask(connection, source, "backfill", by, now, since, end)


def pause(connection: Connection, source: Source, by: str, reason: str, now: datetime, until: datetime | None) -> None:
    """Nothing is collected until then, or until somebody ends it."""
    if not reason.strip():
        raise Refused("reason")
    if source.sends:
        raise Refused("sends")
    if until is not None and until <= now:
        raise Refused("span")
    _moved(connection, by, now)
    if source.key in asks.pauses(connection, now):
        raise Refused("paused")
    asks.pause(connection, source.key, by, reason.strip()[:500], now, until)


def end_pause(connection: Connection, source: Source, by: str, now: datetime) -> None:
    _moved(connection, by, now)
    if source.key not in asks.pauses(connection, now):
        raise Refused("not_paused")
    asks.end_pause(connection, source.key, by, now)


def standing(connection: Connection, source: Source, now: datetime) -> tuple[Pause | None, list[Asked]]:
    """The pause it is in, and what was asked and has not begun."""
    return asks.pauses(connection, now).get(source.key), asks.waiting(connection, source.key)


def _ask(
    connection: Connection, source: Source, kind: str, by: str, now: datetime, since: datetime | None, until: datetime | None
) -> None:
    if source.sends:
        raise Refused("sends")
    _moved(connection, by, now)
    if any(one.kind == kind and (one.since, one.until) == (since, until) for one in asks.waiting(connection, source.key)):
        raise Refused("asked")
    asks.add(connection, source.key, kind, by, now, since, until)


def _moved(connection: Connection, by: str, now: datetime) -> None:
    """Pages that show sources hear of it; the head is locked, so that two who ask at once are one after the other."""
    head.touch(connection, head.take(connection, now, "person", by[:64]).number, ["sources"])
