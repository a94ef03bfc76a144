"""The figures a series is judged by: of each period the one by the version of its definition that is in force for it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from alerts.store import states
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.values import Values

Windows = Mapping[int, Mapping[int, Values]]
"""Version of the definition -> start of the period -> the figure by it."""


def windows(
    connection: Connection, workspace: Workspace, series_id: int, series: Series, until: int, newest: int | None = None
) -> Windows:
    """Every figure of a series up to and with the period that starts at `until`, by every version of its definition."""
    key = series.indicator
    versions = [one.version for one in workspace.versions.get(key, ())]
    if len(versions) < 2:
        versions = [workspace.indicators[key].version]
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
