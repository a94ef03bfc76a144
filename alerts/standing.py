"""What is told of an open alert while it goes on: as it stands now, by its own row, whatever was told of it before."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts import described, doubted, naming, of_source, rules, transition
from alerts.message import Facts
from alerts.stamp import Stamp
from alerts.store import states
from alerts.windows import shown_of_each
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us
from metrics.rulebook import Rule


def facts(connection: Connection, workspace: Workspace, row: Row[Any], kind: str, stamp: Stamp) -> Facts | None:
    """None where the workspace no longer has what it is about."""
    if row.source:
        source = workspace.sources.get(row.source)
        if source is None:
            return None
        more = doubted.named(connection, workspace, source, int(row.value)) if row.rule == rules.DOUBTED else {}
        name = described.BUILT_IN[row.rule]
        return of_source.facts(workspace, row.rule, name, source, row.id, kind, row.since, row.fired_at, stamp, more)
    rule = workspace.rules.get(row.rule)
    series = states.series_of(connection, [row.series_id]).get(row.series_id)
    if rule is None or series is None:
        return None
    both = described.definitions(workspace, row)
    start, end = _instant(row.period_start), _instant(row.period_end)
    return Facts(
        kind=kind, severity=row.severity, episode=row.id, source="", since=from_us(row.since), fired_at=from_us(row.fired_at),
        at=stamp.now, value=_decimal(row.value), before=None, threshold=_decimal(row.threshold), op=row.op, period_start=start,
        period_end=end, grain=None if start == end else rule.grain, by_correction=bool(row.by_correction),
        path=f"/alerts/{row.id}", recent=_recent(connection, workspace, rule, series, row),
        why={"definitions": list(both)} if both else {},
        cases=naming.cases(connection, workspace, rule, series, stamp.now), **transition.named(workspace, rule, series),
    )  # fmt: skip


def _recent(connection: Connection, workspace: Workspace, rule: Rule, series: Series, row: Row[Any]) -> tuple[Decimal, ...]:
    """The figures that lead to this one, where the figure itself is what is judged."""
    if rule.kind != "threshold" or row.by_correction or row.period_start is None or rule.indicator not in workspace.indicators:
        return ()
    mine = row.series_id, row.period_start
    return shown_of_each(connection, workspace, [(row.series_id, series, row.period_start)])[mine]


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
