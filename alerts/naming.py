"""The cases behind an alert on overdue or nearly due ones, by their numbers: no name of a person is ever in a message."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.store import figures
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL
from metrics.rulebook import Rule

MOST = 10


def cases(connection: Connection, workspace: Workspace, rule: Rule, series: Series, now: datetime) -> tuple[str, ...]:
    """The first ten, most urgent first; empty for a rule that is not about single cases."""
    indicator = workspace.indicators.get(rule.indicator)
    if indicator is None or not indicator.measure.stock or indicator.source is None:
        return ()
    if rule.kind == "due_soon":
        since, until = now, now + (rule.within or timedelta(0))
    elif rule.kind == "threshold" and indicator.measure.kind == "overdue":
        since, until = None, now
    else:
        return ()
    departments = None if series.department == TOTAL else workspace.departments.subtree(series.department)
    regions = None if series.region == TOTAL else workspace.regions.subtree(series.region)
    return tuple(
        figures.due_cases(connection, indicator.source, indicator.measure.over, since, until, now, departments, regions, MOST)
    )
