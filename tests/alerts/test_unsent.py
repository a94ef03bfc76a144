"""Messages that do not arrive are themselves told, to the administrator: once an outage, again each day it lasts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import alerts
from alerts.store.tables import outbox
from metrics.rulebook import Receiver
from tests.alerts.servers import free_port
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

NOW = START + 3 * DAY
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(store):
    away = {"url": f"http://127.0.0.1:{free_port()}/hook", "secret": "env:HOOK"}
    receivers = [Receiver("away", text("Away"), "webhook", away, "en"), Receiver("administrator", text("Admin"), "log", {}, "en")]
    made = Desk(store, workspace(rule(receivers=("away",)), receivers=receivers))
    made.put(2, 80, at=NOW)
    return made


def send(desk, after):
    alerts.send_due(desk.store, desk.workspace, NOW + after, lambda reference: "secret", jitter=lambda low, high: high)
    with desk.store.read() as connection:
        return [row for row in connection.execute(select(outbox).order_by(outbox.c.id)) if row.kind == "unsent"]


def test_the_administrator_is_told_once_what_waits_and_for_whom(desk):
    assert send(desk, timedelta(0)) == []
    assert send(desk, 4 * MINUTE) == []
    (row,) = send(desk, 6 * MINUTE)
    assert (row.receiver, row.state, row.episode_id) == ("administrator", "sent", None)
    assert "messages do not arrive" in row.subject
    assert "Away" in row.subject
    assert "1 message" in row.body
    assert len(send(desk, 60 * MINUTE)) == 1
    assert len(send(desk, timedelta(hours=25))) == 2, "it lasts: said again the next day"


def test_it_says_nothing_of_itself(desk):
    desk.workspace = workspace(rule(receivers=("away",)), receivers=[
        Receiver("administrator", text("Admin"), "webhook", {"url": "http://127.0.0.1:9/none"}, "en"),
        desk.workspace.receivers["away"],
    ])  # fmt: skip
    for minutes in (0, 6, 30, 70, 200, 500):
        found = send(desk, minutes * MINUTE)
    assert len(found) == 1
