"""A correction of an old period makes an episode of the past; the order stands on the alert that is open, or was last."""

from datetime import timedelta
from decimal import Decimal

import pytest

from metrics.rulebook import Escalation, Level
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START, rule, workspace
from tests.alerts.test_telling import HOUR, MINUTE, person, place, route, rows, send, tick

RETRO = pytest.mark.parametrize("retro", [False, True], ids=["alone", "beside"])


@RETRO
def test_an_alert_is_told_again_after_its_order_was_withdrawn(store, retro):
    routed = route(repeat=DAY, escalate=(Escalation(HOUR, ("mayor",)),))
    office = Office(store, place(routed, receivers=[person("mayor")]))
    office.put(0, 99)
    office.put(1, 99)
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    if retro:
        office.put(0, 80, at=START + timedelta(days=3.3))
    office.step(CHIEF, id, "withdrawn", 3.5, "not needed")
    for quarter in range(1, 12):
        at = START + timedelta(days=3.5) + quarter * timedelta(hours=6)
        tick(office, at)
        send(office, at + MINUTE)
    told = [(row.receiver, row.kind) for row in rows(office)]
    assert ("mayor", "escalated") in told
    assert ("chief", "repeated") in told


def answered(office, day):
    """An order on the alert of a day after good ones, signed and answered."""
    for good in range(day):
        office.put(good, 99)
    id = office.raise_order(CHIEF, day + 1.2, episode=office.alert(day).id)
    office.step(CLERK, id, "signed", day + 1.3)
    office.answer(id, day + 1.4)
    return id


@RETRO
def test_it_stays_open_while_its_alert_is(store, retro):
    office = Office(store, workspace(rule(recover_count=5)))
    id = answered(office, 10)
    if retro:
        office.put(0, 80, at=START + timedelta(days=11.5))
    office.put(11, 97)
    office.put(12, 97)
    assert office.one(id).row.order.state == "AWAITING_EVIDENCE"


@RETRO
def test_it_closes_once_an_alert_that_is_its_own_evidence_has_recovered(store, retro):
    fall = rule(kind="change_last", op="<", levels=(Level("serious", Decimal(-5), Decimal(-3)),))
    office = Office(store, workspace(fall))
    id = answered(office, 4)
    if retro:
        office.put(1, 70, at=START + timedelta(days=5.5))
    for day in range(5, 12):
        office.put(day, 99)
        office.tick(day + 1)
    order = office.one(id).row.order
    assert (order.state, order.closed) == ("CLOSED", "data")
