"""Acceptance: an order from an alert to closed by data, by the people whose steps they are, with nothing but the keyboard."""

import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from access import passwords
from access.store import accounts as people
from alerts.store import orders as kept
from alerts.store.order_tables import order_event
from metrics.model import TOTAL
from tests.access.conftest import PASSWORD
from tests.alerts.test_in_the_browser import Town, address, post  # noqa: F401 - the same town, with its own web process
from tests.browser.test_pages import SIZES, sound

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
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"{address}/orders?lang=en")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#main")
    return page


def reach(page, selector, most=120):
    """The Tab key until the element has the focus: there is no mouse on this desk."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {selector}")


def press(page, selector):
    reach(page, selector)
    page.keyboard.press("Enter")


def unfold(page, kind):
    page.wait_for_selector(f"#order-{kind}", state="attached")
    if page.locator(f"#order-{kind}").get_attribute("open") is None:
        press(page, f"#order-{kind} > summary")


def typed(page, selector, words):
    reach(page, selector)
    page.keyboard.type(words)


def answer(page, words):
    unfold(page, "answered")
    reach(page, "#order-answered-cause input")
    page.keyboard.press("Space")
    typed(page, "#order-answered-text", words)
    press(page, "#order-answered-do")


FORCE = """async ([kind, id]) => {
  const known = await (await fetch("/_dash-dependencies")).json();
  const one = known.find(c => c.inputs.some(i => i.id === `order-${kind}-do`));
  const given = {"order-id": {id: id, version: 1, lang: "en"}, [`order-${kind}-text`]: "by force",
                 [`order-${kind}-day`]: "2099-01-01", "order-answered-cause": "capacity"};
  const state = one.state.map(s => ({id: s.id, property: s.property, value: given[s.id] ?? null}));
  const inputs = one.inputs.map(i => ({id: i.id, property: i.property, value: 1}));
  const output = one.output, [name, property] = output.split(".");
  const sent = await fetch("/_dash-update-component", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({output, outputs: {id: name, property}, inputs, state, changedPropIds: [`order-${kind}-do.n_clicks`]})});
  return sent.status === 403 || (await sent.text()).includes("This step is not yours.");
}"""


def test_it_goes_from_the_alert_to_closed_by_data_by_the_keyboard_and_prints(town, address, browser, tmp_path):  # noqa: F811
    town.day(8, 980)
    town.day(7, 930)
    chief, desk, guest = (enter(browser, address, name) for name in ("chief", "desk", "guest"))
    chief.goto(f"{address}/alerts/1?lang=en")
    chief.wait_for_selector("#alert-raise")
    press(chief, "#alert-raise")
    chief.wait_for_selector("#raise-do")
    assert chief.input_value("#raise-title").startswith("Office A Closed on time 93")
    typed(chief, "#raise-text", "Put it right and say how.")
    press(chief, "#raise-do")
    chief.wait_for_selector("text=To be signed")
    number = int(re.search(r"/orders/(\d+)", chief.url)[1])

    def course(kind):
        """On the supervisor's open page, which nobody touches."""
        chief.wait_for_selector(f"#order-course >> text={kind}", timeout=15_000)

    def refused(page, *steps):
        for kind in steps:
            assert page.locator(f"#order-{kind}").count() == 0
            before = len(town.rows(order_event))
            assert page.evaluate(FORCE, [kind, number]), f"{kind} is not for this person"
            assert len(town.rows(order_event)) == before

    refused(chief, "signed", "answered")
    desk.wait_for_selector("text=Waiting for me 1", timeout=15_000)  # on the board it has had open since before
    press(desk, f"a[href*='/orders/{number}']")
    desk.wait_for_selector("#order-signed-do")
    refused(desk, "returned", "reminded", "extended", "suspended", "overridden", "withdrawn")
    press(desk, "#order-signed-do")
    desk.wait_for_selector("#order-answered-do")
    course("Signed")
    press(desk, "#order-answered-do")
    desk.wait_for_selector("text=Choose a cause")
    with desk.expect_file_chooser() as chooser:
        press(desk, "#order-answered-paper button")
    chooser.value.set_files({"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + b"x" * 1_500_000})
    desk.wait_for_selector("#order-answered-chosen:has-text('A paper may have up to 1 MB.')")
    with desk.expect_file_chooser() as chooser:
        press(desk, "#order-answered-paper button")
    paper = {"mimeType": "application/pdf", "buffer": b"%PDF-1.7 plan" + b"x" * 950_000}
    chooser.value.set_files([{"name": name, **paper} for name in ("plan.pdf", "means.pdf", "dates.pdf")])
    desk.wait_for_selector("#order-answered-chosen:has-text('plan.pdf, means.pdf, dates.pdf')")
    answer(desk, "We take it seriously.")
    desk.wait_for_selector("text=Awaiting evidence")

    course("We take it seriously.")
    unfold(chief, "returned")
    typed(chief, "#order-returned-text", "No cause and no figures.")
    press(chief, "#order-returned-do")
    course("Returned")
    desk.wait_for_selector("#order-answered-do")  # without a reload: the step of the supervisor brought the form
    answer(desk, "Two more clerks since Monday.")
    course("Two more clerks since Monday.")

    guest.goto(f"{address}/orders/{number}?lang=en")
    guest.wait_for_selector("text=There is nothing for you to do here now.")
    refused(guest, "signed", "answered", "noted", "returned", "overridden", "withdrawn")

    with town.store.write() as connection:  # the numbers of three days ahead are settled when they come; here the days are past
        row = kept.by_id(connection, number)
        backdate(connection, row)
    for ago in (5, 4, 3):
        town.day(ago, 970)
    course("Closed by data")
    found = chief.inner_text(".whole-course")
    for words in (
        "Drafted",
        "Signed",
        "We take it seriously.",
        "plan.pdf",
        "dates.pdf",
        "No cause and no figures.",
        "Two more clerks",
    ):
        assert words in found
    assert [one.kind for one in town.rows(order_event) if one.actor != "="] == [
        "drafted", "issued", "signed", "answered", "returned", "answered",
    ]  # fmt: skip
    for width, height in SIZES.values():
        chief.set_viewport_size({"width": width, "height": height})
        sound(chief, width)
    pages = printed(chief, tmp_path / "course.pdf")
    assert len(pages) <= 2
    for words in ("Closed by data", "plan.pdf", "Two more clerks since Monday.", "Who was told"):
        assert words in " ".join(" ".join(pages).split())
    with chief.expect_download() as download:
        press(chief, "a[download='plan.pdf']")
    assert download.value.suggested_filename == "plan.pdf"
    by_hand(chief, address)
    for one in (chief, desk, guest):
        assert [fault for fault in one.faults if "status of 40" not in fault] == []
        one.context.close()


def by_hand(chief, address):  # noqa: F811
    """On a figure of its own, with the indicator chosen from the list by the keyboard."""
    chief.goto(f"{address}/raise?lang=en&indicator=on_time")
    chief.wait_for_selector("#raise-indicator")
    typed(chief, "#raise-title", "Better than good")
    reach(chief, "#raise-lead input")
    chief.keyboard.press("Space")
    typed(chief, "#raise-bound", "99.5%")
    press(chief, "#raise-keep")
    chief.wait_for_selector("#order-issued-do")
    unfold(chief, "edited")
    reach(chief, "#order-edited-sign_days")
    chief.keyboard.type("7")
    press(chief, "#order-edited-do")
    chief.wait_for_selector("text=Draft edited")
    press(chief, "#order-issued-do")
    chief.wait_for_selector("text=To be signed")
    assert "≥99.5%" in chief.inner_text("#order-about").replace(" ", "")
    unfold(chief, "reminded")
    press(chief, "#order-reminded-do")
    chief.wait_for_selector("text=It was reminded of within the hour.")


def printed(page, path):
    """The texts of its pages; each is A4, without what only a screen has."""
    page.emulate_media(media="print")
    assert not page.is_visible(".hd")
    page.pdf(path=str(path), prefer_css_page_size=True, format="A4")
    page.emulate_media(media="screen")
    pages = PdfReader(path).pages
    assert {(round(one.mediabox.width), round(one.mediabox.height)) for one in pages} == {(595, 842)}
    return [one.extract_text() for one in pages]


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
