"""Where each (rule, series) stands between values, and the window of values its course is folded over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Row, bindparam, func, insert, select, update

from alerts.judge import State, Value
from alerts.store.tables import alert_state as table
from metrics.arrivals import Series
from metrics.model import MAX
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
    """Of the newest value judged."""
    under: int
    """The newest definition under which anything came, be it that a figure is gone or is too small to judge."""
    begun: State = State()
    """What was open when that came."""


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


_of, _earlier = series_table.c, chosen.alias("earlier").c
_UNTIL = bindparam("until", type_=BigInteger)
_FIRST = (
    select(_earlier.period_start)
    .where(_earlier.series_id == _of.id, _earlier.version == bindparam("under"), _earlier.period_start <= _UNTIL)
    .order_by(_earlier.period_start.desc())
    .limit(1)
    .offset(bindparam("but", type_=Integer))
    .scalar_subquery()
)
_LAST_OF_EACH = (
    select(chosen.c.series_id, *_PARTS)
    .join_from(series_table, chosen, chosen.c.series_id == _of.id)
    .where(_of.id.in_(bindparam("ids", expanding=True)), chosen.c.version == bindparam("under"))
    .where(chosen.c.period_start <= _UNTIL, chosen.c.period_start >= func.coalesce(_FIRST, -MAX))
    .order_by(chosen.c.series_id, chosen.c.period_start)
)


def last_of_each(
    connection: Connection, series_ids: Sequence[int], version: int, until: int, newest: int
) -> dict[int, list[tuple[int, Values]]]:
    """Of each series its so many `newest` figures up to and with the period that starts at `until`, oldest first."""
    found: dict[int, list[tuple[int, Values]]] = {number: [] for number in series_ids}
    for place in range(0, len(series_ids), 500):
        asked = {"ids": series_ids[place : place + 500], "under": version, "until": until, "but": newest - 1}
        for number, start, *values in plain(connection, _LAST_OF_EACH, asked):
            found[number].append((start, Values(*values)))
    return found


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
    rest: Any = _rest(state)
    if kept.begun.condition != "NORMAL" or kept.under != kept.definition:
        # Under a name: what passes over quiet states tells them by the brackets.
        rest = {"rest": rest, "begun": _plain(kept.begun), "under": kept.under}
    return {
        "rule_version": kept.rule_version, "definition": kept.definition, **_columns(state), "recent": json.dumps(rest),
        "last_start": last and last.start, "last_end": last and last.end, "last_value": None if last is None else str(last.value),
        "revision": revision,
    }  # fmt: skip


_COLUMNS = ("condition", "level", "breach_since", "breach_count", "recover_since", "recover_count", "paused")


def _columns(state: State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _COLUMNS}


def _rest(state: State) -> list[Any]:
    rest: list[Any] = [list(state.recent), None if state.last is None else [state.last.gap, state.last.n]]
    return [*rest, list(state.pauses)] if state.pauses else rest


def _plain(state: State) -> list[Any]:
    last = state.last
    return [_columns(state), _rest(state), None if last is None else [last.start, last.end, str(last.value), last.definition]]


def _state(columns: Mapping[str, Any], rest: list[Any], last: Sequence[Any] | None) -> State:
    recent, more, *pauses = rest
    gap, n = more or (0, None)
    value = None if last is None else Value(last[0], last[1], Decimal(last[2]), gap, n, last[3])
    return State(**columns, recent=tuple(recent), last=value, pauses=tuple(*pauses))


def _kept(row: Row[Any]) -> Kept:
    rest, begun, under = json.loads(row.recent), State(), row.definition
    if isinstance(rest, dict):
        rest, begun, under = rest["rest"], _state(*rest["begun"]), rest.get("under", under)
    last = None if row.last_start is None else (row.last_start, row.last_end, row.last_value, row.definition)
    state = _state({name: getattr(row, name) for name in _COLUMNS}, rest, last)
    return Kept(row.rule, row.series_id, state, row.rule_version, row.definition, under, begun)
