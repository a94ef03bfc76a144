"""Putting messages into the outbox: one row an event and receiver, in the transaction of what it tells."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from alerts.message import Facts, render
from alerts.store import outbox
from metrics.catalogue.workspace import Workspace

if TYPE_CHECKING:
    from alerts.record import Stamp

SPACE = uuid.UUID("6f1d1f0c-9f62-5a3e-8a56-0a6d2f7c1b11")


def tell(
    connection: Connection, workspace: Workspace, facts: Facts, receivers: Iterable[str], event_seq: int, stamp: Stamp
) -> None:
    """One message to each receiver. In a replay nobody is called: the row ends as delivered by the log at that instant."""
    rows = []
    for key in sorted(set(receivers)):
        receiver = workspace.receivers.get(key)
        if receiver is None:
            continue
        subject, body = render(facts, receiver.language, workspace.zone)
        message_id = str(uuid.uuid5(SPACE, f"{workspace.key}/{event_seq}/{stamp.at}/{key}"))
        rows.append(
            {
                "message_id": message_id, "episode_id": facts.episode, "event_seq": event_seq, "kind": facts.kind,
                "receiver": key, "channel": "log" if stamp.replay else receiver.channel, "subject": subject, "body": body,
                "facts": json.dumps(facts.as_json(), ensure_ascii=False), "created_at": stamp.at,
                "state": "sent" if stamp.replay else "waiting", "due_at": stamp.at,
                "sent_at": stamp.at if stamp.replay else None, "tries": 1 if stamp.replay else 0,
            }
        )  # fmt: skip
    outbox.add(connection, rows)
    if stamp.replay and rows:
        outbox.delivered(connection, [str(row["message_id"]) for row in rows], stamp.at, "replay: nobody was called")
