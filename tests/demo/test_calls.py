from datetime import UTC, date, datetime, timedelta

from demo import calls, drops
from demo.cases import HOTLINE
from demo.life import LOCAL, working

NIGHT = datetime(2026, 11, 3, 19, tzinfo=UTC)


def test_it_moves_within_twenty_seconds_at_any_hour():
    day = date(2026, 11, 3)
    begin = datetime(2026, 11, 3, tzinfo=LOCAL)
    counts = [calls.calls(day, begin + timedelta(seconds=20 * number))[0] for number in range(1, 4320)]
    assert all(after > before for before, after in zip(counts, counts[1:], strict=False))


def test_answered_calls_never_fall_nor_exceed_those_offered():
    day = date(2026, 11, 4)
    counts = [calls.calls(day, NIGHT + timedelta(seconds=7 * number)) for number in range(3000)]
    assert all(answered <= offered for offered, answered in counts)
    assert all(after[1] >= before[1] for before, after in zip(counts, counts[1:], strict=False))


def test_a_month_counts_the_cases_of_that_month():
    made = calls.by_month(date(2026, 10, 1), date(2026, 11, 1))
    born = [case for number in range(31) for case in HOTLINE.born_on(date(2026, 10, 1) + timedelta(days=number))]
    assert sum(row["received"] for row in made) == len(born)
    assert {row["month"] for row in made} == {"2026-10"}
    assert len(made) == 21


def test_a_running_month_is_not_reported():
    assert calls.by_month(date(2026, 11, 1), date(2026, 11, 22)) == []


def test_it_works_by_the_calendar_with_days_made_up():
    assert not working(date(2026, 10, 5))
    assert working(date(2026, 10, 10))
    assert working(date(2026, 11, 23))
    assert not working(date(2026, 11, 22))


def test_an_office_sometimes_sends_nothing():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(300)]
    assert 5 < sum(drops.forgotten("disclosure", day) for day in days) < 50


def test_what_an_office_left_out_is_in_a_later_file():
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(3000)]
    sent = [not drops.forgotten("disclosure", day) for day in days]
    assert all(any(sent[number : number + 4]) for number in range(len(sent) - 4)), "a file tells of five days"
    weeks = [not drops.forgotten("supervision", day) for day in days if day.weekday() == 0]
    assert all(any(weeks[number : number + 3]) for number in range(len(weeks) - 3)), "a list tells of thirty days"
