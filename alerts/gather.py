"""What waits for the same receiver and group becomes one message: every open alert named, and what is over in a digest.

Done where rows are leased, in the same transaction: a message is put together once and keeps its id and words at every attempt.
The first row carries it; the others are `merged` into it and share its fate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from alerts import telling
from alerts.channels import Unknown, channel
from alerts.outbox import DIGEST
from alerts.store import outbox
from alerts.together import Part, To, digest, together
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.rulebook import Receiver

Words = Callable[..., list[Part]]


def gather(connection: Connection, workspace: Workspace, now: datetime) -> None:
    """Put together what may be: whatever has not been tried, or has failed for certain."""
    at = to_us(now)
    alone = [one.key for one in workspace.receivers.values() if one.single]
    rows = outbox.ready(connection, to_us(now + telling.longest_wait(workspace)), alone)
    away = outbox.backing_off(connection, at)
    by_receiver: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if row.receiver not in workspace.receivers:
            continue
        if row.receiver in away:
            if row.due_at <= at:
                outbox.change(connection, [row.id], {"due_at": away[row.receiver]})
            continue
        by_receiver.setdefault(row.receiver, []).append(row)
    for key, mine in by_receiver.items():
        _of_receiver(connection, workspace, _to(workspace.receivers[key]), mine, now)


def _to(receiver: Receiver) -> To:
    try:
        most = getattr(channel(receiver.channel), "MOST", None)
    except Unknown:
        most = None
    return To(receiver.language, str(receiver.settings.get("link", "")).rstrip("/"), most)


def _of_receiver(connection: Connection, workspace: Workspace, to: To, rows: Sequence[Row[Any]], now: datetime) -> None:
    at = to_us(now)
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.group_key, []).append(row)
    over: list[Row[Any]] = []
    for key, group in groups.items():
        if all(row.due_at > at for row in group):
            continue
        carriers = [row.id for row in group if carries(row)]
        mine = [*group, *(outbox.members(connection, carriers) if carriers else [])]
        if len(mine) == 1 and key != DIGEST:
            continue
        told, ended = _apart(mine) if key != DIGEST else ([], mine)
        over += ended
        if len(told) > 1:
            _carry(connection, workspace, to, told, now, together)
        elif told and (carries(told[0]) or told[0].state == "merged"):
            _alone(connection, told[0], at)
    if over:
        _carry(connection, workspace, to, sorted(over, key=lambda row: row.id), now, digest)


def _apart(rows: Sequence[Row[Any]]) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """What stands, and what began and ended without anybody having been told."""
    episodes: dict[tuple[int | None, int | None], list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        about = (row.episode_id, None if row.episode_id is not None else row.order_id or -row.id)
        episodes.setdefault(about, []).append(row)
    told: list[Row[Any]] = []
    over: list[Row[Any]] = []
    for mine in episodes.values():
        begun = any(row.kind in outbox.TOLD for row in mine)
        ended = any(row.kind not in (*outbox.TOLD, "repeated", "reminded", "released", "flapping") for row in mine)
        (over if begun and ended else told).extend(mine)
    return sorted(told, key=lambda row: row.id), over


def _carry(connection: Connection, workspace: Workspace, to: To, rows: Sequence[Row[Any]], now: datetime, words: Words) -> None:
    """As many messages as the receiver's platform makes of it: one, where it takes messages of any length."""
    facts = [own(row) for row in rows]
    for part in words(facts, [row.created_at for row in rows], to, now, workspace.zone, workspace.demo):
        _as_one(connection, part, [rows[place] for place in sorted(part.places)], now, words)


def _as_one(connection: Connection, part: Part, rows: Sequence[Row[Any]], now: datetime, words: Words) -> None:
    """One row carries all, its own words kept in its facts: the first, and of a digest the last, so that it is read last."""
    place = -1 if words is digest else 0
    first, others = rows[place], [*rows[:place], *(rows[1:] if place == 0 else ())]
    facts = [own(row) for row in rows]
    carried = {
        "group": "digest" if words is digest else "together", "alerts": facts, "own": own_words(first), "path": "/alerts",
        "due": from_us(first.due_at).isoformat(),
    }  # fmt: skip
    outbox.change(
        connection, [first.id],
        {
            "subject": part.subject, "body": part.body, "facts": json.dumps(carried, ensure_ascii=False), "due_at": to_us(now),
            "state": "waiting", "merged_into": None,
        },
    )  # fmt: skip
    for row in others:
        values: dict[str, Any] = {"state": "merged", "merged_into": first.id}
        if carries(row):
            before = _kept(row)
            values |= {**before, "facts": json.dumps(before["facts"], ensure_ascii=False)}
        outbox.change(connection, [row.id], values)


def _alone(connection: Connection, row: Row[Any], at: int) -> None:
    """It was part of a larger message, and is by itself now."""
    values: dict[str, Any] = {"state": "waiting", "merged_into": None, "due_at": at}
    if carries(row):
        before = _kept(row)
        values |= {**before, "facts": json.dumps(before["facts"], ensure_ascii=False)}
    outbox.change(connection, [row.id], values)


def own(row: Row[Any]) -> dict[str, Any]:
    """The facts of the row's own alert."""
    facts = json.loads(row.facts)
    return dict(facts["own"]["facts"] if "own" in facts else facts)


def own_words(row: Row[Any]) -> dict[str, Any]:
    """Subject, body and facts of the row's own alert, whether it carries others or not."""
    return _kept(row) if carries(row) else {"subject": row.subject, "body": row.body, "facts": json.loads(row.facts)}


def carries(row: Row[Any]) -> bool:
    """Whether others were put together with it."""
    return row.facts.startswith('{"group"')


def _kept(row: Row[Any]) -> dict[str, Any]:
    return dict(json.loads(row.facts)["own"])
