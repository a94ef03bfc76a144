"""A number or a list of cases by the code it was taken away with, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import alerts
from alerts import orders
from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Indicator, Part
from metrics.passport import read, shown
from metrics.reading.checks import Check, checks
from metrics.reading.coded_lists import CaseList
from metrics.reading.course import Stood
from metrics.reading.passports import Behind, Passport
from publish import _alerts, _answers, _parameters
from publish._words import WORDS

Said = dict[str, Any]
USED = 100
"""Alerts and orders on a figure, the newest."""


def asked(ask: Ask, given: Mapping[str, str]) -> Said:
    """By its code what was taken away; by indicator, place and period the number as it stands, or stood at `rev`."""
    if given.get("code"):
        code = read(given["code"])
        if code is None:
            raise _parameters.bad("code", "no code of a passport", "ten letters and digits, such as 7K2M9-4QX3B")
        found = reading.passport_of(ask, code)
        if found is None:
            raise _parameters.unknown("code", given["code"])
        if found.query:
            return {"item": case_list(reading.case_list(ask, found, code))}
        return {"item": passport(ask, reading.passport(ask, found, code))}
    indicator = _parameters.indicator(ask, _parameters.needed(given, "indicator"))
    department, region = _parameters.place_asked(ask, given)
    grain: Any = _parameters.one_of(given, "grain", indicator.grains, indicator.grains[0])
    _parameters.needed(given, "period")
    period = _parameters.instant(given, "period")
    assert period is not None
    figure = reading.printed(ask, Series(indicator.key, grain, department, region), period, _parameters.revision(ask, given))
    if figure is None:
        raise _parameters.unknown("region", region)
    return {"item": passport(ask, reading.passport(ask, figure, None))}


def _why_none(behind: Behind) -> dict[str, str] | None:
    """In words why there is no beginning of a payload; None where there is one."""
    if behind.excerpt is not None:
        return None
    zh, en = WORDS["withheld" if behind.withheld else "no_excerpt"]
    return {"zh": zh, "en": en}


def passport(ask: Ask, one: Passport) -> Said:
    """A number as it was taken away, what it was made of and what changed since."""
    series = one.cell.series
    return {
        "code": shown(one.code) if one.code else None, "indicator": series.indicator, "name": dict(one.indicator.name),
        "version": one.cell.version, "measure": one.indicator.measure.kind, "unit": one.indicator.unit,
        "grain": series.grain, "department": series.department, "region": series.region,
        "exported": _answers.cell(one.cell), "now": _answers.cell(one.now), "changed": None if one.let_go else not one.same,
        "reproduced": one.reproduced,
        "course": [_stood(stood) for stood in one.course.stood], "passed_over": one.course.skipped,
        "values": [_answers.value(entry) for entry in one.entered],
        "cases": dict(one.counted), "runs": [
            {
                **_answers.run(behind.run), "payload_hash": behind.run.payload_hash, "cases": behind.cases,
                "excerpt": [dict(row) for row in behind.excerpt.rows] if behind.excerpt else None,
                "excerpt_note": _why_none(behind),
            }
            for behind in one.runs
        ],
        "doubts": [
            {"kind": doubt.kind, "words": doubt.words, "held": doubt.held, "verdict": doubt.verdict} for doubt in one.doubts
        ],
        "checks": [_check(check) for check in checks(one)], "formula": formula(one.indicator),
        "alerts": [_alerts.row(alert) for alert in alerts.inbox_of(ask, series, USED)],
        "orders": [{"id": order.id, "number": order.number, "title": order.title, "state": order.order.state}
                   for order in orders.of_series(ask, series.indicator, series.department, series.region)[:USED]],
        "boards": list(one.boards), "rules": list(one.rules), "indicators": list(one.indicators),
    }  # fmt: skip


def _stood(one: Stood) -> Said:
    return {
        "revision": one.revision, "at": _answers.instant(one.at), "kind": one.kind, "actor": one.actor, "run": one.run_id,
        "value": _answers.number(one.value), "num": one.values.num, "den": one.values.den, "status": one.values.status,
        "reason": one.reason,
    }  # fmt: skip


def case_list(one: CaseList) -> Said:
    """A list that was taken away: how many it held, and by which parameters `/records` opens it as it was."""
    return {"code": shown(one.code), "query": dict(one.parameters), "then": one.then, "again": one.again, "now": one.now}


def _check(one: Check) -> Said:
    return {"check": one.what, "passed": one.passed, "found": {key: _plain(value) for key, value in one.said.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _answers.instant(value)
    return _answers.number(value) if isinstance(value, Decimal) else value


def formula(one: Indicator) -> Said:
    """How the figure is computed: the measure with its parts, what it rests on in law, the decimals kept."""
    measure = one.measure
    return {
        "measure": measure.kind, "over": _part(measure.over), "of": _part(measure.of), "apart": _part(measure.apart),
        "field": measure.field, "inputs": list(measure.inputs), "number": _answers.number(measure.number),
        "basis": dict(one.basis), "decimals": one.decimals,
    }  # fmt: skip


def _part(one: Part | None) -> Said | None:
    if one is None:
        return None
    conditions = [
        {
            "field": condition.field, "op": condition.op,
            "values": list(condition.value) if isinstance(condition.value, tuple) else [str(condition.value)],
        }
        for condition in one.conditions
    ]  # fmt: skip
    return {"in_period": one.anchor, "conditions": conditions}
