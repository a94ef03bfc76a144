"""Which reminders an office was given of what it owes: one row each, so that each is given once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from alerts.store.tables import reminder

Key = tuple[str, str, int, str]
"""(source, grain, start of the period, stage)."""


def given(connection: Connection, sources: Sequence[str], since: int) -> set[Key]:
    """For periods from `since` on."""
    c = reminder.c
    query = select(c.source, c.grain, c.period_start, c.stage).where(c.source.in_(list(sources)), c.period_start >= since)
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(reminder).values(**values))


def last(connection: Connection, source: str, limit: int) -> list[Row[Any]]:
    """Those that told somebody, newest first."""
    query = select(reminder).where(reminder.c.source == source, reminder.c.owed > 0)
    return list(connection.execute(query.order_by(reminder.c.at.desc(), reminder.c.period_start.desc()).limit(limit)))
