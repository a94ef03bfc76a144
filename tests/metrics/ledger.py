"""The store's promises in plain Python: facts with the revision they became known at, and figures counted from them by hand.

It imports nothing of the store, of the indicators or of periods; only the small government of `small.py` is known to both.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
CITY = {"x1": "x", "y1": "y"}
WITHIN = {"x": ("x1",), "y": ("y1", "m")}
"""Where the counties lie now."""
WHOLE = ("_T", "_T")
PEOPLE = {"x1": 4000, "y1": 3000, "m": 500, "x": 4000, "y": 3500, "_T": 7500}
"""Of 2026, with the districts where they lie now."""
WORKDAYS = {date(2026, 3, 1): 22}
DAY = timedelta(days=1)
Figure = tuple
"""(num, den, apart); None where there is none."""


def day_of(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def start_of(grain: str, day: date) -> date:
    if grain == "tenday":
        return day.replace(day=1 if day.day <= 10 else 11 if day.day <= 20 else 21)
    return day.replace(day=1) if grain == "month" else day


def places(department: str, region: str, day: date) -> list[tuple[str, str]]:
    """What a leaf counts in: the total, its department, its city at that day, its county."""
    if region in WITHIN:
        return [WHOLE, (department, "_T"), ("_T", region)]
    city = CITY.get(region) or ("x" if day <= date(2026, 3, 4) else "y")
    return [WHOLE, (department, "_T"), ("_T", city), ("_T", region)]


def entering(told: dict[str, int | None], known: set[str]) -> list[str]:
    """Of the places `known` those that a total is made of: a city beside its counties is not, but where it alone has a figure it
    stands for them. A blank is no figure."""
    alone = {
        city for city, counties in WITHIN.items()
        if told.get(city) is not None and all(told.get(county) is None for county in counties)
    }  # fmt: skip
    instead = {county for city in alone for county in WITHIN[city]}
    beside = {city for city, counties in WITHIN.items() if known.intersection(counties)} - alone
    return sorted(known - instead - beside)


@dataclass(frozen=True)
class Case:
    department: str
    region: str
    opened: datetime
    due: datetime | None
    closed: datetime | None
    entered: datetime | None = None
    caller: str | None = None


@dataclass
class Ledger:
    cases: dict[str, list[tuple[int, int, Case | None]]] = field(default_factory=lambda: defaultdict(list))
    """Id -> (revision, the source's own revision, the case; None: withdrawn), in the order in which it became known."""
    told: dict[tuple[str, str, date], list[tuple[int, int, int | None]]] = field(default_factory=lambda: defaultdict(list))
    """(source, county, day) -> (revision, the source's own revision, calls; None: missing)."""
    loads: dict[tuple[str, datetime], list[tuple[int, int, int | None]]] = field(default_factory=lambda: defaultdict(list))
    """(county, five minutes) -> as `told`."""
    at: dict[int, datetime] = field(default_factory=dict)
    """When a revision was taken."""
    office: str = "a"
    """That reports; `_T`: nobody says which, so that what is told of a city is told of all of it."""
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
        return self._heard(self.told[source, county, day], calls, source_rev, revision)

    def load(self, county: str, at: datetime, load: int | None, source_rev: int, revision: int) -> bool:
        return self._heard(self.loads[county, at], load, source_rev, revision)

    def _heard(self, known: list, calls: int | None, source_rev: int, revision: int) -> bool:
        if known and (known[-1][2] == calls or known[-1][1] > source_rev):
            return False
        known.append((revision, source_rev, calls))
        return True

    def standing(self, revision: int) -> list[Case]:
        newest = ([case for known, _, case in versions if known <= revision][-1:] for versions in self.cases.values())
        return [case for found in newest for case in found if case is not None]

    def at_event(self, event: str, revision: int) -> list[tuple[Case, Case]]:
        """The cases that stand, each with the version that was valid at its event: when that was both past and known."""
        found = []
        for versions in self.cases.values():
            known = [(self.at[number], case) for number, _, case in versions if number <= revision]
            if not known or known[-1][1] is None:
                continue
            lived: list[tuple[datetime, Case]] = []
            for at, case in known:
                lived.append((at, case or lived[-1][1]))  # what is withdrawn stays where it was
            instant = getattr(lived[-1][1], event)
            said = len(lived) - 1
            while said and getattr(lived[said - 1][1], event) == instant:
                said -= 1
            valid = max([said, *(n for n, (at, _) in enumerate(lived) if instant is not None and at <= instant)])
            found.append((lived[-1][1], lived[valid][1]))
        return found

    def counted(self, key: str, grain: str, revision: int, at: datetime) -> dict[tuple[str, str, date], Figure]:
        """Figures by (department, region, start) that at least one case or report is behind."""
        if key == "calls":
            return self._calls(revision)
        if key == "load":
            return self._load(revision)
        if key == "share":
            opened, calls = self.counted("opened", "day", revision, at), self._calls(revision)
            return {place: (opened[place][0], calls[place][0], None) for place in opened.keys() & calls.keys()}
        if key in ("heads", "a_day"):
            opened = self.counted("opened", grain, revision, at)
            if key == "a_day":
                return {place: (num, WORKDAYS[place[2]], None) for place, (num, _, _) in opened.items()}
            return {place: (num, PEOPLE[place[1]], None) for place, (num, _, _) in opened.items() if place[0] == "_T"}
        found: dict[tuple[str, str, date], list] = defaultdict(lambda: [0, 0, 0, []])
        if key in ("open", "overdue"):
            for case in self.standing(revision):
                self._stood(found, key, case, at)
            return {place: self._figure(key, sums) for place, sums in found.items()}
        if key == "held":
            for event in ("due", "opened"):
                for case, then in self.at_event(event, revision):
                    counted = replace(case, department=then.department, region=then.region)
                    if (case.due is None) == (event == "opened"):
                        self._count(found, "on_time", grain, counted, at)
            return {place: self._figure("on_time", sums) for place, sums in found.items()}
        for case in self.standing(revision):
            self._count(found, key, grain, case, at)
        return {place: self._figure(key, sums) for place, sums in found.items()}

    def _count(self, found, key, grain, case, at) -> None:
        def add(day: date, index: int, value: object = None) -> None:
            start = start_of(grain, day)
            for department, region in places(case.department, case.region, start):
                if index == 3:
                    found[department, region, start][3].append(value)
                else:
                    found[department, region, start][index] += 1

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
        if key == "median" and ended and case.closed >= case.opened:
            first, last = day_of(case.opened), day_of(case.closed)
            add(last, 3, sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1)))
        if key == "p60" and ended and case.closed >= case.opened:
            add(day_of(case.closed), 3, round((case.closed - case.opened).total_seconds()))
        if key == "callers" and case.opened <= at and case.caller:
            add(day_of(case.opened), 3, case.caller)
        if key == "late" and ended and case.entered is not None:
            add(day_of(case.closed), 1)
            if case.entered - case.closed > DAY:
                add(day_of(case.closed), 0)

    def _stood(self, found, key, case, at) -> None:
        """At the end of each day, and now."""
        since = case.opened if key == "open" else case.due
        day = day_of(since) if since is not None else day_of(at) + DAY
        while day <= day_of(at):
            moment = min(at, datetime.combine(day + DAY, time(), ZONE))
            begun = since <= moment if key == "open" else since < moment
            if begun and (case.closed is None or case.closed > moment):
                for department, region in places(case.department, case.region, day):
                    found[department, region, day][0] += 1
            day += DAY

    def _figure(self, key, sums) -> Figure:
        num, den, apart, amounts = sums
        if key == "on_time":
            return (num, den, apart)
        if key == "late":
            return (num, den, None)
        if key == "p60":
            least = next(one for one in sorted(amounts) if sum(other <= one for other in amounts) * 10 >= 6 * len(amounts))
            return (least, None, None)
        if key == "callers":
            return (len(set(amounts)), None, None)
        return (round(median(amounts)), None, None) if key == "median" else (num, None, None)

    def _load(self, revision: int) -> dict:
        told: dict[datetime, dict[str, int | None]] = defaultdict(dict)
        for (county, at), versions in self.loads.items():
            for load in [load for known, _, load in versions if known <= revision][-1:]:
                told[at][county] = load
        found = {}
        for at, said in told.items():
            found |= {(*place, at.astimezone(ZONE)): one for place, one in self._summed(said, day_of(at)).items()}
        return found

    def _summed(self, told: dict[str, int | None], day: date) -> dict[tuple[str, str], Figure]:
        """Of one period: the totals of what there is, and what is told of a place instead of its total; a blank tells nothing."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for region in entering(told, set(told)):
            for place in set(places(self.office, region, day)) if told[region] is not None else ():
                found[place] += told[region] or 0
        found.update({(self.office, region): number for region, number in told.items() if number is not None})
        return {place: (number, None, None) for place, number in found.items()}

    def coverage(self, revision: int) -> dict[tuple[str, str, date], tuple[int, int]]:
        """Of each total of calls: how many counties have a figure, of how many that had ever reported by then, for that day or
        one before."""
        words: dict[tuple[str, date], list] = defaultdict(list)
        for (_, county, day), versions in self.told.items():
            words[county, day] += [calls for known, _, calls in versions if known <= revision][-1:]
        first: dict[str, date] = {}
        for county, day in sorted((place for place, said in words.items() if said), key=lambda place: place[1]):
            first.setdefault(county, day)
        found: dict[tuple[str, str, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for day in {day for (_, day), said in words.items() if said}:
            numbers = {
                county: [one for one in said if one is not None] for (county, on), said in words.items() if on == day and said
            }
            told = {county: said[0] if said else None for county, said in numbers.items()}
            begun = {county for county, since in first.items() if since <= day}
            summed = entering(told, begun)
            for county in summed:
                for department, region in set(places(self.office, county, day)):
                    have, want = found[department, region, day]
                    found[department, region, day] = (have + (told.get(county) is not None), want + 1)
            apart = [place for county in begun.difference(summed) for place in set(places(self.office, county, day))]
            for place in {place for place in apart if (*place, day) not in found}:
                found[*place, day] = (0, apart.count(place))
            for county, number in told.items():
                if number is not None or not found.get((self.office, county, day), (0,))[0]:
                    found.pop((self.office, county, day), None)  # it stands as it is told
        return dict(found)

    def _calls(self, revision: int) -> dict[tuple[str, str, date], Figure]:
        """Each county's figure of the source ruled for, else of the first that has one; totals of what is there."""
        said = {place: [calls for known, _, calls in versions if known <= revision][-1:] for place, versions in self.told.items()}
        told: dict[date, dict[str, int | None]] = defaultdict(dict)
        for county, day in {(county, day) for (_, county, day), words in said.items() if words}:
            told[day][county] = None
            ruled = [
                source
                for known, where, first, last, source in self.rulings
                if known <= revision and where == county and first <= day <= last
            ]
            for source in [*ruled[-1:], "calls", "calls2"]:
                words = said.get((source, county, day))
                if words and words[0] is not None:
                    told[day][county] = words[0]
                    break
        return {(*place, day): one for day, said_then in told.items() for place, one in self._summed(said_then, day).items()}
