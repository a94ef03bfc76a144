"""Many figures in one question say what each of them says when asked alone, now and as of an earlier revision."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from metrics import periods, reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Principal
from metrics.reading import many
from metrics.reading.standing import at_revision
from metrics.store.engine import Store
from metrics.store.kept import Summed
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
PLACES = (("_T", "_T", "{}"), ("a", "_T", "{}"), ("_T", "x", "{}"), ("_T", "y1", "{}"))


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    """A week of cases and calls; at revision 3 two days are other than they are now, and one city had not reported."""
    small.put(store, *(small.case(f"{at}-{n}", region=at, day=n, closed=1 + n % 3) for at in ("x1", "y1") for n in range(10)))
    small.put(store, *(small.calls(100 + n, day=n) for n in range(9)))
    small.put(store, *(_answered(40 + n, 50, "x1", n) for n in range(9)), *(_answered(49, 50, "y1", n) for n in (1, 2)))
    small.put(store, small.calls(7, day=8), _answered(10, 50, "x1", 8, source_rev=1))
    small.put(store, *(_answered(49, 50, "y1", n) for n in range(3, 9)), small.case("x1-8", region="x1", day=8, closed=9))
    with store.read() as opened:
        yield opened


def _answered(num: int, den: int, region: str, day: int, **more):
    return small.calls(num, region, day, "answered", den=den, n=den, **more)


def _ask(connection: Connection, who: Principal = WHOLE) -> Ask:
    return Ask(connection, replace(small.workspace(), clock=small.NOW), who, small.NOW)


@pytest.mark.parametrize("revision", [None, 1, 3, 4])
def test_it_gives_for_every_indicator_of_a_place_what_its_own_line_ends_with(
    connection: Connection, revision: int | None
) -> None:
    ask = _ask(connection)
    ask = at_revision(ask, revision) if revision else ask
    keys = list(ask.workspace.indicators)
    for place in PLACES:
        found = many.figures(ask, keys, place)
        assert [cell.series.indicator for cell in found] == keys
        for cell in found:
            series = Series(cell.series.indicator, cell.series.grain, *place)
            alone = [one for one in reading.trend(ask, series) if one.period_start == cell.period_start]
            assert [cell] == reading.marked(ask, alone)


def test_it_gives_nothing_of_what_lies_outside_the_scope(connection: Connection) -> None:
    ask = _ask(connection, CITY)
    assert many.latest(ask, ["opened"], ("_T", "_T", "{}")) == {}
    assert many.latest(ask, ["opened"], ("_T", "y1", "{}")) == {}
    assert set(many.latest(ask, ["opened"], ("_T", "x1", "{}"))) == {"opened"}
    assert [one.key for one in _top(ask, "answered", "county")] == [("_T", "x1", "{}")]
    assert [one.key for one in _top(ask, "opened", "department")] == [], "by department within a city it is not kept"


def _ranked(ask: Ask, key: str, by: str = "county", most: int = 10) -> list[many.Ranked]:
    indicator = ask.workspace.indicators[key]
    return many.top(ask, indicator, "day", (by,), many.recent(ask, indicator, "day", 7), most)


def _top(*asked: Any) -> list[Summed]:
    return [one.unit for one in _ranked(*asked)]


def test_it_ranks_by_sums_over_sums_and_not_by_a_mean_of_rates(connection: Connection) -> None:
    assert [(one.key[1], one.num, one.den, one.periods) for one in _top(_ask(connection), "answered")] == [
        ("y1", 49 * 6, 50 * 6, 6), ("x1", 43 + 44 + 45 + 46 + 47 + 10, 50 * 6, 6),
    ]  # fmt: skip
    assert [(one.key, one.num) for one in _top(_ask(connection), "answered", "department")] == [(("a", "_T", "{}"), 529)]


def test_who_left_out_more_than_coverage_allows_or_has_too_few_cases_does_not_stand_among_them(connection: Connection) -> None:
    ask = _ask(connection)
    then = at_revision(ask, 3)
    assert [one.key[1] for one in _top(then, "answered")] == ["x1"], "y1 had told of no day of these"
    strict = replace(ask.workspace.indicators["answered"], min_n=301)
    ask = replace(ask, workspace=replace(ask.workspace, indicators={**ask.workspace.indicators, "answered": strict}))
    assert _top(ask, "answered") == []


@pytest.mark.parametrize("key", ["answered", "opened", "on_time"])
def test_it_ranks_the_same_as_of_the_newest_revision_as_now(connection: Connection, key: str) -> None:
    ask = _ask(connection)
    newest = replace(ask, revision=reading.head(connection).number)
    assert _top(newest, key) == _top(ask, key) != []
    assert _top(newest, key, "city", 1) == _top(ask, key, "city", 1) != []


def test_a_rate_told_without_its_parts_is_in_no_sum_and_stands_for_no_period(store: Store) -> None:
    """97 % seven times over is not 679 %; nor does one such day add its 97 to the parts of the others."""
    alone = [small.calls(97, "x1", day, "answered") for day in range(3, 10)]
    small.put(store, *alone, *(_answered(40, 50, "y1", day) for day in range(3, 9)), small.calls(99, "y1", 9, "answered"))
    small.put(store, *(_answered(40, 50, "m", day) for day in range(3, 8)), *(small.calls(9, "m", d, "answered") for d in (8, 9)))
    with store.read() as connection:
        now = _ask(connection)
        for ask in (now, replace(now, revision=1), replace(now, revision=reading.head(connection).number)):
            found = [(one.key[1], one.num, one.den, one.periods) for one in _top(ask, "answered")]
            assert found == [("y1", 240, 300, 6)], "m told its parts of five days of seven: too few to be weighed"


@pytest.mark.parametrize("pinned", [False, True])
def test_a_rank_is_among_all_of_the_cut_whoever_asks_and_ties_share_it(store: Store, pinned: bool) -> None:
    days = range(3, 10)
    small.put(store, *(_answered(48, 50, "y1", day) for day in days), *(_answered(48, 50, "x1", day) for day in days))
    small.put(store, *(_answered(24, 50, "m", day) for day in days))
    with store.read() as connection:
        for who, expected in (
            (WHOLE, [("x1", 1, 3), ("y1", 1, 3), ("m", 3, 3)]),
            (CITY, [("x1", 1, 3)]),
            (replace(CITY, regions=("m",)), [("m", 3, 3)]),
        ):
            ask = _ask(connection, who)
            ask = replace(ask, revision=reading.head(connection).number) if pinned else ask
            assert [(one.unit.key[1], one.rank, one.of) for one in _ranked(ask, "answered")] == expected
            assert [one.unit.key[1] for one in _ranked(ask, "answered", "county", 1)] == [expected[0][0]]


@pytest.mark.parametrize("pinned", [False, True])
def test_who_had_no_case_stands_with_nothing_where_the_source_had_answered(store: Store, pinned: bool) -> None:
    small.put(store, small.case("old", day=0), *(small.case(f"x-{n}", region="x1", day=4) for n in range(2)))
    with store.read() as connection:
        ask = _ask(connection)
        ask = replace(ask, revision=reading.head(connection).number) if pinned else ask
        assert [(one.rank, one.of, one.unit.key[1], one.unit.num) for one in _ranked(ask, "opened")] == [
            (1, 3, "x1", 2), (2, 3, "m", 0), (2, 3, "y1", 0),
        ]  # fmt: skip
        assert {one.key[1] for one in _top(ask, "on_time")} == {"x1"}, "of what nothing was due there is no share"


def test_what_stood_earlier_is_ranked_by_what_was_known_then(connection: Connection) -> None:
    ask = _ask(connection)
    assert [one.num for one in _top(at_revision(ask, 3), "answered")] == [sum(range(43, 49))]


def test_it_adds_up_only_what_adds_up(connection: Connection) -> None:
    sums = {key for key, one in small.workspace().indicators.items() if many.adds_up(one)}
    assert sums == {"on_time", "opened", "held", "late", "answered", "share"}


def test_a_week_of_the_calendar_is_what_it_asks_for(connection: Connection) -> None:
    week = many.recent(_ask(connection), small.workspace().indicators["answered"], "day", 7)
    assert week == [periods.to_us(small.DAY + timedelta(days=n)) for n in range(3, 10)]
