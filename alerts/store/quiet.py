"""States in which nothing is pending or open, read and kept as sets: the statements run on the bare driver, for a dict a row
costs more than the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from metrics.store.engine import is_sqlite

Standing = tuple[str, str, int | None, int | None, int, int]
"""Condition, what else is kept of it (`recent`), start and end of the last value judged, rule version, definition."""
Alike = tuple[str, int, int, str, int, int]
"""`recent`, start, end and text of the value, series, start of the last value before: of all its rules that rest on that one."""
Move = tuple[int, int, str, int, int, str, str, int]
"""Rule version, definition, `recent`, start, end and text of the value, rule, series."""
Input = tuple[str, str, int, int, str]
"""Kind, rule, series, instant, body."""
_READ = """SELECT series_id, rule, condition, recent, last_start, last_end, rule_version, definition FROM alert_state
    WHERE series_id """
_REST = "recent = {}, last_start = {}, last_end = {}, last_value = {}, revision = {}"
_SET = f"rule_version = {{}}, definition = {{}}, {_REST}"
_ADD = """INSERT INTO alert_state (rule_version, definition, recent, last_start, last_end, last_value, rule, series_id, revision,
    condition, level, breach_count, recover_count, paused) """
_NEW = "'NORMAL', -1, 0, 0, 0"
_TELL = "INSERT INTO alert_input (kind, rule, series_id, at, body, revision) "


def standing(connection: Connection, series_ids: Iterable[int]) -> dict[int, dict[str, Standing]]:
    """Series -> rule -> where it stands."""
    wanted = sorted(set(series_ids))
    found: dict[int, dict[str, Standing]] = {number: {} for number in wanted}
    for place in range(0, len(wanted), 500):
        some = wanted[place : place + 500]
        if is_sqlite(connection):
            rows = connection.exec_driver_sql(f"{_READ} IN ({', '.join('?' * len(some))})", tuple(some))
        else:
            rows = connection.exec_driver_sql(f"{_READ} = ANY(%s)", (some,))
        for number, rule, *rest in rows.cursor.fetchall():
            found[number][rule] = tuple(rest)
    return found


Group = tuple[bool, int | None, int | None, int, str]
"""Is all of it quiet; start and end of the last value judged, definition, rule versions as text, with commas between."""
_GROUPS = """SELECT series_id, condition = 'NORMAL' AND substr(recent, 1, 5) = '[[], ' AS quiet, last_start, last_end, definition,
    {} FROM alert_state WHERE series_id {} GROUP BY series_id, quiet, last_start, last_end, definition"""


def groups(connection: Connection, series_ids: Iterable[int]) -> dict[int, list[Group]]:
    """Series -> the rules on it that stand alike; a row a group, where `standing` gives a row a rule."""
    wanted = sorted(set(series_ids))
    found: dict[int, list[Group]] = {}
    for place in range(0, len(wanted), 500):
        some = wanted[place : place + 500]
        if is_sqlite(connection):
            query = _GROUPS.format("group_concat(rule_version)", f"IN ({', '.join('?' * len(some))})")
            rows = connection.exec_driver_sql(query, tuple(some))
        else:
            query = _GROUPS.format("string_agg(rule_version::text, ',')", "= ANY(%s)")
            rows = connection.exec_driver_sql(query, (some,))
        for number, *rest in rows.cursor.fetchall():
            found.setdefault(number, []).append(tuple(rest))
    return found


@dataclass(slots=True)
class Kept:
    """What is to be written together."""

    alike: list[Alike] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    fresh: list[Move] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)


def keep(connection: Connection, kept: Kept, revision: int) -> None:
    """States that moved on to a later value, those that begin with it, and what made them do so."""
    number = int(revision)
    if is_sqlite(connection):
        rest, given = _REST.format(*"?" * 4, number), _SET.format(*"?" * 6, number)
        together = "series_id = ? AND last_start = ? AND condition = 'NORMAL'"
        _run(connection, f"UPDATE alert_state SET {rest} WHERE {together}", kept.alike)
        _run(connection, f"UPDATE alert_state SET {given} WHERE rule = ? AND series_id = ?", kept.moved)
        _run(connection, f"{_ADD} VALUES (?, ?, ?, ?, ?, ?, ?, ?, {number}, {_NEW})", kept.fresh)
        _run(connection, f"{_TELL} VALUES (?, ?, ?, ?, ?, {number})", kept.inputs)
        return
    a, b, c, d, e, f, *_ = (f"t.c{n}" for n in range(8))
    rest, given = _REST.format(a, b, c, d, number), _SET.format(a, b, c, d, e, f, number)
    together = f"s.series_id = {e} AND s.last_start = {f} AND s.condition = 'NORMAL'"
    apart = "s.rule = t.c6 AND s.series_id = t.c7"
    moves = _arrays("integer integer text bigint bigint text text bigint")
    like = _arrays("text bigint bigint text bigint bigint")
    statements = (
        (f"UPDATE alert_state s SET {rest} {like} WHERE {together}", kept.alike),
        (f"UPDATE alert_state s SET {given} {moves} WHERE {apart}", kept.moved),
        (f"{_ADD} SELECT t.*, {number}, {_NEW} {moves}", kept.fresh),
        (f"{_TELL} SELECT t.*, {number} {_arrays('text text bigint bigint text')}", kept.inputs),
    )
    wanted = [(statement, rows) for statement, rows in statements if rows]
    if wanted:
        *others, last = (statement for statement, _ in wanted)
        before = ", ".join(f"w{n} AS ({statement})" for n, statement in enumerate(others))
        given_rows = [list(column) for _, rows in wanted for column in zip(*rows, strict=True)]
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:  # planned each time: a plan for any number of rows reads the whole table, for five too
            cursor.execute(f"WITH {before} {last}" if others else last, given_rows, prepare=False)


def _arrays(types: str) -> str:
    """Rows of an array a column, as `t(c0, c1, ...)`; sent binary, for as text each quotation mark is looked for in Python."""
    each = types.split()
    return f"FROM unnest({', '.join(f'%b::{one}[]' for one in each)}) AS t({', '.join(f'c{n}' for n in range(len(each)))})"


def _run(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, list(rows))
