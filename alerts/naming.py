"""The cases behind an alert on overdue or nearly due ones, by their numbers: no name of a person is ever in a message."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.store import figures
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL
from metrics.rulebook import Rule

MOST = 10
ALL = 100_000


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
    return tuple(_due(connection, workspace, rule, series, since, until, now, MOST))


def overtaken(connection: Connection, workspace: Workspace, rule: Rule, series: Series, since: datetime, now: datetime) -> int:
    """How many open cases of a series came due since an instant: nobody closed them, time passed."""
    return len(_due(connection, workspace, rule, series, since, now, now, ALL))


def _due(
    connection: Connection, workspace: Workspace, rule: Rule, series: Series, since: datetime | None, until: datetime,
    now: datetime, limit: int,
) -> list[str]:  # fmt: skip
    indicator = workspace.indicators[rule.indicator]
    departments = None if series.department == TOTAL else workspace.departments.subtree(series.department)
    regions = None if series.region == TOTAL else workspace.regions.subtree(series.region)
    category = json.loads(series.dims).get("category")
    return figures.due_cases(
        connection, indicator.source or "", indicator.measure.over, since, until, now, departments, regions, limit, category
    )  # fmt: skip
