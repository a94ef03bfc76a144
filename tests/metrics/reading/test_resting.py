"""A place without a case has 0 per head and 0 of a share, now and as of any revision: it has reported, and is ranked."""

from datetime import timedelta

import pytest

from metrics import periods, reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Principal
from tests.metrics import small

WHOLE = Principal("u", "u", frozenset({"viewer"}))
DAY9 = periods.to_us(small.DAY + timedelta(days=9))
LATER = small.NOW + timedelta(hours=2)


def ask(connection, **more):
    return Ask(connection, small.workspace(), WHOLE, LATER, **more)


@pytest.fixture(params=[False, True], ids=["never a case", "a case that moved away"])
def told(store, request):
    """County y1 has no case on the ninth day: because there was none, or because it was put right."""
    small.put(store, small.case("1", region="x1", day=9, closed=0.5), small.case("2", region="y1", day=1, closed=0.5))
    if request.param:
        small.put(store, small.case("9", region="y1", day=9))
        small.put(store, small.case("9", region="x1", day=1, source_rev=2))
    small.put(store, *[small.calls(5, region, day=9) for region in ("x1", "y1")])
    small.put(store, small.case("3", day=10), now=LATER)
    return store


@pytest.mark.parametrize("key", ["heads", "share"])
def test_it_is_ranked_with_the_others(told, key):
    with told.read() as connection:
        found = reading.units(ask(connection), key, "county", grain="day", ended_by=small.NOW)
    values = {unit.place.id: (unit.cell and unit.cell.value, unit.rank) for unit in found}
    assert values["y1"] == (0, 2)
    assert values["x1"][1] == 1


def test_what_was_reported_by_nobody_is_still_missing(told):
    with told.read() as connection:
        found = reading.units(ask(connection), "share", "county", grain="day", ended_by=small.NOW)
    assert [unit.state for unit in found if unit.place.id == "m"] == ["nrep"]


@pytest.fixture
def corrected(store):
    """A zero that was shown at the third revision and is none any more."""
    hours = [small.NOW + timedelta(hours=n) for n in range(5)]
    small.put(store, small.case("1", region="y1", day=1, closed=0.5), small.case("9", region="y1", day=9), now=hours[1])
    small.put(store, small.calls(5, "y1", day=9), now=hours[2])
    small.put(store, small.case("9", region="x1", day=9, source_rev=2), now=hours[3])
    small.put(store, small.case("10", region="y1", day=9), now=hours[4])
    return store


@pytest.mark.parametrize("key", ["opened", "share", "heads"])
def test_as_of_shows_the_zero_that_was_shown(corrected, key):
    series = Series(key, "day", "_T", "y1")
    with corrected.read() as connection:
        then = reading.at_revision(ask(connection), 3)
        (shown,) = reading.trend(then, series, 1, until=periods.from_us(DAY9) + timedelta(days=1))
        printed = reading.printed(ask(connection), series, periods.from_us(DAY9), 3)
        passport = reading.passport(ask(connection), printed, None)
    assert (shown.value, printed.values.num) == (0, 0)
    assert passport.reproduced
    assert [one.value for one in passport.course.stood][-2:] == [0, passport.now.value]


def test_the_values_a_derived_figure_is_made_of_name_the_zero(told):
    with told.read() as connection:
        found = reading.entered(ask(connection), Series("share", "day", "_T", "y1"), periods.from_us(DAY9))
    assert [one.cell.value for one in found] == [0, 5]
