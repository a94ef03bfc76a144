"""Rows of the fault matrix for sources, each by its id: what is stored, and what the Run says."""

import json
import socket
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from collectors import _apart, _net
from collectors._errors import Failure
from collectors._run import run_source
from metrics.model import Plausible
from metrics.store import doubts, scope
from metrics.tables import observation, record, record_version
from tests.collectors.conftest import CASES, FIGURES, NOW, a_case, a_source
from tests.collectors.test_shape import an_xlsx


@pytest.fixture
def run(workspace, store):
    def _run(source, now=NOW, **more):
        return run_source(source, workspace, store, now, (), **more)

    return _run


def ids(store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(select(record.c.external_id)).scalars())


def current(store, column):
    with store.read() as connection:
        return connection.execute(select(column).where(column.table.c.known_to == 2**63 - 1)).scalars().all()


def test_an_empty_list_withdraws_nothing__F20(run, store, system):
    source = a_source("http_json", {"url": system.url})
    system.says(json.dumps([a_case(1), a_case(2)]))
    run(source)
    system.says("[]")
    assert run(source, NOW + timedelta(hours=1)).outcome in ("ok", "unchanged")
    assert ids(store) == ["1", "2"]
    assert not any(current(store, record_version.c.withdrawn))


def test_a_host_that_fails_again_and_again_is_left_in_peace__F21(run, system):
    source, at = a_source("http_json", {"url": system.url}), NOW
    system.says("", 403)
    run(source)
    system.says("", 503, retry_after="11")  # longer than a run waits: one try each, and the host rests for so long

    def asks(after) -> bool:
        before = len(system.asked)
        made.append(run(source, at + timedelta(seconds=after)))
        return len(system.asked) > before

    made = []
    assert [asks(second) for second in (0, 12, 24, 36, 48)] == [True] * 5
    assert not asks(60)
    assert made[-1].error_class == "http"
    assert "is not asked again before 04:01:" in made[-1].error
    assert "status 503" in made[-1].error
    assert asks(79)  # one try, which fails: twice as long
    assert not asks(79 + 59)
    system.says("[]")
    assert asks(79 + 61)
    assert made[-1].outcome in ("ok", "unchanged")
    assert asks(79 + 62)


@pytest.mark.parametrize("status", [429, 503])
def test_it_comes_back_when_it_is_asked_to__F21(run, system, status):
    source = a_source("http_json", {"url": system.url})
    system.says("", status, retry_after="120")
    assert "it asks to wait 120 s" in run(source).error
    assert "is not asked again" in run(source, NOW + timedelta(seconds=100)).error
    assert len(system.asked) == 1
    system.says("[]")
    assert run(source, NOW + timedelta(seconds=121)).error == ""


def test_no_more_than_four_ask_one_host_at_once__F21(want):
    from collectors import _hosts

    host = _hosts.host("10.0.0.9", 80)
    held = [host.slot(0) for _ in range(_hosts.AT_ONCE)]
    for one in held:
        one.__enter__()
    with pytest.raises(Failure, match="4 other requests have not been answered yet"), host.slot(0.01):
        pass
    for one in held:
        one.__exit__(None, None, None)
    with host.slot(0):
        pass


def test_one_series_that_disappears_leaves_the_others_and_itself__F22(run, store, system):
    source = a_source("http_json", {"url": system.url}, FIGURES, gives="observations")
    rows = [{"day": "2026-03-01", "dept": dept, "visits": 5} for dept in ("tax", "hotline")]
    system.says(json.dumps(rows))
    run(source)
    system.says(json.dumps([{**rows[0], "visits": 6}]))
    run(source, NOW + timedelta(hours=1))
    assert sorted(current(store, observation.c.num)) == [50, 60]


@pytest.mark.parametrize("blank", ["null", '""', '"—"', '"N/A"', None])
def test_what_is_missing_is_stored_as_missing_with_its_reason__F23(run, store, system, blank):
    field = "" if blank is None else f', "visits": {blank}'
    system.says(f'[{{"day": "2026-03-01", "dept": "tax"{field}}}]')
    assert run(a_source("http_json", {"url": system.url}, FIGURES, gives="observations")).error == ""
    assert current(store, observation.c.num) == [None]
    assert current(store, observation.c.status) == ["M"]
    assert current(store, observation.c.reason)[0]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 30, "9223372036854775808"])
