"""Periods: no gap, no overlap, in local time, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model import MAX, Grain
from metrics.periods import (
    FOREVER,
    bounds,
    day_ordinal,
    day_start,
    from_us,
    label,
    previous,
    starts,
    to_us,
    year_before,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NAMES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "America/Sao_Paulo",  # at midnight
    "Pacific/Apia",  # has no 30 December 2011
]
GRAINS = [grain for grain in get_args(Grain) if grain != "all"]
zones = st.sampled_from(NAMES).map(ZoneInfo)
grains = st.sampled_from(GRAINS)
instants = st.datetimes(datetime(1980, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
LONGEST = {
    "minute5": 5 / 60, "hour": 1, "day": 25, "week": 169, "tenday": 11 * 24 + 1, "month": 31 * 24 + 1, "quarter": 92 * 24 + 1,
    "year": 366 * 24,
}  # fmt: skip
"""In hours."""


@pytest.mark.property
@given(grains, instants, zones)
def test_an_instant_lies_in_its_period_and_the_period_in_itself(grain: Grain, instant: datetime, zone: ZoneInfo) -> None:
    start, end = bounds(grain, instant, zone)
    assert start <= instant < end
    assert start.tzinfo is UTC
    assert end - start <= timedelta(hours=LONGEST[grain])
    assert bounds(grain, start, zone) == (start, end)
    assert bounds(grain, end - timedelta(microseconds=1), zone) == (start, end)


@pytest.mark.property
@given(grains, instants, zones)
def test_periods_follow_each_other_without_gap(grain: Grain, instant: datetime, zone: ZoneInfo) -> None:
    start, end = bounds(grain, instant, zone)
    before = previous(grain, start, zone)
    assert before is not None
    assert bounds(grain, before, zone)[1] == start
    assert previous(grain, end, zone) == start


@pytest.mark.property
@given(st.sampled_from(["minute5", "hour", "day", "week", "month"]), instants, zones, st.integers(1, 60))
def test_starts_are_all_periods_of_a_span(grain: Grain, since: datetime, zone: ZoneInfo, hours: int) -> None:
    until = since + timedelta(hours=hours)
    found = list(starts(grain, since, until, zone))
    assert found[0] <= since
    assert bounds(grain, found[-1], zone)[1] >= until
    assert all(bounds(grain, one, zone)[1] == after for one, after in pairwise(found))


@pytest.mark.property
@given(st.sampled_from(["day", "week", "month", "quarter", "year"]), instants, zones)
def test_long_periods_begin_with_a_local_day(grain: Grain, instant: datetime, zone: ZoneInfo) -> None:
    start = bounds(grain, instant, zone)[0].astimezone(zone)
    just_before = (start.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
    assert just_before.date() < start.date()


@pytest.mark.property
@given(instants, zones)
def test_days_have_numbers(instant: datetime, zone: ZoneInfo) -> None:
    ordinal = day_ordinal(instant, zone)
    assert date.fromordinal(ordinal) == instant.astimezone(zone).date()
    assert day_start(ordinal, zone) == bounds("day", instant, zone)[0]


@pytest.mark.property
@given(st.integers(-(10**16), 10**17))
def test_microseconds_are_exact(us: int) -> None:
    assert to_us(from_us(us)) == us


def test_all_is_one_period() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert bounds("all", now, SHANGHAI) == (datetime(1970, 1, 1, tzinfo=UTC), FOREVER)
    assert (to_us(FOREVER), from_us(MAX)) == (MAX, FOREVER)
    assert previous("all", now, SHANGHAI) is None
    assert year_before("all", now, SHANGHAI) is None
    assert list(starts("all", now, now + timedelta(days=800), SHANGHAI)) == [datetime(1970, 1, 1, tzinfo=UTC)]


def test_days_are_longer_and_shorter_when_the_clocks_change() -> None:
    def hours(year: int, month: int, day: int, zone: ZoneInfo) -> float:
        start, end = bounds("day", datetime(year, month, day, 12, tzinfo=zone), zone)
        return (end - start).total_seconds() / 3600

    assert [hours(2015, 3, 8, NEW_YORK), hours(2015, 11, 1, NEW_YORK), hours(2015, 6, 1, NEW_YORK)] == [23, 25, 24]
    assert [hours(1986, 5, 4, SHANGHAI), hours(1986, 9, 14, SHANGHAI), hours(2026, 5, 4, SHANGHAI)] == [23, 25, 24]


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    start, end = datetime(2015, 11, 1, 5, tzinfo=UTC), datetime(2015, 11, 1, 7, tzinfo=UTC)
    assert list(starts("hour", start, end, NEW_YORK)) == [start, start + timedelta(hours=1)]


def test_a_day_that_never_was_is_no_period() -> None:
    apia = ZoneInfo("Pacific/Apia")
    found = starts("day", datetime(2011, 12, 29, 12, tzinfo=apia), datetime(2012, 1, 1, 12, tzinfo=apia), apia)
    assert [one.astimezone(apia).day for one in found] == [29, 31, 1]


def test_a_year_before() -> None:
    def before(grain: Grain, year: int, month: int, day: int) -> str | None:
        found = year_before(grain, datetime(year, month, day, tzinfo=SHANGHAI).astimezone(UTC), SHANGHAI)
        return found.astimezone(SHANGHAI).strftime("%Y-%m-%d") if found else None

    assert before("day", 2026, 11, 22) == "2025-11-22"
    assert before("day", 2024, 2, 29) is None
    assert before("month", 2024, 2, 1) == "2023-02-01"
    assert before("week", 2026, 11, 16) == "2025-11-17", "both week 47"
    assert before("week", 2026, 12, 28) is None, "2025 has no week 53"
    assert before("quarter", 2026, 10, 1) == "2025-10-01"


NOW = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("grain", "zh", "en", "full_zh", "full_en"),
    [
        ("minute5", "11月16日 08:05", "16 Nov 08:05", "2026年11月16日 08:05", "16 Nov 2026 08:05"),
        ("hour", "11月16日 08:00", "16 Nov 08:00", "2026年11月16日 08:00", "16 Nov 2026 08:00"),
        ("day", "11月16日", "16 Nov", "2026年11月16日", "16 Nov 2026"),
        ("week", "第47周", "week 47", "2026年第47周", "week 47, 2026"),
        ("tenday", "11月中旬", "Nov 11–20", "2026年11月中旬", "Nov 11–20 2026"),
        ("month", "11月", "Nov", "2026年11月", "Nov 2026"),
        ("quarter", "第4季度", "Q4", "2026年第4季度", "Q4 2026"),
        ("year", "2026年", "2026", "2026年", "2026"),
        ("all", "累计", "to date", "累计", "to date"),
    ],
)
def test_labels(grain: Grain, zh: str, en: str, full_zh: str, full_en: str) -> None:
    start = bounds(grain, datetime(2026, 11, 16, 8, 7, tzinfo=SHANGHAI), SHANGHAI)[0]
    assert label(grain, start, SHANGHAI, "zh", NOW) == zh
    assert label(grain, start, SHANGHAI, "en", NOW) == en
    assert label(grain, start, SHANGHAI, "zh") == full_zh
    assert label(grain, start, SHANGHAI, "en") == full_en


def test_the_year_is_there_when_it_is_not_this_one() -> None:
    start = datetime(2025, 10, 1, tzinfo=SHANGHAI).astimezone(UTC)
    assert label("month", start, SHANGHAI, "zh", NOW) == "2025年10月"


@pytest.mark.parametrize(
    ("day", "first", "next", "zh", "en", "year_ago"),
    [
        (date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 11), "2024年2月上旬", "Feb 1–10 2024", date(2023, 2, 1)),
        (date(2024, 2, 11), date(2024, 2, 11), date(2024, 2, 21), "2024年2月中旬", "Feb 11–20 2024", date(2023, 2, 11)),
        (date(2024, 2, 29), date(2024, 2, 21), date(2024, 3, 1), "2024年2月下旬", "Feb 21–end 2024", date(2023, 2, 21)),
        (date(2026, 12, 31), date(2026, 12, 21), date(2027, 1, 1), "2026年12月下旬", "Dec 21–end 2026", date(2025, 12, 21)),
    ],
)
def test_ten_days_end_with_the_month(day: date, first: date, next: date, zh: str, en: str, year_ago: date) -> None:
    start, end = bounds("tenday", datetime.combine(day, time(23, 59), SHANGHAI), SHANGHAI)
    assert [one.astimezone(SHANGHAI) for one in (start, end)] == [
        datetime.combine(one, time(), SHANGHAI) for one in (first, next)
    ]
    assert (label("tenday", start, SHANGHAI, "zh"), label("tenday", start, SHANGHAI, "en")) == (zh, en)
    before = year_before("tenday", start, SHANGHAI)
    assert before is not None
    assert before.astimezone(SHANGHAI).date() == year_ago
