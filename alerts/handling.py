"""What people do with alerts: look at one, take it on by name, with a comment, or dismiss it, with a reason. Each is a row and
an input of its course.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.answers import Acknowledged
from alerts.inbox import holds
from alerts.store import episodes, follow, reads
from metrics.arrivals import RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.periods import from_us, to_us
from metrics.store import head

MOST_DAYS = 90
"""Until whoever took an alert on is reminded of it."""


class NotFound(LookupError):
    """No such alert, or none in the scope of who asks: the two are not told apart."""


class NotAllowed(PermissionError):
    """A person without a role that may take an alert on."""


class Changed(RuntimeError):
    """Somebody stepped in between: read again."""


def seen(
    connection: Connection, workspace: Workspace, who: Principal, id: int, now: datetime, *, kind: RevisionKind = "person"
) -> bool:
    """A signed-in person opened the alert's page: kept once, moves nothing else. False when nothing was new.

    kind: `replay` while history is made, so that a replay that was killed may go on after it.
    """
    if who.user is None or not holds(connection, workspace, who, id):
        return False
    following = head.lock(connection, now)
    if not reads.look(connection, id, who.user, who.name, to_us(now)):
        return False
    head.confirm(connection, following, kind, who.user)
    _input(connection, id, who, now, following.number, "seen", "")
    episodes.touch(connection, following.number)
    return True


def has_seen(connection: Connection, who: Principal, id: int) -> bool:
    """Whether they looked before: so that a further look waits for no writer."""
    return who.user is not None and reads.has_looked(connection, id, who.user)


def acknowledge(
    connection: Connection,
    workspace: Workspace,
    who: Principal,
    id: int,
    comment: str,
    now: datetime,
    *,
    version: int | None = None,
    again: timedelta | None = None,
    kind: RevisionKind = "person",
) -> Acknowledged:
    """Take an alert on, by name and with a comment, on a writing connection. Only once: who comes second learns who was first.

    Raises NotFound (none in scope), NotAllowed (not signed in, or only a viewer). `version`: of the row the person looked at.
    again: reminded after so long while it is still open; without it repeats and further steps are over. kind: as with `seen`.
    """
    if who.user is None or not who.has("supervisor", "staff", "administrator"):
        raise NotAllowed("to take an alert on you must be signed in as staff, supervisor or administrator")
    if not holds(connection, workspace, who, id):
        raise NotFound(f"no alert {id}")
    following = head.lock(connection, now)
    row = episodes.by_id(connection, id)
    assert row is not None
    if row.acked_at is not None:
        return Acknowledged(row.acked_by == who.user, row.acked_name, from_us(row.acked_at), row.comment)
    head.confirm(connection, following, kind, who.user)
    at = to_us(now)
    text = comment.strip()[:2000]
    handling = "ORDERED" if row.handling == "ORDERED" else "ACKED"  # an order is more than taking on
    values = {"handling": handling, "acked_by": who.user, "acked_name": who.name, "acked_at": at, "comment": text}
    if not episodes.handle(connection, id, row.version if version is None else version, values):
        raise Changed(f"alert {id} was changed by somebody else meanwhile")
    follow.again(connection, id, None if again is None else to_us(now + again))
    _input(connection, id, who, now, following.number, "acknowledged", text)
    episodes.touch(connection, following.number)
    return Acknowledged(True, who.name, now, text)


def dismiss(
    connection: Connection,
    workspace: Workspace,
    who: Principal,
    id: int,
    reason: str,
    now: datetime,
    *,
    version: int | None = None,
) -> Acknowledged:
    """A supervisor says that nothing is to be done about an open alert, and why. Only once: who comes second learns who was.

    Repeats and further steps are over; that it gets worse and that it ends is told all the same, and it may still be taken on.
    Raises ValueError without a reason, NotFound, NotAllowed (no supervisor), Changed (closed, handled by an order, or not as it
    was when the person looked).
    """
    if who.user is None or not who.has("supervisor"):
        raise NotAllowed("to dismiss an alert you must be signed in as supervisor")
    if not holds(connection, workspace, who, id):
        raise NotFound(f"no alert {id}")
    text = reason.strip()[:2000]
    if not text:
        raise ValueError("reason")
    following = head.lock(connection, now)
    row = episodes.by_id(connection, id)
    assert row is not None
    if (first := reads.dismissal(connection, id)) is not None:
        return Acknowledged(first.actor == who.name[:64], first.actor, from_us(first.at), first.text)
    if row.closed_at is not None or row.handling == "ORDERED":
        raise Changed(f"alert {id} is closed, or handled by an order")
    head.confirm(connection, following, "person", who.user)
    if not episodes.handle(connection, id, row.version if version is None else version, {"handling": "DISMISSED"}):
        raise Changed(f"alert {id} was changed by somebody else meanwhile")
    follow.again(connection, id, None)
    _input(connection, id, who, now, following.number, "dismissed", text)
    episodes.touch(connection, following.number)
    return Acknowledged(True, who.name, now, text)


def _input(connection: Connection, id: int, who: Principal, now: datetime, revision: int, kind: str, text: str) -> None:
    """A step by a person, as an event of the alert and as an input of its course."""
    row = episodes.by_id(connection, id)
    assert row is not None
    event = {
        "episode_id": id, "rule": row.rule, "rule_version": row.rule_version, "series_id": row.series_id, "at": to_us(now),
        "kind": kind, "severity": row.severity, "actor": who.name[:64], "text": text, "revision": revision,
    }  # fmt: skip
    episodes.add_event(connection, event)
    body = '{"step": "%s"}' % kind  # noqa: UP031 - a JSON text, not a message
    made = {"kind": "person", "rule": row.rule, "series_id": row.series_id, "source": row.source, "at": to_us(now)}
    episodes.add_inputs(connection, [{**made, "body": body, "revision": revision}])
