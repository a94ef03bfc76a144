"""What happens in the demo province: deterministic by seed, by working hours and week, with departments that fall behind."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from typing import Any

LOCAL = timezone(timedelta(hours=8))
SEED = 20160503
"""The day of the editorial."""
LOOK_BACK = 75
"""Days after which a case no longer changes."""
Dated = dict[str, Any]


def dice(*what: object) -> random.Random:
    return random.Random(f"{SEED}:{':'.join(map(str, what))}")


def at(day: date, seconds: float) -> datetime:
    return datetime.combine(day, time(0), LOCAL) + timedelta(seconds=round(seconds))


def moment(dice: random.Random, day: date, night: float = 0.12) -> datetime:
    """A time of day: mostly working hours, some at any hour."""
    if dice.random() < night:
        return at(day, dice.uniform(0, 86_399))
    return at(day, 3600 * (dice.triangular(8, 12.5, 9.6) if dice.random() < 0.6 else dice.triangular(13.5, 18.5, 15)))


HOLIDAYS = """2025-01-01 2025-01-28..02-04 2025-04-04..04-06 2025-05-01..05-05 2025-05-31..06-02 2025-10-01..10-08
2026-01-01..01-03 2026-02-15..02-23 2026-04-04..04-06 2026-05-01..05-05 2026-06-19..06-21 2026-09-25..09-27
2026-10-01..10-07"""
MADE_UP = """2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10"""


def _spread(text: str) -> frozenset[date]:
    found: set[date] = set()
    for one in text.split():
        first = date.fromisoformat(one[:10])
        last = date.fromisoformat(f"{one[:5]}{one[12:]}") if ".." in one else first
        found.update(first + timedelta(days=number) for number in range((last - first).days + 1))
    return frozenset(found)


_OFF, _ON = _spread(HOLIDAYS), _spread(MADE_UP)


@lru_cache(maxsize=2000)
def working(day: date) -> bool:
    """By the State Council's calendar, with days made up for at a week-end; other years by the week alone."""
    return day in _ON or (day.weekday() < 5 and day not in _OFF)


def workdays_after(start: datetime, days: int) -> datetime:
    """18:00 of the n-th working day after."""
    return _evening(start.astimezone(LOCAL).date(), days)


@lru_cache(maxsize=20_000)
def _evening(day: date, days: int) -> datetime:
    while days > 0:
        day += timedelta(days=1)
        days -= working(day)
    return at(day, 18 * 3600)


def workload(day: date, usual: float) -> int:
    """How many arrive on a day: fewer at week-ends, with a weekly swing and noise."""
    spread = dice("load", usual, day).gauss(1, 0.1)
    return max(1, round(usual * (1.15 if working(day) else 0.45) * spread))


def finish(roll: random.Random, opened: datetime, due: datetime, on_time: float) -> datetime:
    """When it is closed: before the limit with this probability, else some days late."""
    if roll.random() < on_time:
        left = (due - opened).total_seconds()
        end = opened + timedelta(seconds=left * min(0.995, roll.betavariate(2.2, 1.6)))
    else:
        end = due + timedelta(hours=roll.expovariate(1 / 40) + 1)
    local = end.astimezone(LOCAL)
    if end < due and not 8 <= local.hour < 18 and roll.random() < 0.85:
        moved = at(local.date(), roll.uniform(8.5, 17.8) * 3600)
        if opened < moved < due:
            end = moved
    return end.astimezone(LOCAL).replace(microsecond=0)


@dataclass(frozen=True)
class System:
    """One system's cases. `born(day)` decides the cases of a day whole; `instants` are the fields that come with time."""

    name: str
    born: Callable[[date], list[Dated]]
    instants: tuple[str, ...]

    def changes(self, since: datetime, until: datetime, now: datetime) -> list[Dated]:
        """Cases with a change in [since, until), as they look at `now`, by the instant of that change."""
        until = min(until, now + timedelta(seconds=1))
        self._bear(since, until)
        met: dict[str, Dated] = {}
        for day in _days(since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()):
            for moment, case in _CHANGING.get((self.name, day), ()):
                if since <= moment < until:
                    met[case["_id"]] = case
        found = [seen for case in met.values() if (seen := self.seen(case, now)) and since <= seen["_updated"] < until]
        found.sort(key=lambda case: (case["_updated"], case["_id"]))
        return found

    def still(self, since: datetime, now: datetime) -> list[Dated]:
        """Cases that were open, or closed or due, at `since` or later."""
        found = []
        for day in _days(since.astimezone(LOCAL).date() - timedelta(days=LOOK_BACK), now.astimezone(LOCAL).date()):
            for case in self.born_on(day):
                if max((*case["_moments"], case["due"])) >= since and (seen := self.seen(case, now)) is not None:
                    found.append(seen)
        return found

    def born_on(self, day: date) -> list[Dated]:
        known = _BORN.get((self.name, day))
        if known is None:
            known = _BORN[self.name, day] = self.born(day)
            for case in known:
                self._remember(case)
        return known

    def seen(self, case: Dated, now: datetime) -> Dated | None:
        """As it looks at an instant: what has not happened yet is null."""
        if case[self.instants[0]] > now:
            return None
        shown = dict(case)
        updated = case[self.instants[0]]
        for name in self.instants:
            when = case.get(name)
            if when is None or when > now:
                shown[name] = None
            else:
                updated = max(updated, when)
        fix = case.get("_corrected")
        if fix is not None and fix[0] <= now and shown.get(fix[1]) is not None:
            shown[fix[1]] = fix[2]
            updated = max(updated, fix[0])
        shown["_updated"] = updated
        return shown

    def _bear(self, since: datetime, until: datetime) -> None:
        """Decide the cases of every day that may change between."""
        for day in _days(since.astimezone(LOCAL).date() - timedelta(days=LOOK_BACK), until.astimezone(LOCAL).date()):
            self.born_on(day)

    def _remember(self, case: Dated) -> None:
        """Its instants of change, and the days they fall on."""
        moments = [case[name] for name in self.instants if case.get(name) is not None]
        if case.get("_corrected"):
            moments.append(case["_corrected"][0])
        case["_moments"] = moments
        for moment in moments:
            _CHANGING.setdefault((self.name, moment.astimezone(LOCAL).date()), []).append((moment, case))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


_BORN: dict[tuple[str, date], list[Dated]] = {}
"""By system and day, the cases born on it; kept, since a year of them is small."""
_CHANGING: dict[tuple[str, date], list[tuple[datetime, Dated]]] = {}
"""By system and day, what changes on it in the cases born so far."""


class Weighted:
    """Things to draw one of, by weight."""

    def __init__(self, things: Iterable[tuple[Any, int]]) -> None:
        self._things, weights = zip(*things, strict=True)
        self._bounds = list(accumulate(weights))

    def pick(self, roll: random.Random) -> Any:
        return self._things[bisect_left(self._bounds, roll.uniform(0, self._bounds[-1]))]


def utc(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made if made.tzinfo else made.replace(tzinfo=UTC)