def test_no_number_that_is_none_is_stored__F30_F33(run, store, system, bad):
    good = '{"day": "2026-03-01", "dept": "tax", "visits": 1}'
    system.says(f'[{good}, {{"day": "2026-03-01", "dept": "hotline", "visits": {bad}}}]')
    made = run(a_source("http_json", {"url": system.url}, FIGURES, gives="observations"))
    assert made.outcome == "refused"
    assert [(one["place"], one["field"]) for one in made.refusals] == [("row 2", "visits")]
    assert current(store, observation.c.num) == [10]


@pytest.fixture
def believing(workspace, store):
    """Collects figures that are looked at before they are believed."""

    def _run(source, now=NOW, **how):
        visits = replace(workspace.indicators["visits"], plausible=Plausible(**how))
        return run_source(source, replace(workspace, indicators={"visits": visits}), store, now, ())

    return _run


def in_question(store):
    with store.read() as connection:
        return [(one.kind, one.held) for one in doubts.every(connection, scope.WHOLE, waiting=True)]


def test_what_is_out_of_its_bounds_waits_for_a_person_and_the_last_good_stays__F33(believing, store, system):
    source = a_source("http_json", {"url": system.url}, FIGURES, gives="observations")
    how = {"at_least": Decimal(0), "at_most": Decimal(100)}
    rows = [{"day": "2026-03-01", "dept": "tax", "visits": 5}, {"day": "2026-03-01", "dept": "hotline", "visits": 7}]
    system.says(json.dumps(rows))
    believing(source, **how)
    system.says(json.dumps([{**rows[0], "visits": -5}, rows[1]]))
    made = believing(source, NOW + timedelta(hours=1), **how)
    assert (made.counts["held"], in_question(store)) == (1, [("bounds", True)])
    assert sorted(current(store, observation.c.num)) == [50, 70]


@pytest.mark.parametrize("written", [5, 50_000 * 10_000])
def test_another_unit_waits_for_somebody_to_look__F34(believing, store, system, written):
    source, how = a_source("http_json", {"url": system.url}, FIGURES, gives="observations"), {"jump": Decimal(1000)}
    system.says(json.dumps([{"day": "2026-02-26", "dept": "tax", "visits": 50_000}]))  # the 27th and the 28th never came
    assert believing(source, **how).error == ""
    system.says(json.dumps([{"day": "2026-03-01", "dept": "tax", "visits": written}]))
    made = believing(source, NOW + timedelta(hours=1), **how)
    assert (made.error, made.counts["held"], in_question(store)) == ("", 1, [("jump", True)])
    assert current(store, observation.c.num) == [500_000]
    system.says(json.dumps([{"day": "2026-03-01", "dept": "tax", "visits": 60_000}]))
    assert believing(source, NOW + timedelta(hours=2), **how).error == ""
    assert (in_question(store), sorted(current(store, observation.c.num))) == ([], [500_000, 600_000])


def test_a_renamed_key_is_told_with_what_there_is_instead__F35(run, store, system):
    system.says(json.dumps([{"number": 1, "dept": "tax", "opened": "2026-03-01"}]))
    made = run(a_source("http_json", {"url": system.url}))
    assert (made.error_class, made.error) == ("schema_changed", "missing: id; not mapped: number")
    assert ids(store) == []


def test_a_day_to_come_is_refused__F39(run, store, system):
    system.says(json.dumps([a_case(1), a_case(2, opened=(NOW + timedelta(days=1)).isoformat())]))
    made = run(a_source("http_json", {"url": system.url}))
    assert [(one["place"], one["reason"]) for one in made.refusals] == [("row 2", "lies in the future")]
    assert ids(store) == ["1"]


