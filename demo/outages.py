"""When a departmental system is away: some minutes on some days, and now and then for the better part of a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo.life import LOCAL, at, dice

SHARE = 1 / 3
"""Of the days on which a system is away for some minutes."""
LONG = {"documents": (23, 5, 18, 16), "approvals": (29, 11, 20, 14), "cloud": (19, 7, 21, 14), "totals": (15, 3, 9, 50)}
"""System: every so many days, counted from, hour of the day, hours. The city's own totals simply do not come for days."""


def away(system: str, moment: datetime) -> bool:
    """Whether a system does not answer at this instant."""
    return any(start <= moment < end for start, end in _near(system, moment))


def _near(system: str, moment: datetime) -> list[tuple[datetime, datetime]]:
    """What may reach this instant: outages that begin on this day or on the days before."""
    found = []
    today = moment.astimezone(LOCAL).date()
    roll = dice("away", system, today)
    if roll.random() < SHARE:
        start = at(today, roll.uniform(0, 84_000))
        found.append((start, start + timedelta(minutes=roll.uniform(6, 25))))
    every, first, hour, hours = LONG.get(system, (0, 0, 0, 0))
    for number in range(-(-(hour + hours) // 24)) if every else ():
        day = today - timedelta(days=number)
        if day.toordinal() % every == first:
            found.append((at(day, hour * 3600), at(day, (hour + hours) * 3600)))
    return found
