"""What a card says of its figure besides the value, sheets and programs hear too: who is missing or stands in, what came late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from metrics.answers import Ask
from metrics.model import SYSTEM
from publish import _figures, _many, _passports, _units, api
from publish.openapi import document
from tests.metrics.small import DAY, calls, case, put, workspace

NOON = DAY + timedelta(days=1, hours=12)


@pytest.fixture
def ask(store):
    put(store, *(calls(9, one, day=-1) for one in ("x1", "y1", "m")), source="calls", now=DAY)
    put(store, calls(5, "y1"), source="calls2", now=DAY + timedelta(days=1))
    put(store, calls(7), source="calls", now=NOON - timedelta(hours=1))
    put(store, case("1"), now=NOON)
    with store.read() as connection:
        yield Ask(connection, workspace(), SYSTEM, NOON)


MINE = {"indicator": "calls", "grain": "day"}
SAID = {
    "missing": [{"zh": "m", "en": "m"}], "stand_ins": ["calls2"], "mixed": [], "late": "2026-03-03T03:00:00Z",
}  # fmt: skip


def marks(figure):
    return {key: figure[key] for key in SAID}


def test_a_sheet_of_periods_has_columns_for_them_and_says_so_above(ask):
    sheet = _figures.trend(ask, MINE, "zh")
    notes = [words for name, words in sheet.about if name == "说明"]
    assert notes == [
        "1 行有单位未报，名单见“未报”一列", "1 行的权威来源未报，由 calls2 的数替代", "1 行的数迟报",
    ]  # fmt: skip
    assert list(sheet.columns)[-4:] == ["已报", "应报", "未报", "标记"]
    found = [row[-4:] for row in sheet.rows]
    assert found[0] == [3, 3, None, None]
    assert found[1] == [2, 3, "m", "由 calls2 替代、迟报（2026-03-03 11:00）"]


def test_a_sheet_of_units_has_them_too_and_one_of_cases_needs_none(ask):
    sheet = _figures.units(ask, MINE | {"by": "city"}, "en")
    assert ("Note", "Rows that lack reports: 1; the column Missing names who") in list(sheet.about)
    assert {row[3]: row[-4:] for row in sheet.rows} == {
        "x": [1, 2, "m", "came late (2026-03-03 11:00)"], "y": [1, 1, None, "calls2 stands in"],
    }  # fmt: skip
    assert "Missing" not in _figures.trend(ask, {"indicator": "opened", "grain": "day"}, "en").columns


def test_a_sheet_says_unit_and_level_in_words(ask):
    asked = {"indicator": "on_time", "grain": "day", "by": "county"}
    ask = replace(ask, workspace=replace(workspace(), units={"item": {"zh": "件", "en": "items"}}))
    sheet = _figures.units(ask, asked, "zh")
    assert ("单位", "%") in list(sheet.about)
    assert " 各区县 " in sheet.title
    assert " counties " in _figures.units(ask, asked, "en").title
    assert ("单位", "件") in list(_figures.trend(ask, MINE, "zh").about)
    assert ("Unit", "items") in list(_figures.trend(ask, MINE, "en").about)


def test_programs_read_them_of_a_series_of_units_of_the_latest_and_of_a_passport(ask):
    shown = [one for one in api.observations(ask, MINE)["items"] if one["settled"]][-1]
    assert marks(shown) == SAID
    assert marks(api.observations(ask, {"indicator": "opened", "grain": "day"})["items"][-1]) == {
        "missing": [], "stand_ins": [], "mixed": [], "late": None,
    }  # fmt: skip
    units = {one["id"]: marks(one["figure"]) for one in _units.listed(ask, {"indicator": "calls", "by": "city"})["items"]}
    assert units["x"] == SAID | {"stand_ins": []}
    assert units["y"] == SAID | {"missing": [], "late": None}
    latest = {one["indicator"]: one["figure"] for one in _many.latest(ask, {})["items"]}
    assert marks(latest["calls"]) == SAID
    passport = _passports.asked(ask, MINE | {"period": "2026-03-01T16:00:00Z"})["item"]
    assert marks(passport["exported"]) == marks(passport["now"]) == SAID


def test_the_document_of_the_api_names_them():
    said = document()["components"]["schemas"]
    assert set(SAID) <= set(said["Observation"]["properties"])
    assert not set(SAID) & set(said["Value"]["properties"]), "a value that entered is one word of one source"
