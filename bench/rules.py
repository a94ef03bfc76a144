"""Aim 11: ten thousand threshold rules with their state kept: a round over all of them, and one of a hundred changed inputs.

The reference is one SQL join of all figures with all thresholds, which keeps no state and says nothing of what changed.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import alerts
from bench._pairs import line
from bench._places import Places
from bench._world import FIRST, world
from bench.ingest import door
from metrics.arrivals import ObservationIn
from metrics.catalogue import Workspace
from metrics.rulebook import Level, Rule
from metrics.store import cells
from metrics.values import CellChange, Values

RULES_EACH = 20
FULL, PART = 0.1, 1 / 20
"""Seconds of a full round, by the wall; what a hundred may cost of it. A full round far below its aim costs little more than the
transaction that both need."""
JOIN = """SELECT count(*) FROM threshold t JOIN chosen c ON c.series_id = t.series_id AND c.period_start = t.period_start
    WHERE c.version = 1 AND c.num < t.bound"""


def rules(indicators: int) -> Workspace:
    """As many rules as the aim on as many figures of the whole province, none of which breaches."""
    plain = world(indicators)
    made = [
        Rule(
            f"{key}.r{n:02}",
            {"zh": "r", "en": "r"},
            key,
            "day",
            (),
            "<",
            (Level("warning", Decimal(1), Decimal(2)),),
            1,
            owner="d00",
        )
        for key in plain.indicators
        for n in range(RULES_EACH)
    ]
    keyed = {key: replace(one, cuts={"day": ()}, unit="item") for key, one in plain.indicators.items()}
    return replace(plain, indicators=keyed, rules={one.key: one for one in made})


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    indicators = max(10, int(500 * min(1, scale * 10)))
    workspace, store = rules(indicators), places.store()
    judge = alerts.evaluate(workspace)
    door(store, workspace, (judge,))(
        [ObservationIn(key, "day", FIRST + timedelta(days=880), 500) for key in workspace.indicators]
    )
    many = indicators * RULES_EACH
    with store.read() as connection:
        stand = list(cells.standing(connection, workspace.indicators, "day", 1, [_at(880)]))
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE threshold (rule INTEGER, series_id BIGINT, period_start BIGINT, bound BIGINT)")
        rows = [(n, one.series_id, one.period_start, 1) for one in stand for n in range(RULES_EACH)]
        mark = "?" if store.writers.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(f"INSERT INTO threshold VALUES ({mark}, {mark}, {mark}, {mark})", rows)

    def round_of(number: int, some: int) -> None:
        """The figures of the next day, so each is judged anew."""
        day = 901 + number
        with store.write() as connection:
            judge(connection, [_changed(one, day) for one in stand[:some]], FIRST + timedelta(days=day + 1))

    def joined(_: int) -> None:
        with store.read() as connection:
            connection.exec_driver_sql(JOIN).scalar()

    few = max(1, 100 // RULES_EACH)
    whole = places.clock.pairs(joined, lambda number: round_of(2 * number, len(stand)))
    part = places.clock.pairs(
        lambda number: round_of(100 + 2 * number, len(stand)), lambda number: round_of(101 + 2 * number, few)
    )
    took, reference = (statistics.median(pair[side].wall for pair in whole) for side in (1, 0))
    yield line(
        f"11 a full round of {many:,} rules, {places.engine}, ms", took * 1000, reference * 1000, took / reference,
        "<= 100 ms", took <= FULL, len(whole), many,
    )  # fmt: skip
    mine, all_ = (statistics.median(pair[side].cpu for pair in part) for side in (1, 0))
    ratio = statistics.median(b.cpu / a.cpu for a, b in part)
    yield line(
        f"11 of 100 changed inputs, {places.engine}, ms", mine * 1000, all_ * 1000, ratio,
        f"<= {PART} of a full round, or of {FULL * 1000:g} ms", ratio <= max(PART, few / len(stand)) or mine <= PART * FULL,
        len(part), 100,
    )  # fmt: skip
    store.close()


def _at(day: int) -> int:
    return int((FIRST + timedelta(days=day)).timestamp()) * 1_000_000


def _changed(one: Any, day: int) -> CellChange:
    from metrics.arrivals import Series

    values = Values(500 + day % 7, None, None, None, "A")
    return CellChange(one.series_id, Series(one.indicator, "day", *one.key), _at(day), 1, None, values, True)
