"""Working days: weekends, holidays, and the Saturdays and Sundays worked in exchange (调休), as data."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from chinese_calendar import constants as _china  # type: ignore[import-untyped]

_DAY = timedelta(days=1)
_CHINA_FIXED = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True)
class WorkCalendar:
    """Monday to Friday, without `holidays`, with `workdays`. In a year outside `noticed`, `fixed` (month, day) are off as well.

    `noticed` are the years whose holidays have been announced; None: every year is taken as it stands. Limits that reach into
    a year without notice are provisional (`is_noticed`).
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    fixed: frozenset[tuple[int, int]] = frozenset()
    noticed: frozenset[int] | None = None
    _years: dict[int, list[int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_noticed(self, day: date) -> bool:
        return self.noticed is None or day.year in self.noticed

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        if day in self.holidays or day.weekday() >= 5:
            return False
        return self.is_noticed(day) or (day.month, day.day) not in self.fixed

    def working_days(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`; negative when b lies before a."""
        if b < a:
            return -self.working_days(b, a)
        first, last = a.toordinal(), b.toordinal()
        return sum(bisect_right(days, last) - bisect_right(days, first) for days in map(self._of_year, range(a.year, b.year + 1)))

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it for a negative n); `day` itself for 0."""
        year, ordinal = day.year, day.toordinal()
        while n > 0:
            days = self._of_year(year)
            at = bisect_right(days, ordinal) + n - 1
            if at < len(days):
                return date.fromordinal(days[at])
            n, year = n - (len(days) - bisect_right(days, ordinal)), year + 1
        while n < 0:
            days = self._of_year(year)
            at = bisect_left(days, ordinal) + n
            if at >= 0:
                return date.fromordinal(days[at])
            n, year = n + bisect_left(days, ordinal), year - 1
        return day

    def extended(self, holidays: Iterable[date] = (), workdays: Iterable[date] = ()) -> WorkCalendar:
        """The same calendar with a workspace's own days on top; the years they lie in count as noticed."""
        off, on = frozenset(holidays), frozenset(workdays)
        noticed = None if self.noticed is None else self.noticed | {day.year for day in off | on}
        return WorkCalendar((self.holidays | off) - on, (self.workdays | on) - off, self.fixed, noticed)

    def _of_year(self, year: int) -> list[int]:
        days = self._years.get(year)
        if days is None:
            first = date(year, 1, 1)
            all_days = (first + _DAY * n for n in range(date(year, 12, 31).timetuple().tm_yday))
            days = self._years[year] = [day.toordinal() for day in all_days if self.is_workday(day)]
        return days


WEEKDAYS = WorkCalendar()
CHINA = WorkCalendar(
    holidays=frozenset(_china.holidays),
    workdays=frozenset(_china.workdays),
    fixed=_CHINA_FIXED,
    noticed=frozenset(day.year for day in _china.holidays),
)
"""The notices of the State Council, 2004 to 2026, as the chinesecalendar package keeps them."""

BASES = {"CN": CHINA}
"""What `calendar: {country: ...}` of a workspace may name; every other workspace lists its days itself."""
