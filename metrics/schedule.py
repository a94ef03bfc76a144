"""What is due, computed from rows: a restart, a clock jump or a second worker neither loses nor doubles a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from metrics.model import Source
from metrics.periods import local_date


def due(sources: Iterable[Source], last_started: Mapping[str, datetime], zone: ZoneInfo, now: datetime) -> list[Source]:
    """The sources whose next run has come. One that never ran is due at once."""
    found = []
    for source in sources:
        at = next_at(source, last_started.get(source.key), zone, now)
        if at is not None and at <= now:
            found.append(source)
    return found


def next_at(source: Source, last: datetime | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When it is to run next; None for a source that is only back-filled or sends by itself. Where it last ran in a future that
    is further away than an interval, the clock went back: at once, and from then on as ever."""
    if source.history_only or source.sends:
        return None
    if last is None:
        return now
    if source.every is not None:
        return now if last - now > source.every else last + source.every
    if last - now > timedelta(days=1):
        return now
    hour, minute = (int(part) for part in (source.daily_at or "00:00").split(":"))
    day = local_date(last, zone)
    while True:
        at = datetime.combine(day, time(hour, minute), zone)
        if at > last.astimezone(zone) and (source.weekday is None or day.weekday() == source.weekday):
            return at.astimezone(last.tzinfo)
        day += timedelta(days=1)
