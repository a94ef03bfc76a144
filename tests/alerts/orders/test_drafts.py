"""An order that is kept as a draft: edited, issued with the limits it was drafted with, or withdrawn."""

import pytest

from alerts import orders
from alerts.orders import clocks
from alerts.orders.desk import Draft, raise_order
from alerts.orders.model import fold
from dashboards import _order_course, _order_forms
from dashboards._around import Around
from metrics.periods import to_us
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START
from tests.dashboards import made


@pytest.fixture
def drafted(store):
    office = Office(store)
    draft = Draft("Too late", "a", "Do it.", episode=office.alert().id, sign_days=10, answer_days=12)
    with store.write() as connection:
        return office, raise_order(connection, office.workspace, CHIEF, draft, START + 3.2 * DAY, issue=False)


def limit(office, at, days):
    return to_us(clocks.limit(START + at * DAY, days, office.workspace.work_hours))


def test_a_draft_is_issued_with_the_limits_it_was_drafted_with(drafted):
    office, id = drafted
    issued = office.step(CHIEF, id, "issued", 5.3, "")
    assert (issued.sign_due, issued.answer_due) == (limit(office, 5.3, 10), limit(office, 5.3, 12))


def test_a_draft_is_edited_and_keeps_what_it_was(drafted):
    office, id = drafted
    office.step(CHIEF, id, "edited", 4, "Do it soon.", title="Far too late", sign_days=2, answer_days=4)
    found = office.one(id)
    assert (found.row.title, found.row.answer_days, found.row.recover_days) == ("Far too late", 4, 20)
    assert fold(found.events) == found.row.order
    shown = office.ask(CHIEF, lambda ask: made.words(_order_course.course(found, Around([]), ask, made.setting("en"))))
    assert "Far too late; once issued 2 working days to sign, 4 to answer, 20 to recover" in shown
    issued = office.step(CHIEF, id, "issued", 5.3, "")
    assert (issued.sign_due, issued.answer_due) == (limit(office, 5.3, 2), limit(office, 5.3, 4))
    with pytest.raises(orders.Refused, match="state"):
        office.step(CHIEF, id, "edited", 6, title="Other")


@pytest.mark.parametrize(
    ("given", "why"), [({"title": " "}, "title"), ({"sign_days": 0.5}, "days"), ({"answer_days": 999}, "days")]
)
def test_a_draft_without_a_matter_or_with_limits_that_are_none_is_refused(drafted, given, why):
    office, id = drafted
    with pytest.raises(orders.Refused, match=why):
        office.step(CHIEF, id, "edited", 4, **given)


def test_its_page_offers_the_supervisor_to_issue_edit_and_withdraw_it_and_the_department_nothing(drafted, monkeypatch):
    office, id = drafted
    for who, steps in ((CHIEF, {"issued", "edited", "withdrawn", "noted"}), (CLERK, {"noted"})):
        monkeypatch.setattr(_order_forms, "current", lambda who=who: who)
        shown = office.ask(CHIEF, lambda ask: _order_forms.forms(office.one(id), ask, made.setting("en")))
        offered = {one.id.removeprefix("order-") for one in shown if getattr(one, "id", "").startswith("order-")} - {"shown"}
        assert offered == steps
