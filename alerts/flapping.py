"""A series whose condition keeps turning: told once, then only in the digest, until it has been quiet."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from alerts.matter import Matter
from alerts.store import holds

EDGES = 4
"""This many turns within the window make an alert a flapping one."""
PERIODS = 10
SHORTEST = timedelta(hours=24)
LENGTHS = {
    "minute5": timedelta(minutes=5), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7),
    "tenday": timedelta(days=11), "month": timedelta(days=31), "quarter": timedelta(days=92), "year": timedelta(days=366),
}  # fmt: skip


def window(grain: str) -> int:
    """Microseconds: ten periods, a day at least. Without a turn for as long, it is over."""
    span = max(SHORTEST, PERIODS * LENGTHS.get(grain, timedelta(0)))
    return span // timedelta(microseconds=1)


def is_flapping(connection: Connection, matter: Matter) -> bool:
    return bool(matter.series_id) and holds.flaps(connection, matter.rule, matter.series_id) is not None


def turned(connection: Connection, rule: str, series_id: int, grain: str, at: int) -> bool:
    """The condition has turned (its event is written). True when with that it begins to flap."""
    row = holds.flaps(connection, rule, series_id)
    if row is not None:
        holds.edge(connection, row, at)
        return False
    if holds.edges(connection, rule, series_id, at - window(grain)) < EDGES:
        return False
    holds.begin_flapping(connection, rule, series_id, at)
    return True
