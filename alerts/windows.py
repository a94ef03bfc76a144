"""The figures a series is judged by: of each period the one by the version of its definition that is in force for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection

from alerts.store import states
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.values import Values, display

RECENT = 5
"""Periods the trend in words looks at."""
Windows = Mapping[int, Mapping[int, Values]]
"""Version of the definition -> start of the period -> the figure by it."""


def windows(
    connection: Connection, workspace: Workspace, series_id: int, series: Series, until: int, newest: int | None = None
) -> Windows:
    """Every figure of a series up to and with the period that starts at `until`, by every version of its definition."""
    versions = _versions(workspace, series.indicator)
    limit = newest if len(versions) == 1 else None  # those of one version may lie before what is in force
    return {version: dict(states.window(connection, series_id, version, until, limit)) for version in versions}


def course(workspace: Workspace, series: Series, found: Windows) -> list[tuple[int, int, Values]]:
    """(start of the period, version in force for it, the figure by that), oldest first."""
    mine = [
        (start, version, values)
        for version, window in found.items()
        for start, values in window.items()
        if len(found) == 1 or workspace.in_force(series.indicator, series.grain, start) == version
    ]
    return sorted(mine, key=lambda one: one[0])


def last_of_each(
    connection: Connection, workspace: Workspace, wanted: Sequence[tuple[int, Series, int]], newest: int
) -> dict[tuple[int, int], list[tuple[int, int, Values]]]:
    """The end of the course of each series: its so many `newest` figures up to and with a period.

    wanted: (id, series, start of the period), of indicators in the workspace. By id and start."""
    alike: dict[tuple[int, int], list[int]] = {}
    found: dict[tuple[int, int], list[tuple[int, int, Values]]] = {}
    for number, series, until in wanted:
        versions = _versions(workspace, series.indicator)
        if len(versions) == 1:
            alike.setdefault((versions[0], until), []).append(number)
        else:
            found[number, until] = course(workspace, series, windows(connection, workspace, number, series, until))[-newest:]
    for (version, until), numbers in alike.items():
        for number, values in states.last_of_each(connection, numbers, version, until, newest).items():
            found[number, until] = [(start, version, one) for start, one in values]
    return found


def shown_of_each(
    connection: Connection, workspace: Workspace, wanted: Sequence[tuple[int, Series, int]], newest: int = RECENT
) -> dict[tuple[int, int], tuple[Decimal, ...]]:
    """The same as people read them, without those that are missing: for the trend in words."""
    of = {number: series.indicator for number, series, _ in wanted}
    shown = {
        mine: [display(workspace.under(of[mine[0]], version).indicators[of[mine[0]]], values) for _, version, values in end]
        for mine, end in last_of_each(connection, workspace, wanted, newest).items()
    }
    return {mine: tuple(value for value in values if value is not None) for mine, values in shown.items()}


def _versions(workspace: Workspace, key: str) -> list[int]:
    versions = [one.version for one in workspace.versions.get(key, ())]
    return versions if len(versions) > 1 else [workspace.indicators[key].version]
