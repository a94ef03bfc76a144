"""What was told of an alert and to whom, and what waits to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from alerts.answers import Attempt, Delivery, OutboxState, Unreached
from alerts.described import at_, named
from alerts.store import outbox
from metrics.answers import Ask
from metrics.periods import from_us, to_us

LATE = timedelta(minutes=5)
"""A message that waits longer is late: the banner and /healthz say so."""
RECENT = timedelta(days=1)


def outbox_state(connection: Connection, now: datetime | None = None) -> OutboxState:
    """For /healthz and the banner: what waits to be told, since when, and who could not be told. now: the real one."""
    waiting, oldest, dead = outbox.waiting(connection)
    found = OutboxState(waiting, at_(oldest), dead)
    if now is None:
        return found
    since = outbox.stuck(connection, to_us(now))
    late = since if since is not None and to_us(now) - since > LATE // timedelta(microseconds=1) else None
    lost = [Unreached(*one) for one in outbox.unreached(connection, to_us(now - RECENT))]
    return replace(found, late=at_(late), unreached=lost)


def of(ask: Ask, id: int) -> list[Delivery]:
    """Every message of one alert, with every attempt."""
    return _all(ask, outbox.of_episode(ask.connection, id))


def of_order(ask: Ask, id: int) -> list[Delivery]:
    """Every message of one order, with every attempt."""
    return _all(ask, outbox.of_order(ask.connection, id))


def _all(ask: Ask, rows: Sequence[Row[Any]]) -> list[Delivery]:
    tries: dict[int, list[Attempt]] = {row.id: [] for row in rows}
    for one in outbox.attempts(ask.connection, list(tries)):
        tries[one.outbox_id].append(Attempt(from_us(one.at), one.outcome, one.detail))
    receivers = ask.workspace.receivers
    return [
        Delivery(
            row.message_id, row.kind, row.receiver, named(receivers.get(row.receiver), row.receiver), row.channel, row.state,
            from_us(row.created_at), at_(row.sent_at), row.error, tries[row.id],
        )
        for row in rows
    ]  # fmt: skip
