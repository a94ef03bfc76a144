"""What happens in the demo province: deterministic by seed, by working hours and week, with departments that fall behind."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
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


def working(day: date) -> bool:
    """By the State Council's calendar, with days made up for at a week-end; other years by the week alone."""
    return day in _ON or (day.weekday() < 5 and day not in _OFF)


def workdays_after(start: datetime, days: int) -> datetime:
    """18:00 of the n-th working day after."""
    day = start.astimezone(LOCAL).date()
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
        found = []
        for case in self._near(since, until):
            seen = self.seen(case, now)
            if seen is not None and since <= seen["_updated"] < until:
                found.append(seen)
        found.sort(key=lambda case: (case["_updated"], case["_id"]))
        return found

    def still(self, since: datetime, now: datetime) -> list[Dated]:
        """Cases that were open, or closed or due, at `since` or later."""
        found = []
        for case in self._near(since, now):
            seen = self.seen(case, now)
            last = max((case[name] for name in (*self.instants, "due") if case.get(name) is not None), default=since)
            if seen is not None and last >= since:
                found.append(seen)
        return found

    def born_on(self, day: date) -> list[Dated]:
        return _cases(self.name, day, self.born)

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

    def _near(self, since: datetime, until: datetime) -> Iterator[Dated]:
        """Cases that may change between: an index by day of change spares the others."""
        first = since.astimezone(LOCAL).date()
        last = until.astimezone(LOCAL).date()
        if (last - first).days > 20:
            for day in _days(first - timedelta(days=LOOK_BACK), last):
                yield from _cases(self.name, day, self.born)
            return
        given: set[str] = set()
        for day in _days(first, last):
            for case in _changing(self.name, day, self.born, self.instants):
                if case["_id"] not in given:
                    given.add(case["_id"])
                    yield case


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@lru_cache(maxsize=4000)
def _cases(name: str, day: date, born: Callable[[date], list[Dated]]) -> list[Dated]:
    return born(day)


@lru_cache(maxsize=1200)
def _changing(name: str, day: date, born: Callable[[date], list[Dated]], instants: tuple[str, ...]) -> list[Dated]:
    """Every case with some instant on this day."""
    start, end = at(day, 0), at(day + timedelta(days=1), 0)
    found = []
    for earlier in _days(day - timedelta(days=LOOK_BACK), day):
        for case in _cases(name, earlier, born):
            moments = [case[one] for one in instants if case.get(one) is not None]
            if case.get("_corrected"):
                moments.append(case["_corrected"][0])
            if any(start <= one < end for one in moments):
                found.append(case)
    return found


def pick(roll: random.Random, weighted: list[tuple[Any, int]]) -> Any:
    """One of them, by weight."""
    bounds, total = _bounds(tuple(weight for _, weight in weighted))
    return weighted[bisect_left(bounds, roll.uniform(0, total))][0]


@lru_cache(maxsize=64)
def _bounds(weights: tuple[int, ...]) -> tuple[list[int], int]:
    bounds, total = [], 0
    for weight in weights:
        total += weight
        bounds.append(total)
    return bounds, total


def utc(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made if made.tzinfo else made.replace(tzinfo=UTC)
