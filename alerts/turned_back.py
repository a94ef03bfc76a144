"""A clock that went back: what was due by the clock as it was before must not wait until it is that late again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from alerts import fallback, telling
from alerts.store import outbox
from metrics.catalogue.workspace import Workspace
from metrics.periods import to_us


def put_right(connection: Connection, workspace: Workspace, now: datetime) -> None:
    """What waits for the others of its group, or for another try, is due now. What waits for working hours goes on waiting."""
    at = to_us(now)
    longest = telling.longest_wait(workspace)
    for row in outbox.ahead(connection, at):
        meant = to_us(fallback.due(row))
        if row.due_at == meant and meant - row.created_at > to_us(now + longest) - at:
            continue
        outbox.change(connection, [row.id], {"due_at": at})
