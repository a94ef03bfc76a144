"""Where two sources report the same figure and disagree by more than the indicator tolerates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from metrics import periods
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Indicator
from metrics.store import head, observations, rulings, scope
from metrics.store.observations import Reported
from metrics.store.rulings import Ruled
from metrics.values import display


@dataclass(frozen=True)
class Told:
    """What one source says."""

    source: str
    value: Decimal
    run_id: int | None
    since: datetime
    """When it was said."""


@dataclass(frozen=True)
class Conflict:
    """One series and period; `told` in the order of authority."""

    series: Series
    period_start: datetime
    told: tuple[Told, ...]
    difference: Decimal
    tolerance: Decimal
    since: datetime
    """When the sources began to disagree as they do now: the later of their words."""
    ruled: Ruled | None
    """None: open."""


def conflicts(ask: Ask, *, since: datetime | None = None) -> list[Conflict]:
    """All within the asker's scope, open ones first, then by age; `since` leaves out periods that start before it."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found: list[Conflict] = []
    for indicator in ask.workspace.indicators.values():
        if len(indicator.feeds) < 2:
            continue
        for grain in indicator.grains:
            rows = observations.told_twice(
                ask.connection, indicator.key, grain, indicator.version, within, periods.to_us(since) if since else 0
            )
            ruled = rulings.in_force(ask.connection, indicator.key, grain) if rows else []
            for (key, start), many in rows.items():
                one = _told(ask, indicator, many)
                difference = max(told.value for told in one) - min(told.value for told in one) if one else Decimal(0)
                if difference > indicator.tolerance:
                    found.append(
                        Conflict(
                            Series(indicator.key, grain, *key), periods.from_us(start), one, difference, indicator.tolerance,
                            max(told.since for told in one), rulings.covering(ruled, key, start),
                        )
                    )  # fmt: skip
    return sorted(found, key=lambda one: (one.ruled is not None, one.since, str(one.series), one.period_start))


def _told(ask: Ask, indicator: Indicator, rows: list[Reported]) -> tuple[Told, ...]:
    order = {source: place for place, source in enumerate(indicator.feeds)}
    return tuple(
        Told(row.source, value, row.run_id, head.instant(ask.connection, row.known_from))
        for row in sorted(rows, key=lambda row: (order.get(row.source, len(order)), row.source))
        if (value := display(indicator, row.values)) is not None
    )
