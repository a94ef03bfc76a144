"""A series whose condition keeps turning: told once, then only in the digest, until it has been quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

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


Turn = Literal["calm", "begins", "flaps"]


def window(grain: str) -> int:
    """Microseconds: ten periods, a day at least. Without a turn for as long, it is over."""
    span = max(SHORTEST, PERIODS * LENGTHS.get(grain, timedelta(0)))
    return span // timedelta(microseconds=1)


def is_flapping(connection: Connection, matter: Matter) -> bool:
    return bool(matter.series_id) and holds.flaps(connection, matter.rule, matter.series_id)


def counted(connection: Connection, rule: str, series_id: int, grain: str, at: int) -> None:
    """It was pending and is not: nothing is said of it, and a series that flaps has not been quiet."""
    since, _ = holds.turns(connection, rule, series_id, at - window(grain))
    if since is not None:
        holds.edge(connection, rule, series_id, since, at)


def turned(connection: Connection, rule: str, series_id: int, grain: str, at: int) -> Turn:
    """The condition has turned (its event is written): does the series flap now, and has it begun to with that?"""
    since, edges = holds.turns(connection, rule, series_id, at - window(grain))
    if since is not None:
        holds.edge(connection, rule, series_id, since, at)
        return "flaps"
    if edges < EDGES:
        return "calm"
    holds.begin_flapping(connection, rule, series_id, at)
    return "begins"
