"""Alerts for programs: where each stands, who has it, and its whole course. What takes one on is in `_orders`."""

from __future__ import annotations

from typing import Any

import alerts
from alerts.answers import AlertEvent, AlertRow
from alerts.orders.model import SYSTEM
from metrics.answers import Ask
from metrics.periods import from_us
from publish import _parameters
from publish._answers import instant, number

Said = dict[str, Any]
TEXT: Said = {"type": "string"}
WHOLE: Said = {"type": "integer"}
INSTANT: Said = {"type": "string", "format": "date-time"}
NONE: Said = {"type": "null"}
SEVERITY: Said = {"type": "string", "enum": ["reminder", "warning", "serious"]}


def row(one: AlertRow) -> Said:
    return {
        "id": one.id, "kind": one.kind, "rule": one.rule, "rule_name": dict(one.rule_name), "severity": one.severity,
        "worst": one.worst, "condition": one.condition, "handling": one.handling, "closed": one.closed,
        "indicator": one.indicator, "source": one.source, "grain": one.series.grain if one.series else None,
        "department": one.department, "region": one.region, "since": instant(one.since),
        "fired_at": instant(one.fired_at), "closed_at": instant(one.closed_at), "period_start": instant(one.period_start),
        "period_end": instant(one.period_end), "value": number(one.value), "op": one.op, "threshold": number(one.threshold),
        "seen_by": one.seen_by, "acknowledged_by": one.acknowledged_by, "acknowledged_at": instant(one.acknowledged_at),
        "comment": one.comment, "dismissed_by": one.dismissed_by, "dismissed_at": instant(one.dismissed_at),
        "reason": one.reason, "order": one.order, "version": one.version,
    }  # fmt: skip


def whole(ask: Ask, id: int) -> Said:
    """One alert with its course; Wrong where there is none in the asker's scope."""
    detail = alerts.one(ask, id) if id < 2**63 else None
    if detail is None:
        raise _parameters.unknown("alert", str(id))
    return {"item": {**row(detail.row), "rule_version": detail.rule_version, "events": [event(one) for one in detail.events]}}


def event(one: AlertEvent) -> Said:
    because = one.why.as_json()
    if one.why.corrected is not None:
        because["corrected"] = instant(from_us(one.why.corrected))
    return {
        "at": instant(one.at), "step": one.kind, "severity": one.severity, "period_start": instant(one.period_start),
        "value": number(one.value), "by": "" if one.actor == SYSTEM else one.actor, "text": one.text, "because": because,
    }  # fmt: skip


def _maybe(schema: Said) -> Said:
    return {"anyOf": [schema, NONE]}


def _record(**properties: Said) -> Said:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def schemas(grain: Said) -> Said:
    """What the document says of alerts."""
    properties: Said = {
        "id": WHOLE, "kind": {"type": "string", "enum": ["threshold", "source", "held"]}, "rule": TEXT,
        "rule_name": {"type": "object", "additionalProperties": TEXT, "description": "language -> text"},
        "severity": SEVERITY, "worst": SEVERITY, "condition": TEXT, "handling": TEXT, "closed": TEXT,
        "indicator": _maybe(TEXT), "source": _maybe(TEXT), "grain": _maybe(grain), "department": TEXT, "region": TEXT,
        "since": INSTANT, "fired_at": INSTANT, "closed_at": _maybe(INSTANT),
        "period_start": _maybe(INSTANT) | {"description": "of the newest period judged"}, "period_end": _maybe(INSTANT),
        "value": _maybe({"type": "number"}) | {"description": "the newest judged: what the rule compares, in the unit shown"},
        "op": TEXT | {"description": "breached is `value op threshold`; empty for an alert on a source"},
        "threshold": _maybe({"type": "number"}) | {"description": "of the level it stands at"},
        "seen_by": WHOLE | {"description": "how many people opened its page"},
        "acknowledged_by": TEXT | {"description": "who took it on; empty: nobody"}, "acknowledged_at": _maybe(INSTANT),
        "comment": TEXT, "dismissed_by": TEXT, "dismissed_at": _maybe(INSTANT), "reason": TEXT,
        "order": TEXT | {"description": "number of the order that handles it; empty: none"},
        "version": WHOLE | {"description": "rises with each step by a person; send it with a step to be refused if it has risen"},
    }  # fmt: skip
    one_event = _record(
        at=INSTANT, step=TEXT, severity=_maybe(SEVERITY), period_start=_maybe(INSTANT), value=_maybe({"type": "number"}),
        by=TEXT | {"description": "who did it; empty: the system"}, text=TEXT,
        because={"type": "object", "description": "a correction, newer definitions or a change of the rule that made it so"},
    )  # fmt: skip
    events = {"type": "array", "items": one_event, "description": "oldest first"}
    return {"Alert": _record(**properties), "WholeAlert": _record(**properties, rule_version=WHOLE, events=events)}
