"""Alerts about what is no more: a rule, an indicator, an office or region that ended or went up in another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from alerts import rules
from alerts.store import states
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Place
from metrics.rulebook import Rule


def orphans(connection: Connection, workspace: Workspace, every: Sequence[Row[Any]], at: datetime) -> list[tuple[Any, str]]:
    """Of the open episodes those that no figure can reach any more, each with why it is closed."""
    open_ = [row for row in every if row.rule not in rules.BUILT_IN]
    dated = open_ and (workspace.departments.dated or workspace.regions.dated)
    series = states.series_of(connection, (row.series_id for row in open_)) if dated else {}
    found = [(row, _why(workspace, row.rule, series.get(row.series_id), at)) for row in open_]
    return [(row, why) for row, why in found if why]


def without_source(workspace: Workspace, every: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Of the open episodes those of sources that are in the workspace no more."""
    return [row for row in every if row.source and row.source not in workspace.sources]


def _why(workspace: Workspace, key: str, series: Series | None, at: datetime) -> str:
    rule = workspace.rules.get(key)
    if rule is None:
        return "rule_removed"
    if rule.indicator not in workspace.indicators:
        return "retired"
    if series is None:
        return ""
    for tree, id in ((workspace.departments, series.department), (workspace.regions, series.region)):
        place = tree.get(id) if id in tree else None
        if place is not None and place.valid_to is not None and at >= _settled(workspace, rule, place):
            return "merged" if place.merged_into else "ended"
    return ""


def _settled(workspace: Workspace, rule: Rule, place: Place) -> datetime:
    """When the last period of the place has settled: until then its own figures decide."""
    assert place.valid_to is not None
    noon = datetime.combine(place.valid_to, time(12), workspace.zone)
    end = noon.replace(hour=0) + timedelta(days=1)
    indicator = workspace.indicators[rule.indicator]
    if rules.reading(indicator, rule.grain):
        return end
    return max(end, periods.bounds(rule.grain, noon, workspace.zone)[1]) + indicator.settle_delay
