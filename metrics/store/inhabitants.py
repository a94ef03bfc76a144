"""How many people live where, as known when: a count that is put right closes a row and adds one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, insert, select, update

from metrics.model import MAX
from metrics.tables import inhabitants

Counts = Mapping[tuple[str, int], int]
"""(region, year) -> inhabitants."""


def known(connection: Connection, revision: int | None = None) -> dict[tuple[str, int], int]:
    """As known at a revision (None: now); empty where no count was ever taken in."""
    table = inhabitants.c
    seen = table.known_to == MAX if revision is None else (table.known_from <= revision) & (table.known_to > revision)
    rows = connection.execute(select(table.region_id, table.year, table.people).where(seen))
    return {(region, year): people for region, year, people in rows}


def ever(connection: Connection) -> bool:
    return connection.execute(select(inhabitants.c.year).limit(1)).first() is not None


def store(connection: Connection, given: Counts, gone: Iterable[tuple[str, int]], source: str, revision: int) -> None:
    """Put in counts that are new or others than before, and close those that are no longer said; as of one revision."""
    table = inhabitants.c
    for region, year in [*given, *gone]:
        same = (table.region_id == region, table.year == year, table.known_to == MAX)
        connection.execute(update(inhabitants).where(*same).values(known_to=revision))
    rows = [
        {"region_id": region, "year": year, "known_from": revision, "known_to": MAX, "people": people, "source": source}
        for (region, year), people in given.items()
    ]
    if rows:
        connection.execute(insert(inhabitants), rows)


def revisions(connection: Connection) -> dict[int, str]:
    """At which revisions counts changed, and by what they were counted then."""
    table = inhabitants.c
    ends = connection.execute(select(table.known_to).where(table.known_to < MAX).distinct()).scalars()
    found = dict.fromkeys(ends, "")
    begun = connection.execute(select(table.known_from, table.source).where(table.known_from > 0).distinct())
    return found | {revision: source for revision, source in begun}
