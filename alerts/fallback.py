"""Another receiver stands in for one who is not reached: at once where it never can be, else after a while."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from alerts import outbox as letters
from alerts.store import outbox
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us

FOR = {"zh": "（代收：{} 未能送达）", "en": "(instead of {}, who was not reached)"}


def late(connection: Connection, workspace: Workspace, now: datetime) -> None:
    """Whoever is tried for longer than their `fallback_after` without success."""
    for row in outbox.late(connection, to_us(now)):
        receiver = workspace.receivers.get(row.receiver)
        if receiver is not None and receiver.fallback and now - _due(row) >= receiver.fallback_after:
            instead(connection, workspace, row, now)


def instead(connection: Connection, workspace: Workspace, row: Row[Any], now: datetime) -> bool:
    """The same message to the one who stands in; False where nobody does, or they are told of it already."""
    receiver = workspace.receivers.get(row.receiver)
    other = workspace.receivers.get(receiver.fallback) if receiver is not None else None
    outbox.change(connection, [row.id], {"fell_back": True})
    if receiver is None or other is None or outbox.there(connection, row.event_seq, [other.key]):
        return False
    lang = "zh" if other.language.startswith("zh") else "en"
    mark = FOR[lang].format(receiver.name.get(lang, receiver.key))
    facts = {**json.loads(row.facts), "instead_of": receiver.key}
    new = {
        "message_id": letters.message_id(workspace, row.event_seq, to_us(now), other.key), "episode_id": row.episode_id,
        "order_id": row.order_id, "event_seq": row.event_seq, "kind": row.kind, "receiver": other.key, "channel": other.channel,
        "subject": f"{row.subject}{mark}", "body": f"{row.body}\n{mark}", "facts": json.dumps(facts, ensure_ascii=False),
        "created_at": to_us(now), "state": "waiting", "due_at": to_us(now), "group_key": f"instead:{row.id}", "step": row.step,
    }  # fmt: skip
    outbox.add(connection, [new])
    return True


def _due(row: Row[Any]) -> datetime:
    """When it was to be told: later than it was written where working hours are kept."""
    given = json.loads(row.facts).get("due")
    return max(from_us(row.created_at), datetime.fromisoformat(given)) if given else from_us(row.created_at)
