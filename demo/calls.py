"""The hotline's telephones, and its figures by month: totals without cases behind them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from functools import lru_cache

from demo.cases import HOTLINE
from demo.life import LOCAL, at, dice, working

PER_HOUR = (420, 400, 400, 400, 400, 420, 450, 520, 760, 900, 900, 820,
            640, 700, 860, 880, 820, 700, 600, 560, 540, 500, 460, 430)  # fmt: skip
"""Calls offered by hour of a working day: even at night one in nine seconds, so that an open screen always moves."""


MENDED = 10 * 3600
"""The second of the next day at which a day's figure is corrected."""


def calls(day: date, now: datetime) -> tuple[int, int]:
    """(offered, answered) on this day until `now`: they never fall while the day goes on.

    Of a day that was reported short, more are answered once it is corrected.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    seconds = (now - begin).total_seconds()
    if seconds <= 0:
        return 0, 0
    hour, rest = divmod(min(seconds, 86_400), 3600)
    offered = missed = 0.0
    for number, (expected, lost) in enumerate(_hours(day)):
        part = 1.0 if number < hour else rest / 3600 if number == hour else 0.0
        offered += expected * part
        missed += expected * lost * part
    if short(day) and now < at(day + timedelta(days=1), MENDED):
        missed += offered * 0.07
    return int(offered), int(offered - missed)


def short(day: date) -> bool:
    """Days on which one exchange sends its count late: the figure is put right on the morning after."""
    return day.toordinal() % 15 == 4


@lru_cache(maxsize=500)
def _hours(day: date) -> tuple[tuple[float, float], ...]:
    """Of each hour: calls, and the share that rang out. One day in fourteen the lines are full."""
    roll = dice("calls", day)
    size = roll.gauss(1.1, 0.06) * (1 if working(day) else 0.97)
    full = roll.uniform(0.035, 0.1) if roll.random() < 1 / 14 and not short(day) else 0.0
    return tuple((max(calls, 380) * max(0.95, size), roll.uniform(0.01, 0.026) + full) for calls in PER_HOUR)


def days(since: date, until: date, now: datetime) -> list[dict[str, object]]:
    """A row for each day between, both included."""
    made = []
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        offered, answered = calls(day, now)
        made.append({"day": f"{day:%Y-%m-%d}", "offered": offered, "answered": answered})
    return made


def by_month(since: date, until: date) -> list[dict[str, object]]:
    """Cases accepted, by month and city, of the whole months that begin between `since` and `until` and ended before it."""
    made: list[dict[str, object]] = []
    month = since.replace(day=1)
    while (following := (month + timedelta(days=32)).replace(day=1)) <= until:
        made += [{"month": f"{month:%Y-%m}", "city": city, "received": many} for city, many in _month(month, following)]
        month = following
    return made


@lru_cache(maxsize=30)
def _month(first: date, following: date) -> tuple[tuple[str, int], ...]:
    """The hotline counts by the day a case was born, in its own system."""
    found: Counter[str] = Counter()
    for number in range((following - first).days):
        found.update(f"{case['county'][:4]}00" for case in HOTLINE.born_on(first + timedelta(days=number)))
    return tuple(sorted(found.items()))
