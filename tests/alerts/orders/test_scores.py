"""How departments do: spans of each round, answers that never came, alerts nobody looked at."""

import pytest

import alerts
from alerts import orders
from dashboards import _order, _orders
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START
from tests.dashboards import made


@pytest.fixture
def raised(store):
    office = Office(store)
    return office, office.raise_order(CHIEF, 3.2, episode=office.alert().id)


def scores(office, at=60):
    return {one.department: one for one in office.ask(CHIEF, orders.scorecard, at=START + at * DAY)}


def test_the_time_to_an_answer_after_a_relapse_is_counted_from_the_relapse(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 3.6)
    office.put(3, 97)
    office.put(4, 97)
    before = scores(office)["a"]
    office.put(60, 80)
    assert office.one(id).row.order.relapses == 1
    assert scores(office, 62)["a"].answered == before.answered, "it waits for an answer; the first one stays what it took"
    office.answer(id, 61.5)
    office.put(61, 97, at=START + 62 * DAY)
    office.put(62, 97)
    after = scores(office, 64)["a"]
    first = 0.1 * 24
    assert after.answered == (pytest.approx((first + 12) / 2), pytest.approx(12))
    assert after.recovered == (pytest.approx((1.8 + 1) / 2 * 24), pytest.approx(1.8 * 24)), "a Saturday does not count"
    shown = made.words(office.ask(CHIEF, lambda ask: _order.clocks(office.one(id), ask, made.setting("en")), at=START + 64 * DAY))
    assert "Signed to answered 12h" in shown


def test_whoever_never_signs_is_late_to_answer_and_stays_so_when_it_is_closed_by_word(raised):
    office, id = raised
    assert scores(office, 4)["a"].on_time == (0, 0)
    assert scores(office)["a"].on_time == (0, 1)
    office.step(CHIEF, id, "overridden", 60)
    assert scores(office, 61)["a"].on_time == (0, 1)


def test_a_suspended_order_and_one_closed_in_time_are_not_late(raised):
    office, id = raised
    office.step(CHIEF, id, "suspended", 4, until=(START + 90 * DAY).date())
    assert scores(office)["a"].on_time == (0, 0)
    office.step(CHIEF, id, "overridden", 60)
    assert scores(office, 61)["a"].on_time == (0, 0)


def test_a_department_with_alerts_and_no_order_is_there_with_those_nobody_looked_at(raised):
    office, _ = raised
    office.put(2, 80, "b", at=START + 3.3 * DAY)
    office.put(4, 97, "b", at=START + 5 * DAY)
    office.put(10, 80, "b", at=START + 11 * DAY)
    of_b = [row.id for row in office.ask(CHIEF, alerts.inbox, open_only=False, department="b").rows]
    assert len(of_b) == 2
    found = scores(office)["b"]
    assert (found.issued, found.seen, found.unseen) == (0, None, 2)
    with office.store.write() as connection:
        alerts.seen(connection, office.workspace, CHIEF, min(of_b), START + 3.4 * DAY)
    found = scores(office)["b"]
    assert (found.seen, found.unseen) == ((pytest.approx(2.4), pytest.approx(2.4)), 1)
    assert "1 unseen" in made.words(_orders.scorecard([found], made.setting("en")))
