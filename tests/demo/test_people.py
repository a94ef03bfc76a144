"""What the demo's people do, by the functions everybody has, at the instants they are called with."""

from datetime import UTC, datetime, timedelta

import pytest

import alerts
from demo import people
from demo.life import LOCAL, working
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.replay import resume_at
from metrics.store import head
from settings import from_environment
from tests.alerts.small import DAY, START, Desk
from worker import _named


@pytest.fixture
def desk(store):
    return Desk(store, kind="replay")


def fire(desk, alerts, then=lambda now: None):
    """Alerts of office A that each stand for five days."""
    for day in range(7 * alerts):
        desk.put(day, 80 if day % 7 < 5 else 99)
        for hour in (3, 9):
            then(START + (day + 1) * DAY + timedelta(hours=hour))


def all_alerts(desk, now):
    with desk.store.read() as connection:
        return list(alerts.inbox(Ask(connection, desk.workspace, SYSTEM, now), open_only=False, limit=500))


def test_most_are_taken_on_some_late_and_some_never(desk):
    fire(desk, 14, lambda now: people.attend(desk.store, desk.workspace, now, "replay"))
    rows = all_alerts(desk, START + 150 * DAY)
    taken = [row for row in rows if row.acknowledged_by]
    assert len(rows) == 14
    assert 6 < len(taken) < 14
    assert [row for row in rows if not row.seen_by]
    assert [row for row in rows if row.seen_by and not row.acknowledged_by]
    assert len({row.acknowledged_at - row.fired_at for row in taken}) > 2
    assert len({row.comment for row in taken} - {""}) > 1


def test_nobody_acts_before_the_alert_nor_outside_of_work(desk):
    fire(desk, 8)
    for row in all_alerts(desk, START + 90 * DAY):
        plan = people.course(row)
        for when in (plan.looks, plan.takes):
            if when is not None:
                local = when.astimezone(LOCAL)
                assert when > row.fired_at
                assert working(local.date())
                assert 8 <= local.hour < 18


def test_the_same_alert_meets_the_same_person_again(desk):
    fire(desk, 5)
    rows = all_alerts(desk, START + 90 * DAY)
    assert [people.course(row) for row in rows] == [people.course(row) for row in rows]


def test_each_step_is_made_once(desk):
    desk.put(0, 99)
    for day in range(1, 9):
        desk.put(day, 80, "ab"[day % 2])
    now = START + 60 * DAY
    assert people.act(desk.store, desk.workspace, now, "replay") > 1
    assert people.act(desk.store, desk.workspace, now, "replay") == 0


def test_a_replay_goes_on_after_what_people_did_in_it_and_not_after_live_people(desk):
    fire(desk, 5)
    desk.put(36, 80)
    now = START + 60 * DAY
    people.act(desk.store, desk.workspace, now, "replay")
    with desk.store.read() as connection:
        assert resume_at(connection, START) == now
        assert "person" not in head.kinds(connection)


def test_a_night_and_a_holiday_end_in_the_morning_after():
    night = datetime(2026, 9, 30, 14, tzinfo=UTC)
    assert people.at_work(night).astimezone(LOCAL).date().isoformat() == "2026-10-08"
    noon = datetime(2026, 11, 3, 4, tzinfo=UTC)
    assert people.at_work(noon) == noon


def test_the_worker_knows_them_only_by_a_setting():
    assert from_environment({}).after_step == ""
    assert _named(from_environment({"YUNCHA_AFTER_STEP": "demo.people:act"}).after_step) is people.act
    assert _named("")(None, None, START, "person") is None
