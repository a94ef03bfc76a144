"""Aims 7 and 8: batches of 10,000 through the one door, against the same batches through the reference.

7 is storing alone (known by revisions, corrections close a row), as the reference does; 8 is the whole door: every level of
`chosen` summed, and a tenth of the indicators judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

import alerts
from bench._pairs import rate
from bench._places import Places
from bench._reference import OnPostgres, OnSqlite
from bench._world import BATCH, FIRST, as_tuples, batches, world
from metrics import recompute
from metrics.arrivals import Batch
from metrics.catalogue import Workspace
from metrics.ingest import ingest
from metrics.model import MAX
from metrics.store.engine import Store
from metrics.store.runs import RunIn
from metrics.tables import observation

NOW = FIRST + timedelta(days=900)
FIRST_DAY = 3
"""Batches in which every series comes for the first time, on both sides; they do not count: a store is begun once."""


def door(store: Store, workspace: Workspace, judges: tuple = ()) -> Callable[[list], object]:
    def put(rows: list) -> object:
        return ingest(store, workspace, Batch("figures", (), rows), judges, NOW, run=RunIn("figures", "collect", NOW, NOW, "ok"))

    return put


@contextmanager
def storing_alone() -> Iterator[None]:
    """The door without its second half, for what is compared with a reference that has none."""
    whole = recompute.after
    recompute.after = lambda *_, **__: []
    try:
        yield
    finally:
        recompute.after = whole


def reference(places: Places) -> Any:
    if places.engine == "sqlite":
        return OnSqlite(places.url().removeprefix("sqlite:///"))
    return OnPostgres(places.url())


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    indicators, size = max(24, int(500 * min(1, scale * 10))), max(100, int(BATCH * min(1, scale * 10)))
    workspace = world(indicators, rules=indicators // 10)
    for aim, name in ((0.6, "7 ingest, storing"), (0.25, "8 ingest, every level and rules judged")):
        store, other = places.store(), reference(places)
        judges = (alerts.evaluate(workspace),) if aim == 0.25 else ()
        put = door(store, workspace, judges)
        given = ((rows, as_tuples(rows)) for rows in batches(indicators, size))
        with storing_alone() if aim == 0.6 else nullcontext():
            made = places.clock.pairs(partial(_take, 1, other.ingest), partial(_take, 0, put), given, warm=FIRST_DAY)
        same = tuple(map(int, other.count())) == _count(store)
        exact = same and (aim == 0.6 or differences(store) == 0)
        yield rate(f"{name}, {places.engine}, rows/s", size, made, aim, exact)
        other.close()
        store.close()


def _take(side: int, put: Callable[[Any], object], batch: tuple[Any, Any]) -> None:
    put(batch[side])


def _count(store: Store) -> tuple[int, int]:
    with store.read() as connection:
        now = connection.execute(select(func.count()).where(observation.c.known_to == MAX)).scalar_one()
        return now, connection.execute(select(func.count()).select_from(observation)).scalar_one()


FRESH = """
WITH leaf AS (SELECT s.indicator, s.department_id, s.region_id, o.period_start, o.num, o.den FROM observation o
    JOIN feed f ON f.id = o.feed_id JOIN series s ON s.id = f.series_id WHERE o.known_to = {max}),
fresh AS (SELECT indicator, department_id, region_id, period_start, num, den FROM leaf
    UNION ALL SELECT indicator, '_T', '_T', period_start, sum(num), sum(den) FROM leaf GROUP BY indicator, period_start
    UNION ALL SELECT indicator, '_T', region_id, period_start, sum(num), sum(den) FROM leaf WHERE department_id <> '_T'
        GROUP BY indicator, region_id, period_start
    UNION ALL SELECT indicator, department_id, '_T', period_start, sum(num), sum(den) FROM leaf WHERE department_id <> '_T'
        GROUP BY indicator, department_id, period_start),
kept AS (SELECT s.indicator, s.department_id, s.region_id, c.period_start, c.num, c.den
    FROM chosen c JOIN series s ON s.id = c.series_id WHERE c.num IS NOT NULL)
SELECT (SELECT count(*) FROM (SELECT * FROM fresh EXCEPT SELECT * FROM kept) AS a)
     + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM fresh) AS b)
"""


def differences(store: Store) -> int:
    """Between `chosen` at every level and a fresh GROUP BY."""
    if store.writers.dialect.name != "sqlite":
        with store.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    with store.read() as connection:
        return connection.exec_driver_sql(FRESH.format(max=MAX)).scalar_one()
