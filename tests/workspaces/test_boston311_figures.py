"""Acceptance: Boston through collector, store and API, against the city's reference and an independent pandas script."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import pandas as pd
import pytest

from metrics import links, reading
from metrics.answers import Ask, CaseQuery, Cell
from metrics.model import SYSTEM, Principal
from publish import api

pytestmark = pytest.mark.realdata

COUNTS = {
    "requests": "total", "requests_closed": "closed", "flag_ontime": "ontime", "flag_overdue": "overdue", "flag_none": "no_flag",
    "no_due_date": "no_target",
}  # fmt: skip
"""Our indicator -> the column of the reference file."""
CLOCK = "2016-01-12 23:00"
VIEWER = Principal("v", "v", frozenset({"viewer"}))


@pytest.fixture(scope="module")
def pandas_says(realdata: Path) -> dict[str, tuple[int, int, int]]:
    """Department -> closed by due, come due, without a due date; read and judged by nothing of ours."""
    files = [file for file in (realdata / "boston311").glob("*.csv") if "reference" not in file.name]
    frame = pd.concat(pd.read_csv(file, dtype=str, keep_default_na=False) for file in files)
    due = pd.to_datetime(frame["TARGET_DT"].where(frame["TARGET_DT"] != ""), format="%m/%d/%Y %I:%M:%S %p")
    closed = pd.to_datetime(frame["CLOSED_DT"].where(frame["CLOSED_DT"] != ""), format="%m/%d/%Y %I:%M:%S %p")
    came = due <= pd.Timestamp(CLOCK)
    judged = pd.DataFrame({"of": came & (closed <= due), "over": came, "apart": due.isna()}).groupby(frame["Department"]).sum()
    return {str(code): (int(row["of"]), int(row["over"]), int(row["apart"])) for code, row in judged.iterrows()}


@pytest.fixture
def ask(boston) -> Iterator[Ask]:
    with boston.store.read() as connection:
        yield Ask(connection, boston.workspace, SYSTEM, boston.workspace.now(datetime.now(UTC)))


def by_code(ask: Ask, key: str) -> dict[str, Cell | None]:
    return {unit.place.code: unit.cell for unit in reading.units(ask, key, "department", grain="all")}


def test_as_reported_every_department_is_what_the_city_says(ask: Ask, reference: dict[str, dict[str, str]]) -> None:
    for key, column in COUNTS.items():
        assert {code: (cell.num if cell else None) for code, cell in by_code(ask, key).items()} == {
            code: int(row[column]) for code, row in reference.items()
        }, key
    flagged = by_code(ask, "on_time_flag")
    for code, row in reference.items():
        cell = flagged[code]
        assert cell is not None
        assert cell.value is not None
        assert (cell.num, cell.den) == (int(row["ontime"]), int(row["ontime"]) + int(row["overdue"]))
        assert float(cell.value) == pytest.approx(float(row["ontime_rate_pct"]), abs=0.006)


def test_as_judged_every_department_is_what_pandas_says(ask: Ask, pandas_says: dict[str, tuple[int, int, int]]) -> None:
    judged = {code: (cell.num, cell.den, cell.apart) for code, cell in by_code(ask, "on_time").items() if cell}
    assert judged == pandas_says


def test_the_card_shows_what_is_judged_and_names_the_flag_beside_it(ask: Ask) -> None:
    card = reading.card(ask, "on_time")
    assert card.cell is not None
    assert (card.cell.num, card.cell.den, card.cell.apart) == (26_717, 42_682, 15_907)
    assert f"{card.cell.value:.1f}" == "62.6"
    assert card.beside is not None
    assert card.beside.indicator.key == "on_time_flag"
    assert card.beside.cell is not None
    assert f"{card.beside.cell.value:.2f}" == "73.96"
    suspect = reading.card(ask, "suspect_dates").cell
    assert suspect is not None
    assert suspect.num == 17


def test_a_median_opens_only_the_cases_that_took_days(ask: Ask) -> None:
    cell = reading.card(ask, "days_to_close").cell
    assert cell is not None
    behind = reading.cases(ask, links.behind(cell, ask.workspace.indicators["days_to_close"], "over"), 0, 1, facets=False)
    assert behind.total == cell.n
    closed = reading.card(ask, "requests_closed").cell
    assert closed is not None
    assert closed.num is not None
    assert 0 < closed.num - behind.total <= 17, "those closed before they were opened are counted as closed, and took no days"


def test_a_ninetieth_percentile_is_the_nearest_rank_of_the_working_days(ask: Ask) -> None:
    rows = reading.cases(ask, CaseQuery("requests"), 0, 1_000_000, facets=False).rows
    days: dict[str, list[int]] = {}
    for row in rows:
        if row.closed is not None and row.closed <= ask.now and row.worked_days is not None:
            for place in (row.department, "_T"):
                days.setdefault(place, []).append(row.worked_days)
    made = {unit.place.id: unit.cell for unit in reading.units(ask, "days_to_close_p90", "department", grain="all")}
    made["_T"] = reading.card(ask, "days_to_close_p90").cell
    assert {place: (cell.num, cell.n) for place, cell in made.items() if cell is not None and cell.num is not None} == {
        place: (sorted(many)[-(-9 * len(many) // 10) - 1], len(many)) for place, many in days.items()
    }


@pytest.fixture
def get(boston, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The one figure of a department (none: the city) as the read API says it."""
    server = flask.Flask("t")
    api.install(server, boston.store, boston.workspace)
    monkeypatch.setattr(api, "current", lambda: VIEWER)
    client = server.test_client()

    def figure(indicator: str, department: str = "_T") -> dict[str, Any]:
        asked = {"indicator": indicator, "department": department, "grain": "all"}
        answer = client.get("/api/v1/observations", query_string=asked)
        assert answer.status_code == 200, answer.json
        (item,) = answer.json["items"]
        return item

    return figure


def test_the_api_gives_every_department_as_reported(boston, get, reference: dict[str, dict[str, str]]) -> None:
    for code, row in reference.items():
        department = boston.workspace.departments.by_code(code).id
        said = {column: get(key, department)["num"] for key, column in COUNTS.items()}
        assert said == {column: int(row[column]) for column in COUNTS.values()}, code
        flagged = get("on_time_flag", department)
        assert (flagged["num"], flagged["den"]) == (int(row["ontime"]), int(row["ontime"]) + int(row["overdue"])), code
        assert flagged["value"] == pytest.approx(float(row["ontime_rate_pct"]), abs=0.006), code


def test_the_api_gives_every_department_as_judged(boston, get, pandas_says: dict[str, tuple[int, int, int]]) -> None:
    for code, (of, over, apart) in pandas_says.items():
        said = get("on_time", boston.workspace.departments.by_code(code).id)
        assert (said["num"], said["den"], said["apart"]) == (of, over, apart), code
        assert said["value"] == (pytest.approx(of / over * 100, abs=1e-6) if over else None), code
        assert said["reason"] == (None if over else "nothing to divide by" if said["status"] == "A" else "not applicable"), code


def test_the_api_gives_the_whole_city(get) -> None:
    judged, flagged = get("on_time"), get("on_time_flag")
    assert (judged["num"], judged["den"], judged["apart"], f"{judged['value']:.1f}") == (26_717, 42_682, 15_907, "62.6")
    assert f"{flagged['value']:.2f}" == "73.96"
    assert get("suspect_dates")["num"] == 17
