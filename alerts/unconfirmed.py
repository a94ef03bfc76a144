"""Since when it is known that nobody has got the messages about an alert: then its time runs as well for who is called next."""

from __future__ import annotations

from sqlalchemy import Connection, Row

from alerts import fallback
from alerts.store import outbox
from metrics.catalogue.workspace import Workspace
from metrics.periods import to_us
from metrics.rulebook import Receiver

FALLBACK_AFTER = Receiver("", {}, "", {}).fallback_after


def since(connection: Connection, workspace: Workspace, episode: Row[object], at: int) -> int | None:
    """The instant from which every message is dead, or tried in vain for longer than `fallback_after`; None while one may arrive.

    Where there never was a message, the instant it fired. What was delivered of a milder level does not count.
    """
    rows = [row for row in outbox.of_episode(connection, episode.id) if row.state not in ("dropped", "sent")]
    failing = outbox.tried_in_vain(connection)
    ended = _ended(connection, [row for row in rows if row.state == "dead"])
    lost = []
    for row in rows:
        if row.state == "dead":
            lost.append(ended.get(row.merged_into or row.id, row.created_at))
            continue
        if row.state == "held" or row.receiver not in failing:
            return None
        receiver = workspace.receivers.get(row.receiver)
        lost.append(to_us(fallback.due(row) + (receiver.fallback_after if receiver is not None else FALLBACK_AFTER)))
    found = max(lost, default=episode.fired_at)
    return found if found <= at else None


def _ended(connection: Connection, dead: list[Row[object]]) -> dict[int, int]:
    """Message -> its last attempt."""
    return {one.outbox_id: one.at for one in outbox.attempts(connection, [row.merged_into or row.id for row in dead])}
