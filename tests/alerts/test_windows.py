"""Figures are judged by the version of their definition that is in force for their period, on both engines."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from alerts.evaluate import evaluate
from alerts.store import states
from alerts.store.tables import alert_state, episode
from alerts.windows import course, last_of_each, windows
from metrics.periods import to_us
from metrics.rulebook import Level, Receiver
from metrics.tables import chosen
from metrics.tick import tick
from tests.alerts.small import rule, text
from tests.metrics.redefined import accept, first, on, put, second
from tests.metrics.small import DAY, calls, case

BOUND = (Level("reminder", Decimal(1000), Decimal(900)),)


def judged(made, *, indicator="calls", grain="day", **given):
    many = rule(key="many", indicator=indicator, grain=grain, **{"op": ">", "levels": BOUND, **given})
    return replace(made, rules={"many": many}, receivers={"chief": Receiver("chief", text("Chief"), "log", {}, "en")})


def morning(day):
    """06:00 of the day after, when the figure of a day comes."""
    return DAY + timedelta(days=day + 1, hours=6)


def report(store, workspace, *figures):
    """(day, figure) as they come, each the morning after and settled an hour later."""
    judges = (evaluate(workspace),)
    for day, number in figures:
        put(store, workspace, calls(number, day=day), now=morning(day), judges=judges)
        tick(store, workspace, judges, morning(day) + timedelta(hours=1))


def episodes(store):
    with store.read() as connection:
        return [(row.condition, row.closed, row.definition) for row in connection.execute(select(episode))]


def town(store, *figures, **given):
    made = judged(first(), **given)
    accept(store, made, DAY)
    report(store, made, *figures)
    return made


def test_it_judges_the_figure_of_yesterday_when_a_new_version_counts_from_today(store):
    made = town(store, *((day, 10) for day in range(4)))
    new = second(made, "calls", on(5), tolerance=1)
    accept(store, new, DAY + timedelta(days=5, hours=1))
    report(store, new, (4, 5000))
    assert episodes(store) == [("FIRING", "", 1)]


def test_it_judges_as_before_until_the_day_from_which_a_new_version_counts(store):
    made = town(store, *((day, 10) for day in range(4)), m=2, n=3)
    new = second(made, "calls", on(8), tolerance=1)
    accept(store, new, DAY + timedelta(days=5, hours=1))
    report(store, new, (4, 5000))
    assert episodes(store) == []
    report(store, new, (5, 5000))
    assert episodes(store) == [("FIRING", "", 1)]
    report(store, new, (6, 5000), (7, 5000), (8, 10))
    assert episodes(store) == [("NORMAL", "recovered", 1)]


def test_it_closes_as_corrected_what_a_figure_of_before_the_new_version_no_longer_shows(store):
    made = town(store, (0, 10), (1, 10), (2, 5000))
    new = second(made, "calls", on(3), tolerance=1)
    accept(store, new, DAY + timedelta(days=3, hours=7))
    put(store, new, calls(12, day=2), now=DAY + timedelta(days=3, hours=8), judges=(evaluate(new),))
    assert episodes(store) == [("NORMAL", "corrected", 1)]


def test_it_notes_what_a_correction_of_before_the_new_version_shows_and_folds_each_figure_by_its_own(store):
    made = town(store, *((day, 10) for day in range(3)))
    new = second(made, "calls", on(3), tolerance=1)
    accept(store, new, DAY + timedelta(days=3, hours=7))
    report(store, new, (3, 10), (4, 10))
    put(store, new, calls(5000, day=1), now=morning(4) + timedelta(hours=2), judges=(evaluate(new),))
    assert episodes(store) == [("NORMAL", "retro", 1)]


def test_what_is_pending_starts_afresh_with_the_first_figure_of_a_new_version(store):
    made = town(store, (0, 10), (1, 10), (2, 5000), m=2, n=3)
    new = second(made, "calls", on(3), tolerance=1)
    accept(store, new, DAY + timedelta(days=3, hours=1))
    report(store, new, (3, 5000))
    assert episodes(store) == []
    put(store, new, calls(11, day=0), now=morning(3) + timedelta(hours=2), judges=(evaluate(new),))
    assert episodes(store) == [], "folded again, it is the same"
    report(store, new, (4, 5000))
    assert episodes(store) == [("FIRING", "", 2)]


def test_a_past_by_the_new_version_is_no_news(store):
    """Cases are computed by both; what would have fired by the new one before it counted did not."""
    made = judged(first(), indicator="opened", levels=(Level("reminder", Decimal(2), Decimal(2)),))
    accept(store, made, DAY)
    judges = (evaluate(made),)
    for day in range(6):
        many = [case(f"{day}-{number}", day=day, closed=1) for number in range(2)]
        put(store, made, *many, source="cases", now=morning(day), judges=judges)
    assert episodes(store) == []
    twice = replace(made.indicators["opened"].measure, over=replace(made.indicators["opened"].measure.over, anchor="closed"))
    new = second(made, "opened", on(3), measure=twice)
    accept(store, new, morning(5) + timedelta(hours=1))
    late = [case(f"late-{number}", day=1, closed=1) for number in range(3)]
    put(store, new, *late, source="cases", now=morning(5) + timedelta(hours=2), judges=(evaluate(new),))
    assert [row[1:] for row in episodes(store)] == [("retro", 1)], (
        "day 1 by version 1; day 2, on which version 2 counts 5, is not told"
    )


def test_it_judges_a_month_that_began_before_the_new_version(store):
    monthly = {"grains": ("day", "month")}
    made = judged(first(calls=monthly), grain="month")
    accept(store, made, DAY)
    report(store, made, (0, 10))
    new = second(made, "calls", on(10), tolerance=1)
    accept(store, new, DAY + timedelta(days=10, hours=1))
    march = replace(calls(5000), grain="month", period_start=DAY - timedelta(days=1))
    put(store, new, march, now=DAY + timedelta(days=31, hours=6), judges=(evaluate(new),))
    assert episodes(store) == [("FIRING", "", 1)]
    with store.read() as connection:
        assert {row.definition for row in connection.execute(select(alert_state))} == {1}


def test_a_change_is_measured_like_with_like(store):
    """A reported figure by version 2 has none to be compared with the day before; from the second one on it has."""
    made = town(store, (0, 10), (1, 10), (2, 10), kind="change_last", levels=(Level("reminder", Decimal(50), Decimal(40)),))
    new = second(made, "calls", on(3), tolerance=1)
    accept(store, new, DAY + timedelta(days=3, hours=1))
    report(store, new, (3, 5000))
    assert episodes(store) == []
    report(store, new, (4, 9000))
    assert episodes(store) == [("FIRING", "", 2)]


@pytest.mark.parametrize("until", [3, 5, 9])
@pytest.mark.parametrize("newest", [1, 3, 50])
def test_the_ends_of_many_courses_are_those_of_each(store, until, newest):
    """Of figures by one version, with holes, and of such as cross to a second one."""
    made = town(store, *((day, day) for day in (0, 1, 4, 6, 7)))
    put(store, made, *(calls(day, "y1", day=day) for day in (2, 3, 9)), now=morning(9))
    many = [made]
    new = second(made, "calls", on(5), tolerance=1)
    accept(store, new, morning(9))
    many.append(new)
    with store.read() as connection:
        of = states.series_of(connection, connection.execute(select(chosen.c.series_id).distinct()).scalars())
        for workspace in many:
            start = to_us(DAY + timedelta(days=until))
            wanted = [(number, series, start) for number, series in of.items() if series.indicator in workspace.indicators]
            assert len(wanted) > 3
            found = last_of_each(connection, workspace, wanted, newest)
            for number, series, _ in wanted:
                whole = course(workspace, series, windows(connection, workspace, number, series, start))
                assert found[number, start] == whole[-newest:]
