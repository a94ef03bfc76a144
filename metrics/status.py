"""What a figure says, in one word of the vocabulary, and how fresh its data is. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from metrics import periods, schedule
from metrics.answers import Health, State
from metrics.model import Indicator, Source
from metrics.values import Values, display, size

MISSED = 3
"""Intervals without a success after which a source counts as down."""
GRACE = timedelta(seconds=60)
"""What a collection itself may take."""


def state(indicator: Indicator, values: Values | None, health: Health) -> State:
    """The word shown with a settled figure (a stock: as it stands). Trouble with the data comes before any verdict."""
    if health == "PAUSED":
        return "paused"
    if health == "SOURCE_ERROR":
        return "down"
    if health == "STALE":
        return "stale"
    if values is None or values.status in ("M", "L"):
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
    source: Source,
    outcomes: Sequence[str],
    last_good: datetime | None,
    covered: datetime | None,
    now: datetime,
    paused: bool = False,
    *,
    due: datetime | None = None,
    suspect: bool = False,
    newest: datetime | None = None,
) -> Health:
    """The one table of how fresh the data of a source is: by the period it covers, never by when it was written.

    | word         | when                                                                                        |
    |--------------|---------------------------------------------------------------------------------------------|
    | PAUSED       | a person has paused it                                                                      |
    | SOURCE_ERROR | it fails, and has answered nothing for MISSED intervals, or never                            |
    | NEVER        | it has never told anything: what never arrived is not healthy, however well it answers       |
    | STALE        | what it covers is older than `max_age` (and the next was due at least an interval ago); its  |
    |              | newest case is older than `quiet` and `max_age` together                                     |
    | LATE         | the next was due and has not come, or a collection was missed; its newest case is older than |
    |              | `quiet`                                                                                      |
    | SUSPECT      | what came is held back until a person decides; the last good figures stay                    |
    | FRESH        | else; of a source that is only filled back as soon as it has told something                  |

    (RETIRED is what no source of the workspace is any more.) outcomes: of its Runs, oldest first; covered: up to when its data
    tells; due: when the next is expected (`expected`); newest: the newest instant of its cases.
    """
    if paused:
        return "PAUSED"
    failing = bool(outcomes) and outcomes[-1] == "error"
    if source.history_only:
        return "NEVER" if covered is None else "SUSPECT" if suspect else "FRESH"
    if last_good is None:
        return "SOURCE_ERROR" if failing else "NEVER"
    interval = expected_interval(source)
    if failing and now - last_good > MISSED * interval:
        return "SOURCE_ERROR"
    if covered is None:
        return "NEVER"
    old = covered + max(source.max_age, interval)
    if now > (old if due is None else max(old, due + interval)):
        return "STALE"
    quiet = source.quiet if newest is not None else None
    if quiet is not None and newest is not None and now > newest + quiet:
        return "STALE" if silent(source, newest, now) else "LATE"
    if due is not None and now > due + _patience(source):
        return "LATE"
    if not source.sends and now - last_good > interval + GRACE + interval / 2:
        return "LATE"
    return "SUSPECT" if suspect else "FRESH"


def silent(source: Source, newest: datetime, now: datetime) -> bool:
    """A source of cases that is STALE by the newest instant of its cases, however well it answers."""
    return source.quiet is not None and now > newest + source.quiet + source.max_age


def expected(source: Source, covered: datetime | None, settle: timedelta, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When what follows the data at hand should be here: the first collection after the next period has ended and settled, or,
    of cases in files, after the next file. None where nobody can say: of cases, which come when they come, and before the first.

    covered: up to when its data tells; settle: the longest `settle_delay` of the indicators made of it.
    """
    if covered is None or source.history_only:
        return None
    if source.gives == "observations":
        grain = source.mapping.get("grain")
        if grain is None or grain == "all":
            return None
        ready = periods.bounds(grain, covered, zone)[1] + settle
        if source.sends or source.every is not None:
            return ready + (source.every or timedelta(0))
        return schedule.next_at(source, ready - timedelta(microseconds=1), zone, now)
    if source.in_files and source.every is None:
        return schedule.next_at(source, covered, zone, now)
    return None


def in_time(source: Source, end: datetime, settle: timedelta, zone: ZoneInfo) -> datetime | None:
    """Until when a figure of a period that ended then comes in time: as long as its source would not be called late for it. Of a
    source that sends by itself `max_age` after it settled. None where nobody can say."""
    if source.history_only:
        return None
    ready = end + settle
    if source.sends:
        return ready + max(source.max_age, source.every or timedelta(0))
    at = ready + source.every if source.every else schedule.next_at(source, ready - timedelta(microseconds=1), zone, ready)
    return at + _patience(source) if at is not None else None


def _patience(source: Source) -> timedelta:
    """How long after it was due what comes is not called late."""
    return GRACE + min(expected_interval(source) / 2, timedelta(hours=1))


def expected_interval(source: Source) -> timedelta:
    """Between two collections, by the schedule; of a source that sends by itself, how long it may be silent."""
    if source.sends:
        return source.max_age
    if source.every is not None:
        return source.every
    return timedelta(days=7) if source.weekday is not None else timedelta(days=1)


def _worse(indicator: Indicator, value: Decimal, bound: Decimal) -> bool:
    return value > bound if indicator.better == "lower" else value < bound
