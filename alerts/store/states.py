"""Where each (rule, series) stands between values, and the window of values its course is folded over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Row, bindparam, insert, select, update

from alerts.judge import State, Value
from alerts.store.tables import alert_state as table
from metrics.arrivals import Series
from metrics.store.engine import plain
from metrics.tables import chosen
from metrics.tables import series as series_table
from metrics.values import Values


@dataclass(frozen=True, slots=True)
class Kept:
    rule: str
    series_id: int
    state: State
    rule_version: int
    definition: int


def of_series(connection: Connection, series_ids: Iterable[int]) -> dict[tuple[str, int], Kept]:
    """What is kept of these series, under every rule."""
    wanted = sorted(set(series_ids))
    found: dict[tuple[str, int], Kept] = {}
    for place in range(0, len(wanted), 500):
        for row in connection.execute(select(table).where(table.c.series_id.in_(wanted[place : place + 500]))):
            found[row.rule, row.series_id] = _kept(row)
    return found


def unquiet(connection: Connection, rule: str) -> list[Kept]:
    """What is pending or open under a rule."""
    return [_kept(row) for row in connection.execute(select(table).where(table.c.rule == rule, table.c.condition != "NORMAL"))]


def save(connection: Connection, fresh: Sequence[Kept], known: Sequence[Kept], revision: int) -> None:
    if fresh:
        connection.execute(insert(table), [{"rule": k.rule, "series_id": k.series_id, **_values(k, revision)} for k in fresh])
    if known:
        statement = update(table).where(table.c.rule == bindparam("b_rule"), table.c.series_id == bindparam("b_series"))
        connection.execute(statement, [{"b_rule": k.rule, "b_series": k.series_id, **_values(k, revision)} for k in known])


_PARTS = (chosen.c.period_start, *(chosen.c[name] for name in ("num", "den", "n", "apart", "status")))
_WINDOW = (
    select(*_PARTS)
    .where(chosen.c.series_id == bindparam("of"), chosen.c.version == bindparam("under"))
    .where(chosen.c.period_start <= bindparam("until", type_=BigInteger))
    .order_by(chosen.c.period_start.desc())
)
_SOME = _WINDOW.limit(bindparam("newest", type_=Integer))


def window(
    connection: Connection, series_id: int, version: int, until: int, newest: int | None = None
) -> list[tuple[int, Values]]:
    """Every figure of a series up to and with the period that starts at `until`, oldest first; only so many `newest` ones."""
    asked = {"of": series_id, "under": version, "until": until}
    found = plain(connection, _WINDOW, asked) if newest is None else plain(connection, _SOME, asked | {"newest": newest})
    return [(row[0], Values(*row[1:])) for row in reversed(found)]


def periods_of(connection: Connection, series_ids: Sequence[int]) -> list[int]:
    """Starts of all periods of which any of the series has a figure, oldest first."""
    found: set[int] = set()
    for place in range(0, len(series_ids), 500):
        query = select(chosen.c.period_start).where(chosen.c.series_id.in_(series_ids[place : place + 500])).distinct()
        found.update(connection.execute(query).scalars())
    return sorted(found)


_c = series_table.c
_SERIES = select(_c.id, _c.indicator, _c.grain, _c.department_id, _c.region_id, _c.dims).where(
    _c.id.in_(bindparam("ids", expanding=True))
)


def series_of(connection: Connection, series_ids: Iterable[int]) -> dict[int, Series]:
    found = plain(connection, _SERIES, {"ids": sorted(set(series_ids))})
    return {row[0]: Series(*row[1:]) for row in found}


def _values(kept: Kept, revision: int) -> dict[str, Any]:
    state, last = kept.state, kept.state.last
    return {
        "rule_version": kept.rule_version, "definition": kept.definition, "condition": state.condition, "level": state.level,
        "breach_since": state.breach_since, "breach_count": state.breach_count, "recover_since": state.recover_since,
        "recover_count": state.recover_count, "paused": state.paused,
        "recent": json.dumps([list(state.recent), None if last is None else [last.gap, last.n]]),
        "last_start": last and last.start, "last_end": last and last.end, "last_value": None if last is None else str(last.value),
        "revision": revision,
    }  # fmt: skip


def _kept(row: Row[Any]) -> Kept:
    recent, more = json.loads(row.recent)
    gap, n = more or (0, None)
    last = None
    if row.last_start is not None:
        last = Value(row.last_start, row.last_end, Decimal(row.last_value), gap, n, row.definition)
    state = State(
        condition=row.condition, level=row.level, breach_since=row.breach_since, breach_count=row.breach_count,
        recover_since=row.recover_since, recover_count=row.recover_count, paused=row.paused, recent=tuple(recent), last=last,
    )  # fmt: skip
    return Kept(row.rule, row.series_id, state, row.rule_version, row.definition)
