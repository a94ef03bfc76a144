"""What people read of alerts: the inbox, one alert with its course, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from alerts import delivered, described, rules
from alerts.answers import AlertCounts, AlertDetail, AlertPage, AlertRow, Seen
from alerts.store import reads
from alerts.store.reads import Filter
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Principal
from metrics.periods import from_us
from metrics.store import scope, series


def inbox(
    ask: Ask,
    *,
    open_only: bool = True,
    severity: str | None = None,
    field: str | None = None,
    department: str | None = None,
    region: str | None = None,
    indicator: str | None = None,
    handling: str | None = None,
    place: tuple[str, str] | None = None,
    limit: int = 50,
    offset: int = 0,
) -> AlertPage:
    """Alerts in the asker's scope: open ones first, worst first, newest first.

    department, region: only alerts of that place and all below it. place: of exactly this department and region.
    field, indicator: alerts of sources are then left out.
    """
    ws, indicators = ask.workspace, None
    if field is not None:
        indicators = [one.key for one in ws.indicators.values() if one.field == field]
    if indicator is not None:
        indicators = [indicator] if indicators is None or indicator in indicators else []
    wanted = Filter(
        open_only=open_only, severity=severity, indicators=indicators, handling=handling, place=place,
        departments=_below(ws.departments, department), regions=_below(ws.regions, region),
    )  # fmt: skip
    within, sources = _scope(ask)
    rows = reads.page(ask.connection, within, sources, wanted, limit, offset)
    total = reads.count(ask.connection, within, sources, wanted)
    marked = described.marks(ask)
    return AlertPage(total, [described.row(ws, row, marked) for row in rows])


def of_series(ask: Ask, asked: Series, most: int = 200) -> list[AlertRow]:
    """Alerts on one figure, open ones first; none where it lies outside the asker's scope."""
    number = series.ids(ask.connection, asked.indicator, asked.grain).get((asked.department, asked.region, asked.dims))
    if number is None:
        return []
    within, sources = _scope(ask)
    rows = reads.page(ask.connection, within, sources, Filter(series_id=number), most, 0)
    marked = described.marks(ask)
    return [described.row(ask.workspace, row, marked) for row in rows]


def one(ask: Ask, id: int) -> AlertDetail | None:
    """One alert with its course; None where there is none in the asker's scope."""
    within, sources = _scope(ask)
    found = reads.page(ask.connection, within, sources, Filter(id=id), 1, 0)
    if not found:
        return None
    row = found[0]
    version = reads.version_of(ask.connection, row.rule_version)
    rule = rules.revive(row.rule, version.number, version.body) if version and row.rule not in rules.BUILT_IN else None
    now = ask.workspace.rules.get(row.rule)
    source = ask.workspace.sources.get(row.source)
    return AlertDetail(
        row=described.row(ask.workspace, row, described.marks(ask)),
        events=[described.event(one) for one in reads.events(ask.connection, id)],
        deliveries=delivered.of(ask, id), seen=[Seen(one.name, from_us(one.at)) for one in reads.seers(ask.connection, id)],
        rule_version=version.number if version else 1, levels=rule.levels if rule else (),
        m=rule.m if rule else 1, n=rule.n if rule else 1,
        for_seconds=int(rule.for_.total_seconds()) if rule and rule.for_ else None,
        recover_count=rule.recover_count if rule else 1,
        recover_for_seconds=int(rule.recover_for.total_seconds()) if rule and rule.recover_for else None,
        min_n=rule.min_n if rule else 0, owner=now.owner if now else (source.department if source else ""),
        definitions=described.definitions(ask.workspace, row),
    )  # fmt: skip


def counts(ask: Ask) -> AlertCounts:
    """What is open in the asker's scope, for the first line of the overview."""
    within, sources = _scope(ask)
    rows = reads.tally(ask.connection, within, sources, rules.SILENT)

    def add(*conditions: bool) -> int:
        return sum(row.number for row, wanted in zip(rows, conditions, strict=True) if wanted)

    return AlertCounts(
        open=add(*(True for _ in rows)),
        serious=add(*(row.severity == "serious" for row in rows)),
        warning=add(*(row.severity == "warning" for row in rows)),
        reminder=add(*(row.severity == "reminder" for row in rows)),
        unacknowledged=add(*(row.handling == "NEW" for row in rows)),
        unattended=add(*(row.handling == "NEW" and not row.looked for row in rows)),
        sources=add(*(bool(row.silent) for row in rows)),
    )


def holds(connection: Connection, workspace: Workspace, who: Principal, id: int) -> bool:
    ask = Ask(connection, workspace, who, from_us(0))
    within, sources = _scope(ask)
    return bool(reads.page(connection, within, sources, Filter(id=id), 1, 0))


def _scope(ask: Ask) -> tuple[scope.Scope, list[str]]:
    """The series in scope, and the sources whose department is (a source belongs to a department, not to a region)."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    mine = within.departments
    return within, [one.key for one in ask.workspace.sources.values() if mine is None or one.department in mine]


def _below(tree: Any, id: str | None) -> Sequence[str] | None:
    if id is None or id == TOTAL:
        return None
    return sorted(tree.subtree(id)) if id in tree else []
