"""Aim 13: a long list of cases as CSV, beside csv.writer over the same rows by raw SQL; its first byte, and its memory.

An export gives at most so many rows as `publish` allows; what is asked for above that is not measured but said.
"""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bench._pairs import cost, line, say
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
HOUR = 3_600_000_000
RAW = f"""SELECT r.external_id, v.state, v.category, v.department_id, v.region_id, v.opened, v.due, v.closed, v.entered,
    v.worked_days, v.extra FROM record_version v JOIN record r ON r.id = v.record_id
    WHERE v.source = 'cases' AND v.known_to = {MAX}
    ORDER BY v.opened DESC, v.record_id LIMIT """
SPARE, FIRST_BYTE = 20 * 2**20, 0.2


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    workspace, store = world(24), places.store()
    held = max(100, int(1_000_000 * scale))
    _fill(store, held)

    @contextmanager
    def again() -> Iterator[Ask]:
        with store.read() as later:
            yield Ask(later, workspace, WHOLE, NOW)

    def ours() -> Iterator[bytes]:
        with store.read() as connection:
            sheet = _cases.cases(Ask(connection, workspace, WHOLE, NOW), {"source": "cases"}, "en", again)
        yield from as_csv.write(sheet)

    for wanted in (100_000, 1_000_000):
        rows = min(max(100, int(wanted * min(1, scale * 10))), held, _cases.AT_MOST)

        def plain(_: int, rows: int = rows) -> None:
            with store.read() as connection:
                cursor: Any = connection.connection.driver_connection.execute(RAW + str(rows))
                out = io.StringIO()
                csv.writer(out).writerows(cursor)

        # The list is cut where `publish` cuts it: so many rows are compared.
        limit, _cases.AT_MOST = _cases.AT_MOST, rows
        try:
            made = places.clock.pairs(plain, lambda _: sum(map(len, ours())))
            begun = time.perf_counter()
            next(iter(ours()))
            first = time.perf_counter() - begun
            tracemalloc.start()
            for _ in ours():
                pass
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        finally:
            _cases.AT_MOST = limit
        say(f"13 {rows:,} of {wanted:,} rows: a file has at most {limit:,}")
        name = f"13 CSV of {wanted:,} rows"
        yield cost(f"{name}, CPU, {places.engine}, ms", rows, made, 1.5, exact=rows >= wanted * min(1, scale * 10))
        soon = first <= FIRST_BYTE
        words = f"{name}, first byte, {places.engine}, ms"
        yield line(words, first * 1000, None, first / FIRST_BYTE, "<= 200 ms", soon, len(made), rows)
        yield line(
            f"{name}, memory, {places.engine}, MB", peak / 2**20, None, peak / SPARE, "<= 20 MB", peak <= SPARE, len(made), rows
        )
    store.close()


def _fill(store: Store, many: int) -> None:
    sqlite = store.writers.dialect.name == "sqlite"
    count = (
        f"WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < {many})"
        if sqlite
        else f"WITH t AS (SELECT i FROM generate_series(1, {many}) AS i)"
    )
    at = f"({to_us(FIRST)} + (t.i % 8000) * {HOUR})"
    with store.write() as connection:
        run = running(connection)
        run(f"{count} INSERT INTO record (id, source, external_id) SELECT i, 'cases', 'c-' || i FROM t")
        run(f"""{count} INSERT INTO record_version (record_id, known_from, known_to, source, source_rev, department_id, region_id,
            category, opened, due, closed, opened_day, due_day, closed_day, worked_days, state, withdrawn, extra, hash)
            SELECT i, 1, {MAX}, 'cases', 0, 'd0' || (i % 10), 'c0' || (i % 10), 'W0' || (i % 7),
            {at}, {at} + {HOUR * 72}, {at} + {HOUR * 30}, 1, 1, 1, i % 9, 'closed',
            {"0" if sqlite else "false"}, '{{"phone":"13800000000","n":7}}', 'h' FROM t""")
        run("INSERT INTO revision (number, at, recorded_at, kind, actor) VALUES (1, 1, 1, 'collect', '')")
        run("UPDATE head SET number = 1, at = 1")
    with store.writers.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
