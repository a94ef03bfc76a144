"""Where two sources report the same figure and disagree by more than the indicator tolerates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from metrics import periods, steering
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.asof import as_accepted
from metrics.catalogue.workspace import Workspace
from metrics.indicators.observed import choose
from metrics.model import Indicator, Principal
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
    stands: bool
    """It is the figure that is shown: of the source a person ruled for, else of the first in authority."""


@dataclass(frozen=True)
class Conflict:
    """One series and period; `told` in the order of authority."""

    indicator: Indicator
    """As the version in force for the period means it."""
    series: Series
    period_start: datetime
    told: tuple[Told, ...]
    difference: Decimal
    tolerance: Decimal
    since: datetime
    """When the sources began to disagree as they do now: the later of their words."""
    ruled: Ruled | None
    """None: open."""
    mine: bool
    """The asker may rule on it."""


def conflicts(ask: Ask, *, since: datetime | None = None) -> list[Conflict]:
    """All within the asker's scope, and all of figures the asker's own systems report; open ones first, then by age. As of an
    earlier revision those of then, with the rulings of then: nobody rules in the past.

    `since` leaves out periods that start before it."""
    mine = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found: list[Conflict] = []
    for indicator in ask.workspace.indicators.values():
        if len(indicator.feeds) < 2:
            continue
        owned = any(steering.owns(ask.who, ask.workspace, ask.workspace.sources[key]) for key in indicator.feeds)
        within = scope.WHOLE if owned else mine
        meant = _meant(ask.workspace, indicator)
        apart = min(int(one.tolerance.scaleb(one.decimals)) for one in meant.values())
        alike = len({(one.unit, one.decimals) for one in meant.values()}) == 1
        known = ask.workspace
        if ask.revision is not None:
            known = as_accepted(ask.connection, known, [indicator.key], ask.revision)
        for grain in indicator.grains:
            rows = observations.told_twice(
                ask.connection, indicator.key, grain, within, periods.to_us(since) if since else 0, ask.revision, apart, alike
            )
            ruled = rulings.in_force(ask.connection, indicator.key, grain, ask.revision) if rows else []
            instants = head.instants(ask.connection, {row.known_from for many in rows.values() for row in many})
            for (key, start), many in rows.items():
                version = known.in_force(indicator.key, grain, start)
                told = _in_force(version, many)
                difference = _difference(meant, told)
                if difference > meant[version].tolerance:
                    decided = rulings.covering(ruled, key, start)
                    one = _told(meant, told, choose(indicator, told, decided), instants)
                    series = Series(indicator.key, grain, *key)
                    found.append(
                        Conflict(
                            meant[version], series, periods.from_us(start), one, difference, meant[version].tolerance,
                            max(said.since for said in one), decided,
                            ask.revision is None and may_rule(ask.who, ask.workspace, series),
                        )
                    )  # fmt: skip
    return sorted(found, key=lambda one: (one.ruled is not None, one.since, str(one.series), one.period_start))


def may_rule(who: Principal, workspace: Workspace, series: Series) -> bool:
    """Supervisors in whose scope the figure lies: none of those who report it decides in its own cause."""
    within = scope.of(who, workspace.departments, workspace.regions)
    return who.has("supervisor") and within.holds(series.department, series.region)


def _meant(workspace: Workspace, indicator: Indicator) -> dict[int, Indicator]:
    """Version -> what a figure reported under it is said by: two decimals of the newest are none of an earlier one."""
    return {number: workspace.meant(indicator.key, number) for number in range(1, indicator.version + 1)}


def _in_force(version: int, rows: list[Reported]) -> list[Reported]:
    """Of each source what it reported under the version in force, else under the one before."""
    found: dict[str, Reported] = {}
    for row in sorted(rows, key=lambda row: row.version):
        if row.version <= version:
            found[row.source] = row
    return list(found.values())


def _difference(meant: Mapping[int, Indicator], rows: list[Reported]) -> Decimal:
    values = [value for row in rows if (value := display(meant[row.version], row.values)) is not None]
    return max(values) - min(values) if values else Decimal(0)


def _told(
    meant: Mapping[int, Indicator], rows: list[Reported], chosen: Reported, instants: Mapping[int, datetime]
) -> tuple[Told, ...]:
    order = {source: place for place, source in enumerate(meant[max(meant)].feeds)}
    return tuple(
        Told(row.source, value, row.run_id, instants[row.known_from], row is chosen)
        for row in sorted(rows, key=lambda row: (order.get(row.source, len(order)), row.source))
        if (value := display(meant[row.version], row.values)) is not None
    )
