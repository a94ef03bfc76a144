"""How many people live where, by year: what figures per head are divided by."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from metrics.catalogue.blocks import Here
from metrics.catalogue.faults import Faults, nearest
from metrics.catalogue.lines import Document
from metrics.catalogue.tree import Tree
from metrics.model import Text

COLUMNS = ("region", "year", "people")


@dataclass(frozen=True)
class Population:
    counts: Mapping[tuple[str, int], int]
    """(region, year) -> inhabitants."""
    source: Text
    regions: Tree

    @cached_property
    def years(self) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for region, year in sorted(self.counts):
            found.setdefault(region, []).append(year)
        return {region: tuple(years) for region, years in found.items()}

    def year(self, region: str, year: int | None) -> int | None:
        """The year whose count stands for this one: itself, else the last one before it; None: the newest there is."""
        counted = self.years.get(region, ())
        return max((one for one in counted if year is None or one <= year), default=None)

    def of(self, region: str, year: int | None) -> int | None:
        """Of a region that was not counted itself, the sum of its parts where all of them were; None where that is not known."""
        counted = self.year(region, year)
        if counted is not None:
            return self.counts[region, counted]
        parts = [self.of(one.id, year) for one in self.regions.children(region)]
        known = [one for one in parts if one is not None]
        return sum(known) if parts and len(known) == len(parts) else None


def population(file: Path, source: Text, regions: Tree, faults: Faults) -> Population:
    """A CSV file with the columns region (key, code or name), year and people; `#` begins a line of comment."""
    counts: dict[tuple[str, int], int] = {}
    document = Document(file, None)
    here = Here(document, faults)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            numbered = [(n, line) for n, line in enumerate(stream, 1) if line.strip() and not line.startswith("#")]
    except (FileNotFoundError, UnicodeDecodeError) as error:
        missing = isinstance(error, FileNotFoundError)
        here.fault("missing-file" if missing else "bad-csv", f"{file.name} is not there" if missing else str(error))
        return Population({}, source, regions)
    reader = csv.DictReader(line for _, line in numbered)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        here.fault("bad-csv", f"the columns are {', '.join(reader.fieldnames or ())}", f"they are to be {', '.join(COLUMNS)}")
        return Population({}, source, regions)
    for n, row in enumerate(reader):
        document.lines[(n,)] = numbered[min(n + 1, len(numbered) - 1)][0]
        place = regions.by_code(row["region"] or "")
        if place is None:
            spot = here.at(n)
            spot.fault(
                "unknown-reference",
                f"there is no region {row['region']}",
                nearest(row["region"] or "", (one.id for one in regions)),
            )
        elif not (_whole(row["year"]) and _whole(row["people"])):
            here.at(n).fault("bad-value", f"{row['year']} {row['people']}: a year and a whole number of people are expected")
        elif (place.id, int(row["year"])) in counts:
            here.at(n).fault("duplicate-key", f"{row['region']} {row['year']} is there twice")
        else:
            counts[place.id, int(row["year"])] = int(row["people"])
    return Population(counts, source, regions)


def _whole(text: str | None) -> bool:
    return bool(text) and str(text).isascii() and str(text).isdigit() and int(str(text)) > 0
