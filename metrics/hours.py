"""Working time: which hours of which days count, for limits and for who may be called when. Instants are aware UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metrics.calendar import WorkCalendar

ALL_DAY = ((time(0), None),)
_LONGEST = 800
"""Days looked at before giving up: a calendar without a working day in two years is a fault of the calendar."""


@dataclass(frozen=True)
class WorkHours:
    """The working hours of a government: spans of local time on working days; an end of None is midnight."""

    zone: ZoneInfo
    calendar: WorkCalendar
    spans: tuple[tuple[time, time | None], ...] = ALL_DAY

    def next_open(self, at: datetime) -> datetime:
        """`at` itself within working hours, else the instant the next ones begin."""
        for begin, end in self._from(at):
            if end > at:
                return max(begin, at)
        return at

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Working time from a to b; nothing where b is not later."""
        total = timedelta(0)
        for begin, end in self._from(a):
            if begin >= b:
                break
            total += max(timedelta(0), min(end, b) - max(begin, a))
        return total

    def after(self, at: datetime, span: timedelta) -> datetime:
        """The instant at which `span` of working time has passed since `at`."""
        left = span
        for begin, end in self._from(at):
            inside = end - max(begin, at)
            if inside >= left and inside > timedelta(0):
                return max(begin, at) + left
            left -= max(inside, timedelta(0))
        return at + span

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans, from the local day of `at` on, oldest first."""
        day = at.astimezone(self.zone).date()
        for _ in range(_LONGEST):
            following = day + timedelta(days=1)
            if self.calendar.is_workday(day):
                for begin, end in self.spans:
                    last = datetime.combine(following, time(0)) if end is None else datetime.combine(day, end)
                    first = datetime.combine(day, begin)
                    yield tuple(one.replace(tzinfo=self.zone).astimezone(UTC) for one in (first, last))  # type: ignore[misc]
            day = following
