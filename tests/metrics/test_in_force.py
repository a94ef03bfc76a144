"""After a new version counts from a day on, what began before goes on by the one that is in force for it. On both engines."""

from datetime import timedelta

from metrics.model import Condition, Measure, Part
from metrics.tick import tick
from tests.metrics.redefined import CLOSED_AT_ALL, SINCE, accept, first, line, on, put, second
from tests.metrics.small import DAY, case


def lived(store, workspace, first_day, days, judges=()):
    """Time passes, an hour at which nobody works and one at which all do."""
    for hour in range(24 * first_day, 24 * (first_day + days), 6):
        tick(store, workspace, judges, DAY + timedelta(hours=hour))


def test_a_month_that_began_before_counts_the_due_dates_that_pass_and_is_judged_by_them(store):
    made = first()
    accept(store, made, DAY)
    put(store, made, case("1", day=0, due=8), source="cases", now=DAY + timedelta(days=1))
    lived(store, made, 1, 2)
    new = second(made, "on_time", SINCE, measure=CLOSED_AT_ALL)
    accept(store, new, DAY + timedelta(days=3))
    seen = []
    lived(store, new, 3, 33, (lambda connection, changes, now: seen.extend(changes),))
    assert line(store, new, "on_time", grain="month", now=DAY + timedelta(days=36)) == {-1: (0, 1, 1)}
    whole = [one for one in seen if (one.series.indicator, one.series.grain) == ("on_time", "month") and one.settled]
    assert {(one.version, one.new.num, one.new.den) for one in whole} >= {(1, 0, 1)}


def test_a_stock_goes_on_by_the_version_that_is_in_force_until_the_day_of_the_new_one(store):
    made = first()
    accept(store, made, DAY)
    put(store, made, case("1", day=0), source="cases", now=DAY + timedelta(days=1))
    new = second(made, "open", on(6), measure=Measure("open", Part(None, (Condition("signed", "present"),))))
    accept(store, new, DAY + timedelta(days=1, hours=1))
    put(store, new, case("2", day=1), source="cases", now=DAY + timedelta(days=2))
    lived(store, new, 2, 6)
    found = line(store, new, "open", now=DAY + timedelta(days=7, hours=20))
    assert {day: (num, version) for day, (num, _, version) in found.items() if day > 1} == {
        2: (2, 1), 3: (2, 1), 4: (2, 1), 5: (2, 1), 6: (0, 2), 7: (0, 2),
    }  # fmt: skip


def test_a_case_that_comes_late_counts_where_the_earlier_version_puts_it(store):
    """By its due date then, by the day it was opened now."""
    made = first()
    accept(store, made, DAY)
    put(store, made, case("1", day=0, due=1, closed=2), source="cases")
    new = second(made, "on_time", SINCE, measure=Measure("ratio", Part("opened"), CLOSED_AT_ALL.of))
    accept(store, new)
    put(store, new, case("2", day=0, due=1, closed=0.5), source="cases")
    assert line(store, new, "on_time")[1] == (1, 2, 1)
