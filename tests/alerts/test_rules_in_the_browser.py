"""A supervisor changes a rule in a browser: tries it on the past, says why; a serious one waits for a second person."""

from datetime import UTC, datetime

import pytest

from access import passwords
from access.store import accounts as people
from alerts.store.tables import episode, rule_version, silence
from metrics.model import TOTAL
from tests.access.conftest import PASSWORD
from tests.alerts.test_in_the_browser import address, post, town

__all__ = ["address", "post", "town"]

pytestmark = pytest.mark.browser


def sign_in(page, address, who, path):
    page.context.clear_cookies()
    page.goto(f"{address}{path}")
    page.fill("#name", who)
    page.fill("#password", PASSWORD)
    page.click("button")


def supervisors(town):
    with town.store.write() as connection:
        for name, shown in (("chief", "李四"), ("other", "王五")):
            hash = passwords.hashed(PASSWORD)
            people.add(connection, name, shown, "supervisor", (TOTAL,), (TOTAL,), hash, datetime.now(UTC))


def test_it_is_tried_saved_with_a_reason_and_agreed_to_by_a_second_person(town, address, page):
    supervisors(town)
    for ago, done in ((6, 980), (5, 930), (4, 940)):
        town.day(ago, done)
    sign_in(page, address, "chief", "/rules/low?lang=en")
    page.wait_for_selector("#rule-try")
    page.fill("#rule-warning-when", "93.5")
    page.fill("#rule-warning-until", "92")
    page.click("#rule-try")
    page.wait_for_selector("text=safe side")
    page.fill("#rule-warning-until", "94")
    page.click("#rule-try")
    page.wait_for_selector("text=Would have fired 1 times for 1 places; the rule in force 1 times")
    page.fill("#rule-reason", "Fewer, and those that matter")
    page.click("#rule-save")
    page.wait_for_selector("text=In force now")
    assert [row.author for row in town.rows(rule_version) if row.rule == "low"] == ["", "李四"]
    assert [row.closed for row in town.rows(episode)] == ["rule_changed"]

    page.goto(f"{address}/rules/low?lang=en")
    page.wait_for_selector("text=“Fewer, and those that matter”")
    page.fill("#rule-serious-when", "80")
    page.fill("#rule-serious-until", "85")
    page.click("#rule-try")
    page.fill("#rule-reason", "A second level")
    page.click("#rule-save")
    page.wait_for_selector("text=waits for another supervisor")
    page.goto(f"{address}/rules/low?lang=en")
    page.wait_for_selector("#rule-confirm[disabled]")
    sign_in(page, address, "other", "/rules/low?lang=en")
    page.click("#rule-confirm")
    page.wait_for_selector("text=In force now")
    page.goto(f"{address}/rules/low?lang=en")
    page.wait_for_selector("text=agreed by 王五")
    assert len([row for row in town.rows(rule_version) if row.rule == "low"]) == 3

    page.goto(f"{address}/silences?lang=en")
    page.wait_for_selector("#silence-make")
    page.click("#silence-make")
    page.wait_for_selector("text=Please say why")
    page.fill("#silence-reason", "The whole house moves")
    page.click("#silence-make")
    page.wait_for_selector("text=Done")
    page.goto(f"{address}/silences?lang=en")
    page.wait_for_selector("text=waits for a second person")
    (made,) = town.rows(silence)
    assert (made.reason, made.author, made.needs_second) == ("The whole house moves", "other", True)

    sign_in(page, address, "clerk", "/rules/low?lang=en")
    page.wait_for_selector("text=Only a supervisor")
    assert page.locator("#rule-try").count() == 0
    assert [fault for fault in page.faults if "status of 401" not in fault] == []
