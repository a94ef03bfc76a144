"""After a new version counts from a day on, what began before goes on by the one that is in force for it. On both engines."""

from datetime import timedelta

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM, Condition, Measure, Part
from metrics.reading import at_revision, changed
from metrics.reading.conflicts import conflicts
from metrics.tick import tick
from tests.metrics.redefined import CLOSED_AT_ALL, SINCE, accept, first, line, on, put, second
from tests.metrics.small import DAY, NOW, calls, case


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


CLOSED = Measure("count", Part("opened", (Condition("closed", "present"),)))


def shared(store):
    """Two cases a day of which one is closed, and ten calls; then `opened` counts closed ones only, from day 3 on."""
    made = first()
    accept(store, made)
    put(store, made, *(case(f"{day}-{n}", day=day, due=0, closed=1 if n else None) for day in range(6) for n in range(2)),
        source="cases")  # fmt: skip
    before = put(store, made, *(calls(10, day=day) for day in range(6))).revision
    new = second(made, "opened", SINCE, measure=CLOSED)
    return new, before, accept(store, new)


def test_a_derived_figure_rests_on_the_version_of_its_inputs_that_is_in_force(store):
    new, before, _ = shared(store)
    in_force = {day: (2 if day < 3 else 1, 10, 1) for day in range(6)}
    assert line(store, new, "share") == in_force
    with store.read() as connection:
        ask = Ask(connection, new, SYSTEM, NOW)
        moved = {one.period_start for one in changed.figures(ask, before).items if one.series.indicator == "share"}
        assert {(start - DAY).days for start in moved} <= {3, 4, 5}, "no figure of before is corrected"
        for day in (0, 4):
            parts = reading.entered(ask, Series("share", "day"), DAY + timedelta(days=day))
            assert [(one.cell.num, one.cell.version) for one in parts] == [(in_force[day][0], 1 if day < 3 else 2), (10, 1)]
    put(store, new, calls(20, day=0))
    assert line(store, new, "share")[0] == (2, 20, 1), "another input that is corrected leaves this one as it was"


def test_a_derived_figure_as_known_before_and_after_rests_on_what_was_accepted_then(store):
    new, before, _ = shared(store)
    assert line(store, new, "share", at=before) == {day: (2, 10, 1) for day in range(6)}
    with store.read() as connection:
        after = reading.printed(Ask(connection, new, SYSTEM, NOW), Series("share", "day"), DAY + timedelta(days=4)).revision
    put(store, new, calls(20, day=0), calls(20, day=4))
    found = line(store, new, "share", at=after)
    assert (found[0], found[4]) == ((2, 10, 1), (1, 10, 1))
    with store.read() as connection:
        ask = at_revision(Ask(connection, new, SYSTEM, NOW), before)
        parts = reading.entered(ask, Series("share", "day"), DAY + timedelta(days=4))
        printed = reading.printed(Ask(connection, new, SYSTEM, NOW), Series("share", "day"), DAY + timedelta(days=4), before)
        again = reading.passport(Ask(connection, new, SYSTEM, NOW), printed, None).again
    assert [(one.cell.num, one.cell.version) for one in parts] == [(2, 1), (10, 1)]
    assert (printed.values.num, printed.values.den, again.num, again.den) == (2, 10, 2, 10)


def test_an_increase_is_the_difference_of_two_readings_by_one_version(store):
    """Cumulative readings that are counted otherwise from day 3 on: the increase of that day is not known."""
    grown = Measure("increase", inputs=("calls",))
    made = first(share={"measure": grown, "unit": "item"})
    accept(store, made)
    put(store, made, *(calls(10 * day, day=day) for day in range(3)))
    new = second(made, "calls", SINCE, tolerance=1)
    accept(store, new)
    put(store, new, *(calls(1000 + day, day=day) for day in (3, 4)))
    assert {day: num for day, (num, _, _) in line(store, new, "share").items()} == {0: None, 1: 10, 2: 10, 3: None, 4: 1}


def disagreeing(store, workspace):
    with store.read() as connection:
        found = conflicts(Ask(connection, workspace, SYSTEM, NOW))
    return {(one.period_start - DAY).days: [(told.source, told.value) for told in one.told] for one in found}


def test_sources_that_disagree_about_days_before_a_new_version_go_on_disagreeing(store):
    made = first()
    accept(store, made)
    for source, number in (("calls", 7), ("calls2", 90)):
        put(store, made, calls(number, day=1), calls(number, day=5), source=source)
    both = [("calls", 7), ("calls2", 90)]
    new = second(made, "calls", SINCE, decimals=0)
    accept(store, new)
    assert disagreeing(store, new) == {1: both, 5: both}, "day 5 as it was reported, until it is reported anew"
    put(store, new, calls(90, day=5))
    assert disagreeing(store, new) == {1: both}
    put(store, new, calls(7, day=1), source="calls2")
    assert disagreeing(store, new) == {}


def test_a_card_without_a_figure_names_the_version_that_is_in_force(store):
    made = first()
    accept(store, made)
    put(store, made, case("1", day=0, due=0, closed=1), source="cases", now=NOW + timedelta(hours=1))
    new = second(made, "on_time", on(40), measure=CLOSED_AT_ALL)
    accept(store, new)
    with store.read() as connection:
        ask = Ask(connection, new, SYSTEM, NOW + timedelta(hours=2))
        assert reading.card(ask, "on_time").cell.version == 1
        assert {cell.version for cell in reading.trend(ask, Series("on_time", "day"))} == {1}
