"""What closes an order by time alone: a figure that becomes final, an alert that has stayed away for long enough."""

from datetime import timedelta
from decimal import Decimal

import pytest

import alerts
from metrics.store import runs
from metrics.store.runs import RunIn
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START, indicator, workspace

MINUTES = timedelta(minutes=10)


@pytest.fixture
def provisional(store):
    """Figures that are final five days after their period; an order that was answered, and two good days."""
    office = Office(store, workspace(indicators={"on_time": indicator(provisional=5 * DAY)}))
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 3.6)
    office.put(3, 97)
    office.put(4, 97)
    return office, id


def test_it_closes_when_the_figures_become_final_though_nothing_arrives(provisional):
    office, id = provisional
    office.tick(9.5)
    assert (office.one(id).row.good, office.one(id).row.order.state) == (1, "AWAITING_EVIDENCE")
    office.tick(9.99)
    assert office.one(id).row.order.open
    office.tick(10.01)
    assert office.one(id).row.order.closed == "data"


def test_a_step_meanwhile_keeps_it_from_nothing_and_the_wait_disturbs_nobody(provisional):
    office, id = provisional
    office.step(CHIEF, id, "noted", 8, "We wait.")
    seen = office.one(id).row.version
    office.tick(9.5)
    assert office.one(id).row.version == seen
    office.tick(10.01)
    assert office.one(id).row.order.closed == "data"


def test_an_order_on_a_source_closes_after_as_many_days_of_work_as_were_asked_for(store):
    office = Office(store)

    def run(at, status):
        with office.store.write() as connection:
            runs.add(connection, RunIn("desk", "collect", at, at, status))

    run(START, "ok")
    for number in range(1, 10):
        run(START + number * MINUTES, "timeout")
    with office.store.write() as connection:
        alerts.tick(connection, office.workspace, START + 10 * MINUTES)
    (alert,) = office.ask(CHIEF, alerts.inbox).rows
    id = office.raise_order(CHIEF, 0.5, episode=alert.id)
    office.step(CLERK, id, "signed", 0.6)
    office.answer(id, 0.7)
    run(START + 0.8 * DAY, "ok")
    office.tick(0.81)
    office.tick(2.8)
    assert office.one(id).row.order.open
    office.tick(2.82)
    assert office.one(id).row.order.closed == "data"


def test_an_order_by_hand_opens_again_when_the_bad_figures_become_final(store):
    office = Office(store, workspace(indicators={"on_time": indicator(provisional=5 * DAY)}))
    office.put(2, 97)
    id = office.raise_order(CHIEF, 3, indicator="on_time", threshold=Decimal(96))
    office.step(CHIEF, id, "overridden", 3.5)
    office.put(4, 90)
    office.put(5, 90)
    office.tick(10.5)
    assert office.one(id).row.order.state == "CLOSED"
    office.tick(11.01)
    assert office.one(id).row.order.relapses == 1
