"""How fresh data is: by the period it covers, in one table; what never arrived is not healthy."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from metrics import status
from metrics.model import Source

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 5, 4, tzinfo=UTC)
"""12:00 in Chengdu, a Thursday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = datetime(2026, 11, 4, 16, tzinfo=UTC)
"""Its midnight."""


def source(**more):
    given = {"type": "http_json", "gives": "observations", "every": HOUR, "max_age": 2 * DAY, "mapping": {"grain": "day"}, **more}
    return Source("s", {}, department="a", settings={}, **given)


def health(one, outcomes=("ok",), good=NOW, covered=TODAY, now=NOW, settle=timedelta(0), **more):
    due = status.expected(one, covered, settle, ZONE, now)
    return status.health(one, outcomes, good, covered, now, due=due, **more)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "FRESH"),
        ({"suspect": True}, "SUSPECT"),
        ({"paused": True, "outcomes": ("error",), "good": None}, "PAUSED"),
        ({"good": None, "covered": None, "outcomes": ()}, "NEVER"),
        ({"good": None, "covered": None, "outcomes": ("error",)}, "SOURCE_ERROR"),
        ({"covered": None}, "NEVER"),  # it answers each hour, and has never told anything
        ({"outcomes": ("ok", "error"), "good": NOW - 2 * HOUR}, "LATE"),
        ({"outcomes": ("ok", "error"), "good": NOW - 4 * HOUR}, "SOURCE_ERROR"),
        ({"covered": TODAY - DAY}, "LATE"),  # it answers, but yesterday is not in it
        ({"covered": TODAY - DAY, "settle": 13 * HOUR}, "FRESH"),  # which is not due before the afternoon
        ({"covered": TODAY - 2 * DAY}, "STALE"),
        ({"covered": TODAY - 2 * DAY, "suspect": True}, "STALE"),
    ],
)
def test_every_row_of_the_table(given, expected):
    assert health(source(), **given) == expected


def test_the_time_of_writing_makes_nothing_fresh():
    """The same old figures collected again, corrected again: what they cover has not moved."""
    assert [health(source(), covered=TODAY - 5 * DAY, good=NOW - ago * HOUR) for ago in (0, 1)] == ["STALE", "STALE"]


def test_a_month_is_due_when_it_has_ended_and_settled():
    monthly = source(mapping={"grain": "month"}, max_age=75 * DAY)
    october = datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert status.expected(monthly, october, 5 * DAY, ZONE, NOW) == datetime(2026, 12, 5, 17, tzinfo=UTC)
    assert health(monthly, covered=october) == "FRESH"
    september = datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert health(monthly, covered=september) == "LATE"
    assert health(monthly, covered=september, settle=6 * DAY) == "FRESH"


def test_a_file_that_nobody_dropped_makes_its_source_late_though_every_look_ends_well():
    weekly = source(type="files", gives="records", every=None, daily_at="07:10", weekday=0, max_age=DAY, mapping={})
    monday = datetime(2026, 11, 1, 23, 10, tzinfo=UTC)
    assert status.expected(weekly, monday, timedelta(0), ZONE, NOW) == monday + 7 * DAY
    looks = [
        health(weekly, covered=monday, good=NOW + 10 * DAY, now=monday + after)
        for after in (6 * DAY, 7 * DAY + 2 * HOUR, 15 * DAY)
    ]
    assert looks == ["FRESH", "LATE", "STALE"]


def test_what_is_only_filled_back_is_fresh_once_it_has_told_something():
    archive = source(history_only=True)
    assert (health(archive, covered=None, good=None), health(archive, covered=TODAY - 900 * DAY, good=None)) == ("NEVER", "FRESH")


def test_nobody_can_say_when_cases_come_and_when_what_never_came_is_due():
    assert status.expected(source(gives="records"), NOW, timedelta(0), ZONE, NOW) is None
    assert status.expected(source(), None, timedelta(0), ZONE, NOW) is None
