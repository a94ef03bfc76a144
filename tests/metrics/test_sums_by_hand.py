"""Sums, means and what is made of other figures equal a count by hand at every level, with how many cases they rest on and how
many of those that report had reported; now, and as known at any revision."""

import os
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from metrics.arrivals import Batch, ObservationIn
from metrics.asof import figures_as_of
from metrics.ingest import ingest
from metrics.model import POINTS, Measure, Part
from metrics.periods import from_us, to_us
from metrics.store import cells, head
from metrics.store.engine import connect
from metrics.store.runs import RunIn
from tests.metrics import small
from tests.metrics.ledger import ZONE, entering, places
from tests.metrics.small import DAY, NOW, case, indicator
from tests.metrics.test_histories import COUNTIES, OFFICES, REGIONS, fresh

pytestmark = pytest.mark.property
__all__ = ["fresh"]
DAYS = 4
CLOSED, GAP = Part("closed"), Measure("derived_difference", inputs=("on_time", "answered"))
MADE = [
    indicator("minutes", Measure("sum", CLOSED, field="minutes"), grains=("day",)),
    indicator("mean", Measure("mean", CLOSED, field="minutes"), grains=("day",)),
    indicator("reading", Measure("observed"), "calls", feeds=("calls",), grains=("day",)),
    indicator("both", Measure("derived_sum", inputs=("calls", "reading")), None, grains=("day",)),
    indicator("less", Measure("derived_difference", inputs=("calls", "reading")), None, grains=("day",)),
    indicator(
        "gap", Measure("derived_difference", inputs=("on_time", "answered")), None, unit=POINTS, decimals=1, grains=("day",)
    ),
    indicator("grown", Measure("increase", inputs=("reading",)), None, grains=("day",)),
]
WORKSPACE = replace(small.workspace(), indicators={**small.workspace().indicators, **{one.key: one for one in MADE}})

days = st.integers(0, DAYS - 1)
counties, regions = st.sampled_from(COUNTIES), st.sampled_from(REGIONS)
steps = st.one_of(
    st.tuples(st.just("case"), st.sampled_from("123"), st.sampled_from("ab"), counties, days, st.integers(0, 3),
              st.one_of(st.none(), st.integers(0, 50))),
    st.tuples(st.sampled_from(["calls", "reading"]), regions, days, st.one_of(st.none(), st.integers(0, 9))),
    st.tuples(st.just("answered"), counties, days, st.integers(0, 9), st.integers(0, 9)),
)  # fmt: skip


@dataclass
class Hand:
    """What was said, and what it comes to: plain Python."""

    cases: dict[str, tuple] = field(default_factory=dict)
    told: dict[tuple[str, str, date], tuple[int | None, int | None]] = field(default_factory=dict)
    """(indicator, county, day) -> num, den."""
    office: str = "a"

    def amounts(self) -> dict[tuple, list[int]]:
        found: dict[tuple, list[int]] = {}
        for department, county, day, lasted, minutes in self.cases.values():
            closed = on(day + lasted)
            for place in places(department, county, closed) if minutes is not None else ():
                found.setdefault((*place, closed), []).append(minutes)
        return found

    def on_time(self) -> dict[tuple, tuple[int, int]]:
        """Each is due two days after it was opened."""
        found: dict[tuple, tuple[int, int]] = {}
        for department, county, day, lasted, _ in self.cases.values():
            for place in places(department, county, on(day + 2)):
                met, due = found.get((*place, on(day + 2)), (0, 0))
                found[*place, on(day + 2)] = (met + (lasted <= 2), due + 1)
        return found

    def reported(self, key: str) -> dict[tuple, tuple[int, int, int | None, int | None]]:
        """num, den, have, want of those who had reported by then; where nobody of them had a figure that day there is none. What
        is told as it stands is covered by itself: only sums say how many had reported."""
        begun: dict[str, date] = {}
        for one, county, day in sorted(self.told, key=lambda place: place[2]):
            if one == key:
                begun.setdefault(county, day)
        found: dict[tuple, tuple[int, int, int, int]] = {}
        stand: dict[tuple, tuple[int, int, None, None]] = {}
        for day in {day for one, _, day in self.told if one == key}:
            told = {county: self.told[key, county, day] for one, county, then in self.told if (one, then) == (key, day)}
            for county in entering({one: num for one, (num, _) in told.items()}, {one for one in begun if begun[one] <= day}):
                num, den = told.get(county, (None, None))
                for place in set(places(self.office, county, day)):
                    a, b, have, want = found.get((*place, day), (0, 0, 0, 0))
                    found[*place, day] = (a + (num or 0), b + (den or 0), have + (num is not None), want + 1)
            for county, (num, den) in told.items():
                if num is not None:
                    stand[self.office, county, day] = (num, den or 0, None, None)
        return {place: one for place, one in found.items() if one[2]} | stand


