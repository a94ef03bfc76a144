"""A past period: the last one that had ended by then, on cards, in trends and in rankings alike; zero is not missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from metrics.arrivals import Series
from metrics.reading import card, trend, units
from tests.metrics.reading.test_entered import ask
from tests.metrics.small import DAY, calls, case, put


def test_a_card_is_of_the_last_period_that_had_ended(store):
    put(store, calls(7), calls(9, day=1), calls(4, day=5))
    with store.read() as connection:
        then = card(ask(connection), "calls", ended_by=DAY + timedelta(days=2, hours=5))
    assert then.cell is not None
    assert (then.cell.period_start, then.cell.value) == (DAY + timedelta(days=1), Decimal(9))
    assert then.spark[-2:] == [Decimal(7), Decimal(9)]
    assert then.running is None


def test_a_past_card_is_judged_whatever_its_source_does_today(store):
    put(store, case("1"))
    with store.read() as connection:
        assert card(ask(connection), "opened", ended_by=DAY + timedelta(days=1)).health == "FRESH"


def test_a_trend_and_a_ranking_end_there_too(store):
    put(store, calls(7), calls(9, day=1), calls(4, day=5))
    with store.read() as connection:
        line = trend(ask(connection), Series("calls", "day"), ended_by=DAY + timedelta(days=2))
        ranked = units(ask(connection), "calls", "county", ended_by=DAY + timedelta(days=1))
    assert line[-1].period_start == DAY + timedelta(days=1)
    assert {unit.place.id: unit.cell.value for unit in ranked if unit.cell} == {"x1": Decimal(7)}


def test_a_trend_goes_back_from_its_end_and_not_from_now(store):
    put(store, calls(7), calls(9, day=1), calls(4, day=5))
    with store.read() as connection:
        for pinned in (ask(connection), replace(ask(connection), revision=1)):
            asked = {"since": DAY, "until": DAY + timedelta(days=2)}
            line = trend(pinned, Series("calls", "day", "a", "x1"), 3, **asked)
            assert [(cell.period_start, cell.value) for cell in line] == [(DAY, 7), (DAY + timedelta(days=1), 9)]
            stock = trend(pinned, Series("open", "day"), 2, until=DAY + timedelta(days=4, hours=1))
            assert [cell.period_start for cell in stock] == [DAY + timedelta(days=3), DAY + timedelta(days=4)]


def test_a_day_without_a_case_is_zero_everywhere_and_one_before_the_first_is_missing_everywhere(store):
    put(store, case("1"))
    covered, before = DAY + timedelta(days=3), DAY
    with store.read() as connection:
        for end, value in ((covered, Decimal(0)), (before, None)):
            one = card(ask(connection), "opened", ended_by=end)
            last = trend(ask(connection), Series("opened", "day"), ended_by=end)[-1]
            of_a = next(u for u in units(ask(connection), "opened", "department", sparks=2, ended_by=end) if u.place.id == "a")
            assert (one.cell.value if one.cell else None) == value
            assert one.spark[-1] == value
            assert last.value == value
            assert (of_a.cell.value if of_a.cell else None) == value
            assert of_a.spark[-1] == value