def test_what_is_committed_late_or_at_a_page_s_edge_is_not_lost__F41(run, store, system):
    """Two rows of one instant on two pages, and one that was committed below the mark."""
    rows = [a_case(n, changed=f"2026-03-02T10:00:0{min(n, 2)}+08:00") for n in range(1, 5)]

    def answer(path, headers):
        asked = parse_qs(urlsplit(path).query)
        since = asked.get("since", [""])[0]
        found = [row for row in sorted(rows, key=lambda row: row["changed"]) if not since or _utc(row["changed"]) >= since]
        page = int(asked["page"][0]) - 1
        return 200, {}, json.dumps(found[page * 2 : page * 2 + 2]).encode()

    system.answer = answer
    since = {"param": "since", "field": "changed", "overlap": "10m"}
    source = a_source("http_json", {"url": system.url + "/", "paging": {"kind": "page", "size": 2}, "since": since})
    run(source)
    assert ids(store) == ["1", "2", "3", "4"]
    rows.append(a_case(9, changed="2026-03-02T09:55:00+08:00"))
    run(source, NOW + timedelta(minutes=1))
    assert ids(store) == ["1", "2", "3", "4", "9"]
    assert len(current(store, record_version.c.record_id)) == 5


def _utc(text: str) -> str:
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://127.0.0.1:5432/", "file:///etc/passwd", "gopher://127.0.0.1/", "/again"]
)
def test_no_redirect_is_followed__F42(run, system, target):
    system.says("", 302, location=target)
    made = run(a_source("http_json", {"url": system.url + "/again"}))
    assert made.error_class == "blocked"
    assert "a redirect, which is not followed" in made.error
    assert len(system.asked) == 1


def test_a_name_with_two_answers_is_not_asked_if_one_is_inside__F43(monkeypatch):
    both = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(Failure, match="leads to 127.0.0.1"):
        _net.resolve("rebinding.example", 80)


def test_a_secret_given_back_is_nowhere__F93(run, store, system, monkeypatch, caplog):
    monkeypatch.setenv("CANARY", "canary-5791")
    source = a_source("http_json", {"url": system.url, "auth": {"kind": "key", "param": "key"}}, secret="env:CANARY")
    system.answer = lambda path, headers: (200, {}, json.dumps([a_case(1), a_case(2, dept=path)]).encode())
    made = run(source)
    assert made.refusals[0]["value"] == "/?key=***"
    assert "canary-5791" not in str(made) + caplog.text
    system.answer = lambda path, headers: (200, {}, json.dumps({path: 1}).encode())
    assert "canary-5791" not in str(run(a_source("http_json", {**source.settings, "rows": "x"}, secret="env:CANARY")))


def test_a_workbook_that_eats_memory_ends_its_reader_only__F52():
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    import io

    made = io.BytesIO()
    book.save(made)
    with pytest.raises(Failure) as caught:
        list(_apart.workbook(made.getvalue(), "a.xlsx", None, 100))
    assert caught.value.kind == "too_large"
    assert caught.value.what.startswith("a.xlsx needs more memory or time than a workbook may")
    assert list(_apart.workbook(an_xlsx([1]), "b.xlsx", None, 100)) == [(1, [1])]


def test_a_workbook_that_takes_too_long_is_given_up__F52():
    with pytest.raises(Failure) as caught:
        list(_apart.workbook(an_xlsx([1]), "a.xlsx", None, 100, deadline=0.001))
    assert (caught.value.kind, caught.value.what) == ("timeout", "a.xlsx could not be read in time")


def test_a_million_blank_rows_cost_nothing__F53():
    import io
    import zipfile

    whole = io.BytesIO(an_xlsx(["a"], [1]))
    made = io.BytesIO()
    blank = b"".join(b'<row r="%d" ht="15"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 200_000))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", blank + b"</sheetData>").replace(b'ref="A1:A2"', b'ref="A1:A1048576"')
            new.writestr(name, data)
    assert list(_apart.workbook(made.getvalue(), "a.xlsx", None, 100)) == [(1, ["a"]), (2, [1])]


def test_a_folder_that_cannot_be_read_is_a_run__F56(run, tmp_path):
    (tmp_path / "in").write_text("no folder")
    made = run(a_source("files", {"folder": "in"}, CASES))
    assert (made.outcome, made.error_class) == ("error", "missing")
