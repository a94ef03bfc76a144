"""Many reported figures at once, as sets: staged, set against what is known, closed and added; the same as `placing`.

The statements are written out and run on the bare driver: making ten thousand dicts costs more than storing what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from metrics.arrivals import ObservationIn
from metrics.model import MAX
from metrics.periods import to_us
from metrics.store import reach
from metrics.store.engine import insert, is_sqlite
from metrics.store.reach import Wider

Figures = Mapping[tuple[str, str], tuple[int, Sequence[ObservationIn]]]
"""(indicator, grain) -> version of its definition, and what is reported of it."""
_COLUMNS = "indicator, grain, department_id, region_id, dims, period_start, version, num, den, n, status, reason, source_rev"
_STAGE = """CREATE TEMP TABLE IF NOT EXISTS stage (indicator TEXT, grain TEXT, department_id TEXT, region_id TEXT, dims TEXT,
    period_start BIGINT, version INTEGER, num BIGINT, den BIGINT, n BIGINT, status TEXT, reason TEXT, source_rev BIGINT)"""
_FRESH = """CREATE TEMP TABLE IF NOT EXISTS fresh (indicator TEXT, grain TEXT, feed_id BIGINT, period_start BIGINT,
    version INTEGER, num BIGINT, den BIGINT, n BIGINT, status TEXT, reason TEXT, source_rev BIGINT, kind INTEGER,
    further INTEGER)"""
_SERIES = """s.indicator = t.indicator AND s.grain = t.grain AND s.department_id = t.department_id
    AND s.region_id = t.region_id AND s.dims = t.dims"""
_NEW_SERIES = f"""INSERT INTO series (indicator, grain, department_id, region_id, dims)
    SELECT t.indicator, t.grain, t.department_id, t.region_id, t.dims FROM stage t LEFT JOIN series s ON {_SERIES}
    WHERE s.id IS NULL GROUP BY t.indicator, t.grain, t.department_id, t.region_id, t.dims"""
_NEW_FEEDS = f"""INSERT INTO feed (series_id, source, revision, first_period)
    SELECT DISTINCT s.id, '{{source}}', {{revision}}, {MAX}
    FROM stage t JOIN series s ON {_SERIES}
    LEFT JOIN feed f ON f.series_id = s.id AND f.source = '{{source}}' WHERE f.id IS NULL"""
_SET_AGAINST = f"""INSERT INTO fresh SELECT t.indicator, t.grain, f.id, t.period_start, t.version, t.num, t.den, t.n, t.status,
        t.reason, t.source_rev, CASE WHEN o.feed_id IS NULL THEN 0 WHEN t.source_rev < o.source_rev THEN 2 ELSE 1 END,
        CASE WHEN t.period_start < f.first_period THEN 1 ELSE 0 END
    FROM stage t LEFT JOIN series s ON {_SERIES} LEFT JOIN feed f ON f.series_id = s.id AND f.source = '{{source}}'
    LEFT JOIN observation o ON o.feed_id = f.id AND o.period_start = t.period_start AND o.version = t.version
        AND o.known_to = {MAX} AND o.period_start BETWEEN {{first}} AND {{last}}
    WHERE o.feed_id IS NULL OR o.num {{differs}} t.num OR o.den {{differs}} t.den OR o.n {{differs}} t.n
        OR o.status <> t.status"""
_CLOSE = f"""UPDATE observation SET known_to = {{revision}} WHERE known_to = {MAX}
    AND (period_start, feed_id, version) IN (SELECT period_start, feed_id, version FROM fresh WHERE kind = 1)"""
_ADD = f"""INSERT INTO observation
    (period_start, feed_id, version, known_to, known_from, num, den, n, status, reason, source_rev, run_id)
    SELECT period_start, feed_id, version, {MAX}, {{revision}}, num, den, n, status, reason, source_rev, {{run}}
    FROM fresh WHERE kind < 2 ORDER BY period_start, feed_id"""
_TOLD = """SELECT indicator, grain, period_start, kind, count(*), max(further) FROM fresh
    GROUP BY indicator, grain, period_start, kind"""


_FURTHER = """SELECT s.indicator, s.grain, x.feed_id, x.since, f.first_period FROM (SELECT feed_id, min(period_start) AS since
        FROM fresh WHERE kind < 2 AND further = 1 GROUP BY feed_id) AS x
    JOIN feed f ON f.id = x.feed_id JOIN series s ON s.id = f.series_id"""

Told = tuple[int, int, int]
"""Period, kind (0 new, 1 in place of another, 2 superseded), how many. The same again is not told."""
Given = dict[tuple[str, str], tuple[int, list[Told]]]
"""(indicator, grain) -> how many figures were given of it, and what became of them."""


def store(
    connection: Connection, source: str, figures: Figures, revision: int, run_id: int | None
) -> tuple[Given, dict[tuple[str, str], Wider]]:
    """What became of the figures, and of which indicators a feed reaches further back than before."""
    on_sqlite = is_sqlite(connection)
    given: Given = {}
    rows = list(_rows(figures, given))
    starts = {row[5] for row in rows} or {0}
    asked = {
        "first": min(starts), "last": max(starts),  # the rest of what is known is not looked through
        "source": source.replace("'", "''"), "differs": "IS NOT" if on_sqlite else "IS DISTINCT FROM",
        "revision": int(revision), "run": "NULL" if run_id is None else int(run_id),
    }  # fmt: skip
    empty = "DELETE FROM " if on_sqlite else "TRUNCATE "

    def run(statement: str) -> Any:
        return connection.exec_driver_sql(statement.format(**asked))

    for statement in (_STAGE, _FRESH, f"{empty}stage", f"{empty}fresh"):
        run(statement)
    _stage(connection, on_sqlite, rows)
    run(_SET_AGAINST)
    if run("SELECT 1 FROM fresh WHERE feed_id IS NULL LIMIT 1").first():
        for statement in (_NEW_SERIES, _NEW_FEEDS, f"{empty}fresh", _SET_AGAINST):
            run(statement)
    kinds, reaches = set(), False
    for indicator, grain, start, kind, many, further in run(_TOLD):
        given[indicator, grain][1].append((start, kind, many))
        kinds.add(kind)
        reaches = reaches or (further == 1 and kind < 2)
    if 1 in kinds:
        run(_CLOSE)
    if kinds & {0, 1}:
        run(_ADD)
    since_when: dict[int, int] = {}
    wider: dict[tuple[str, str], Wider] = {}
    if reaches:
        for indicator, grain, feed_id, since, before in run(_FURTHER):
            since_when[feed_id] = since
            wider[indicator, grain] = Wider(since, before).or_(wider.get((indicator, grain)))
        reach.widen(connection, since_when, revision)
    return given, wider


def _rows(figures: Figures, given: Given) -> Iterable[tuple[Any, ...]]:
    """One a place: of several the last."""
    starts: dict[datetime, int] = {}
    for (indicator, grain), (version, many) in figures.items():
        placed: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for row in many:
            start = starts.get(row.period_start)
            if start is None:
                start = starts[row.period_start] = to_us(row.period_start)
            place = (indicator, grain, row.department, row.region, row.dims, start)
            placed[place] = (*place, version, row.num, row.den, row.n, row.status, row.reason, row.source_rev)
        given[indicator, grain] = (len(placed), [])
        yield from placed.values()


def _stage(connection: Connection, on_sqlite: bool, rows: Sequence[tuple[Any, ...]]) -> None:
    if on_sqlite:
        insert(connection, f"INSERT INTO stage ({_COLUMNS})", rows)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        with cursor.copy(f"COPY stage ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE stage")  # else it is planned for as an empty table, and each row looks through all series
