"""Forms of an office without a system: made for what it owes, faults by cell, a look at what would change, then the same door."""

from __future__ import annotations

import io
import re
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from access.store import accounts as rows
from metrics.tables import observation, revision
from tests.access.conftest import NOW, PASSWORD, password_hash

PEOPLE = (
    ("clerk", "staff", "hall"), ("stranger", "staff", "roads"), ("chief", "supervisor", "_T"), ("boss", "administrator", "_T"),
)  # fmt: skip


@pytest.fixture
def signed_in(site):
    """`signed_in("clerk")`: a client with that person's session."""
    with site.store.write() as connection:
        for name, role, department in PEOPLE:
            rows.add(connection, name, name, role, (department,), ("_T",), password_hash(), NOW)
    opened: list[httpx.Client] = []

    def sign_in(name: str) -> httpx.Client:
        client = httpx.Client(base_url=site.base, headers={"Origin": site.base})
        opened.append(client)
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303
        return client

    yield sign_in
    for client in opened:
        client.close()


def form_of(client: httpx.Client) -> Any:
    answer = client.get("/upload/reports/form.xlsx?lang=zh")
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def hand_in(client: httpx.Client, book: Any, lang: str = "zh") -> httpx.Response:
    data = io.BytesIO()
    book.save(data)
    return client.post(f"/upload/reports?lang={lang}", files={"form": ("月报.xlsx", data.getvalue())})


def submit(client: httpx.Client, preview: httpx.Response) -> httpx.Response:
    looked_at = re.search(r'name="looked_at" value="([^"]+)"', preview.text)
    assert looked_at, preview.text
    return client.post("/upload/reports/submit", data={"looked_at": looked_at[1]})


def stored(site: Any) -> list[tuple]:
    with site.store.read() as connection:
        return sorted(connection.execute(select(observation.c.num, observation.c.den, observation.c.known_to > 10**17)).all())


def test_the_form_has_a_line_for_each_figure_that_is_owed_with_drop_downs(site, signed_in):
    book = form_of(signed_in("clerk"))
    sheet = book.active
    lines = [[cell.value for cell in row[:3]] for row in sheet.iter_rows(min_row=4)]
    assert lines == [
        ["满意率", "2026-04", "东城"], ["满意率", "2026-04", "西城"], ["培训人数", "2026-04", "政务大厅"],
        ["满意率", "2026-03", "东城"], ["满意率", "2026-03", "西城"], ["培训人数", "2026-03", "政务大厅"],
    ]  # fmt: skip
    assert {str(one.sqref)[0] for one in sheet.data_validations.dataValidation} == {"A", "B", "C", "F"}
    assert book["lists"].sheet_state == "hidden"


def test_the_page_shows_what_is_owed_before_what_is_there(site, signed_in):
    client = signed_in("clerk")
    book = form_of(client)
    sheet = book.active
    sheet["D4"], sheet["E4"] = 90, 100
    submit(client, hand_in(client, book))
    table = client.get("/upload/reports?lang=zh").text.partition("duties")[2]
    lines = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    assert ["90 / 100" in line for line in lines] == [False] * 5 + [True]


def test_it_names_the_faults_by_cell_and_stores_nothing(site, signed_in):
    client = signed_in("clerk")
    book = form_of(client)
    sheet = book.active
    sheet["D4"], sheet["E4"] = "九十", 100
    sheet["D5"] = 80
    sheet["C6"], sheet["D6"] = "南城", 5
    sheet["D7"], sheet["E7"], sheet["F7"] = 1, 2, "大概"
    answer = hand_in(client, book)
    assert answer.status_code == 422
    found = re.findall(r"<td><b>(\w+)</b></td><td><bdi>(.*?)</bdi></td><td class=\"wrapped\">(.*?)</td>", answer.text)
    assert found == [
        ("D4", "九十", "不是数"), ("E5", "—", "率要填分母"), ("C6", "南城", "不是已知的单位名称"),
        ("F7", "大概", "不是可选的情况"),
    ]  # fmt: skip
    assert stored(site) == []
    run = site.runs("reports")[0]
    assert (run.outcome, run.by, [one["place"] for one in run.refusals]) == ("error", "clerk", ["D4", "E5", "C6", "F7"])


