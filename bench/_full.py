"""A store of ours that is full: the observations of so many days, written by plain SQL in the order of their keys."""

from __future__ import annotations

from datetime import timedelta

from bench._places import Places, running
from bench._world import CITIES, DEPARTMENTS, FIRST, world
from metrics.model import MAX, TOTAL
from metrics.periods import to_us
from metrics.store.engine import Store

DAY = 86_400_000_000


def full(places: Places, indicators: int, days: int) -> Store:
    """Days 0 to `days` - 1 of every leaf, its levels summed, and 30 days of hours of one indicator."""
    store = places.store()
    workspace = world(indicators)
    rows = []
    for one in workspace.indicators.values():
        cities, offices = [f"c{n:02}" for n in range(CITIES)], [f"d{n:02}" for n in range(DEPARTMENTS)]
        split = len(one.cuts["day"]) > 1
        rows += [(one.key, "day", TOTAL, TOTAL)]
        rows += [(one.key, "day", office, city) for city in cities for office in (offices if split else [TOTAL])]
        rows += [(one.key, "day", office, TOTAL) for office in offices if split]
        rows += [(one.key, "day", TOTAL, city) for city in cities if split]
    rows += [("hourly", "hour", TOTAL, f"c{n:02}") for n in range(CITIES)]
    sqlite = store.writers.dialect.name == "sqlite"
    mark = "?" if sqlite else "%s"
    with store.write() as connection:
        run = running(connection)
        connection.exec_driver_sql(
            f"INSERT INTO series (indicator, grain, department_id, region_id, dims) VALUES ({mark},{mark},{mark},{mark},'{{}}')",
            rows,
        )
        run(f"""INSERT INTO feed (series_id, source) SELECT s.id, 'figures' FROM series s WHERE s.region_id <> '{TOTAL}'
            AND (s.department_id <> '{TOTAL}' OR NOT EXISTS (SELECT 1 FROM series o WHERE o.indicator = s.indicator
            AND o.grain = s.grain AND o.region_id <> '{TOTAL}' AND o.department_id <> '{TOTAL}'))""")
        for grain, many, first, step in (
            ("day", days, to_us(FIRST), DAY),
            ("hour", 720, to_us(FIRST + timedelta(days=days - 30)), DAY // 24),
        ):
            when = (
                f"WITH RECURSIVE t(p, i) AS (SELECT {first}, 0 UNION ALL SELECT p + {step}, i + 1 FROM t WHERE i < {many - 1})"
                if sqlite
                else f"WITH t AS (SELECT {first} + i * {step}::bigint AS p, i FROM generate_series(0, {many - 1}) AS i)"
            )
            den = "200 + (f.id * 31 + t.i * 3) % 800"
            num = f"{den} - (f.id * 7 + t.i * 11) % 97"
            run(f"""{when} INSERT INTO observation (feed_id, period_start, version, known_from, known_to, num, den, n, status)
                SELECT f.id, t.p, 1, 1, {MAX}, {num}, {den}, {den}, 'A' FROM feed f JOIN series s ON s.id = f.series_id, t
                WHERE s.grain = '{grain}' ORDER BY f.id, t.p""")
            den = den.replace("f.id", "s.id")
            num = num.replace("f.id", "s.id")
            run(f"""{when} INSERT INTO chosen (series_id, period_start, version, num, den, n, status, revision, evaluated_at)
                SELECT s.id, t.p, 1, {num}, {den}, {den}, 'A', 1, 1
                FROM series s, t WHERE s.grain = '{grain}' ORDER BY s.id, t.p""")
        run("INSERT INTO revision (number, at, recorded_at, kind, actor) VALUES (1, 1, 1, 'collect', '')")
        run("UPDATE head SET number = 1, at = 1")
    with store.writers.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
    return store
