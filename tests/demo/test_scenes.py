"""What the demo promises to show: it happens in any 45 days, decided by the seed and the day, never by chance of the run."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from demo import calls, cloud
from demo.cases import DOCUMENTS, behind
from demo.life import LOCAL, at
from demo.outages import LONG, away
from demo.servers import totals

DAYS = 45
NOON = datetime(2026, 11, 3, 4, tzinfo=UTC)
WINDOWS = [date(2026, 10, 1), date(2026, 11, 8), date(2027, 2, 20)]
"""First days of a few stretches of 45 days."""


def instants(first, step):
    begin = at(first, 0)
    return [begin + number * step for number in range(int(timedelta(days=DAYS) / step))]


@pytest.mark.parametrize("first", WINDOWS)
@pytest.mark.parametrize("system", sorted(LONG))
def test_each_system_but_the_hotline_is_away_long_enough_to_be_missed(system, first):
    """Three steps of a replay in a row, which are 12 hours without a success: the administrator is told."""
    steps = [away(system, moment) for moment in instants(first, timedelta(hours=4))]
    assert any(all(steps[number : number + 3]) for number in range(len(steps) - 2))
    assert not all(steps)


@pytest.mark.parametrize("system", ["hotline", "documents", "approvals", "cloud"])
def test_each_system_goes_down_for_minutes(system):
    down = [away(system, moment) for moment in instants(date(2026, 11, 1), timedelta(minutes=5))]
    begins = [number for number in range(1, len(down)) if down[number] and not down[number - 1]]
    short = [number for number in begins if not all(down[number : number + 6])]
    assert 5 < len(short) < 30


@pytest.mark.parametrize("first", WINDOWS)
def test_a_department_falls_behind_and_recovers(first):
    weeks = [behind("zrzyt", first + timedelta(days=number)) for number in range(DAYS)]
    turns = {(before, after) for before, after in zip(weeks, weeks[1:], strict=False)}
    assert {(False, True), (True, False)} <= turns
    kept = {True: [], False: []}
    for number in range(365):
        day = first - timedelta(days=number)
        mine = [case for case in DOCUMENTS.born_on(day) if case["department"] == "zrzyt"]
        kept[behind("zrzyt", day)] += [case["finished"] <= case["due"] for case in mine]
    assert sum(kept[True]) / len(kept[True]) < 0.85
    assert sum(kept[False]) / len(kept[False]) > 0.95


@pytest.mark.parametrize("first", WINDOWS)
def test_a_figure_of_yesterday_is_corrected(first):
    days = [first + timedelta(days=number) for number in range(DAYS) if calls.short(first + timedelta(days=number))]
    assert days
    for day in days:
        offered, early = calls.calls(day, at(day + timedelta(days=1), 9 * 3600))
        again, late = calls.calls(day, at(day + timedelta(days=1), 11 * 3600))
        assert offered == again
        assert early / offered < 0.95 < late / again


def test_two_systems_disagree_about_a_month_by_a_little():
    there = next(one for hours in range(100) if not away("totals", one := NOON + timedelta(hours=hours)))
    _, body, _ = totals(lambda: there)("GET", "/totals", {}, b"")
    own = {row["month"]: row["received"] for row in json.loads(body)["months"]}
    first = date(2026, 8, 1)
    hotline = {row["month"]: row["received"] for row in calls.by_month(first, there.date()) if row["city"] == "511700"}
    assert own.keys() == hotline.keys()
    assert len(own) == 3
    for month, mine in own.items():
        assert mine != hotline[month]
    beside = [own[month] / hotline[month] - 1 for month in sorted(own)]
    assert [abs(one) < 0.05 for one in beside] == [True, False, True]
    assert beside[1] > 9_000, "the one between is in another unit, which the door holds back"


def test_an_application_falls_over_again_and_again_and_a_line_fails_now_and_then():
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(DAYS)]
    down = {app: [cloud._outage(app, day) is not None for day in days] for app, _ in cloud.APPLICATIONS}
    weak = down["app17"]
    assert sum(not before and after for before, after in zip(weak, weak[1:], strict=False)) >= 4
    assert any(sum(down[app][number] for app in down) >= 10 for number in range(DAYS))
    up = [cloud.today("app05", at(day, 86_399)) for day in days]
    assert all(answered <= calls and alive <= seconds for calls, answered, seconds, alive in up)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_something_moves_every_twenty_seconds_whatever_is_away(hour):
    begin = datetime(2026, 11, 3, hour, tzinfo=LOCAL)
    seen = [calls.calls(begin.date(), begin + timedelta(seconds=20 * number)) for number in range(1, 500)]
    assert all(after > before for before, after in zip(seen, seen[1:], strict=False))
