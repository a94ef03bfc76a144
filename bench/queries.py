"""Aims 9 and 10, in a full store: queries beside the raw SQL over `chosen`; queries and ingest with ten times as many rows.

PostgreSQL plans the raw SQL each time, as it does ours: nobody asks twice with the same instants written into the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from bench._full import full
from bench._pairs import PAIRS, cost, rate, say
from bench._places import Places
from bench._world import BATCH, FIRST, batches, figures, world
from bench.ingest import door, storing_alone
from metrics.answers import Ask
from metrics.model import TOTAL, Grain, Principal
from metrics.periods import to_us
from metrics.reading import many
from metrics.reading.standing import kept
from metrics.store.engine import Store

BIG = 10_000_000
WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITIES = Principal("c", "c", frozenset({"viewer"}), regions=tuple(f"c{n:02}" for n in range(21)))
HOUR = 3_600_000_000
JOIN = """SELECT s.department_id, s.region_id, s.indicator, c.period_start, c.num, c.den, c.n, c.status FROM series s
    JOIN chosen c ON c.series_id = s.id WHERE c.version = 1 AND """
AGAIN = 5
"""Of one measurement: a question takes milliseconds."""


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    indicators = 500 if scale >= 0.01 else 24
    a_day = sum(1 for _ in figures(indicators, 0))
    days = [max(10, int(BIG * scale * part / a_day)) for part in (0.1, 1)]
    say(f"filling {places.engine} with {days[0] * a_day:,} and {days[1] * a_day:,} observations")
    small, big = (full(places, indicators, many_days) for many_days in days)
    workspace = world(indicators)
    n = days[1] * a_day
    for name, ours, raw in _questions(workspace, days[1]):
        with big.read() as connection:
            driver: Any = connection.connection.driver_connection
            planned = {} if places.engine == "sqlite" else {"prepare": False}
            made = places.clock.pairs(
                lambda _: [driver.execute(raw, **planned).fetchall() for _ in range(AGAIN)],  # noqa: B023
                lambda _: [ours(Ask(connection, workspace, WHOLE, _now(days[1]))) for _ in range(AGAIN)],  # noqa: B023
            )
        yield cost(f"10 {name}, {places.engine}, ms of {AGAIN}", n, made, 1.5, 0.001 * AGAIN)
    for (name, ours, _), (_, less, _) in zip(
        _questions(workspace, days[1], days[0]), _questions(workspace, days[0]), strict=True
    ):
        with big.read() as one, small.read() as other:
            made = places.clock.pairs(
                lambda _: [less(Ask(other, workspace, WHOLE, _now(days[0]))) for _ in range(AGAIN)],  # noqa: B023
                lambda _: [ours(Ask(one, workspace, WHOLE, _now(days[1]))) for _ in range(AGAIN)],  # noqa: B023
            )
        yield cost(f"10 growth: {name}, {places.engine}, ms of {AGAIN}", n, made, 1.3)
    yield from _into(places, small, big, indicators, days, max(100, int(BATCH * min(1, scale * 10))))
    small.close()
    big.close()


def _now(days: int):
    return FIRST + timedelta(days=days, hours=2)


def _questions(workspace: Any, days: int, span: int = 365) -> list[tuple[str, Callable[[Ask], object], str]]:
    end = to_us(FIRST) + days * 24 * HOUR
    year = [end - 24 * HOUR * back for back in range(min(days, span, 365), 0, -1)]
    hours = [end - HOUR * back for back in range(24, 0, -1)]
    keys = list(workspace.indicators)
    hourly = replace(workspace.indicators["i001"], key="hourly", grains=("hour",), cuts={"hour": (("city",),)})
    known = replace(workspace, indicators={**workspace.indicators, "hourly": hourly})
    week = year[-7:]
    within = "s.region_id IN (" + ", ".join(f"'c{n:02}'" for n in range(21)) + ")"

    def by(who: Principal, ask: Ask) -> Ask:
        return Ask(ask.connection, known, who, ask.now)

    def of_one_city(ask: Ask) -> object:
        return many.latest(by(CITIES, ask), keys, (TOTAL, "c07", "{}"))

    def over_time(ask: Ask, key: str, grain: Grain, starts: list[int]) -> object:
        return kept(by(CITIES, ask), known.indicators[key], grain, starts)

    def best(ask: Ask, key: str, starts: list[int]) -> object:
        return many.top(by(CITIES, ask), known.indicators[key], "day", ("department", "city"), starts)

    return [
        (
            f"latest of {len(keys)}", of_one_city,
            f"{JOIN} s.indicator IN ({', '.join(repr(key) for key in keys)}) AND s.grain = 'day' AND s.department_id = '_T' "
            f"AND s.region_id = 'c07' AND s.dims = '{{}}' AND c.period_start = {year[-1]}",
        ),
        (
            f"{len(year)} days x 21", lambda ask: over_time(ask, "i001", "day", year),
            f"{JOIN} s.indicator = 'i001' AND s.grain = 'day' AND {within} AND c.period_start BETWEEN {year[0]} AND {year[-1]}",
        ),
        (
            "21 regions over 24 h", lambda ask: over_time(ask, "hourly", "hour", hours),
            f"{JOIN} s.indicator = 'hourly' AND s.grain = 'hour' AND {within} "
            f"AND c.period_start BETWEEN {hours[0]} AND {hours[-1]}",
        ),
        (
            "top 10 of 273 over 7 days", lambda ask: best(ask, "i012", week),
            f"""SELECT s.department_id, s.region_id, sum(c.num), sum(c.den) FROM series s JOIN chosen c ON c.series_id = s.id
            WHERE c.version = 1 AND s.indicator = 'i012' AND s.grain = 'day' AND {within} AND s.department_id <> '_T'
            AND c.period_start BETWEEN {week[0]} AND {week[-1]} GROUP BY s.id, s.department_id, s.region_id
            ORDER BY sum(c.num) * 1.0 / sum(c.den) DESC LIMIT 10""",
        ),
    ]  # fmt: skip


def _into(places: Places, small: Store, big: Store, indicators: int, days: list[int], size: int) -> Iterator[dict[str, object]]:
    """Storing the days that follow, into the one and into the other: what arrives alone, then with every level summed."""
    workspace = world(indicators)
    puts = [door(store, workspace) for store in (small, big)]
    coming = [batches(indicators, size, first) for first in days]
    many_rows = days[1] * sum(1 for _ in figures(indicators, 0))
    for name, how in (("storing", storing_alone), ("every level", nullcontext)):
        after = [list(islice(one, PAIRS + 1)) for one in coming]
        with how():
            made = places.clock.pairs(lambda i: puts[0](after[0][i]), lambda i: puts[1](after[1][i]))  # noqa: B023
        said = f"9 ingest, {name}, into {many_rows:,} against {many_rows // 10:,}, {places.engine}, rows/s"
        yield rate(said, size, made, 0.8)
