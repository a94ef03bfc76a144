"""Acceptance: Boston through collector and store, against the city's reference and an independent pandas script."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from collectors._run import run_source
from metrics import reading
from metrics.answers import Ask, Cell
from metrics.catalogue import load
from metrics.model import SYSTEM
from metrics.store import head, leases

pytestmark = pytest.mark.realdata

COUNTS = {
    "requests": "total", "requests_closed": "closed", "flag_ontime": "ontime", "flag_overdue": "overdue", "flag_none": "no_flag",
    "no_due_date": "no_target",
}  # fmt: skip
"""Our indicator -> the column of the reference file."""


def independent(folder: Path, clock: str) -> dict[str, tuple[int, int, int]]:
    """Department -> closed by due, come due, without a due date; read and judged by nothing of ours."""
    files = [file for file in folder.glob("*.csv") if "reference" not in file.name]
    frame = pd.concat(pd.read_csv(file, dtype=str, keep_default_na=False) for file in files)
    due = pd.to_datetime(frame["TARGET_DT"].where(frame["TARGET_DT"] != ""), format="%m/%d/%Y %I:%M:%S %p")
    closed = pd.to_datetime(frame["CLOSED_DT"].where(frame["CLOSED_DT"] != ""), format="%m/%d/%Y %I:%M:%S %p")
    came = due <= pd.Timestamp(clock)
    judged = pd.DataFrame({"of": came & (closed <= due), "over": came, "apart": due.isna()}).groupby(frame["Department"]).sum()
    return {str(code): (int(row["of"]), int(row["over"]), int(row["apart"])) for code, row in judged.iterrows()}


def test_boston_is_what_the_city_and_pandas_say(
    store: Any, realdata: Path, workspaces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUNCHA_REALDATA", str(realdata))
    boston, _ = load(workspaces / "boston311")
    assert boston is not None
    with store.write() as connection:
        head.ensure(connection)
        leases.ensure(connection)
    assert run_source(boston.sources["requests"], boston, store, datetime.now(UTC), ()).error == ""

    folder = realdata / "boston311"
    with (folder / "boston311_2015_reference_by_department.csv").open(encoding="utf-8") as stream:
        reference = {row["Department"]: row for row in csv.DictReader(stream)}
    pandas = independent(folder, "2016-01-12 23:00")
    with store.read() as connection:
        ask = Ask(connection, boston, SYSTEM, boston.now(datetime.now(UTC)))

        def by_code(key: str) -> dict[str, Cell | None]:
            return {unit.place.code: unit.cell for unit in reading.units(ask, key, "department", grain="all")}

        for key, column in COUNTS.items():
            assert {code: (cell.num if cell else None) for code, cell in by_code(key).items()} == {
                code: int(row[column]) for code, row in reference.items()
            }, key
        flagged = by_code("on_time_flag")
        for code, row in reference.items():
            cell = flagged[code]
            assert cell is not None
            assert cell.value is not None
            assert (cell.num, cell.den) == (int(row["ontime"]), int(row["ontime"]) + int(row["overdue"]))
            assert float(cell.value) == pytest.approx(float(row["ontime_rate_pct"]), abs=0.006)
        judged = {code: (cell.num, cell.den, cell.apart) for code, cell in by_code("on_time").items() if cell}
        assert judged == pandas

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
