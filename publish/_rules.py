"""Rules for programs: what is watched, by which bounds, which version is in force and who changed it, how many alerts it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from alerts import editing
from metrics.answers import Ask
from metrics.rulebook import Rule
from publish import _answers, _parameters

Said = dict[str, Any]
RECENT = timedelta(days=30)
TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
WORDS: Said = {"type": "object", "additionalProperties": TEXT}
INSTANT: Said = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
PARAMETERS = (("indicator", TEXT, "key of an indicator"),)


def listed(ask: Ask, given: Mapping[str, str]) -> Said:
    """Rules hold for everybody; the alerts counted are of the whole government."""
    indicator = given.get("indicator")
    if indicator is not None and indicator not in ask.workspace.indicators:
        raise _parameters.unknown("indicator", indicator)
    fired = editing.fired(ask.connection, ask.now - RECENT)
    mine = [one for one in ask.workspace.rules.values() if indicator in (None, one.indicator)]
    return {"total": len(mine), "items": [_row(ask, one.key, fired.get(one.key, (0, 0))) for one in mine]}


def _row(ask: Ask, key: str, fired: tuple[int, int]) -> Said:
    rule: Rule = editing.in_force(ask.connection, ask.workspace, key)
    newest = next(iter(editing.history(ask.connection, ask.workspace, key)), None)
    levels = [
        {"severity": one.severity, "threshold": float(one.threshold), "recovery": float(one.recovery)} for one in rule.levels
    ]
    return {
        "key": key, "name": dict(rule.name), "indicator": rule.indicator, "grain": rule.grain, "kind": rule.kind,
        "by": list(rule.cut), "op": rule.op, "levels": levels, "m": rule.m, "n": rule.n, "recover_count": rule.recover_count,
        "min_n": rule.min_n, "paused": rule.paused, "version": newest.number if newest else 0,
        "since": _answers.instant(newest.since) if newest else None, "author": newest.author if newest else "",
        "second": newest.second if newest else "", "reason": newest.reason if newest else "", "open": fired[0],
        "raised_in_30_days": fired[1],
    }  # fmt: skip


LEVEL: Said = {
    "type": "object", "required": ["severity", "threshold", "recovery"], "additionalProperties": False,
    "properties": {"severity": TEXT, "threshold": NUMBER, "recovery": NUMBER},
}  # fmt: skip
PROPERTIES: Said = {
    "key": TEXT, "name": WORDS, "indicator": TEXT, "grain": TEXT, "kind": TEXT, "by": {"type": "array", "items": TEXT},
    "op": TEXT, "levels": {"type": "array", "items": LEVEL}, "m": WHOLE, "n": WHOLE, "recover_count": WHOLE, "min_n": WHOLE,
    "paused": {"type": "boolean"}, "version": WHOLE,
    "since": INSTANT, "author": TEXT, "second": TEXT, "reason": TEXT, "open": WHOLE, "raised_in_30_days": WHOLE,
}  # fmt: skip
RULE: Said = {"type": "object", "properties": PROPERTIES, "required": list(PROPERTIES), "additionalProperties": False}
