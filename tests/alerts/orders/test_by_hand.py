"""Orders that stand on no alert: on a figure named by hand, or on none. Told, reminded of, closed by data and reopened."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select

import alerts
from alerts import orders
from alerts.store.tables import outbox
from metrics.rulebook import Receiver
from tests.alerts.orders.test_desk import CHIEF, CHIEF_B, CLERK, CLERK_B, Office
from tests.alerts.small import DAY, START, text, workspace

DESK = Receiver("desk_a", text("Desk of A"), "log", {}, "en", department="a")
HOUR = 1 / 24


@pytest.fixture
def office(store):
    made = Office(store, workspace(receivers=[DESK]))
    made.put(2, 97)
    return made


def by_hand(office, day=3, **given):
    given = {"indicator": "on_time", "threshold": Decimal(96), **given}
    return office.raise_order(CHIEF, day, **given)


def told(office):
    with office.store.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    return [(row.kind, row.receiver) for row in rows]


def closed(office):
    id = by_hand(office)
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 4)
    office.put(4, 96.5, at=START + 5 * DAY)
    office.put(5, 96, at=START + 6 * DAY)
    assert office.one(id).row.order.closed == "data", "the bound itself is in range"
    return id


def test_its_department_is_told_and_the_message_is_sent(office):
    id = by_hand(office)
    assert told(office) == [("order_issued", "desk_a")]
    assert alerts.send_due(office.store, office.workspace, START + 4 * DAY).sent == 1
    with office.store.read() as connection:
        (row,) = connection.execute(select(outbox)).all()
    assert (row.episode_id, row.order_id, row.state) == (None, id, "sent")
    assert row.subject.startswith("[Order order issued]")
    assert [one.kind for one in office.one(id).messages] == ["order_issued"]


@pytest.mark.parametrize("assisting", [(), ("a",)])
def test_the_administrator_is_told_where_the_department_in_the_lead_has_no_receiver(store, assisting):
    administrator = Receiver("administrator", text("Administrator"), "log", {}, "en")
    office = Office(store, workspace(receivers=[DESK, administrator]))
    id = office.raise_order(CHIEF, 3, lead="b", assisting=assisting)
    desks = [("order_issued", "desk_a")] if assisting else []
    assert told(office) == [("order_issued", "administrator"), *desks]
    office.step(CHIEF, id, "withdrawn", 4)
    assert ("order_closed", "administrator") in told(office)


def test_it_closes_by_the_figure_named_and_is_opened_again_when_that_leaves_its_range_for_as_long(office):
    id = closed(office)
    office.put(6, 90, at=START + 7 * DAY)
    assert office.one(id).row.order.state == "CLOSED", "one bad day of two that are wanted"
    office.put(7, 90, at=START + 8 * DAY)
    found = office.one(id).row.order
    assert (found.state, found.relapses) == ("IN_PROGRESS", 1)
    assert told(office)[-1] == ("order_relapsed", "desk_a")


def test_it_stays_closed_when_it_relapses_too_late(office):
    id = closed(office)
    for day in (97, 98):
        office.put(day, 80, at=START + (day + 1) * DAY)
    assert office.one(id).row.order.state == "CLOSED"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"indicator": "none"}, "figure"), ({"department": "b"}, "figure"), ({"threshold": None}, "bound"),
        ({"op": "="}, "bound"), ({"threshold": Decimal("NaN")}, "bound"), ({"k": 0}, "periods"),
    ],
)  # fmt: skip
def test_it_refuses_a_figure_that_is_not_there_and_a_bound_that_is_none(office, given, fault):
    with pytest.raises(orders.Refused, match=fault):
        by_hand(office, **given)


def test_it_takes_the_direction_that_was_chosen(office):
    id = by_hand(office, op=">", threshold=Decimal(50))
    assert (office.one(id).row.op, office.one(id).row.threshold) == (">", 50)


def test_a_second_one_on_the_same_figure_is_refused(office):
    by_hand(office)
    with pytest.raises(orders.Refused, match="joined"):
        by_hand(office)


def test_a_form_sent_twice_is_one_order_told_of_once__F78(office):
    first = office.raise_order(CHIEF, 3, key="form-1")
    assert office.raise_order(CHIEF, 3, key="form-1") == first, "a double click"
    assert told(office) == [("order_issued", "desk_a")]
    assert office.ask(CHIEF, orders.board).total == 1
    assert office.raise_order(CHIEF, 3, key="form-2") != first, "opened anew it is another form"
    assert office.raise_order(CHIEF_B, 3, key="form-1", lead="b") not in (first, first + 1), "of somebody else"
    assert office.raise_order(CHIEF, 3) != office.raise_order(CHIEF, 3), "a program that names no form"


def test_a_form_sent_twice_at_the_same_moment_is_one_order__F78(office):
    with ThreadPoolExecutor(2) as both:
        made = list(both.map(lambda key: office.raise_order(CHIEF, 3, key=key), ["form-1", "form-1"]))
    assert made[0] == made[1]
    assert office.ask(CHIEF, orders.board).total == 1


def test_a_supervisor_reminds_the_department_and_not_twice_within_the_hour(office):
    id = by_hand(office)
    with pytest.raises(orders.Refused, match="reminded"):
        office.step(CHIEF, id, "reminded", 3 + HOUR / 2, "")
    office.step(CHIEF, id, "reminded", 3.5, "Please sign today.")
    found = office.one(id)
    assert (found.row.order.reminded, found.row.order.state) == (1, "ISSUED")
    assert told(office) == [("order_issued", "desk_a"), ("order_reminded", "desk_a")]
    for who in (CLERK, CLERK_B):
        with pytest.raises(alerts.NotAllowed):
            office.step(who, id, "reminded", 4.5)
