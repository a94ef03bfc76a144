"""The inbox and an alert's page follow what happens while they are open; from an alert its messages are kept back for a time."""

import json
from datetime import UTC, datetime

import pytest

from access import passwords
from access.store import accounts as people
from alerts.store.tables import silence
from metrics.model import TOTAL
from tests.access.conftest import PASSWORD
from tests.alerts.orders.test_in_the_browser import enter
from tests.alerts.test_in_the_browser import address, post, town
from tests.browser.test_pages import SIZES, sound

__all__ = ["address", "post", "town"]
pytestmark = pytest.mark.browser
SOON = 15_000


def test_it_comes_is_taken_on_silenced_and_goes_on_open_pages(town, address, browser):
    with town.store.write() as connection:
        hash = passwords.hashed(PASSWORD)
        people.add(connection, "chief", "王敏", "supervisor", (TOTAL,), (TOTAL,), hash, datetime.now(UTC))
    town.day(6, 980)
    inbox, chief, clerk = (enter(browser, address, name) for name in ("chief", "chief", "clerk"))
    inbox.goto(f"{address}/alerts?lang=en")
    inbox.wait_for_selector("text=No open alerts")
    town.day(5, 930)
    inbox.wait_for_selector("#alerts-inbox >> text=Closed on time", timeout=SOON)
    assert "Open1" in inbox.inner_text("#alerts-sum").replace("\n", "").replace(" ", "")
    assert inbox.inner_text("#nav-alerts") == "1"
    assert inbox.locator(".sel a[href*='department=a']").count() == 1, "by department too"

    for page in (chief, clerk):
        page.goto(f"{address}/alerts/1?lang=en")
        page.wait_for_selector("#alert-take")
    assert clerk.locator("#alert-silence, #alert-raise").count() == 0
    clerk.fill("#alert-comment", "I am on it")
    clerk.click("#alert-take")
    chief.wait_for_selector("#alert-handled >> text=“I am on it”", timeout=SOON)
    chief.wait_for_selector("#alert-take", state="detached", timeout=SOON)
    inbox.wait_for_selector("#alerts-inbox >> text=taken on by 张三", timeout=SOON)

    for width, height in SIZES.values():
        for page in (inbox, chief):
            page.set_viewport_size({"width": width, "height": height})
            sound(page, width)
    chief.click("#alert-silence")
    chief.wait_for_selector("#silence-make")
    for chosen in ("Too little on time", "Office A"):
        chief.wait_for_selector(f".form.rule >> text={chosen}", timeout=SOON)
    chief.fill("#silence-reason", "The office is moving")
    chief.click("#silence-make")
    chief.wait_for_selector("#silence-said >> text=Done")
    (kept,) = town.rows(silence)
    assert json.loads(kept.match) == {"rules": ["low"], "departments": ["a"]}
    assert kept.ends > kept.begins

    chief.goto(f"{address}/alerts/1?lang=en")
    chief.wait_for_selector("#alert-raise")
    assert "silenced" in chief.inner_text("#alert-about").lower()
    town.day(4, 970)
    chief.wait_for_selector("#alert-course >> text=Recovered", timeout=SOON)
    chief.wait_for_selector("#alert-raise", state="detached", timeout=SOON)
    inbox.wait_for_selector("text=No open alerts", timeout=SOON)
    assert [fault for page in (inbox, chief, clerk) for fault in page.faults if "status of 40" not in fault] == []
