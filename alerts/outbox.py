"""Putting messages into the outbox: one row an event and receiver, in the transaction of what it tells."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from alerts.message import Facts, line, render
from alerts.stamp import Stamp
from alerts.store import outbox
from alerts.telling import Letter
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us

SPACE = uuid.UUID("6f1d1f0c-9f62-5a3e-8a56-0a6d2f7c1b11")

URGENT = ("severity_up", "escalated", "released")
"""Nobody waits for these until an older message on the same alert may be told: it comes forward, and is read before them. The end
of an alert calls nobody earlier."""

DIGEST = "digest"
"""What keeps back what is told in the digest only, and its group there."""
Told = tuple[Facts, Iterable[Letter], int]
"""What is told, to whom, and of which event."""


def tell(
    connection: Connection, workspace: Workspace, facts: Facts, letters: Iterable[Letter], event_seq: int, stamp: Stamp
) -> None:
    """One message to each receiver."""
    letters = list(letters)
    if facts.kind in URGENT:
        by = {letter.receiver: letter.due_at for letter in letters if not letter.held_by}
        outbox.come_forward(connection, facts.episode, by)
    tell_all(connection, workspace, [(facts, letters, event_seq)], stamp)


def tell_all(connection: Connection, workspace: Workspace, told: Iterable[Told], stamp: Stamp) -> None:
    """In a replay nobody is called: the rows end as delivered by the log at that instant."""
    rows = [row for facts, letters, seq in told for row in _rows(workspace, facts, letters, seq, stamp)]
    outbox.add(connection, rows)
    sent = [str(row["message_id"]) for row in rows if row["state"] == "sent"]
    if sent:
        outbox.delivered(connection, sent, stamp.at, "replay: nobody was called")


def _rows(
    workspace: Workspace, facts: Facts, letters: Iterable[Letter], event_seq: int, stamp: Stamp
) -> Iterator[dict[str, Any]]:
    for letter in sorted(letters, key=lambda one: one.receiver):
        receiver = workspace.receivers.get(letter.receiver)
        if receiver is None:
            continue
        subject, body = render(facts, receiver.language, workspace.zone)
        state = "held" if letter.held_by else "waiting"
        row: dict[str, Any] = {
            "message_id": message_id(workspace, event_seq, stamp.at, letter.receiver), "episode_id": facts.episode or None,
            "order_id": facts.order or None,
            "event_seq": event_seq, "kind": facts.kind, "receiver": letter.receiver, "channel": receiver.channel,
            "subject": subject, "body": body, "created_at": stamp.at, "state": state, "due_at": letter.due_at,
            "sent_at": None, "tries": 0, "group_key": letter.group, "held_by": letter.held_by, "step": letter.step,
        }  # fmt: skip
        more = {"line": line(facts, receiver.language, workspace.zone), "due": from_us(letter.due_at).isoformat()}
        row["facts"] = json.dumps({**facts.as_json(), **more}, ensure_ascii=False)
        if stamp.replay:
            state = "dropped" if letter.held_by else "sent"
            sent_at = None if letter.held_by else stamp.at
            row |= {"channel": "log", "state": state, "sent_at": sent_at, "tries": 1, "due_at": stamp.at}
        yield row


def message_id(workspace: Workspace, event_seq: int, at: int, receiver: str) -> str:
    """The same for the same event and receiver, whatever happens to the process."""
    return str(uuid.uuid5(SPACE, f"{workspace.key}/{event_seq}/{at}/{receiver}"))
