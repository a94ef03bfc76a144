"""Rows of alerts as values that people read: with the names of the catalogue, and what is so of them beside their condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts import matter, rules, telling, why
from alerts.answers import AlertEvent, AlertRow
from alerts.store import episodes
from alerts.store import holds as keeping
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Text
from metrics.periods import from_us, to_us
from metrics.rulebook import Match

SILENT_NAME = {"zh": "数据源连续三个周期无成功采集", "en": "No success for three intervals"}
DOUBTED_NAME = {"zh": "有数字待核", "en": "Figures in question"}
BUILT_IN = {rules.SILENT: SILENT_NAME, rules.DOUBTED: DOUBTED_NAME}


BY_PEOPLE = ("acknowledged", "dismissed", "seen", "ordered", "note")
"""Steps whose text is what a person wrote."""


@dataclass(frozen=True)
class Marks:
    """What is so of alerts beside their condition, read once for a list."""

    flapping: frozenset[tuple[str, int]]
    silences: Sequence[Match]
    down: Mapping[str, int]
    """Silent source -> since when."""


def marks(ask: Ask) -> Marks:
    down = {row.source: row.since for row in episodes.of_rule_open(ask.connection, rules.SILENT)}
    return Marks(
        frozenset((row.rule, row.series_id) for row in keeping.all_flapping(ask.connection)),
        [telling.match_of(row.match) for row in keeping.silences(ask.connection, to_us(ask.now))], down,
    )  # fmt: skip


def marked_(workspace: Workspace, row: Any, marked: Marks) -> dict[str, Any]:
    """Only of what is open."""
    rule = workspace.rules.get(row.rule)
    if row.closed_at is not None or rule is None or not row.indicator:
        return {}
    series = Series(row.indicator, row.grain, row.department_id, row.region_id, row.dims)
    about = matter.of_series(workspace, rule, row.severity, series, row.series_id)
    lost = marked.down.get(matter.missing(about.needs, marked.down.keys()))
    return {
        "flapping": (row.rule, row.series_id) in marked.flapping, "lost": at_(lost),
        "silenced": any(telling.silenced(workspace, one, about) for one in marked.silences),
    }  # fmt: skip


def row(workspace: Workspace, row: Any, marked: Marks) -> AlertRow:
    source = workspace.sources.get(row.source) if row.source else None
    indicator = workspace.indicators.get(row.indicator) if row.indicator else None
    rule = workspace.rules.get(row.rule)
    department = row.department_id or (source.department if source else TOTAL)
    region = row.region_id or TOTAL
    return AlertRow(
        id=row.id, kind="held" if row.rule == rules.DOUBTED else "source" if row.source else "threshold", rule=row.rule,
        rule_name=rule.name if rule else BUILT_IN.get(row.rule, {"zh": row.rule, "en": row.rule}),
        severity=row.severity, worst=row.worst_severity, condition=row.condition, closed=row.closed, handling=row.handling,
        indicator=row.indicator, indicator_name=named(indicator, row.indicator or ""),
        field=indicator.field if indicator else None, unit=indicator.unit if indicator else None,
        series=Series(row.indicator, row.grain, row.department_id, row.region_id, row.dims) if row.indicator else None,
        source=row.source or None, department=department, department_name=_place(workspace.departments, department),
        region=region, region_name=_place(workspace.regions, region), since=from_us(row.since), fired_at=from_us(row.fired_at),
        closed_at=at_(row.closed_at), period_start=at_(row.period_start), period_end=at_(row.period_end),
        value=_decimal(row.value), op=row.op, threshold=_decimal(row.threshold),
        by_correction=bool(row.by_correction), seen_by=row.looked, acknowledged_by=row.acked_name,
        acknowledged_at=at_(row.acked_at), comment=row.comment, version=row.version,
        dismissed_by=row.dismissed_by or "", dismissed_at=at_(row.dismissed_at), reason=row.reason or "",
        order=(row.ordered or "") if row.handling == "ORDERED" else "",
        **marked_(workspace, row, marked),
    )  # fmt: skip


def definitions(workspace: Workspace, row: Any) -> tuple[int, int] | None:
    """Of what is open: the version of the definition it was raised under and the one in force, where they differ."""
    rule = workspace.rules.get(row.rule)
    indicator = workspace.indicators.get(rule.indicator) if rule is not None else None
    if row.closed_at is not None or indicator is None or row.definition in (0, indicator.version):
        return None
    return row.definition, indicator.version


def event(row: Any) -> AlertEvent:
    made = None if row.kind in BY_PEOPLE else why.read(row.text)
    return AlertEvent(
        row.seq, from_us(row.at), row.kind, row.severity, at_(row.period_start), _decimal(row.value), row.actor,
        "" if made else row.text, made or why.NOTHING,
    )  # fmt: skip


def named(named: Any, otherwise: str) -> Text:
    return named.name if named is not None else {"zh": otherwise, "en": otherwise}


def _place(tree: Any, id: str) -> Text:
    return tree.get(id).name if id in tree else {"zh": id, "en": id}


def at_(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
