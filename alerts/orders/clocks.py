"""Limits in working days and the lights that stand for them. Pure; `now` and the calendar are given."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from alerts.orders.model import RUNNING, Light, WorkOrder
from metrics.hours import WorkHours
from metrics.periods import from_us, to_us

NEAR, FAR = 1, 2
"""Working days: blue begins so long before a limit, red so long after it."""


def limit(at: datetime, days: int, hours: WorkHours) -> datetime:
    """The end of work on the `days`-th working day after the day of `at`."""
    return end_of_work(hours.calendar.add_working_days(at.astimezone(hours.zone).date(), days), hours)


def end_of_work(day: date, hours: WorkHours) -> datetime:
    last = hours.spans[-1][1]
    local = datetime.combine(day + timedelta(days=1), time(0)) if last is None else datetime.combine(day, last)
    return local.replace(tzinfo=hours.zone).astimezone(UTC)


def shifted(limit_: int | None, days: int, hours: WorkHours) -> int | None:
    """A limit moved by working days (back for a negative number)."""
    if limit_ is None:
        return None
    day = (from_us(limit_) - timedelta(microseconds=1)).astimezone(hours.zone).date()
    return to_us(end_of_work(hours.calendar.add_working_days(day, days), hours))


def days_between(a: datetime, b: datetime, hours: WorkHours) -> int:
    """Working days after the day of a up to that of b."""
    return hours.calendar.working_days(a.astimezone(hours.zone).date(), b.astimezone(hours.zone).date())


def turns(order: WorkOrder, hours: WorkHours) -> list[tuple[int, Light]]:
    """When the running limit turns which light."""
    if order.due is None or order.state not in RUNNING:
        return []
    near, far = shifted(order.due, -NEAR, hours), shifted(order.due, FAR, hours)
    if near is None or far is None:
        return []
    return [(near, "blue"), (order.due + 1, "yellow"), (far + 1, "red")]


def light(order: WorkOrder, now: datetime, hours: WorkHours) -> Light:
    """Blue: the limit is near; yellow: it has passed; red: nobody heeded that. A suspended order has none."""
    if order.suspended_until is not None:
        return ""
    shown: Light = ""
    for at, colour in turns(order, hours):
        if to_us(now) >= at:
            shown = colour
    return shown


def next_turn(order: WorkOrder, now: datetime, hours: WorkHours) -> int | None:
    """When time alone moves the order next: a light, or the end of a suspension. At once where it shows another than it should:
    a limit may be past already when a step sets it."""
    if order.suspended_until is not None:
        return order.suspended_until
    if light(order, now, hours) != order.light:
        return to_us(now)
    return min((at for at, _ in turns(order, hours) if at > to_us(now)), default=None)
