"""What a figure says, in one word of the vocabulary, and how fresh its data is. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from metrics.answers import Health, State
from metrics.model import Indicator, Source
from metrics.values import Values, display, size

MISSED = 3
"""Intervals without a success after which a source counts as down."""


def state(indicator: Indicator, values: Values | None, health: Health) -> State:
    """The word shown with a settled figure (a stock: as it stands). Trouble with the data comes before any verdict."""
    if health == "PAUSED":
        return "paused"
    if health == "SOURCE_ERROR":
        return "down"
    if health == "STALE":
        return "stale"
    if values is None or values.status == "M":
        return "nrep"
    value = display(indicator, values)
    if values.status == "N" or value is None:
        return "due"
    if indicator.min_n and (size(values) or 0) < indicator.min_n:
        return "few"
    if indicator.target is None and not indicator.bands:
        return "none"
    return verdict(indicator, value)


def verdict(indicator: Indicator, value: Decimal) -> State:
    """Against the bands, in the direction of `better`; without bands only on track or watch, by the target."""
    names: tuple[State, ...] = ("serious", "off", "watch")
    for name in names:
        bound = indicator.bands.get(name)
        if bound is not None and _worse(indicator, value, bound):
            return name
    if not indicator.bands and indicator.target is not None and _worse(indicator, value, indicator.target):
        return "watch"
    return "ok"


def health(
    source: Source, outcomes: Sequence[str], last_good: datetime | None, covered: datetime | None, now: datetime,
    paused: bool = False,
) -> Health:  # fmt: skip
    """outcomes: of its Runs, oldest first; covered: the end of the newest period its data tells of (sources of observations)."""
    if paused:
        return "PAUSED"
    if last_good is None:
        return "SOURCE_ERROR" if outcomes and outcomes[-1] == "error" else "NEVER"
    interval = expected_interval(source)
    if outcomes and outcomes[-1] == "error" and now - last_good > MISSED * interval:
        return "SOURCE_ERROR"
    age = now - (covered if covered is not None and source.gives == "observations" else last_good)
    if age > max(source.max_age, interval):
        return "STALE"
    if source.sends:
        return "FRESH"
    return "LATE" if now - last_good > interval + timedelta(seconds=60) + interval / 2 else "FRESH"


def expected_interval(source: Source) -> timedelta:
    """Between two collections, by the schedule; of a source that sends by itself, how long it may be silent."""
    if source.sends:
        return source.max_age
    if source.every is not None:
        return source.every
    return timedelta(days=7) if source.weekday is not None else timedelta(days=1)


def _worse(indicator: Indicator, value: Decimal, bound: Decimal) -> bool:
    return value > bound if indicator.better == "lower" else value < bound
