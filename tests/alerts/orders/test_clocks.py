"""Limits that are past already when a step is taken, and clocks that stand still: the light follows with the next tick."""

import pytest

from alerts import orders
from alerts.orders import clocks
from alerts.orders.model import fold
from metrics.periods import to_us
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


def suspended(office, id, *, until=30):
    office.step(CLERK, id, "signed", 3.5)
    return office.step(CHIEF, id, "suspended", 4, until=day(until))


def limit(office, at, days):
    return to_us(clocks.limit(START + at * DAY, days, office.workspace.work_hours))


def test_a_limit_set_while_the_clocks_stand_still_runs_from_when_they_go_on(raised):
    office, id = raised
    suspended(office, id)
    answered = office.answer(id, 5)
    assert answered.recover_due == limit(office, 30, 20)
    returned = office.step(CHIEF, id, "returned", 6)
    assert returned.answer_due == limit(office, 30, 3)


def test_resumed_early_the_limits_go_on_from_that_day_and_the_day_that_was_promised_stays(raised):
    office, id = raised
    suspended(office, id)
    answered = office.answer(id, 5)
    resumed = office.step(CHIEF, id, "resumed", 6, "")
    assert resumed.recover_due == limit(office, 6, 20)
    assert resumed.expected == answered.expected, "what was promised while the clocks stood still was not moved by them"
    assert fold(office.one(id).events) == resumed


def test_resumed_on_the_day_it_was_suspended_nothing_has_moved(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    before = office.step(CHIEF, id, "extended", 3.6, to=day(13))  # a Saturday
    office.step(CHIEF, id, "suspended", 4, until=day(30))
    assert office.step(CHIEF, id, "resumed", 4.1, "").answer_due == before.answer_due


def test_an_extension_to_a_day_while_the_clocks_stand_still_is_to_that_day(raised):
    office, id = raised
    suspended(office, id)
    extended = office.step(CHIEF, id, "extended", 6, to=day(60))
    assert office.step(CHIEF, id, "resumed", 7, "").answer_due == extended.answer_due == extended.extended_to


def test_a_suspension_that_ends_by_itself_leaves_the_limits_where_it_moved_them(raised):
    office, id = raised
    moved = suspended(office, id)
    ticks(office, 31)
    found = office.one(id).row.order
    assert (found.suspended_until, found.stopped, found.answer_due) == (None, None, moved.answer_due)
