"""An order on an alert that no figure in range can end: a place, an age, a number of cases. It speaks as the alert does."""

import pytest
from sqlalchemy import select

from alerts import kinds, orders
from alerts.orders.model import SYSTEM, Event
from alerts.store.tables import outbox
from dashboards import _order, _order_course
from metrics.answers import Ask
from metrics.rulebook import Receiver
from tests.alerts.orders.test_desk import CHIEF
from tests.alerts.small import text
from tests.alerts.test_kinds import Town, levels, offices, rule, worked
from tests.dashboards import made


@pytest.fixture
def last_of_four(store):
    """An office is the last of four, and an order is raised from that."""
    chief = Receiver("chief", text("Chief"), "log", {}, "en")
    ranked = rule(kind="rank", op="<=", levels=levels(1, 2), receivers=("chief",))
    units = {"percent": {"zh": "%", "en": "%"}}
    town = Town(store, ranked, departments=offices("a", "b", "c", "d"), receivers={"chief": chief}, units=units)
    town.pass_to(1.5)
    town.put(*worked(1, a=9, b=8, c=7, d=3))
    town.pass_to(2.5)
    with store.write() as connection:
        draft = orders.Draft(title="Last of all", lead="d", episode=1)
        return town, orders.raise_order(connection, town.place, CHIEF, draft, town.at)


def asked(town, question):
    with town.store.read() as connection:
        return question(Ask(connection, town.place, CHIEF, town.at))


def test_its_message_names_the_place_as_that_of_the_alert_does(last_of_four):
    town, _ = last_of_four
    with town.store.read() as connection:
        found = connection.execute(select(outbox.c.kind, outbox.c.body).order_by(outbox.c.id)).all()
    said = {kind: [line for line in body.split("\n") if line.startswith("Value")] for kind, body in found}
    assert said["firing"] == said["order_issued"] == ["Value: 1 from the bottom (limit: the last 1)"]


def test_its_page_promises_no_figures_and_marks_none_as_in_range(last_of_four):
    town, id = last_of_four
    town.put(*worked(2, a=9, b=8, c=7, d=3))
    town.pass_to(3.5)

    def page(ask):
        detail, setting = orders.one(ask, id), made.setting("en")
        figures = _order.figures(detail, ask)
        parts = [
            _order.clocks(detail, ask, setting), _order.about(detail, ask, setting), _order.steps(detail, setting),
            _order.data(detail, figures, ask, setting)[0], _order_course.course(detail, figures, ask, setting),
        ]  # fmt: skip
        return made.words(parts)

    said = asked(town, page)
    assert said.count("The alert itself is the evidence: closed once it has recovered and stayed so for 3 days.") == 2
    for words in ("in a row", "in range", "≥", "≤", "▲"):
        assert words not in said


def test_its_course_names_what_the_rule_judges(last_of_four):
    town, id = last_of_four

    def shown(ask):
        detail = orders.one(ask, id)
        closing = Event("recovered", 0, SYSTEM, "", "", {"episode": 1, "value": "3"})
        return _order_course.told(closing, detail, ask, made.setting("en"))

    assert asked(town, shown) == "the alert has recovered and stayed so for 3 days, at 3 from the bottom"


@pytest.mark.parametrize(("kind", "is_one"), [("volume", False), ("stale", False), ("change_last", True), ("threshold", True)])
def test_a_judged_value_is_a_rate_only_where_the_rule_is_about_figures(kind, is_one):
    assert kinds.rate(rule(kind=kind), made.indicator()) is is_one
    assert kinds.rate(None, made.indicator()), "an order by hand is about the figure"
