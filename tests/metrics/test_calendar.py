"""Working days, with the days worked in exchange for a holiday."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.calendar import CHINA, WEEKDAYS, WorkCalendar

days = st.dates(date(2003, 1, 1), date(2029, 12, 31))
calendars = st.sampled_from([CHINA, WEEKDAYS, CHINA.extended([date(2028, 1, 26)], [date(2028, 1, 29)])])


def test_the_national_day_of_2026() -> None:
    assert not CHINA.is_workday(date(2026, 10, 1)), "Thursday, holiday"
    assert CHINA.is_workday(date(2026, 10, 10)), "Saturday, worked in exchange"
    assert CHINA.working_days(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert CHINA.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CHINA.add_working_days(date(2026, 10, 8), -1) == date(2026, 9, 30)


def test_a_year_without_notice_has_fixed_days_only() -> None:
    assert not CHINA.is_noticed(date(2027, 2, 8))
    assert CHINA.is_workday(date(2027, 2, 8)), "Spring Festival has not been announced"
    assert not CHINA.is_workday(date(2027, 10, 1))
    assert not CHINA.is_workday(date(2027, 1, 2)), "a Saturday"


def test_a_workspace_adds_the_notice_of_a_year() -> None:
    extended = CHINA.extended([date(2027, 2, 8)], [date(2027, 2, 14)])
    assert extended.is_noticed(date(2027, 5, 1))
    assert not extended.is_workday(date(2027, 2, 8))
    assert extended.is_workday(date(2027, 2, 14))
    assert CHINA.is_workday(date(2027, 2, 8)), "the base is as it was"


def test_a_day_given_back_is_worked() -> None:
    assert WorkCalendar(holidays=frozenset({date(2026, 7, 1)})).extended(workdays=[date(2026, 7, 1)]).is_workday(date(2026, 7, 1))


@pytest.mark.property
@given(calendars, days, st.integers(0, 400))
def test_counting_is_the_sum_of_the_days(calendar: WorkCalendar, day: date, span: int) -> None:
    until = day + timedelta(days=span)
    assert calendar.working_days(day, until) == sum(calendar.is_workday(day + timedelta(days=n)) for n in range(1, span + 1))
    assert calendar.working_days(until, day) == -calendar.working_days(day, until)


@pytest.mark.property
@given(calendars, days, st.integers(1, 300))
def test_adding_and_counting_agree(calendar: WorkCalendar, day: date, n: int) -> None:
    later, earlier = calendar.add_working_days(day, n), calendar.add_working_days(day, -n)
    assert calendar.is_workday(later)
    assert calendar.working_days(day, later) == n
    assert calendar.is_workday(earlier)
    assert calendar.working_days(earlier, day) == n - 1 + calendar.is_workday(day)