def on(day: int) -> date:
    return (DAY + timedelta(days=day)).astimezone(ZONE).date()


def points(value: Fraction) -> int:
    """In tenths, a half away from zero."""
    size = int(abs(value) * 10 + Fraction(1, 2))
    return size if value >= 0 else -size


def least(*parts: tuple) -> tuple:
    known = [one for one in parts if one[1] is not None]
    return min(known, key=lambda one: (one[0] / one[1], *one)) if known else (None, None)


def expected(hand: Hand, key: str) -> dict[tuple, tuple]:
    """(department, region, day) -> num, den, n, have, want."""
    if key in ("minutes", "mean"):
        many = {place: (sum(some), len(some)) for place, some in hand.amounts().items()}
        return {place: (num, n if key == "mean" else None, n, None, None) for place, (num, n) in many.items()}
    calls, reading, answered = (hand.reported(one) for one in ("calls", "reading", "answered"))
    found: dict[tuple, tuple] = {}
    if key in ("both", "less"):
        sign = 1 if key == "both" else -1
        for place in calls.keys() & reading.keys():
            (one, _, *a), (two, _, *b) = calls[place], reading[place]
            found[place] = (one + sign * two, None, None, *least(tuple(a), tuple(b)))
    if key == "grown":
        for (department, region, day), (now, _, *have) in reading.items():
            before = reading.get((department, region, day - timedelta(days=1)))
            if before is not None:
                grown = now - before[0] if now >= before[0] else now
                found[department, region, day] = (grown, None, None, *least(tuple(have), before[2:]))
    if key == "gap":
        for place, (met, due) in hand.on_time().items():
            if place in answered and answered[place][1]:
                num, den, *have = answered[place]
                found[place] = (points(Fraction(100 * met, due) - Fraction(100 * num, den)), None, None, *have)
    return found


def stands(found, key: str) -> dict[tuple, tuple]:
    made = {}
    for ((department, region, _), start), one in found.items():
        if one.num is not None and one.status not in ("M", "N") and (one.n or key not in ("minutes", "mean")):
            day = from_us(start).astimezone(ZONE).date()
            made[department, region, day] = (one.num, one.den, one.n, one.have, one.want)
    return made


@given(history=st.lists(steps, min_size=1, max_size=8), back=st.integers(0, 4), office=OFFICES)
@settings(max_examples=1_000 if os.environ.get("YUNCHA_SOAK") else 40)
def test_every_level_equals_a_count_by_hand_with_what_it_rests_on(fresh, history, back, office):
    store, hand, known = connect(fresh()), Hand(office=office), {0: Hand(office=office)}
    try:
        for number, (kind, *said) in enumerate(history):
            now = NOW + timedelta(hours=number)
            records, observations = [], []
            if kind == "case":
                id, department, county, day, lasted, minutes = said
                extra = {} if minutes is None else {"minutes": minutes}
                records = [case(id, department, county, day, closed=lasted, extra=extra)]
                hand.cases[id] = (department, county, day, lasted, minutes)
            else:
                county, day, num, *den = said
                status = "M" if num is None else "A"
                at = DAY + timedelta(days=day)
                observations = [ObservationIn(kind, "day", at, num, *den, department=office, region=county, status=status)]
                hand.told[kind, county, on(day)] = (num, *den) if den else (num, None)
            source = "cases" if records else "calls"
            ingest(store, WORKSPACE, Batch(source, records, observations), (), now, run=RunIn(source, "collect", now, now, "ok"))
            with store.read() as connection:
                known[head.newest(connection).number] = Hand(dict(hand.cases), dict(hand.told), office)
        wanted = [to_us(DAY + timedelta(days=day)) for day in range(-1, DAYS + 4)]
        with store.read() as connection:
            newest = head.newest(connection).number
            for key in (one.key for one in MADE if one.key != "reading"):
                note(key)
                assert stands(cells.known(connection, key, "day", 1, wanted), key) == expected(hand, key)
                then = max(newest - back, 0)
                found = figures_as_of(connection, WORKSPACE, key, "day", wanted, then, NOW + timedelta(days=2)) if then else {}
                assert stands(found, key) == expected(known[max(one for one in known if one <= then)], key)
    finally:
        store.close()
