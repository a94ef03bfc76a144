"""Aim 13: a long list of cases as CSV, beside csv.writer over the same rows by raw SQL; its first byte, and its memory.

The reference is the least anybody could do: one raw query over the same cases in the same order, joined, at the same revision,
and `csv.writer` over what the driver gives, as it lies: microseconds, keys of places, the personal fields as they came, the
further fields in one cell, all in one text in memory. Ours says the moments as people write them, the names of places, what is
overdue and in doubt, each further field in a column of its own and masked, guards against formulas, and counts the list.

Cases lie as they come: opened one after another, each at a second of its own, written down up to two days later; no two
have the same caller, so that nothing is saved by remembering what a real list would not repeat.
Memory is what this process has more of, its library's too, than after the same list was read once: the connection's cache,
of a fixed size, is full by then. The server's own memory is not counted.
"""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from bench._pairs import PAIRS, cost, line
from bench._places import Places, running
from bench._world import FIRST, world
from metrics.answers import Ask
from metrics.model import MAX, Principal
from metrics.periods import to_us
from metrics.store.engine import Store
from publish import _cases
from publish import csv as as_csv

WHOLE = Principal("w", "w", frozenset({"viewer"}))
NOW = FIRST + timedelta(days=400)
SECOND = 1_000_000
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
RAW = """SELECT r.external_id, v.state, v.category, v.department_id, v.region_id, v.opened, v.due, v.closed, v.entered,
    v.worked_days, v.extra FROM record_version v JOIN record r ON r.id = v.record_id
    WHERE v.source = 'cases' AND v.known_from <= 1 AND v.known_to > 1
    ORDER BY v.opened DESC, v.record_id"""
ABOVE = 8
"""Lines above the rows."""
SPARE, FIRST_BYTE = 20 * 2**20, 0.2


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    for wanted in (100_000, 1_000_000):
        store, rows = places.store(), max(100, int(wanted * scale))
        _fill(store, rows, 365 * DAY * min(1.0, scale))
        yield from _list(places, store, rows, f"13 CSV of {wanted:,} rows")
        store.close()


def _list(places: Places, store: Store, rows: int, name: str) -> Iterator[dict[str, object]]:
    workspace, engine = world(24), places.engine

    @contextmanager
    def again() -> Iterator[Ask]:
        with store.read() as later:
            yield Ask(later, workspace, WHOLE, NOW)

    def ours(**how: str) -> Iterator[bytes]:
        with again() as ask:
            sheet = _cases.cases(ask, {"source": "cases", **how}, "en", again)
        yield from as_csv.write(sheet)

    def plain(_: int) -> int:
        with store.read() as connection:
            cursor: Any = connection.connection.driver_connection.execute(RAW)
            out = io.StringIO()
            csv.writer(out).writerows(cursor)
        return len(out.getvalue().encode())

    def begins(**how: str) -> float:
        begun = time.perf_counter()
        pieces = ours(**how)
        next(pieces)
        taken = time.perf_counter() - begun
        pieces.close()
        return taken

    firsts = [begins() for _ in range(PAIRS)]
    given = sum(piece.count(b"\r\n") for piece in ours()) - ABOVE
    grown = _grown(lambda: max(map(len, ours())))
    made = places.clock.pairs(plain, lambda _: sum(map(len, ours())))
    yield cost(f"{name}, CPU, {engine}, ms", rows, made, 1.5, exact=given == rows)
    # In an order that is no date's all cases are put in order before the first row: what that takes the first time counts.
    by_id = {"sort": "external_id"}
    put = _grown(lambda: max(map(len, ours(**by_id))))
    begun = [begins(**by_id) for _ in range(PAIRS)]
    for what, begin, held in ((name, firsts, grown), (f"{name} by id", begun, put)):
        soonest = statistics.median(begin)
        soon, spare = soonest <= FIRST_BYTE, held <= SPARE
        part = soonest / FIRST_BYTE
        yield line(f"{what}, first byte, {engine}, ms", soonest * 1000, None, part, "<= 200 ms", soon, len(begin), rows)
        yield line(f"{what}, memory, {engine}, MB", held / 2**20, None, held / SPARE, "<= 20 MB", spare, 1, rows)


def _grown(work: Callable[[], object]) -> int:
    """Bytes this process held at its most while it worked, above what it held before."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = _held("VmRSS")
    work()
    return _held("VmHWM") - before


def _held(name: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))


def _fill(store: Store, many: int, span: float = 365 * DAY) -> None:
    sqlite = store.writers.dialect.name == "sqlite"
    count = (
        f"WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < {many})"
        if sqlite
        else f"WITH t AS (SELECT i FROM generate_series(1::bigint, {many}) AS i)"
    )
    # Cases are opened one after another, and written down up to two days later; no two have the same moment or caller.
    at = f"({to_us(FIRST)} + t.i * {int(span) // many} - (t.i * 7919 % {2 * DAY // SECOND}) * {SECOND})"
    day = f"(({at} + {8 * HOUR}) / {DAY} + {date(1970, 1, 1).toordinal()})"
    further = """'{"n":' || (i % 50) || ',"phone":"13' || (100000000 + t.i * 7919 % 900000000) || '"}'"""
    further = further if sqlite else f"({further})::json"
    with store.write() as connection:
        run = running(connection)
        run(f"{count} INSERT INTO record (id, source, external_id) SELECT i, 'cases', 'c-' || i FROM t")
        run(f"""{count} INSERT INTO record_version (record_id, known_from, known_to, source, source_rev, department_id, region_id,
            category, opened, due, closed, entered, opened_day, due_day, closed_day, worked_days, state, withdrawn, extra, hash)
            SELECT i, 1, {MAX}, 'cases', 0, 'd0' || (i % 10), 'c0' || (i % 10), 'W0' || (i % 7),
            {at}, {at} + {3 * DAY}, CASE WHEN i % 9 > 0 THEN {at} + (t.i * 6151 % {4 * DAY // SECOND}) * {SECOND} END,
            {at} + {HOUR},
            {day}, {day} + 3, {day}, i % 9, 'closed', {"0" if sqlite else "false"},
            {further}, 'h' FROM t""")
        run("INSERT INTO revision (number, at, recorded_at, kind, actor) VALUES (1, 1, 1, 'collect', '')")
        run("UPDATE head SET number = 1, at = 1")
    with store.writers.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
