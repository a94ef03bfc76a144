"""Acceptance: a clerk takes the form, hands it in with three faults, sees them by cell, mends, looks, submits, sees the figure:
by the keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime

import openpyxl
import pytest

from access.store import accounts
from opening import opened
from settings import from_environment
from tests.access.conftest import PASSWORD, password_hash
from tests.browser.test_pages import SIZES, sound
from tests.fixtures.processes import serving
from tests.receive.conftest import TOWN

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path):
    """The product's own web process over the town, with one clerk of the hall."""
    _, store = opened(from_environment({"WORKSPACE": str(TOWN), "DATA": str(tmp_path)}))
    with store.write() as connection:
        for name, department in (("clerk", "hall"), ("other", "roads")):
            accounts.add(connection, name, "张三", "staff", (department,), ("_T",), password_hash(), datetime.now(UTC))
    store.close()
    with serving(TOWN, tmp_path) as url:
        yield url


def tab_to(page, selector: str) -> None:
    """The Tab key until the element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


def hand_in(page, path) -> None:
    tab_to(page, "input[type=file]")
    page.locator(":focus").set_input_files(path)  # the dialog itself is the system's, not the page's
    tab_to(page, "form button")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_clerk_hands_in_a_form_by_the_keyboard_and_sees_the_figure(address, page, tmp_path):
    page.goto(f"{address}/upload?lang=zh")
    if not page.evaluate("document.activeElement.matches('#name')"):
        tab_to(page, "#name")
    page.keyboard.type("clerk")
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=待报 6 项")
    tab_to(page, "a[href^='/upload/reports']")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=第一步")

    tab_to(page, "#take")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    path = tmp_path / "月报.xlsx"
    taken.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet["D4"], sheet["E4"], sheet["D5"], sheet["E5"] = "九十五", 100, 80, None
    sheet["C6"], sheet["D6"] = "没有这个单位", 12
    book.save(path)
    hand_in(page, path)
    assert page.locator(".faults b").all_inner_texts() == ["D4", "E5", "C6"]
    assert "不是数" in page.locator(".faults").inner_text()

    sheet["D4"], sheet["E5"], sheet["C6"] = 95, 100, "政务大厅"
    book.save(path)
    hand_in(page, path)
    assert page.locator(".preview tbody tr").count() == 3
    assert "95 / 100" in page.locator(".preview").inner_text()
    assert page.evaluate("document.activeElement.matches('form button')")  # Submit has the focus
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("text=已提交")

    tab_to(page, ".said a[href^='/?']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card:has-text('满意率') >> text=87.5")
    assert [fault for fault in page.faults if "status of 4" not in fault] == []


def sign_in(page, address: str, name: str, path: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}{path}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_forms_and_ones_own_account_are_sound_at_every_size(address, page, tmp_path, lang):
    sign_in(page, address, "clerk", f"/upload?lang={lang}")
    page.wait_for_selector("a[href^='/upload/reports']")
    form = tmp_path / "form.xlsx"
    form.write_bytes(page.request.get(f"{address}/upload/reports/form.xlsx?lang={lang}").body())
    book = openpyxl.load_workbook(form)
    sheet = book.active
    sheet["D4"], sheet["E4"], sheet["D5"] = "九十五" * 20, 100, 80
    book.save(form)
    for path in ("/upload", "/upload/reports", "/account"):
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{address}{path}?lang={lang}")
            page.wait_for_selector("h1")
            sound(page, width)
    page.goto(f"{address}/upload/reports?lang={lang}")
    page.set_input_files("input[type=file]", form)
    page.press("form button", "Enter")
    page.wait_for_selector(".faults")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        sound(page, width)
    assert [fault for fault in page.faults if "status of 4" not in fault] == []


def test_staff_pause_a_source_with_a_reason_and_end_it_and_ask_for_a_back_fill(address, page):
    sign_in(page, address, "clerk", "/sources/letters?lang=zh")
    page.click("#source-pause")
    page.wait_for_selector("text=请写明原因")
    page.fill("#source-reason", "对方升级")
    page.click("#source-pause")
    page.wait_for_selector(".steer >> text=对方升级")
    page.reload()
    page.wait_for_selector(".steer >> text=对方升级")
    assert "已被人暂停" in page.locator("#main").inner_text()
    page.click("#source-end")
    page.wait_for_selector("text=已恢复")
    page.fill("#source-since", "2026-03-01")
    page.fill("#source-to", "2020-01-01")
    page.click("#source-fill")
    page.wait_for_selector(".steer .refusal")
    page.fill("#source-to", "2026-04-01")
    assert page.input_value("#source-since") == "2026-03-01"
    page.click("#source-fill")
    page.wait_for_selector("text=已要求补采")
    page.click("#source-run")
    page.wait_for_selector("text=已要求采集")
    assert page.locator(".steer >> text=等待执行").count() == 2
    page.click("text=去填报")
    page.wait_for_selector("h1:has-text('数据填报')")
    sign_in(page, address, "other", "/sources/letters?lang=zh")
    page.wait_for_selector("text=运行记录")
    assert page.locator("#source-run").count() == page.locator("text=去填报").count() == 0
