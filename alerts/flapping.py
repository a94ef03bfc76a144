"""A series whose condition keeps turning: told once, then only in the digest, until it has been quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection

from alerts.matter import Matter
from alerts.store import holds
from alerts.store.pairs import Pair

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


def counted(connection: Connection, pair: Pair, grain: str, at: int) -> None:
    """It was pending and is not: nothing is said of it, and a series that flaps has not been quiet."""
    since, _ = holds.turns(connection, [pair], at - window(grain))[pair]
    if since is not None:
        holds.edge(connection, *pair, since, at)


def turned(connection: Connection, pairs: Sequence[Pair], grain: str, at: int) -> dict[Pair, Turn]:
    """The condition of each has turned (its event is written): does it flap now, and has it begun to with that?"""
    found: dict[Pair, Turn] = {}
    for pair, (since, edges) in holds.turns(connection, pairs, at - window(grain)).items():
        found[pair] = "flaps" if since is not None else "calm" if edges < EDGES else "begins"
        if since is not None:
            holds.edge(connection, *pair, since, at)
        elif found[pair] == "begins":
            holds.begin_flapping(connection, *pair, at)
    return found
