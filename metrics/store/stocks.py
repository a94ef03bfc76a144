"""How many cases stood open, or overdue, at each of many instants, by leaf: one question, however many instants."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, and_, case, func, literal, or_, select

from metrics.model import Part
from metrics.store import predicates
from metrics.store.sums import Leaf, Wanted
from metrics.tables import record_version as rv

SINCE = {"open": "opened", "overdue": "due"}
"""The instant from which a case counts; until it is closed."""


def steady(part: Part) -> bool:
    """Whether what the part asks of a case is the same at every instant."""
    return not any(one.op in ("by", "before", "after") or one.field == "closed" for one in part.conditions)


def at_each(
    connection: Connection,
    source: str,
    wanted: Wanted,
    ends: Sequence[int],
    days: Sequence[int] | None,
    revision: int | None = None,
    by_category: bool = False,
) -> list[dict[Leaf, int]]:
    """For each of `ends` (microseconds, ascending; where local days begin: their ordinals in `days`) the cases that stood then.

    A case is counted by when it began and ended, not once for each instant: what is long open costs no more than what is not."""
    late = wanted.stock == "overdue"
    since, closed = rv.c[SINCE[wanted.stock]], rv.c.closed
    first: Any = since
    last: Any = closed
    if days is not None:  # many cases begin and end on the same days; one that ends just when a day begins is at its end no more
        day = rv.c[f"{SINCE[wanted.stock]}_day"]
        first = day + 1 if late else case((since.in_(list(ends)), day), else_=day + 1)
        last = case((closed.in_(list(ends)), rv.c.closed_day - 1), else_=rv.c.closed_day)
    keys = [rv.c.department_id, rv.c.region_id, rv.c.category if by_category else literal("")]
    begun = since < ends[-1] if late else since <= ends[-1]
    inner = select(*(key.label(f"k{n}") for n, key in enumerate(keys)), first.label("first"), last.label("last")).where(
        rv.c.source == source,
        predicates.visible(revision),
        and_(begun, or_(closed.is_(None), closed > ends[0])),
        *predicates.conditions(wanted.part, ends[-1]),
    )
    found = inner.subquery()
    marks, moved = days if days is not None else ends, defaultdict[Leaf, list[int]](lambda: [0] * (len(ends) + 1))
    for *leaf, begins, stops, number in connection.execute(select(found, func.count()).group_by(*found.c)):
        low = bisect_right(marks, begins) if late and days is None else bisect_left(marks, begins)
        high = len(marks) if stops is None else bisect_left(marks, stops) if days is None else bisect_right(marks, stops)
        if low < high:
            moved[tuple(leaf)][low] += number  # type: ignore[index]
            moved[tuple(leaf)][high] -= number  # type: ignore[index]
    stood: list[dict[Leaf, int]] = [{} for _ in ends]
    for one, steps in moved.items():
        for place, many in zip(stood, accumulate(steps), strict=False):
            if many:
                place[one] = many
    return stood
