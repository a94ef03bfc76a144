"""Who is told when nobody has it: the next step, repeats and reminders."""

from dataclasses import replace

import pytest

import alerts
from metrics.periods import to_us
from metrics.rulebook import Escalation, Match, Receiver, Roster
from tests.alerts.servers import free_port
from tests.alerts.small import DAY, US, Desk, text
from tests.alerts.test_telling import HOOK, HOUR, MINUTE, NOW, hook, many, person, place, route, rows, send, tick, told


def called(*after):
    return tuple(Escalation(span, (name,)) for span, name in after)


def climbing(**more):
    steps = called((2 * HOUR, "director"), (4 * HOUR, "mayor"))
    return place(route(escalate=steps, **more), receivers=[person("director"), person("mayor")])


def test_it_calls_the_next_step_by_working_time_since_the_first_delivery_until_somebody_has_it(store):
    desk = Desk(store, climbing())
    desk.put(0, 93)
    tick(desk, NOW + 3 * HOUR)
    assert told(desk) == [("chief", "firing", "waiting")], "nobody has got it yet"
    send(desk, NOW + 3 * HOUR)
    tick(desk, NOW + 4 * HOUR)
    assert len(told(desk)) == 1
    tick(desk, NOW + 5 * HOUR + MINUTE)
    assert told(desk)[1:] == [("director", "escalated", "waiting")]
    assert "Told before" in rows(desk)[1].body
    tick(desk, NOW + 8 * HOUR)
    tick(desk, NOW + 9 * HOUR)
    assert [row[0] for row in told(desk)] == ["chief", "director", "mayor"]


def test_it_calls_step_2_once_and_step_3_on_time_when_killed_in_the_middle__F07(store):
    desk = Desk(store, climbing())
    desk.put(0, 93)
    send(desk, NOW)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="killed"), store.write() as connection:
            killed_in_the_middle(connection, desk)
    for hours in (2, 2, 3, 4, 4, 5):
        tick(desk, NOW + hours * HOUR + MINUTE)
    assert [(row[0], row[1]) for row in told(desk)] == [("chief", "firing"), ("director", "escalated"), ("mayor", "escalated")]


def killed_in_the_middle(connection, desk):
    alerts.tick(connection, desk.workspace, NOW + 2 * HOUR + MINUTE)
    raise RuntimeError("killed in the middle of the step")


@pytest.mark.parametrize("lost", ["dead at once", "tried in vain"])
def test_it_calls_the_next_step_also_where_nobody_gets_the_message(store, lost):
    """Two hours after it was known that the first line is lost: at once, or ten minutes later."""
    gone = Receiver("gone", text("Gone"), "pigeon", {}) if lost == "dead at once" else hook(HOOK.format(free_port()), "gone")
    known = NOW if lost == "dead at once" else NOW + 10 * MINUTE
    steps = called((2 * HOUR, "mayor"))
    desk = Desk(store, place(route(receivers=("gone",), escalate=steps), receivers=[gone, person("mayor")]))
    many(desk, 0, {"a": 93, "b": 93})
    for at in (NOW, NOW + HOUR, known + 2 * HOUR - MINUTE):
        send(desk, at)
        tick(desk, at)
    assert {row[0] for row in told(desk)} == {"gone"}
    tick(desk, known + 2 * HOUR + MINUTE)
    assert told(desk)[2:] == [("mayor", "escalated", "waiting")] * 2
    assert ("not delivered" in rows(desk)[-1].body) == (lost == "dead at once")


def test_it_tells_the_administrator_where_nobody_is_on_duty_for_the_next_step(store):
    steps = called((2 * HOUR, "night"))
    desk = Desk(
        store, place(route(escalate=steps), receivers=[person("administrator")], rosters=[Roster("night", text("Night"))])
    )
    desk.put(0, 93)
    send(desk, NOW)
    tick(desk, NOW + 3 * HOUR)
    assert told(desk)[-1] == ("administrator", "escalated", "waiting")


def risen(desk):
    """Mild on Sunday, serious on Monday, both delivered."""
    mild = route("mild", match=Match(levels=("reminder",)))
    grave = route("grave", match=Match(levels=("serious",)), repeat=4 * HOUR, escalate=called((2 * HOUR, "mayor")))
    desk.use(place(mild, grave, receivers=[person("mayor")]))
    desk.put(0, 93)
    send(desk, NOW)


def follow_for_nine_hours(desk):
    for hours in range(10):
        tick(desk, NOW + DAY + hours * HOUR + MINUTE)
        send(desk, NOW + DAY + hours * HOUR + MINUTE)


def test_it_follows_up_an_alert_that_rose_to_the_level_of_a_route_from_when_that_was_delivered(store):
    desk = Desk(store)
    risen(desk)
    desk.put(1, 80)
    send(desk, NOW + DAY)
    tick(desk, NOW + DAY + HOUR)
    assert [row[:2] for row in told(desk)] == [("chief", "firing"), ("chief", "severity_up")]
    follow_for_nine_hours(desk)
    later = [row[:2] for row in told(desk)][2:]
    assert later == [("mayor", "escalated"), ("chief", "repeated"), ("mayor", "repeated")]


def test_it_calls_the_next_step_also_where_nobody_gets_the_message_that_it_rose(store):
    """The milder level was delivered; that says nothing of the graver one."""
    mild = route("mild", match=Match(levels=("reminder",)))
    grave = route("grave", ("gone",), match=Match(levels=("serious",)), escalate=called((2 * HOUR, "mayor")))
    desk = Desk(store, place(mild, grave, receivers=[Receiver("gone", text("Gone"), "pigeon", {}), person("mayor")]))
    desk.put(0, 93)
    send(desk, NOW)
    desk.put(1, 80)
    follow_for_nine_hours(desk)
    assert [row for row in told(desk) if row[0] != "chief"] == [("gone", "severity_up", "dead"), ("mayor", "escalated", "sent")]


