"""Periods, zones and working days: the only module that knows them.

A boundary is computed in local time and then turned into UTC, so that a day is 23 or 25 hours long when the clocks change.
Every instant taken or given is an aware UTC datetime; `us` is microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metrics.calendar import CHINA, WEEKDAYS, WorkCalendar
from metrics.model import MAX, Grain

__all__ = [
    "CHINA", "EPOCH", "FOREVER", "WEEKDAYS", "WorkCalendar", "bounds", "count", "day_ordinal", "day_start", "from_us", "label",
    "local_date", "previous", "starts", "to_us", "year_before",
]  # fmt: skip

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)
"""End of the one period of grain `all`; as microseconds it is MAX."""

_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = {"minute5": timedelta(minutes=5), "hour": timedelta(hours=1)}
_TENDAYS_EN = ("1–10", "11–20", "21–end")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def to_us(instant: datetime) -> int:
    """Microseconds since the epoch, exactly (never through a float)."""
    return MAX if instant == FOREVER else (instant - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    return FOREVER if us == MAX else EPOCH + timedelta(microseconds=us)


def bounds(grain: Grain, instant: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The period [start, end) of this grain that holds the instant. Periods of a grain never overlap and leave no gap."""
    if grain == "all":
        return EPOCH, FOREVER
    local = instant.astimezone(zone)
    if grain in _LENGTHS:
        return _short(local, _LENGTHS[grain])
    first = _first_day(grain, local.date())
    return _midnight(first, zone), _midnight(_next_first_day(grain, first), zone)


def previous(grain: Grain, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Start of the period before; None for `all`, which has one period."""
    return None if grain == "all" else bounds(grain, start - _MICROSECOND, zone)[0]


def year_before(grain: Grain, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Start of the same period of the year before (同比): same date, same ISO week number.

    None where there is no such period: 29 February, week 53 of a year with 52, grain `all`.
    """
    if grain == "all":
        return None
    local = start.astimezone(zone)
    try:
        if grain == "week":
            year, week, _ = local.date().isocalendar()
            return _midnight(date.fromisocalendar(year - 1, week, 1), zone)
        earlier = local.replace(year=local.year - 1)
    except ValueError:
        return None
    return bounds(grain, earlier.astimezone(UTC), zone)[0]


def starts(grain: Grain, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Starts of all periods that overlap [since, until), oldest first."""
    if since >= until:
        return
    start, end = bounds(grain, since, zone)
    yield start
    while end < until:
        start, end = bounds(grain, end, zone)
        yield start


def count(grain: Grain, since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """How many periods lie between two boundaries of this grain."""
    if grain in _LENGTHS:
        return max((until - since) // _LENGTHS[grain], 0)
    return sum(1 for _ in starts(grain, since, until, zone))


def day_ordinal(instant: datetime, zone: ZoneInfo) -> int:
    """The local date as a number, for flows by day."""
    return instant.astimezone(zone).toordinal()


def day_start(ordinal: int, zone: ZoneInfo) -> datetime:
    return _midnight(date.fromordinal(ordinal), zone)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def label(grain: Grain, start: datetime, zone: ZoneInfo, lang: str, now: datetime | None = None) -> str:
    """Name of the period that starts there. The year is left out when `now` is given and lies in the same year."""
    if grain == "all":
        return "累计" if lang == "zh" else "to date"
    local = start.astimezone(zone)
    iso = local.isocalendar()
    year = iso.year if grain == "week" else local.year
    shown = now is None or _year(grain, now.astimezone(zone)) != year
    clock = f" {local:%H:%M}" if grain in ("minute5", "hour") else ""
    quarter = (local.month + 2) // 3
    third = min((local.day - 1) // 10, 2)
    if lang == "zh":
        tenday = f"{local.month}月{'上中下'[third]}旬"
        body = {
            "week": f"第{iso.week}周",
            "tenday": tenday,
            "month": f"{local.month}月",
            "quarter": f"第{quarter}季度",
            "year": "",
        }
        tail = body.get(grain, f"{local.month}月{local.day}日{clock}")
        return f"{year}年{tail}" if shown or grain == "year" else tail
    month = _MONTHS_EN[local.month - 1]
    suffix = f" {year}" if shown else ""
    if grain == "year":
        return str(year)
    comma = "," if shown else ""
    tenday = f"{month} {_TENDAYS_EN[third]}{suffix}"
    body = {
        "week": f"week {iso.week}{comma}{suffix}",
        "tenday": tenday,
        "month": f"{month}{suffix}",
        "quarter": f"Q{quarter}{suffix}",
    }
    return body.get(grain, f"{local.day} {month}{suffix}{clock}")


def _year(grain: Grain, local: datetime) -> int:
    return local.isocalendar().year if grain == "week" else local.year


def _short(local: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """Hours and five minutes are counted on the zone's standard time: they stay equally long when the clocks change."""
    standard = (local.utcoffset() or timedelta(0)) - (local.dst() or timedelta(0))
    instant = local.astimezone(UTC)
    start = instant - (instant - EPOCH + standard) % length
    return start, start + length


def _first_day(grain: Grain, day: date) -> date:
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "tenday":
        return day.replace(day=min((day.day - 1) // 10 * 10 + 1, 21))
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if grain == "year":
        return date(day.year, 1, 1)
    return day


def _next_first_day(grain: Grain, first: date) -> date:
    if grain == "tenday" and first.day < 21:
        return first + timedelta(days=10)
    days = {"week": 7, "tenday": 11, "month": 31, "quarter": 93, "year": 366}.get(grain, 1)
    return _first_day(grain, first + timedelta(days=days))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day; where midnight does not exist or comes twice, the first one after the day before."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
