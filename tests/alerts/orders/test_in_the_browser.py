"""Acceptance: an order from an alert to closed by data, by the people whose steps they are, with nothing but the keyboard."""

import re
from datetime import UTC, datetime

import pytest

from access import passwords
from access.store import accounts as people
from alerts.store import orders as kept
from metrics.model import TOTAL
from tests.access.conftest import PASSWORD
from tests.alerts.test_in_the_browser import Town, address, post  # noqa: F401 - the same town, with its own web process

pytestmark = pytest.mark.browser


@pytest.fixture
def town(tmp_path, post):  # noqa: F811
    made = Town(tmp_path, post.port)
    with made.store.write() as connection:
        hash = passwords.hashed(PASSWORD)
        for name, display, role, department in (
            ("chief", "王敏", "supervisor", TOTAL), ("desk", "刘强", "staff", "a"), ("guest", "来宾", "viewer", TOTAL),
        ):  # fmt: skip
            people.add(connection, name, display, role, (department,), (TOTAL,), hash, datetime.now(UTC))
    yield made
    made.store.close()


def enter(browser, address, name):  # noqa: F811
    """A person at a desk of their own, signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", extra_http_headers={})
    page = context.new_page()
    page.goto(f"{address}/orders?lang=en")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#main")
    return page


def press(page, id):
    """Reached and pressed by the keyboard alone: the form unfolded first where it is folded."""
    step = re.match(r"order-(\w+)-do", id)
    if step and page.locator(f"#order-{step[1]}").get_attribute("open") is None:
        page.focus(f"#order-{step[1]} > summary")
        page.keyboard.press("Enter")
    page.focus(f"#{id}")
    page.keyboard.press("Enter")


def unfold(page, kind):
    if page.locator(f"#order-{kind}").get_attribute("open") is None:
        page.focus(f"#order-{kind} > summary")
        page.keyboard.press("Enter")


def typed(page, id, words):
    page.focus(f"#{id}")
    page.keyboard.type(words)


def answer(page, words):
    unfold(page, "answered")
    page.focus("#order-answered-cause input >> nth=0")
    page.keyboard.press("Space")
    typed(page, "order-answered-text", words)
    press(page, "order-answered-do")


def test_it_goes_from_the_alert_to_closed_by_data_by_the_keyboard_and_prints(town, address, browser, tmp_path):  # noqa: F811
    town.day(8, 980)
    town.day(7, 930)
    chief, desk = enter(browser, address, "chief"), enter(browser, address, "desk")
    chief.goto(f"{address}/alerts/1?lang=en")
    chief.wait_for_selector("#alert-raise")
    chief.focus("#alert-raise")
    chief.keyboard.press("Enter")
    chief.wait_for_selector("#raise-do")
    assert chief.input_value("#raise-title").startswith("Office A Closed on time 93")
    typed(chief, "raise-text", "Put it right and say how.")
    press(chief, "raise-do")
    chief.wait_for_selector("text=To be signed")
    number = int(re.search(r"/orders/(\d+)", chief.url)[1])
    assert chief.locator("#order-signed").count() == 0  # the department's step, not the supervisor's

    desk.goto(f"{address}/orders?lang=en")
    desk.wait_for_selector("text=Waiting for me 1")
    desk.focus(f"a[href*='/orders/{number}']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#order-signed-do")
    assert desk.locator("#order-overridden").count() == 0
    press(desk, "order-signed-do")
    desk.wait_for_selector("#order-answered-do")
    press(desk, "order-answered-do")
    desk.wait_for_selector("text=Choose a cause")
    with desk.expect_file_chooser() as chooser:
        desk.focus("#order-answered-paper button")
        desk.keyboard.press("Enter")
    chooser.value.set_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 plan"})
    desk.wait_for_selector("#order-answered-chosen:has-text('plan.pdf')")
    answer(desk, "We take it seriously.")
    desk.wait_for_selector("text=Awaiting evidence")

    chief.reload()
    chief.wait_for_selector("#order-returned-do", state="attached")
    unfold(chief, "returned")
    typed(chief, "order-returned-text", "No cause and no figures.")
    press(chief, "order-returned-do")
    chief.wait_for_selector(".tl >> text=Returned")
    desk.reload()
    desk.wait_for_selector("#order-answered-do")
    answer(desk, "Two more clerks since Monday.")
    desk.wait_for_selector("text=Awaiting evidence")

    guest = enter(browser, address, "guest")
    guest.goto(f"{address}/orders/{number}?lang=en")
    guest.wait_for_selector("text=There is nothing for you to do here now.")

    with town.store.write() as connection:  # the numbers of three days ahead are settled when they come; here the days are past
        row = kept.by_id(connection, number)
        backdate(connection, row)
    for ago in (5, 4, 3):
        town.day(ago, 970)
    chief.reload()
    chief.wait_for_selector(".tl >> text=Closed by data")
    found = chief.inner_text(".whole-course")
    for words in ("Drafted", "Signed", "We take it seriously.", "plan.pdf", "No cause and no figures.", "Two more clerks"):
        assert words in found
    printed = tmp_path / "course.pdf"
    chief.emulate_media(media="print")
    assert not chief.is_visible(".hd")
    chief.pdf(path=str(printed), format="A4")
    assert printed.read_bytes().startswith(b"%PDF-")
    with chief.expect_download() as download:
        chief.click("a[download='plan.pdf']", force=True)
    assert download.value.suggested_filename == "plan.pdf"
    for one in (chief, desk, guest):
        one.context.close()


def backdate(connection, row):
    """As if it had been issued before the days whose files come now."""
    import json
    from dataclasses import replace

    from sqlalchemy import update

    from alerts.store.order_tables import work_order

    order = kept.revive(row)
    week = 7 * 86_400_000_000
    body = json.dumps(replace(order, since=order.since - week).as_json())
    connection.execute(update(work_order).where(work_order.c.id == row.id).values(body=body))
