"""Who stands in for a receiver that is not reached: of every alert, however many came together in one message."""

from datetime import timedelta

from metrics.rulebook import Escalation, Match, Receiver
from tests.alerts.servers import free_port
from tests.alerts.small import DAY, Desk, text
from tests.alerts.test_telling import HOOK, HOUR, MINUTE, NOW, hook, in_words, many, person, place, route, rows, send, tick, told

GONE = Receiver("gone", text("Gone"), "pigeon", {}, fallback="chief")


def away(**more):
    return hook(HOOK.format(free_port()), "away", fallback="chief", fallback_after=10 * MINUTE, **more)


def of(desk, receiver):
    """(episode, kind, state) of all that is for one receiver."""
    return [(row.episode_id, row.kind, row.state) for row in rows(desk) if row.receiver == receiver]


def test_it_tells_who_stands_in_at_once_where_the_receiver_can_never_be_reached__F74(store):
    gone = Receiver("gone", text("Gone"), "pigeon", {}, fallback="chief")
    desk = Desk(store, place(route(receivers=("gone",)), receivers=[gone]))
    desk.put(0, 93)
    assert send(desk, NOW).dead == 1
    assert send(desk, NOW + timedelta(seconds=2)).sent == 1
    assert told(desk) == [("gone", "firing", "dead"), ("chief", "firing", "sent")]
    assert "instead of Gone" in rows(desk)[1].subject
    desk.put(1, 99)
    assert told(desk)[-1] == ("chief", "recovered", "waiting")


def test_it_tells_who_stands_in_after_a_while_without_confirmation(store):
    away = hook(HOOK.format(free_port()), "away", fallback="chief", fallback_after=10 * MINUTE)
    desk = Desk(store, place(route(receivers=("away",)), receivers=[away]))
    desk.put(0, 93)
    send(desk, NOW)
    send(desk, NOW + 9 * MINUTE)
    assert len(told(desk)) == 1
    send(desk, NOW + 10 * MINUTE)
    assert ("chief", "firing", "sent") in told(desk)
    send(desk, NOW + 30 * MINUTE)
    assert len(told(desk)) == 2, "once"


def test_it_tells_of_each_alert_of_a_lost_message_also_where_the_other_knows_one_of_them(store):
    only_a = route("a", match=Match(departments=("a",)))
    desk = Desk(store, place(route("all", ("gone",)), only_a, receivers=[GONE]))
    many(desk, 0, {"a": 93, "b": 93})
    send(desk, NOW)
    send(desk, NOW + MINUTE)
    assert of(desk, "gone") == [(1, "firing", "dead"), (2, "firing", "dead")]
    assert of(desk, "chief") == [(1, "firing", "sent"), (2, "firing", "sent")]


def test_it_tells_the_other_how_each_alert_of_a_lost_message_ended(store):
    desk = Desk(store, place(route(receivers=("gone",)), receivers=[GONE]))
    many(desk, 0, {"a": 93, "b": 93})
    send(desk, NOW)
    send(desk, NOW + MINUTE)
    carrier = next(row for row in rows(desk) if row.receiver == "chief" and row.merged_into is None)
    assert in_words(carrier.body) == {1, 2}, "in one message"
    assert carrier.body.count("instead of Gone") == 2
    many(desk, 1, {"a": 99, "b": 99})
    assert of(desk, "chief")[2:] == [(1, "recovered", "waiting"), (2, "recovered", "waiting")]


def test_it_calls_the_next_step_for_each_alert_of_a_lost_message(store):
    steps = (Escalation(2 * HOUR, ("mayor",)),)
    desk = Desk(store, place(route(receivers=("gone",), escalate=steps), receivers=[GONE, person("mayor")]))
    many(desk, 0, {"a": 93, "b": 93})
    for minutes in range(0, 240, 30):
        send(desk, NOW + minutes * MINUTE)
        tick(desk, NOW + minutes * MINUTE)
    assert [row[0] for row in of(desk, "mayor")] == [1, 2]


def outage(desk, since, until, step=5):
    for minute in range(since, until, step):
        send(desk, NOW + minute * MINUTE)


def test_it_tells_the_other_of_what_joins_a_message_that_already_fell_back(store):
    desk = Desk(store, place(route(receivers=("away",)), receivers=[away()]))
    desk.put(0, 93)
    outage(desk, 0, 15)
    desk.put(0, 93, "b", at=NOW + 15 * MINUTE)
    outage(desk, 15, 35)
    assert of(desk, "chief") == [(1, "firing", "sent"), (2, "firing", "sent")]


def test_it_tells_the_other_of_all_groups_during_an_outage_not_of_the_first_alone(store):
    groups = (route(key, ("away",), match=Match(departments=(key,))) for key in ("a", "b"))
    desk = Desk(store, place(*groups, receivers=[away()]))
    many(desk, 0, {"a": 93, "b": 93})
    outage(desk, 0, 20)
    assert of(desk, "chief") == [(1, "firing", "sent"), (2, "firing", "sent")]


def test_it_tells_the_other_of_every_message_to_a_machine(store):
    desk = Desk(store, place(route(receivers=("away",)), receivers=[away(single=True)]))
    many(desk, 0, {"a": 93, "b": 93})
    outage(desk, 0, 20)
    assert of(desk, "chief") == [(1, "firing", "sent"), (2, "firing", "sent")]


def test_it_waits_with_the_other_as_long_for_what_came_later(store):
    desk = Desk(store, place(route(receivers=("away",)), receivers=[away(single=True)]))
    desk.put(0, 93)
    outage(desk, 0, 15)
    desk.put(0, 93, "b", at=NOW + 15 * MINUTE)
    outage(desk, 15, 25, 1)
    assert [row[0] for row in of(desk, "chief")] == [1]
    outage(desk, 25, 27, 1)
    assert [row[0] for row in of(desk, "chief")] == [1, 2]


def test_it_does_not_take_for_late_what_waited_while_nothing_was_sent(store):
    """The sender stood still, not the receiver."""
    desk = Desk(store, place(route(receivers=("away",)), receivers=[away()]))
    desk.put(0, 93)
    send(desk, NOW + DAY + timedelta(seconds=1))
    assert of(desk, "chief") == []


def test_it_tells_the_administrator_what_waited_for_a_receiver_that_is_gone_from_the_workspace__F74(store):
    administrator = person("administrator")
    with_hook = place(route(receivers=("away",)), receivers=[away(), administrator])
    desk = Desk(store, with_hook)
    many(desk, 0, {"a": 93, "b": 93})
    send(desk, NOW)
    desk.use(place(route(), receivers=[administrator]))
    outage(desk, 10, 20)
    assert {row[2] for row in of(desk, "away")} == {"dead"}
    of_alerts = [row for row in of(desk, "administrator") if row[0] is not None]
    assert of_alerts == [(1, "firing", "sent"), (2, "firing", "sent")]
