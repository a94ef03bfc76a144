"""What waits for a person, and who is told that it does."""

import pytest
from sqlalchemy import select

from alerts import orders
from alerts.orders.desk import Draft, raise_order
from alerts.store.tables import outbox
from dashboards import _orders
from dashboards._view import View
from tests.alerts.orders.test_desk import CHIEF, CLERK, CLERK_B, VIEWER, Office
from tests.alerts.small import DAY, START


@pytest.fixture
def raised(store):
    office = Office(store)
    return office, office.raise_order(CHIEF, 3.2, episode=office.alert().id)


def waiting(office, who, **given):
    return [row.id for row in office.ask(who, orders.waiting, **given)]


def told(office):
    with office.store.read() as connection:
        return connection.execute(select(outbox.c.kind).where(outbox.c.kind.like("order%")).order_by(outbox.c.id)).scalars().all()


def test_an_answer_waits_for_the_supervisor_until_the_next_step_and_is_told(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    assert (waiting(office, CHIEF), waiting(office, CLERK)) == ([], [id])
    office.answer(id, 3.6)
    assert (waiting(office, CHIEF), waiting(office, CLERK)) == ([id], [])
    assert told(office)[-1] == "order_answered"
    office.step(CLERK, id, "noted", 3.7, "One more thing.")
    assert waiting(office, CHIEF) == [id]
    office.step(CHIEF, id, "noted", 3.8, "Good.")
    assert waiting(office, CHIEF) == []
    office.step(CHIEF, id, "returned", 4)
    office.answer(id, 4.5)
    assert waiting(office, CHIEF) == [id]


def test_corrected_grounds_wait_for_the_supervisor_and_are_told(raised):
    office, id = raised
    office.put(2, 99, at=START + 4 * DAY)
    assert waiting(office, CHIEF) == [id]
    assert told(office)[-1] == "order_corrected"
    office.step(CHIEF, id, "kept", 5)
    assert waiting(office, CHIEF) == []


def test_a_suspended_order_and_one_of_another_department_wait_for_nobody(raised):
    office, id = raised
    assert (waiting(office, CLERK), waiting(office, CLERK_B), waiting(office, VIEWER)) == ([id], [], [])
    office.step(CHIEF, id, "suspended", 4, until=(START + 30 * DAY).date())
    assert waiting(office, CLERK) == []


def test_a_draft_waits_for_the_supervisor_to_issue_it(store):
    office = Office(store)
    with store.write() as connection:
        id = raise_order(connection, office.workspace, CHIEF, Draft("Later", "a"), START + 3 * DAY, issue=False)
    assert (waiting(office, CHIEF), waiting(office, CLERK)) == ([id], [])


def test_what_waits_is_found_however_many_orders_are_open(store):
    office = Office(store)
    last = office.raise_order(CHIEF, 3, title="0", answer_days=200, sign_days=200)
    for number in range(5):
        office.raise_order(CHIEF, 4 + number, lead="b", title=str(number))
    assert waiting(office, CLERK, limit=1) == [last], "those of others do not use the list up"


def test_the_board_offers_every_state_and_lists_those_that_are_over(raised):
    office, id = raised
    office.step(CHIEF, id, "withdrawn", 4)
    offered = _orders.states(View("/orders", {"show": "open", "light": "red"}, "en"))
    hrefs = {words: href for words, href in offered}
    assert hrefs["Withdrawn"] == "/orders?show=all&state=WITHDRAWN"
    assert "show=open" in hrefs["To be signed"]
    assert [row.id for row in office.ask(CHIEF, orders.board, states_=("WITHDRAWN",)).rows] == [id]