def test_it_shows_what_would_change_and_stores_that_and_nothing_else(site, signed_in):
    client = signed_in("clerk")
    book = form_of(client)
    book.active["D4"], book.active["E4"], book.active["D6"] = 95, 100, 12
    preview = hand_in(client, book)
    assert preview.status_code == 200
    assert "新增 2 项，更正 0 项，不变 0 项" in preview.text
    assert stored(site) == []
    done = submit(client, preview)
    assert done.status_code == 303
    assert "已提交" in client.get(done.headers["Location"] + "&lang=zh").text
    assert stored(site) == [(12, None, True), (95, 100, True)]
    run = site.runs("reports")[0]
    assert (run.kind, run.outcome, run.by) == ("upload", "ok", "clerk")
    with site.store.read() as connection:
        assert connection.execute(select(revision.c.actor).where(revision.c.run_id == run.id)).scalar_one() == "clerk"
    assert ("clerk", "upload", "/upload/<key>/submit", "ok") in site.audit()
    book.active["D4"] = 96
    again = hand_in(client, book)
    assert "新增 0 项，更正 1 项，不变 1 项" in again.text
    assert "95 / 100" in again.text
    submit(client, again)
    assert stored(site) == [(12, None, True), (95, 100, False), (96, 100, True)]
    assert form_of(client).active["D4"].value == 96


def test_it_says_what_is_owed_and_what_is_late(site, signed_in):
    client = signed_in("clerk")
    assert "6 figures owed" in client.get("/upload?lang=en").text
    assert "3 of them late" in client.get("/upload?lang=en").text  # it is 4 May: those of March were due by 6 April
    book = form_of(client)
    for line in range(7, 10):
        book.active[f"D{line}"], book.active[f"E{line}"] = 1, 1 if line < 9 else None
    submit(client, hand_in(client, book))
    assert "3 figures owed" in client.get("/upload?lang=en").text
    assert "of them late" not in client.get("/upload?lang=en").text
    assert "due soon" in client.get("/upload/reports?lang=en").text


def test_a_missing_figure_is_handed_in_as_missing(site, signed_in):
    client = signed_in("clerk")
    book = form_of(client)
    book.active["F6"], book.active["G6"] = "缺报", "统计员请假"
    submit(client, hand_in(client, book))
    with site.store.read() as connection:
        found = connection.execute(select(observation.c.num, observation.c.status, observation.c.reason)).one()
    assert tuple(found) == (None, "M", "统计员请假")
    assert "已报缺数" in client.get("/upload/reports?lang=zh").text


def test_only_staff_of_the_office_may(site, signed_in):
    clerk = signed_in("clerk")
    book = form_of(clerk)
    book.active["D6"] = 1
    preview = hand_in(clerk, book)
    for name in ("stranger", "chief", "boss"):
        client = signed_in(name)
        assert client.get("/upload/reports").status_code == client.get("/upload/reports/form.xlsx").status_code == 403
        assert hand_in(client, book).status_code == submit(client, preview).status_code == 403
    assert httpx.get(f"{site.base}/upload/reports").status_code == 401
    assert clerk.get("/upload/meters").status_code == clerk.get("/upload/none").status_code == 404
    assert stored(site) == []


def test_a_preview_cannot_be_changed_or_kept(site, signed_in):
    client = signed_in("clerk")
    book = form_of(client)
    book.active["D6"] = 1
    preview = hand_in(client, book)
    looked_at = re.search(r'name="looked_at" value="([^"]+)"', preview.text)[1]
    for given in ("", looked_at[:-3] + "abc", "W10." + looked_at):
        assert client.post("/upload/reports/submit", data={"looked_at": given}).status_code == 422
    assert stored(site) == []


def test_it_refuses_what_is_not_its_form(site, signed_in):
    client = signed_in("clerk")
    other = openpyxl.Workbook()
    other.active["A1"] = "=1+1"
    assert hand_in(client, other).status_code == 422
    assert hand_in(client, form_of(client)).status_code == 422  # nothing filled in
    for data in (b"", b"PK\x03\x04", b"not a workbook", b"\xd0\xcf\x11\xe0", b"PK" + b"\0" * 100):
        answer = client.post("/upload/reports?lang=en", files={"form": ("a.xlsx", data)})
        assert answer.status_code == 422, data
    big = client.post("/upload/reports?lang=en", files={"form": ("a.xlsx", b"P" * (2 * 1024 * 1024 + 1))})
    assert big.status_code == 413
    assert client.post("/upload/reports").status_code == 422
    assert stored(site) == []
