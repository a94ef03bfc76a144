"""Cases that a complete collection lacked when it lacked too many to be believed: they count until a person decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from metrics.store.doubts import OPEN
from metrics.tables import doubted
from metrics.tables_of_sources import gone

KIND = "gone"
CHUNK = 500
_OF_SOURCE = (
    select(gone.c.record_id)
    .join(doubted, doubted.c.id == gone.c.doubt_id)
    .where(doubted.c.source == bindparam("of"), doubted.c.kind == KIND, doubted.c.verdict == "rejected")
)


def waiting(connection: Connection, source: str) -> int | None:
    """Id of the doubt that waits for somebody's word; there is one at most."""
    query = select(doubted.c.id).where(doubted.c.source == source, doubted.c.kind == KIND, doubted.c.verdict == OPEN)
    return connection.execute(query).scalar()


def of(connection: Connection, doubt: int) -> list[int]:
    """Ids of the records."""
    query = select(gone.c.record_id).where(gone.c.doubt_id == doubt).order_by(gone.c.record_id)
    return list(connection.execute(query).scalars())


def put(connection: Connection, doubt: int, records: Sequence[int]) -> None:
    """These in place of those."""
    connection.execute(delete(gone).where(gone.c.doubt_id == doubt))
    if records:
        connection.execute(insert(gone), [{"doubt_id": doubt, "record_id": one} for one in records])


def recount(connection: Connection, doubt: int, num: int, den: int, words: str) -> None:
    values = {"num": num, "den": den, "words": words, "against": str(den)}
    connection.execute(update(doubted).where(doubted.c.id == doubt).values(**values))


def kept(connection: Connection, source: str) -> set[int]:
    """Those that a person decided to keep though the source lacks them."""
    return set(connection.execute(_OF_SOURCE, {"of": source}).scalars())


def back(connection: Connection, records: Collection[int]) -> None:
    """The source holds these again: when they go the next time it is asked again."""
    for start in range(0, len(records), CHUNK):
        connection.execute(delete(gone).where(gone.c.record_id.in_(sorted(records)[start : start + CHUNK])))
