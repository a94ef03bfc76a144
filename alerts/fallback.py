"""Another receiver stands in for one who is not reached: at once where it never can be, else after a while.

Alert by alert, whatever came together in one message: the other may know one of them already, and hears how each of them ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from alerts import gather, telling
from alerts import outbox as letters
from alerts.store import outbox
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.rulebook import Receiver

FOR = {"zh": "（代收：{} 未能送达）", "en": "(instead of {}, who was not reached)"}


def late(connection: Connection, workspace: Workspace, now: datetime) -> None:
    """Whatever was due longer than `fallback_after` ago, of those who are tried in vain: not the message that failed alone."""
    for row in outbox.late(connection, to_us(now)):
        receiver = workspace.receivers.get(row.receiver)
        if receiver is not None and receiver.fallback and now - due(row) >= receiver.fallback_after:
            _instead(connection, workspace, row, now)


def dead(connection: Connection, workspace: Workspace, number: int, now: datetime) -> None:
    """A message that will never arrive, with all it carried."""
    for row in outbox.carried(connection, number):
        _instead(connection, workspace, row, now)


def due(row: Row[Any]) -> datetime:
    """When it was to be told: later than it was written where working hours are kept."""
    given = gather.own(row).get("due")
    return max(from_us(row.created_at), datetime.fromisoformat(given)) if given else from_us(row.created_at)


def _instead(connection: Connection, workspace: Workspace, row: Row[Any], now: datetime) -> None:
    """The same to whoever stands in; not where they are told of it already."""
    outbox.change(connection, [row.id], {"fell_back": True})
    others = _others(workspace, row.receiver)
    told = outbox.there(connection, row.event_seq, [other.key for other in others])
    outbox.add(connection, [_letter(workspace, row, other, now) for other in others if other.key not in told])


def _others(workspace: Workspace, key: str) -> Sequence[Receiver]:
    """The one the receiver names; of a receiver that is not in the workspace any more, the administrator."""
    receiver = workspace.receivers.get(key)
    if receiver is None:
        return [workspace.receivers[one] for one in telling.administrators(workspace)]
    other = workspace.receivers.get(receiver.fallback)
    return [other] if other is not None else []


def _letter(workspace: Workspace, row: Row[Any], other: Receiver, now: datetime) -> dict[str, Any]:
    at, kept = to_us(now), gather.own_words(row)
    receiver = workspace.receivers.get(row.receiver)
    lang = "zh" if other.language.startswith("zh") else "en"
    mark = FOR[lang].format(receiver.name.get(lang, row.receiver) if receiver is not None else row.receiver)
    facts = {**kept["facts"], "instead_of": row.receiver}
    if "line" in facts:
        facts["line"] += mark if lang == "zh" else f" {mark}"
    return {
        "message_id": letters.message_id(workspace, row.event_seq, at, other.key), "episode_id": row.episode_id,
        "order_id": row.order_id, "event_seq": row.event_seq, "kind": row.kind, "receiver": other.key, "channel": other.channel,
        "subject": f"{kept['subject']}{mark}", "body": f"{kept['body']}\n{mark}", "facts": json.dumps(facts, ensure_ascii=False),
        "created_at": at, "state": "waiting", "due_at": at, "step": row.step,
        "group_key": f"instead:{row.receiver}/{row.group_key}"[:160],
    }  # fmt: skip
