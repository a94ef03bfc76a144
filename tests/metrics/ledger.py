"""The store's promises in plain Python: facts with the revision they became known at, and figures counted from them by hand.

It imports nothing of the store, of the indicators or of periods; only the small government of `small.py` is known to both.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
CITY = {"x1": "x", "y1": "y"}
WHOLE = ("_T", "_T")
Figure = tuple
"""(num, den, apart); None where there is none."""


def day_of(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def start_of(grain: str, day: date) -> date:
    return day.replace(day=1) if grain == "month" else day


def places(department: str, region: str, day: date) -> list[tuple[str, str]]:
    """What a leaf counts in: the total, its department, its city at that day, its county."""
    city = CITY.get(region) or ("x" if day <= date(2026, 3, 4) else "y")
    return [WHOLE, (department, "_T"), ("_T", city), ("_T", region)]


@dataclass(frozen=True)
class Case:
    department: str
    region: str
    opened: datetime
    due: datetime | None
    closed: datetime | None


@dataclass
class Ledger:
    cases: dict[str, list[tuple[int, int, Case | None]]] = field(default_factory=lambda: defaultdict(list))
    """Id -> (revision, the source's own revision, the case; None: withdrawn), in the order in which it became known."""
    told: dict[tuple[str, str, date], list[tuple[int, int, int | None]]] = field(default_factory=lambda: defaultdict(list))
    """(source, county, day) -> (revision, the source's own revision, calls; None: missing)."""
    rulings: list[tuple[int, str, date, date, str]] = field(default_factory=list)
    """(revision, county, first, last, source)."""

    def report(self, id: str, source_rev: int, case: Case, revision: int) -> bool:
        """Whether it is news."""
        known = self.cases[id]
        if known and (known[-1][2] == case or known[-1][1] > source_rev):
            return False
        known.append((revision, source_rev, case))
        return True

    def withdraw_all_but(self, ids: set[str], revision: int) -> None:
        for id, known in self.cases.items():
            if id not in ids and known and known[-1][2] is not None:
                known.append((revision, known[-1][1], None))

    def tell(self, source: str, county: str, day: date, calls: int | None, source_rev: int, revision: int) -> bool:
        known = self.told[source, county, day]
        if known and (known[-1][2] == calls or known[-1][1] > source_rev):
            return False
        known.append((revision, source_rev, calls))
        return True

    def standing(self, revision: int) -> list[Case]:
        newest = ([case for known, _, case in versions if known <= revision][-1:] for versions in self.cases.values())
        return [case for found in newest for case in found if case is not None]

    def counted(self, key: str, grain: str, revision: int, at: datetime) -> dict[tuple[str, str, date], Figure]:
        """Figures by (department, region, start) that at least one case or report is behind."""
        if key == "calls":
            return self._calls(revision)
        if key == "share":
            opened, calls = self.counted("opened", "day", revision, at), self._calls(revision)
            return {place: (opened[place][0], calls[place][0], None) for place in opened.keys() & calls.keys()}
        found: dict[tuple[str, str, date], list] = defaultdict(lambda: [0, 0, 0, []])
        for case in self.standing(revision):
            self._count(found, key, grain, case, at)
        return {place: self._figure(key, sums) for place, sums in found.items()}

    def _count(self, found, key, grain, case, at) -> None:
        def add(day: date, index: int) -> None:
            for department, region in places(case.department, case.region, start_of(grain, day)):
                found[department, region, start_of(grain, day)][index] += 1

        ended = case.closed is not None and case.closed <= at
        if key == "opened" and case.opened <= at:
            add(day_of(case.opened), 0)
        if key == "on_time":
            if case.due is None and case.opened <= at:
                add(day_of(case.opened), 2)
            if case.due is not None and case.due <= at:
                add(day_of(case.due), 1)
                if ended and case.closed <= case.due:
                    add(day_of(case.due), 0)
        if key == "open" and case.opened <= at and not ended:
            add(day_of(at), 0)
        if key == "overdue" and case.due is not None and case.due < at and not ended:
            add(day_of(at), 0)
        if key == "median" and ended and case.closed >= case.opened:
            first, last = day_of(case.opened), day_of(case.closed)
            worked = sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))
            month = start_of("month", last)
            for department, region in places(case.department, case.region, month):
                found[department, region, month][3].append(worked)

    def _figure(self, key, sums) -> Figure:
        num, den, apart, amounts = sums
        if key == "on_time":
            return (num, den, apart)
        return (round(median(amounts)), None, None) if key == "median" else (num, None, None)

    def _calls(self, revision: int) -> dict[tuple[str, str, date], Figure]:
        """Each county's figure of the source ruled for, else of the first that has one; totals of what is there."""
        said = {place: [calls for known, _, calls in versions if known <= revision][-1:] for place, versions in self.told.items()}
        found: dict[tuple[str, str, date], int] = defaultdict(int)
        for county, day in {(county, day) for (_, county, day), words in said.items() if words}:
            ruled = [
                source
                for known, where, first, last, source in self.rulings
                if known <= revision and where == county and first <= day <= last
            ]
            for source in [*ruled[-1:], "calls", "calls2"]:
                words = said.get((source, county, day))
                if words and words[0] is not None:
                    for department, region in {*places("a", county, day), ("a", county)}:
                        found[department, region, day] += words[0]
                    break
        return {place: (number, None, None) for place, number in found.items()}
