"""Italy's daily figures by region and province as they were published, one file a day and level, put right where they were.

Plain Python over the published files: what stood where and since when, for a test to compare the store with.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
CUMULATIVE = ("totale_casi", "deceduti", "dimessi_guariti", "tamponi")
MEASURES = {"regioni": (*CUMULATIVE, "totale_positivi"), "province": ("totale_casi",)}
RENAMED = {"totale_attualmente_positivi": "totale_positivi"}
"""A column that had another name in the first weeks."""
CODE = {"regioni": "codice_regione", "province": "codice_provincia"}
Cell = tuple[str, str, str]
"""(place, day, measure); places are `r13` and `p066`."""


@dataclass
class Published:
    """What one file said from one instant on."""

    at: datetime
    level: str
    day: str
    values: dict[Cell, int | None] = field(default_factory=dict)


def midnight(day: str) -> datetime:
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=ROME)


def place(level: str, code: str) -> str:
    return f"{level[0]}{code}"


def publications(folder: Path, until: dict[str, str]) -> list[Published]:
    """Every file as it was first published and each time it was put right, in the order of publication.

    until: the last day taken of each level, YYYYMMDD."""
    ends = {level: _end(folder / f"{level}_2020.csv", level, until[level]) for level in MEASURES}
    changed: dict[tuple[str, str], list[tuple[datetime, Cell, int | None]]] = defaultdict(list)
    with (folder / "revisions_from_git.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            level, day, measure = row["level"], row["date"], RENAMED.get(row["measure"], row["measure"])
            if measure in MEASURES[level] and day in ends[level]:
                cell = (place(level, row[CODE[level]]), day, measure)
                changed[level, day].append((datetime.fromisoformat(row["committed_at"]), cell, _number(row["value"])))
    return sorted(_published(ends, changed), key=lambda one: (one.at, one.level, one.day))


def _published(ends, changed) -> Iterator[Published]:
    for level, days in ends.items():
        for day, end in days.items():
            commits = sorted(changed[level, day], key=lambda one: one[0])
            first = commits[0][0] if commits else midnight(day) + timedelta(hours=18.5)
            values = dict(end)
            for _, cell, value in reversed(commits):
                values[cell] = value  # before its first commit a cell read as that says
            yield Published(first, level, day, dict(values))
            for at in sorted({one[0] for one in commits} - {first}):
                values |= {cell: value for when, cell, value in commits if when == at}
                yield Published(at, level, day, dict(values))


def _end(path: Path, level: str, until: str) -> dict[str, dict[Cell, int | None]]:
    days: dict[str, dict[Cell, int | None]] = defaultdict(dict)
    with path.open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            day = row["data"][:10].replace("-", "")
            if day <= until:
                for measure in MEASURES[level]:
                    days[day][place(level, row[CODE[level]]), day, measure] = _number(row[measure])
    return days


def _number(text: str) -> int | None:
    return int(text) if text else None


def falls(published: list[Published]) -> set[Cell]:
    """Cells of cumulative measures that were below the last figure before, as that was known when they were published or put
    right: the day before's, or that of the last day that had one."""
    known: dict[tuple[str, str], dict[str, int | None]] = defaultdict(dict)
    found: set[Cell] = set()
    for one in published:
        for (where, day, measure), value in one.values.items():
            days = known[where, measure]
            earlier = max((other for other, number in days.items() if other < day and number is not None), default=None)
            fresh = day not in days or days[day] != value
            if fresh and measure in CUMULATIVE and value is not None and earlier is not None and value < (days[earlier] or 0):
                found.add((where, day, measure))
            days[day] = value
    return found


def write(one: Published, folder: Path) -> None:
    """The file as it then read."""
    names = MEASURES[one.level]
    rows: dict[str, dict[str, int | None]] = defaultdict(dict)
    for (where, _, measure), value in one.values.items():
        rows[where][measure] = value
    target = folder / one.level / f"{one.level}-{one.day}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["data", "luogo", *names])
        for where, values in sorted(rows.items()):
            day = f"{one.day[:4]}-{one.day[4:6]}-{one.day[6:]}T17:00:00"
            writer.writerow([day, where, *("" if values.get(name) is None else values[name] for name in names)])


def make_workspace(folder: Path, data: Path) -> None:
    """A workspace of these two folders of files; its places are those the files name."""
    places: dict[str, str] = {}
    with (data / "province_2020.csv").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            places.setdefault(place("regioni", row["codice_regione"]), "")
            places[place("province", row["codice_provincia"])] = place("regioni", row["codice_regione"])
    places.setdefault("r04", "")
    listed = "".join(
        f"- {{key: {key}, name: {{zh: {key}, en: {key}}}, level: {'province' if above else 'region'}"
        f"{f', parent: {above}' if above else ''}}}\n"
        for key, above in sorted(places.items(), key=lambda item: bool(item[1]))
    )
    for name in ("sources", "indicators"):
        (folder / name).mkdir(parents=True)
    (folder / "regions.yaml").write_text(listed, "utf-8")
    (folder / "departments.yaml").write_text("- {key: pc, name: {zh: 民防, en: Protezione Civile}}\n", "utf-8")
    (folder / "workspace.yaml").write_text(
        "key: italy\nname: {zh: 意大利, en: Italy}\nzone: Europe/Rome\nfields: [{key: health, name: {zh: 卫生, en: Health}}]\n"
        "regions: {file: regions.yaml}\n", "utf-8",
    )  # fmt: skip
    for level, measures in MEASURES.items():
        values = "".join(f"      - {{indicator: {level}_{name}, num: {name}}}\n" for name in measures)
        (folder / "sources" / f"{level}.yaml").write_text(
            f"- key: {level}\n  name: {{zh: {level}, en: {level}}}\n  type: files\n  department: pc\n  gives: observations\n"
            f"  every: 1h\n  settings: {{folder: ../published/{level}, pattern: '*.csv', settle: 0s}}\n"
            "  map:\n    period: {field: data, format: iso}\n    grain: day\n    department: {value: pc}\n    region: luogo\n"
            f"    values:\n{values}", "utf-8",
        )  # fmt: skip
        (folder / "indicators" / f"{level}.yaml").write_text(
            "".join(
                f"- key: {level}_{name}\n  name: {{zh: {name}, en: {name}}}\n  field: health\n  unit: item\n  better: lower\n"
                f"  grains: [day]\n  by: [{'region' if level == 'regioni' else 'province'}]\n  observations: {level}\n"
                f"  measure: observed\n  owner: pc\n  basis: {{zh: 公报, en: Bulletin}}\n"
                f"  no_target: {{zh: 不设, en: none}}\n  version: 1\n"
                f"{'  plausible: {cumulative: true}' if name in CUMULATIVE else ''}\n"
                for name in measures
            ),
            "utf-8",
        )
