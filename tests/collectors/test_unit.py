"""A collection that breaks off: each unit is whole or not there, and the Run says how much of it is kept."""

import sqlite3

import pytest

from collectors import _unit, sql
from collectors._errors import Failure
from collectors._payload import Payload, Want
from collectors._unit import Asked, units
from tests.collectors.conftest import NOW, ZONE, a_case, a_source


def pages(*numbers, mark=None):
    """A page of two cases for each number, then the system breaks off."""
    for number in numbers:
        yield Payload([a_case(number * 10), a_case(number * 10 + 1)], str(number), mark or {})
    raise Failure("timeout", "page 9: no answer", "the system is too slow or hangs")


def told(made):
    """(cases in the batch, words) of each unit."""
    return [(len(one.batch.records) if one.batch else None, one.failure.what if one.failure else "") for one in made]


def test_what_came_before_the_fault_is_kept_unit_by_unit_and_the_run_says_how_much(workspace, monkeypatch):
    monkeypatch.setattr(_unit, "TOGETHER", 4)
    asked = Asked(a_source("http_json", {}), workspace, NOW)
    assert told(units(pages(1, 2, 3), asked, "")) == [(4, ""), (2, "page 9: no answer; the 6 rows before it are kept")]
    assert told(units(pages(), asked, "")) == [(None, "page 9: no answer")]


def test_of_what_is_to_be_everything_nothing_is_kept(workspace):
    asked = Asked(a_source("http_json", {}, complete=True), workspace, NOW)
    assert told(units(pages(1, 2, 3), asked, "")) == [(None, "page 9: no answer")]


@pytest.mark.parametrize(("most", "kept"), [(30_000, "; the 20000 rows before it are kept"), (5_000, "")])
def test_a_query_over_its_row_cap_says_which_rows_are_kept__F45(workspace, tmp_path, monkeypatch, most, kept):
    monkeypatch.setattr(sql, "MAX_ROWS", 20_000)
    with sqlite3.connect(tmp_path / "many.db") as made:
        made.execute("CREATE TABLE t (a)")
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
    query = f"{rows} SELECT i AS id, 'tax' AS dept, '2026-03-01 09:00:00' AS opened FROM n"
    mapping = {"id": "id", "department": "dept", "opened": "opened"}
    source = a_source("sql", {"url": "sqlite:///many.db", "query": query, "max_rows": most}, mapping)
    made = list(units(sql.fetch(source, Want(NOW, tmp_path, zone=ZONE)), Asked(source, workspace, NOW), ""))
    stored = sum(len(one.batch.records) for one in made if one.batch)
    assert stored == (20_000 if kept else 0)
    assert made[-1].failure.what == f"the query gives more than {most} rows{kept}"
    assert all(not one.patch for one in made)  # the next one asks for everything again: what is known is no row
