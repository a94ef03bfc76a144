"""What is told of an alert that goes on says how it stands now, whatever was told of it before."""

from dataclasses import replace

import alerts
from alerts import standing
from alerts.store.tables import follow
from metrics.rulebook import Roster
from tests.alerts.orders.test_desk import CHIEF, Office
from tests.alerts.small import DAY, START, Desk, text, workspace
from tests.alerts.test_escalating import called
from tests.alerts.test_telling import HOUR, MINUTE, NOW, many, person, place, route, rows, send, silence, tick, told


def test_it_repeats_the_figure_of_now_its_period_and_its_trend(store):
    desk = Desk(store, place(route(repeat=DAY)))
    desk.put(0, 93)
    send(desk, NOW)
    desk.put(1, 89)
    desk.put(2, 88.5)
    tick(desk, NOW + 2 * DAY + HOUR)
    message = rows(desk)[-1]
    assert (message.kind, message.subject) == ("repeated", "[Reminder still open, nobody has it] on_time, Office A: 88.5%")
    assert "Value: 88.5% (limit: below 95%, 6.5 away)" in message.body
    assert "Period: 3 Mar 2026" in message.body
    assert "Trend: down for 2 periods running: 93.0 → 89.0 → 88.5" in message.body


def test_it_calls_the_next_step_with_the_figure_of_now_after_it_eased(store):
    desk = Desk(store, place(route(escalate=called((2 * HOUR, "mayor"))), receivers=[person("mayor")]))
    desk.put(0, 80)
    send(desk, NOW + DAY)
    desk.put(1, 93)
    tick(desk, NOW + DAY + 3 * HOUR)
    message = rows(desk)[-1]
    assert (message.receiver, message.subject) == ("mayor", "[Reminder escalated] on_time, Office A: 93.0%")
    assert "limit: below 95%" in message.body


def test_it_tells_the_figure_of_now_after_a_silence(store):
    desk = Desk(store, place(route()))
    silence(desk, START, NOW + 3 * DAY)
    desk.put(0, 93)
    desk.put(1, 89)
    tick(desk, NOW + 3 * DAY)
    assert rows(desk)[-1].subject == "[Reminder still open (silence over)] on_time, Office A: 89.0%"


def test_it_repeats_the_alert_and_not_the_order_that_was_withdrawn(store):
    every = route(repeat=12 * HOUR)
    office = Office(store, workspace(routes={every.key: every}))
    order = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    alerts.send_due(office.store, office.workspace, START + 3.3 * DAY)
    office.step(CHIEF, order, "withdrawn", 4, "not needed")
    office.tick(4.1)
    message = rows(office)[-1]
    assert (message.kind, message.order_id) == ("repeated", None)
    assert message.subject == "[Serious still open, nobody has it] on_time, Office A: 80.0%"


def told_to_nobody(**more):
    """Nobody is on duty, nobody stands in, there is no administrator and no log."""
    night = Roster("night", text("Night"))
    mayor = replace(person("mayor"), channel="webhook", settings={"url": "http://127.0.0.1:9/"})
    here = place(route(receivers=("night",), escalate=called((HOUR, "mayor")), **more), receivers=[mayor], rosters=[night])
    return replace(here, receivers={"mayor": mayor})


def test_it_calls_the_next_step_where_nobody_was_told_that_it_began(store):
    desk = Desk(store, told_to_nobody())
    desk.put(0, 93)
    assert told(desk) == []
    tick(desk, NOW + HOUR + MINUTE)
    assert told(desk) == [("mayor", "escalated", "waiting")]
    assert rows(desk)[0].subject == "[Reminder escalated] on_time, Office A: 93.0%"


def test_it_calls_the_next_step_of_the_others_where_one_alert_cannot_be_followed_up(store, monkeypatch):
    desk = Desk(store, told_to_nobody())
    many(desk, 0, {"a": 93, "b": 93})
    of_all = standing.facts

    def all_but_one(connection, workspace, row, kind, stamp):
        if row.id == 1:
            raise LookupError("one of them is broken")
        return of_all(connection, workspace, row, kind, stamp)

    monkeypatch.setattr(standing, "facts", all_but_one)
    tick(desk, NOW + HOUR + MINUTE)
    assert [row.episode_id for row in rows(desk)] == [2]
    assert rows(desk, follow)[0].step == 0, "nothing of it is kept"
    monkeypatch.undo()
    tick(desk, NOW + HOUR + 6 * MINUTE)
    assert [row.episode_id for row in rows(desk)] == [2, 1]
