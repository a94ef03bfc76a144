"""A province to measure with: 500 indicators by 21 cities, 40 of them by 13 departments too. The same figures every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from metrics.arrivals import ObservationIn
from metrics.catalogue import Tree, Workspace
from metrics.model import TOTAL, Indicator, Measure, Place, Source
from metrics.rulebook import Level, Rule

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2024, 12, 31, 16, tzinfo=UTC)
"""2025-01-01, 00:00 local."""
CITIES, DEPARTMENTS = 21, 13
BATCH = 10_000
SPLIT_EVERY = 12
"""Every twelfth of 500 indicators is by department too: about 40 of them."""


def world(indicators: int = 500, rules: int = 0) -> Workspace:
    """rules: threshold rules, each on the cities of one indicator."""
    made = [_indicator(number) for number in range(indicators)]
    cities = [_place(f"c{number:02}", level="city") for number in range(CITIES)]
    offices = [_place(f"d{number:02}") for number in range(DEPARTMENTS)]
    source = Source("figures", _name("figures"), "push", "d00", "observations", {}, {}, every=timedelta(days=1))
    cases = Source("cases", _name("cases"), "push", "d00", "records", {}, {}, every=timedelta(days=1), personal=("phone",))
    return Workspace(
        folder=Path("."), key="bench", name=_name("bench"), zone=ZONE, departments=Tree([_place(TOTAL, None), *offices]),
        regions=Tree([_place(TOTAL, None, "province"), *cities]), fields={"work": _name("work")}, units={},
        sources={"figures": source, "cases": cases}, indicators={one.key: one for one in made},
        rules={one.key: one for one in (_rule(number, made[number % indicators]) for number in range(rules))},
        receivers={}, boards={},
    )  # fmt: skip


def figures(indicators: int, day: int) -> Iterator[ObservationIn]:
    """All that is reported of one day, indicator by indicator."""
    start = FIRST + timedelta(days=day)
    for number in range(indicators):
        key, split = f"i{number:03}", number % SPLIT_EVERY == 0
        for city in range(CITIES):
            for office in range(DEPARTMENTS if split else 1):
                num, den = value(number, city, office, day)
                yield ObservationIn(key, "day", start, num, den, den, f"d{office:02}" if split else TOTAL, f"c{city:02}")


def value(number: int, city: int, office: int, day: int) -> tuple[int, int]:
    den = 200 + (number * 31 + city * 17 + office * 7 + day * 3) % 800
    return den - (number * 7 + city * 3 + office * 5 + day * 11) % 97, den


def batches(indicators: int, size: int = BATCH, first: int = 0) -> Iterator[list[ObservationIn]]:
    """Day after day without end, `size` rows at a time: 95 % new, 3 % the same again, 2 % corrections of the batch before."""
    fresh = (row for day in range(first, 100_000) for row in figures(indicators, day))
    before: list[ObservationIn] = []
    again, corrected = size * 3 // 100, size * 2 // 100
    while True:
        rows = [next(fresh) for _ in range(size - (again + corrected if before else 0))]
        made = rows + before[:again]
        made += [replace(row, num=(row.num or 0) - 1, source_rev=1) for row in before[again : again + corrected]]
        yield made
        before = rows


def _indicator(number: int) -> Indicator:
    split = number % SPLIT_EVERY == 0
    cuts = (("city",), ("department",), ("department", "city")) if split else (("city",),)
    return Indicator(
        key=f"i{number:03}", name=_name(f"i{number:03}"), field="work", unit="percent", better="higher", grains=("day",),
        cuts={"day": cuts}, measure=Measure("observed"), source="figures", owner="d00", basis=_name(""), version=1,
        target=Decimal(95), bands={"watch": Decimal(95), "off": Decimal(92)}, feeds=("figures",),
    )  # fmt: skip


def _rule(number: int, one: Indicator) -> Rule:
    cut = ("department", "city") if len(one.cuts["day"]) > 1 else ("city",)
    level = Level("warning", Decimal("40"), Decimal("45"))
    return Rule(f"r{number:05}", _name(f"r{number}"), one.key, "day", cut, "<", (level,), 1, owner="d00")


def _place(id: str, parent: str | None = TOTAL, level: str = "department") -> Place:
    return Place(id, _name(id), parent, level)


def _name(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def as_tuples(rows: Sequence[ObservationIn]) -> list[tuple]:
    """The same figures for a reference that has no nouns."""
    return [
        (one.indicator, one.grain, one.department, one.region, one.dims, int(one.period_start.timestamp()) * 1_000_000,
         one.num, one.den, one.n, one.status, one.source_rev)
        for one in rows
    ]  # fmt: skip
