"""An alert whose order is a draft, or is over while it still fires, is handled by nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

import alerts
from alerts import orders
from alerts.orders.desk import Draft, raise_order
from metrics.rulebook import Escalation, Match, Route
from tests.alerts.orders.test_by_hand import told
from tests.alerts.orders.test_desk import CHIEF, Office
from tests.alerts.small import DAY, START, text, workspace
from tests.alerts.test_telling import HOUR, MINUTE, person, place, route, rows, send, tick


@pytest.fixture
def office(store):
    route = Route("all", text("All"), Match(), ("chief",), group_wait=timedelta(0), repeat=timedelta(hours=12))
    return Office(store, workspace(routes={"all": route}))


def inbox(office, at=20):
    (row,) = office.ask(CHIEF, alerts.inbox, at=START + at * DAY).rows
    return row


def sent(office, day):
    alerts.send_due(office.store, office.workspace, START + day * DAY)


@pytest.mark.parametrize("kind", ["withdrawn", "overridden"])
def test_an_alert_that_fires_on_after_its_order_is_unattended_and_told_again(office, kind):
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    sent(office, 3.3)
    office.tick(3.9)
    assert ("repeated", "chief") not in told(office)
    assert office.ask(CHIEF, alerts.counts).unacknowledged == 0
    office.step(CHIEF, id, kind, 4)
    assert (inbox(office).handling, inbox(office).order) == ("NEW", "")
    counted = office.ask(CHIEF, alerts.counts)
    assert (counted.unacknowledged, counted.unattended) == (1, 1)
    assert [row.id for row in office.ask(CHIEF, alerts.inbox, handling="NEW").rows] == [1]
    office.tick(4.1)
    assert ("repeated", "chief") in told(office)
    assert office.ask(CHIEF, alerts.one, 1).events[-2].kind == "unordered"
    office.put(5, 80)
    assert inbox(office).handling == "NEW", "the order is over and takes nothing in"
    again = office.raise_order(CHIEF, 6.5, episode=1)
    assert (inbox(office).handling, inbox(office).order) == ("ORDERED", "2026-0002")
    assert office.ask(CHIEF, orders.of_episode, 1).id == again


def test_whoever_had_taken_it_on_by_name_still_has_it(office):
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    with office.store.write() as connection:
        alerts.acknowledge(connection, office.workspace, CHIEF, 1, "Mine.", START + 3.5 * DAY)
    office.step(CHIEF, id, "withdrawn", 4)
    assert inbox(office).handling == "ACKED"


def test_a_name_longer_than_a_line_of_the_course_has_room_for_is_cut(office):
    long = replace(CHIEF, name="Chief of " + 91 * "x")
    office.raise_order(long, 3.2, episode=office.alert().id)
    (event,) = [one for one in office.ask(CHIEF, alerts.one, 1).events if one.kind == "ordered"]
    assert event.actor == long.name[:64]


def test_an_alert_that_is_over_stays_as_it_was_handled(office):
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    office.put(3, 97)
    office.step(CHIEF, id, "withdrawn", 5)
    (row,) = office.ask(CHIEF, alerts.inbox, open_only=False).rows
    assert (row.open, row.handling) == (False, "ORDERED")


def test_a_draft_handles_nothing_until_it_is_issued(office):
    draft = Draft("Too late", "a", episode=office.alert().id)
    with office.store.write() as connection:
        id = raise_order(connection, office.workspace, CHIEF, draft, START + 3.2 * DAY, issue=False)
    assert inbox(office).handling == "NEW"
    sent(office, 3.3)
    office.tick(3.9)
    assert ("repeated", "chief") in told(office), "an order that nobody was given stops no call"
    office.step(CHIEF, id, "issued", 4, "")
    assert (inbox(office).handling, inbox(office).order) == ("ORDERED", "2026-0001")


def test_what_grew_worse_while_an_order_had_it_goes_its_own_way_when_the_order_is_withdrawn(store):
    mild = route("mild", match=Match(levels=("reminder",)))
    grave = route("grave", match=Match(levels=("serious",)), repeat=DAY, escalate=(Escalation(HOUR, ("mayor",)),))
    office = Office(store, place(mild, grave, receivers=[person("mayor")]))
    alert = office.alert(2, 93)
    send(office, START + 3 * DAY + HOUR)
    id = office.raise_order(CHIEF, 3.2, episode=alert.id)
    office.put(3, 80, at=START + 4 * DAY)
    office.step(CHIEF, id, "withdrawn", 4.5, "not needed")
    for quarter in range(1, 8):
        at = START + 4.5 * DAY + quarter * timedelta(hours=6)
        tick(office, at)
        send(office, at + MINUTE)
    told = {(row.receiver, row.kind) for row in rows(office)}
    assert {("mayor", "escalated"), ("chief", "repeated")} <= told
