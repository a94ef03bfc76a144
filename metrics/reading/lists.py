"""A list of cases read to its end, column by column, at a pinned revision: for whoever takes it away whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from metrics import masking, periods
from metrics.answers import Ask, CaseQuery
from metrics.model import Source
from metrics.reading.cases import narrowed, seen
from metrics.store import lists
from metrics.tables import record_version as rv

Again = Callable[[], AbstractContextManager[Ask]]
"""The same question on a connection of its own."""
Instants = Sequence[int | None]
"""Microseconds since 1970, UTC."""
PART = 100


@dataclass(frozen=True, slots=True)
class Block:
    """Some cases of a list, each a place in every column."""

    external_id: Sequence[str]
    state: Sequence[str]
    category: Sequence[str]
    department: Sequence[str]
    region: Sequence[str]
    opened: Instants
    due: Instants
    closed: Instants
    entered: Instants
    worked_days: Sequence[int | None]
    overdue: Sequence[bool]
    suspect: Sequence[bool]
    extra: Mapping[str, Sequence[Any]]
    """Every further field that one of them has; personal ones are masked, as in every list."""


@dataclass(frozen=True)
class Whole:
    """How long a list is, and its cases. Every block is read on a connection that is given back before the block is."""

    total: int
    blocks: Iterator[Block]


def whole_list(ask: Ask, query: CaseQuery, again: Again) -> Callable[[], Whole]:
    """What is asked is judged now, by who asks; what it costs to read is spent when it is called. The query has its revision."""
    assert query.revision is not None
    assert query.evaluated_at is not None
    moment, source = periods.to_us(query.evaluated_at), ask.workspace.sources[query.source]
    asked = narrowed(ask, query, query.evaluated_at)
    clauses = [rv.c.source == query.source, *asked]
    # By its id a case is one version of what is known then; that it is theirs to see is asked once more.
    of_id = seen(ask, query)

    def blocks(stretches: Sequence[lists.Stretch]) -> Iterator[Block]:
        for stretch in stretches:
            within = [*clauses, *stretch.of]
            if stretch.many <= lists.MOST:
                with again() as later:
                    rows = lists.read(later.connection, within, query.sort)
                yield from _parts(_as_counted(rows, stretch.many), source, moment)
                continue
            with again() as later:
                ids = lists.ids(later.connection, within, query.sort)
            for wanted in lists.chunks(_as_counted(ids, stretch.many)):
                with again() as later:
                    rows = lists.these(later.connection, wanted, of_id)
                yield from _parts(rows, source, moment)

    def read() -> Whole:
        with again() as now:
            found = lists.stretches(now.connection, query.source, asked, query.sort, by_day=query.indicator is None)
        return Whole(sum(stretch.many for stretch in found), blocks(found))

    return read


class NotAsCounted(RuntimeError):
    """The database gave more or fewer cases of a revision than it counted a moment before."""


def _as_counted(found: Any, many: int) -> Any:
    if len(found) != many:
        raise NotAsCounted(f"{len(found)} cases where {many} were counted")
    return found


def _parts(rows: lists.Rows, source: Source, moment: int) -> Iterator[Block]:
    """Few at a time: what is made of them is still near when it is wanted next."""
    for start in range(0, len(rows), PART):
        yield _block(rows[start : start + PART], source, moment)


def _block(rows: lists.Rows, source: Source, moment: int) -> Block:
    external_id, state, category, department, region, opened, due, closed, entered, worked, extra = zip(*rows, strict=True)
    overdue = [
        limit is not None and limit < (moment if end is None or end > moment else end)
        for limit, end in zip(due, closed, strict=True)
    ]
    suspect = [start is not None and end is not None and end < start for start, end in zip(opened, closed, strict=True)]
    return Block(
        external_id, state, category, department, region, opened, due, closed, entered, worked, overdue, suspect,
        _extra(extra, source),
    )  # fmt: skip


def _extra(texts: Sequence[str], source: Source) -> dict[str, Sequence[Any]]:
    """The texts of many cases are read as one."""
    held = json.loads(f"[{','.join(texts)}]")
    names = sorted(set().union(*held))
    columns: dict[str, Sequence[Any]] = {name: [one.get(name) for one in held] for name in names}
    for name in columns.keys() & set(source.personal):
        columns[name] = masking.mask_all(columns[name], name)
    return columns
