"""A few reported figures, of however many indicators, set against what is known one by one: as few statements as may be.

The same as `staging`, which is quicker from some hundreds on.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from metrics.arrivals import ObservationIn
from metrics.model import MAX
from metrics.periods import to_us
from metrics.store import reach, series
from metrics.store.reach import Wider
from metrics.store.staging import Figures, Given, Told
from metrics.tables import observation

CHUNK = 200

Place = tuple[int, int, int]
"""(feed, period start, version of the definition)."""


def store(
    connection: Connection, source: str, figures: Figures, revision: int, run_id: int | None
) -> tuple[Given, dict[tuple[str, str], Wider]]:
    """What became of the figures, and of which indicators a feed reaches further back than before."""
    numbers = series.ensure_all(connection, {pair: [_key(row) for row in rows] for pair, (_, rows) in figures.items()})
    wanted = [numbers[pair][_key(row)] for pair, (_, rows) in figures.items() for row in rows]
    feeds, first = series.ensure_feeds(connection, wanted, source, revision)
    placed: dict[Place, tuple[tuple[str, str], ObservationIn]] = {}
    for pair, (version, rows) in figures.items():
        for row in rows:
            placed[feeds[numbers[pair][_key(row)]], to_us(row.period_start), version] = (pair, row)  # of several the last
    before = _current(connection, placed)
    told: dict[tuple[str, str], list[Told]] = {pair: [] for pair in figures}
    given = dict.fromkeys(figures, 0)
    further: dict[int, int] = {}
    wider: dict[tuple[str, str], Wider] = {}
    new: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    for place, (pair, row) in placed.items():
        given[pair] += 1
        old = before.get(place)
        if old is not None and (old["num"], old["den"], old["n"], old["status"]) == (row.num, row.den, row.n, row.status):
            continue
        if old is not None and row.source_rev < old["source_rev"]:
            told[pair].append((place[1], 2, 1))
            continue
        told[pair].append((place[1], 0 if old is None else 1, 1))
        if place[1] < min(first[place[0]], further.get(place[0], MAX)):
            further[place[0]] = place[1]
            wider[pair] = Wider(place[1], first[place[0]]).or_(wider.get(pair))
        if old is not None:
            closed.append({"which": place[0], "start": place[1], "under": place[2]})
        new.append(
            {
                "feed_id": place[0], "period_start": place[1], "version": place[2], "known_from": revision, "known_to": MAX,
                "num": row.num, "den": row.den, "n": row.n, "status": row.status, "reason": row.reason,
                "source_rev": row.source_rev, "run_id": run_id,
            }
        )  # fmt: skip
    if closed:
        connection.execute(_CLOSE.values(known_to=revision), closed)
    if new:
        connection.execute(insert(observation), new)
    reach.widen(connection, further, revision)
    return {pair: (given[pair], told[pair]) for pair in figures}, wider


def _key(row: ObservationIn) -> series.Key:
    return (row.department, row.region, row.dims)


# Not pairs in one list: SQLite looks through the whole table for those.
_CURRENT = select(observation).where(
    observation.c.period_start.in_(bindparam("starts", expanding=True)),
    observation.c.feed_id.in_(bindparam("feeds", expanding=True)),
    observation.c.known_to == MAX,
)
_CLOSE = update(observation).where(
    observation.c.feed_id == bindparam("which"),
    observation.c.period_start == bindparam("start"),
    observation.c.version == bindparam("under"),
    observation.c.known_to == MAX,
)


def _current(connection: Connection, places: Iterable[Place]) -> dict[Place, RowMapping]:
    """The rows that are known, of these places and maybe of others of the same feeds and periods."""
    found: dict[Place, RowMapping] = {}
    in_time = sorted(places, key=itemgetter(1))
    for spot in range(0, len(in_time), CHUNK):
        some = in_time[spot : spot + CHUNK]
        asked = {"starts": list({start for _, start, _ in some}), "feeds": list({feed_id for feed_id, _, _ in some})}
        for row in connection.execute(_CURRENT, asked).mappings():
            found[row["feed_id"], row["period_start"], row["version"]] = row
    return found
