"""An order from an alert to its end, by the right people, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import alerts
from alerts import orders
from alerts.orders.model import fold
from alerts.store import orders as kept
from alerts.store.order_tables import order_event, work_order
from alerts.store.tables import outbox
from dashboards import _order
from metrics.answers import Ask
from metrics.model import Principal
from tests.alerts.small import DAY, START, Desk
from tests.dashboards import made

CHIEF = Principal("u1", "Chief", frozenset({"supervisor"}))
CHIEF_B = Principal("u5", "Chief of b", frozenset({"supervisor"}), departments=("b",))
CLERK = Principal("u2", "Clerk", frozenset({"staff"}), departments=("a",))
CLERK_B = Principal("u3", "Other", frozenset({"staff"}), departments=("b",))
VIEWER = Principal("u4", "Viewer", frozenset({"viewer"}))
ADMINISTRATOR = Principal("u6", "Admin", frozenset({"administrator"}))
PDF = orders.Paper("plan.pdf", b"%PDF-1.7 plan")


class Office(Desk):
    """The desk that stores figures, and the one at which people work on orders."""

    def alert(self, day=2, rate=80):
        self.put(day, rate)
        (row,) = self.ask(CHIEF, alerts.inbox).rows
        return row

    def ask(self, who, question, *given, at=None, **how):
        with self.store.read() as connection:
            return question(Ask(connection, self.workspace, who, at or START + 20 * DAY), *given, **how)

    def raise_order(self, who, day, **given):
        draft = orders.Draft(**{"title": "Too late", "lead": "a", "k": 2, "answer_days": 5, **given})
        with self.store.write() as connection:
            return orders.raise_order(connection, self.workspace, who, draft, START + day * DAY)

    def step(self, who, id, kind, day, text="because", **given):
        attached = given.pop("attached", ())
        with self.store.write() as connection:
            return orders.step(connection, self.workspace, who, id, kind, START + day * DAY, text, given, attached=attached)

    def answer(self, id, day, who=CLERK, **given):
        expected = (START + (day + 10) * DAY).date()
        return self.step(who, id, "answered", day, "More hands", cause="capacity", expected=expected, **given)

    def tick(self, day):
        with self.store.write() as connection:
            return alerts.tick(connection, self.workspace, START + day * DAY)

    def one(self, id):
        return self.ask(CHIEF, orders.one, id)


@pytest.fixture
def office(store):
    return Office(store)


@pytest.fixture
def raised(office):
    return office, office.raise_order(CHIEF, 3.2, episode=office.alert().id)


def test_it_goes_from_the_alert_over_a_returned_answer_to_closed_by_data(raised):
    office, id = raised
    (alert,) = office.ask(CHIEF, alerts.inbox).rows
    assert (alert.handling, alert.order) == ("ORDERED", "2026-0001")
    counted = office.ask(CHIEF, alerts.counts)
    assert (counted.open, counted.unacknowledged, counted.unattended) == (1, 0, 0), "an order is more than taking on"
    assert office.step(CLERK, id, "signed", 3.5).state == "IN_PROGRESS"
    assert office.answer(id, 4, attached=[PDF]).state == "AWAITING_EVIDENCE"
    assert office.step(CHIEF, id, "returned", 5, "no figures").state == "IN_PROGRESS"
    office.put(5, 97, at=START + 6 * DAY)
    assert office.one(id).row.order.state == "IN_PROGRESS"
    assert office.one(id).row.good == 1
    office.answer(id, 6.1)
    office.put(6, None, at=START + 7 * DAY)
    assert office.one(id).row.order.open
    office.put(7, 97, at=START + 8 * DAY)
    found = office.one(id)
    assert (found.row.order.closed, found.row.order.returns, found.row.good) == ("data", 1, 2)
    assert [one.kind for one in found.events] == [
        "drafted", "issued", "signed", "answered", "returned", "answered", "recovered",
    ]  # fmt: skip
    assert [paper.name for paper in found.papers] == ["plan.pdf"]
    assert fold(found.events) == found.row.order


def test_it_closes_at_the_answer_when_the_figure_has_recovered_before(raised):
    office, id = raised
    office.put(3, 97)
    office.put(4, 97)
    office.step(CLERK, id, "signed", 5.5)
    assert office.one(id).row.order.open
    shown = made.words(office.ask(CHIEF, lambda ask: _order.clocks(office.one(id), ask, made.setting())))
    assert "数据已达标" in shown
    assert "办理中，答复后方可办结" in shown
    assert "未恢复" not in shown
    office.answer(id, 6)
    assert office.one(id).row.order.closed == "data"


def test_it_counts_no_period_in_which_the_alert_was_raised_and_none_that_a_correction_took_away(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 3.6)
    office.put(3, 97)
    office.put(3, 80, at=START + 4.5 * DAY)
    office.put(4, 97)
    found = office.one(id).row
    assert (found.good, found.order.state) == (1, "AWAITING_EVIDENCE")


def test_it_is_opened_again_by_a_relapse_within_ninety_days_and_not_after(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 3.6)
    office.put(3, 97)
    office.put(4, 97)
    assert office.one(id).row.order.closed == "data"
    office.put(10, 80)
    again = office.one(id).row.order
    assert (again.state, again.relapses, again.closed) == ("IN_PROGRESS", 1, "")
    office.answer(id, 11.5)
    office.put(11, 97, at=START + 12 * DAY)
    office.put(12, 97)
    assert office.one(id).row.order.closed == "data"
    office.put(140, 80)
    assert office.one(id).row.order.closed == "data"


def test_it_takes_a_second_alert_into_the_open_order(raised):
    office, id = raised
    office.put(3, 97)
    office.put(4, 80)
    found = office.one(id)
    assert found.row.order.joined == 1
    assert [row.handling for row in office.ask(CHIEF, alerts.inbox).rows] == ["ORDERED"]
    with pytest.raises(orders.Refused, match="joined"):
        office.raise_order(CHIEF, 6, episode=office.ask(CHIEF, alerts.inbox).rows[0].id)


def test_it_is_marked_when_its_grounds_are_corrected_and_the_issuer_decides(raised):
    office, id = raised
    office.put(2, 99, at=START + 4 * DAY)
    assert office.one(id).row.order.basis_corrected
    assert office.one(id).row.order.open
    assert office.step(CHIEF, id, "withdrawn", 5).state == "WITHDRAWN"


def test_it_is_closed_by_word_only_by_a_supervisor_with_a_reason_and_says_so(raised):
    office, id = raised
    with pytest.raises(orders.Refused, match="reason"):
        office.step(CHIEF, id, "overridden", 4, " ")
    assert office.step(CHIEF, id, "overridden", 4, "The rule was wrong").closed == "word"


@pytest.mark.parametrize(("who", "kind"), [
    (CLERK, "returned"), (CLERK, "overridden"), (CLERK, "withdrawn"), (CLERK, "extended"), (CHIEF, "signed"), (CHIEF, "answered"),
    (VIEWER, "signed"), (VIEWER, "noted"), (ADMINISTRATOR, "overridden"), (ADMINISTRATOR, "signed"),
])  # fmt: skip
def test_it_refuses_a_step_that_is_not_theirs(raised, who, kind):
    office, id = raised
    with pytest.raises(alerts.NotAllowed):
        office.step(who, id, kind, 4)


def test_it_is_not_there_for_another_department(raised):
    office, id = raised
    for who in (CLERK_B, CHIEF_B):
        assert office.ask(who, orders.one, id) is None
        with pytest.raises(alerts.NotFound):
            office.step(who, id, "noted", 4)
    with pytest.raises(alerts.NotAllowed):
        office.raise_order(CLERK, 4)
    with pytest.raises((orders.Refused, alerts.NotFound)):
        office.raise_order(CHIEF_B, 4)


def test_it_lets_an_assisting_department_read_and_note_but_not_answer(office):
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id, assisting=("b",))
    office.step(CLERK_B, id, "noted", 4)
    with pytest.raises(alerts.NotAllowed):
        office.step(CLERK_B, id, "signed", 4)


def test_it_turns_the_lights_by_the_tick_and_stops_them_while_suspended(raised):
    office, id = raised
    lights = []
    for day in range(4, 12):
        office.tick(day)
        lights.append(office.one(id).row.order.light)
    assert [light for light, before in zip(lights, ["", *lights], strict=False) if light != before] == ["blue", "yellow", "red"]
    assert [row.overdue for row in office.ask(CHIEF, orders.waiting)] == [True]
    office.step(CHIEF, id, "suspended", 12, until=(START + 20 * DAY).date())
    office.tick(13)
    assert office.one(id).row.order.light == ""
    office.tick(22)
    assert "resumed" in [one.kind for one in office.one(id).events]
    assert office.tick(22.001) is None


def test_it_tells_those_who_were_told_of_the_alert_of_each_light_and_of_the_end(raised):
    office, id = raised
    for day in range(4, 12):
        office.tick(day)
    office.step(CHIEF, id, "overridden", 12)
    with office.store.read() as connection:
        told = connection.execute(select(outbox).where(outbox.c.kind.like("order%")).order_by(outbox.c.id)).all()
    assert [row.kind for row in told] == ["order_issued", "order_blue", "order_yellow", "order_red", "order_closed"]
    assert {row.receiver for row in told} == {"chief"}
    assert "order: overdue" in told[2].subject
    assert f"/orders/{id}" in told[0].facts


def test_it_is_raised_by_hand_on_a_figure_or_on_none(office):
    id = office.raise_order(CHIEF, 3, indicator="", title="Report on staffing")
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 4)
    office.tick(60)
    assert office.one(id).row.order.open
    assert office.ask(CHIEF, orders.counts).overdue == 1


def test_it_puts_what_waits_before_the_person_it_waits_for(raised):
    office, id = raised
    assert [row.id for row in office.ask(CLERK, orders.waiting)] == [id]
    assert office.ask(CHIEF, orders.waiting) == []
    assert office.ask(VIEWER, orders.waiting) == []
    (score,) = office.ask(CHIEF, orders.scorecard)
    assert (score.issued, score.seen) == (1, None)
    with office.store.write() as connection:
        alerts.seen(connection, office.workspace, CHIEF, 1, START + 3.25 * DAY)
    (score,) = office.ask(CHIEF, orders.scorecard)
    assert score.seen == (6.0, 6.0), "hours of work from the alert to the first look: median and slowest"


def test_it_refuses_papers_that_are_not_what_they_say_or_too_large(raised):
    office, id = raised
    for name, content in (("a.exe", b"MZ"), ("a.pdf", b"<html>"), ("a.pdf", b"%PDF-" + b"x" * 1_000_001)):
        with pytest.raises(orders.Refused, match="paper"):
            office.step(CLERK, id, "noted", 4, attached=[orders.Paper(name, content)])
    office.step(CLERK, id, "noted", 4, attached=[orders.Paper("../../x/plan.pdf", PDF.content)])
    (paper,) = office.one(id).papers
    assert paper.name == "plan.pdf"
    assert office.ask(CLERK, orders.paper, id, paper.id)[1] == PDF.content
    assert office.ask(CLERK_B, orders.paper, id, paper.id) is None


def test_it_is_refused_to_who_comes_second(raised):
    office, id = raised
    seen = office.one(id).row.version
    office.step(CLERK, id, "signed", 3.5)
    with office.store.write() as connection, pytest.raises(alerts.Changed):
        orders.step(connection, office.workspace, CLERK, id, "noted", START + 4 * DAY, "x", version=seen)


def test_its_row_is_always_what_its_events_fold_to(raised):
    office, id = raised
    office.step(CLERK, id, "signed", 3.5)
    office.step(CHIEF, id, "extended", 4, to=(START + 30 * DAY).date())
    for day in range(5, 9):
        office.put(day - 1, 85 + day)
        office.tick(day)
    with office.store.read() as connection:
        for row in connection.execute(select(work_order)):
            assert kept.revive(row) == fold(kept.events(connection, row.id))
        assert connection.execute(select(order_event.c.revision)).scalars().all()
    assert timedelta(0) < DAY


@pytest.mark.parametrize("kind", ["withdrawn", "overridden", "kept", "returned", "extended", "suspended", "reminded"])
def test_a_supervisor_of_who_only_assists_decides_nothing_of_it(store, kind):
    office = Office(store)
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id, assisting=("b",))
    with pytest.raises(alerts.NotAllowed):
        office.step(CHIEF_B, id, kind, 4)
    assert not orders.may(CHIEF_B, office.workspace, office.one(id).row, kind)
    assert office.step(CHIEF_B, id, "noted", 4).state == "ISSUED"
