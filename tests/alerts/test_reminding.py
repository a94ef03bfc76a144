"""Offices are reminded of what they owe: before the deadline, on its last day and after it, once each, by the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

import alerts
from alerts import reminding, silencing
from alerts.store.tables import alert_event, attempt, outbox, reminder
from collectors import _duties
from collectors._take import Door, take
from metrics.arrivals import Batch, ObservationIn
from metrics.model import Principal
from metrics.rulebook import Match, Receiver
from metrics.store import head
from metrics.tables import revision
from tests.receive.conftest import town

PLACE = {"channel": "log", "settings": {"link": "https://yuncha.example"}}
DESKS = (
    Receiver(key="desk", name={"zh": "大厅值班", "en": "The hall's desk"}, department="hall", **PLACE),
    Receiver(key="english", name={"zh": "大厅外事", "en": "The hall's guest"}, department="hall", language="en", **PLACE),
    Receiver(key="roads", name={"zh": "道路", "en": "Roads"}, department="roads", **PLACE),
)
BEGINS = datetime(2026, 5, 3, 16, 0, tzinfo=UTC)
"""Monday 4 May, 00:00 in the town: April is due by the end of the 5th, and Sunday the 3rd is no working day."""


@pytest.fixture
def workspace():
    return replace(town(), receivers={one.key: one for one in DESKS})


@pytest.fixture
def remind(store, workspace):
    with store.write() as connection:
        head.ensure(connection)

    def at(now: datetime, **more: Any) -> int:
        return alerts.remind(store, more.pop("workspace", workspace), now, _duties.deadlines, _duties.missing, **more)

    return at


def rows(store, table):
    with store.read() as connection:
        return connection.execute(select(table).order_by(*table.primary_key.columns)).all()


def hand_in(store, workspace, *places: tuple[str, str, str]) -> None:
    given = [
        ObservationIn(key, "month", datetime(2026, 3, 31, 16, 0, tzinfo=UTC), 90, 100 if key == "satisfied" else None,
                      department=department, region=region)
        for key, department, region in places
    ]  # fmt: skip
    door, now = Door(store, workspace, ()), BEGINS - timedelta(hours=1)
    take(door, workspace.sources["reports"], Batch("reports", observations=given), now, kind="upload", actor="clerk", sha="")


def test_an_office_is_reminded_before_on_and_after_the_deadline_once_each_in_its_language(store, workspace, remind):
    assert remind(BEGINS - timedelta(seconds=1)) == 0  # Sunday
    for hours in (0, 1, 23, 24, 25, 47, 48, 49, 24 * 9, 24 * 10):
        remind(BEGINS + timedelta(hours=hours))
    assert [one.stage for one in rows(store, reminder)] == ["after", "before", "on"]
    assert {(one.owed, one.expected) for one in rows(store, reminder)} == {(3, 3)}
    told = rows(store, outbox)
    assert [(one.kind, one.receiver, one.episode_id) for one in told] == [
        (f"owed_{stage}", desk, None) for stage in ("before", "on", "after") for desk in ("desk", "english")
    ]
    assert told[0].subject == "【提醒·填报期限临近】大厅月报 政务大厅 待报 3 项"
    assert told[5].subject == "[Warning figures are overdue] Monthly report of the hall, Service hall: 3 owed"
    assert "期限：2026-05-05（当天有效）" in told[0].body.splitlines()
    assert "Due by: 2026-05-05 (end of the day)" in told[1].body.splitlines()
    assert "Owed: 3 / 3" in told[1].body.splitlines()
    assert "统计期：2026年4月" in told[0].body.splitlines()
    assert [one.kind for one in rows(store, alert_event)] == ["owed_before", "owed_on", "owed_after"]
    assert [one.kind for one in rows(store, revision)] == ["tick"] * 3


def test_what_was_handed_in_is_not_reminded_of(store, workspace, remind):
    hand_in(store, workspace, ("satisfied", "hall", "east"), ("satisfied", "hall", "west"))
    assert remind(BEGINS) == 1
    assert "待报 1 项" in rows(store, outbox)[0].subject
    hand_in(store, workspace, ("trained", "hall", "_T"))
    assert remind(BEGINS + timedelta(days=1)) == remind(BEGINS + timedelta(days=2)) == 0
    assert len(rows(store, outbox)) == 2
    assert [(one.stage, one.owed) for one in rows(store, reminder)] == [("after", 0), ("before", 1), ("on", 0)]


def test_after_a_time_without_us_only_the_newest_reminder_is_given_and_none_of_old_periods(store, remind):
    assert remind(BEGINS + timedelta(days=3)) == 1
    assert [one.stage for one in rows(store, reminder)] == ["after"]  # of April; March is long past
    assert remind(BEGINS + timedelta(days=3)) == 0


def test_a_reminder_goes_out_like_any_other_message(store, workspace, remind):
    remind(BEGINS)
    done = alerts.send_due(store, workspace, BEGINS + timedelta(seconds=1))
    assert (done.sent, done.dead) == (2, 0)
    assert [one.state for one in rows(store, outbox)] == ["sent", "sent"]
    assert [one.outcome for one in rows(store, attempt)] == ["sent", "sent"]
    assert alerts.send_due(store, workspace, BEGINS + timedelta(days=1)).sent == 0


def test_two_that_wait_for_the_same_desk_become_one_message_with_the_newest_word(store, workspace, remind):
    remind(BEGINS)
    remind(BEGINS + timedelta(days=1))
    assert alerts.send_due(store, workspace, BEGINS + timedelta(days=1, seconds=1)).sent == 2
    carried = rows(store, outbox)[0]
    assert "填报最后一天" in carried.body
    assert "/upload/reports" in carried.body


def test_a_silence_keeps_it_back_and_drops_it(store, workspace, remind):
    boss = Principal("boss", "boss", frozenset({"supervisor"}))
    with store.write() as connection:
        quiet = Match(departments=("hall",), about="data")
        silencing.silence(connection, boss, quiet, BEGINS, BEGINS + timedelta(hours=2), "office closed", BEGINS)
    remind(BEGINS)
    assert {one.state for one in rows(store, outbox)} == {"held"}
    with store.write() as connection:
        alerts.tick(connection, workspace, BEGINS + timedelta(hours=3))
    assert {one.state for one in rows(store, outbox)} == {"dropped"}


def test_in_a_replay_nobody_is_called(store, workspace, remind):
    remind(BEGINS, kind="replay")
    assert {(one.state, one.channel) for one in rows(store, outbox)} == {("sent", "log")}
    assert alerts.send_due(store, workspace, BEGINS + timedelta(days=1)).sent == 0


def test_an_office_without_a_desk_has_the_administrator_told(store, workspace, remind):
    administrator = replace(DESKS[2], key="administrator", department="")
    remind(BEGINS, workspace=replace(workspace, receivers={"roads": DESKS[2], "administrator": administrator}))
    assert [one.receiver for one in rows(store, outbox)] == ["administrator"]


def test_nothing_half_is_kept_when_writing_fails(store, workspace, remind, monkeypatch):
    monkeypatch.setattr(reminding.outbox, "tell", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        remind(BEGINS)
    monkeypatch.undo()
    assert rows(store, reminder) == rows(store, alert_event) == []
    assert remind(BEGINS) == 1
