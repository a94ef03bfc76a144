"""A list of cases read to its end: how many there are and in which stretches, then their columns, stretch by stretch.

Sorted by a date, a stretch is some days: the index finds them, and little is sorted at a time. Other lists, and days on
which very many cases lie, are put in order once, by their ids alone. The revision is pinned, so that every stretch may be
read on a connection of its own, whenever whoever takes the list is ready for it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from metrics.store.cases import Clauses, ordered
from metrics.store.engine import is_sqlite, plain, sorting_on_disk
from metrics.tables import record
from metrics.tables import record_version as rv

BY_DAY = ("opened", "due", "closed")
"""The sorts that an index finds by their day."""
BLOCK, MOST = 4_000, 8_000
"""Cases read at once: about, and at most."""
DRAWN = 10_000
JOINED = rv.join(record, record.c.id == rv.c.record_id)
COLUMNS = (
    record.c.external_id, rv.c.state, rv.c.category, rv.c.department_id, rv.c.region_id, rv.c.opened, rv.c.due,
    rv.c.closed, rv.c.entered, rv.c.worked_days, cast(rv.c.extra, Text),
)  # fmt: skip
Rows = Sequence[tuple[Any, ...]]
"""The driver's own tuples, in the order of COLUMNS."""


@dataclass(frozen=True, slots=True)
class Stretch:
    many: int
    of: Clauses = ()
    """What tells its cases from those of the others."""


def stretches(connection: Connection, source: str, clauses: Clauses, sort: str, by_day: bool) -> list[Stretch]:
    """Of the whole list of a source, in its order; their numbers add up to its length. by_day: not where other days narrow
    the list, by which a database would rather look it up, again for every stretch."""
    name = sort.lstrip("-")
    if not by_day or name not in BY_DAY:
        held = (rv.c.source == source, *clauses)
        total = connection.execute(select(func.count()).select_from(_counted(clauses)).where(*held)).scalar_one()
        return [Stretch(total)] if total else []
    day = rv.c[f"{name}_day"]
    numbers = _by_day(connection, source, clauses, day)
    found: list[Stretch] = []
    days: list[int] = []
    many = 0
    for on in sorted((on for on in numbers if on is not None), reverse=sort.startswith("-")):
        if days and many + numbers[on] > BLOCK:
            found.append(_of(day, days, many))
            days, many = [], 0
        days, many = [*days, on], many + numbers[on]
    if days:
        found.append(_of(day, days, many))
    return [*found, Stretch(numbers[None], (day.is_(None),))] if None in numbers else found  # these come last, either way


def _by_day(connection: Connection, source: str, clauses: Clauses, day: Any) -> dict[int | None, int]:
    if not is_sqlite(connection):
        held = select(day, func.count()).select_from(_counted(clauses)).where(rv.c.source == source, *clauses)
        return {on: number for on, number in connection.execute(held.group_by(day))}
    # It would look each case up by an index of the source, and hold all of them to count them: reading on is less.
    every = select(day).select_from(_counted(clauses)).where(rv.c.source.concat("") == source, *clauses)
    found: Counter[int | None] = Counter()
    answer = connection.execute(every)
    assert answer.cursor is not None
    while some := answer.cursor.fetchmany(DRAWN):
        found.update(chain.from_iterable(some))
    answer.close()
    return found


def _of(day: Any, days: Sequence[int], many: int) -> Stretch:
    return Stretch(many, (day.between(min(days), max(days)),))


def _counted(clauses: Clauses) -> Any:
    """What a case is called lies in another table, which need not be looked into where nothing is asked of it."""
    return JOINED if record in select(rv.c.record_id).where(*clauses).get_final_froms() else rv


def read(connection: Connection, clauses: Clauses, sort: str) -> Rows:
    """The cases of a short stretch, in the order of the list."""
    if not is_sqlite(connection):
        # It would read what every case is called, of a million, for the few thousand of a stretch.
        connection.exec_driver_sql("SET LOCAL enable_hashjoin = off")
        connection.exec_driver_sql("SET LOCAL enable_mergejoin = off")
    return plain(connection, select(*COLUMNS).select_from(JOINED).where(*clauses).order_by(*ordered(sort)))


def ids(connection: Connection, clauses: Clauses, sort: str) -> array[int]:
    """The cases of a long stretch in the order of the list: eight bytes each."""
    query = select(rv.c.record_id).select_from(JOINED).where(*clauses).order_by(*ordered(sort))
    found = array("q")
    with sorting_on_disk(connection):
        for part in connection.execute(query, execution_options={"stream_results": True}).scalars().partitions(DRAWN):
            found.extend(part)
    return found


def these(connection: Connection, wanted: Sequence[int], clauses: Clauses) -> Rows:
    """These cases in this order. KeyError where one is not found: a list is never silently shorter."""
    if is_sqlite(connection):
        listed = func.json_each(bindparam("ids", f"[{','.join(map(str, wanted))}]")).table_valued("value")
        chosen: ColumnElement[bool] = rv.c.record_id.in_(select(listed.c.value))
    else:
        chosen = rv.c.record_id == any_(bindparam("ids", list(wanted), type_=ARRAY(BigInteger)))
    rows = plain(connection, select(*COLUMNS, rv.c.record_id).select_from(JOINED).where(chosen, *clauses))
    by_id = {row[-1]: row[:-1] for row in rows}
    return [by_id[one] for one in wanted]


def chunks(found: array[int]) -> Iterator[array[int]]:
    for start in range(0, len(found), BLOCK):
        yield found[start : start + BLOCK]