def test_it_follows_up_nothing_while_an_alert_is_milder_than_the_route_asks_and_waits_anew_when_it_rises_again(store):
    desk = Desk(store)
    risen(desk)
    desk.put(1, 80)
    send(desk, NOW + DAY)
    desk.put(1, 93, at=NOW + DAY + HOUR)
    follow_for_nine_hours(desk)
    assert [row[:2] for row in told(desk)][2:] == []
    desk.put(2, 80, at=NOW + 2 * DAY)
    send(desk, NOW + 2 * DAY)
    tick(desk, NOW + 2 * DAY + HOUR)
    assert [row[:2] for row in told(desk)][2:] == [("chief", "severity_up")]
    tick(desk, NOW + 2 * DAY + 2 * HOUR + MINUTE)
    assert told(desk)[-1] == ("mayor", "escalated", "waiting")


def test_it_goes_on_with_the_steps_of_a_milder_route_where_an_alert_became_worse(store):
    mild = route("mild", match=Match(levels=("reminder",)), escalate=called((2 * HOUR, "mayor")))
    desk = Desk(store, place(mild, route("grave", match=Match(levels=("serious",))), receivers=[person("mayor")]))
    desk.put(0, 93, at=NOW + DAY)
    send(desk, NOW + DAY)
    desk.put(1, 80)
    tick(desk, NOW + DAY + 2 * HOUR + MINUTE)
    assert told(desk)[-1] == ("mayor", "escalated", "waiting")


def test_it_leaves_alone_whoever_took_it_on_before_it_rose(store):
    desk = Desk(store)
    risen(desk)
    acknowledge(desk, NOW + HOUR)
    desk.put(1, 80)
    follow_for_nine_hours(desk)
    assert [row[:2] for row in told(desk)] == [("chief", "firing"), ("chief", "severity_up")]


def test_it_repeats_until_somebody_has_it_and_stops_then(store):
    desk = Desk(store, place(route(repeat=4 * HOUR)))
    desk.put(0, 93)
    send(desk, NOW)
    for hours in range(1, 10):
        tick(desk, NOW + hours * HOUR)
    assert [row[1] for row in told(desk)] == ["firing", "repeated", "repeated"]
    acknowledge(desk, NOW + 10 * HOUR)
    for hours in range(11, 30):
        tick(desk, NOW + hours * HOUR)
    assert [row[1] for row in told(desk)] == ["firing", "repeated", "repeated"]
    desk.put(2, 99)
    assert told(desk)[-1] == ("chief", "recovered", "waiting"), "the end is told all the same"


def test_it_repeats_to_whom_the_route_told_as_often_as_each_route_says(store):
    """The chief is meant by both, and told by the first; the mayor by a route that repeats nothing, the clerk by a slower one."""
    routes = (
        route("once", ("mayor", "chief")), route("often", ("chief", "director"), repeat=2 * HOUR),
        route("daily", ("clerk",), repeat=5 * HOUR),
    )  # fmt: skip
    desk = Desk(store, place(*routes, receivers=[person("mayor"), person("director"), person("clerk")]))
    desk.put(0, 93)
    follow_the_first_day(desk, 6)
    again = [(row.receiver, (row.created_at - to_us(NOW)) // (HOUR // US)) for row in rows(desk) if row.kind == "repeated"]
    often = [(who, hour) for hour in (2, 4, 6) for who in ("chief", "director")]
    assert sorted(again) == sorted([*often, ("clerk", 5)])


def test_it_repeats_to_who_stands_in_for_whom_the_route_told(store):
    gone = replace(hook(HOOK.format(free_port()), "gone"), fallback="mayor")
    routes = (route("often", ("gone",), repeat=2 * HOUR), route("once", ("director",)))
    desk = Desk(store, place(*routes, receivers=[gone, person("mayor"), person("director")]))
    desk.put(0, 93)
    follow_the_first_day(desk, 3)
    assert ("mayor", "repeated", "sent") in told(desk)
    assert ("director", "repeated", "sent") not in told(desk)


def test_it_repeats_to_the_administrator_who_was_told_because_nobody_was_on_duty(store):
    night = Roster("night", text("Night"))
    desk = Desk(store, place(route(receivers=("night",), repeat=2 * HOUR), receivers=[person("administrator")], rosters=[night]))
    desk.put(0, 93)
    follow_the_first_day(desk, 2)
    assert told(desk)[-1] == ("administrator", "repeated", "sent")


def follow_the_first_day(desk, hours):
    for hour in range(hours + 1):
        tick(desk, NOW + hour * HOUR + MINUTE)
        send(desk, NOW + hour * HOUR + MINUTE)


def test_it_reminds_again_when_an_acknowledgement_was_for_a_time(store):
    desk = Desk(store, place(route(repeat=4 * HOUR)))
    desk.put(0, 93)
    send(desk, NOW)
    acknowledge(desk, NOW + HOUR, again=2 * DAY)
    tick(desk, NOW + 2 * DAY)
    assert len(told(desk)) == 1
    tick(desk, NOW + 2 * DAY + HOUR)
    assert [row[1] for row in told(desk)] == ["firing", "reminded"]
    assert "still open since it was taken on" in rows(desk)[-1].body


def acknowledge(desk, at, **how):
    from metrics.model import Principal

    who = Principal("chief", "Chief", frozenset({"supervisor"}))
    with desk.store.write() as connection:
        alerts.acknowledge(connection, desk.workspace, who, 1, "mine", at, **how)
