"""Limits that are past already when a step is taken, and clocks that stand still: the light follows with the next tick."""

import pytest

from alerts import orders
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START


@pytest.fixture
def raised(store):
    office = Office(store)
    return office, office.raise_order(CHIEF, 3.2, episode=office.alert().id)


def day(number):
    return (START + number * DAY).date()


def ticks(office, *days):
    for one in days:
        office.tick(one)


def test_an_order_signed_after_its_limit_to_answer_is_overdue_with_the_next_tick(raised):
    office, id = raised
    ticks(office, *range(4, 40))
    office.step(CLERK, id, "signed", 40.5)
    assert office.one(id).row.order.light == ""
    ticks(office, 40.6)
    assert office.one(id).row.order.light == "red"
    assert office.ask(CHIEF, orders.counts).overdue == 1
    assert [row.id for row in office.ask(CHIEF, orders.waiting)] == [id]
    assert office.tick(40.7) is None, "told once"


def test_an_overdue_order_is_overdue_again_when_its_suspension_is_ended_by_hand(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    ticks(office, *range(4, 30))
    office.step(CHIEF, id, "suspended", 30, until=day(53))
    ticks(office, 31, 32)
    assert office.one(id).row.order.light == ""
    office.step(CHIEF, id, "resumed", 35, "")
    ticks(office, 35.1)
    assert office.one(id).row.order.light == "red"


def test_it_is_not_extended_to_a_day_that_is_past(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    ticks(office, *range(4, 40))
    with pytest.raises(orders.Refused, match="extension"):
        office.step(CHIEF, id, "extended", 40, to=day(20))
    assert office.one(id).row.order.light == "red"
    assert office.step(CHIEF, id, "extended", 40, to=day(45)).light == ""
