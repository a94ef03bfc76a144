"""What people have to decide about figures, for programs: sources that disagree, and figures that were doubted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from metrics import reading
from metrics.answers import Ask
from metrics.reading.conflicts import Conflict
from metrics.reading.held import Held
from metrics.store import head
from publish import _answers, _parameters

Said = dict[str, Any]
Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"anyOf": [_TEXT, {"type": "null"}]}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_MAYBE_INSTANT: Schema = {"anyOf": [_INSTANT, {"type": "null"}]}
_NUMBER: Schema = {"type": "number"}
_MAYBE_NUMBER: Schema = {"anyOf": [_NUMBER, {"type": "null"}]}
_WHOLE: Schema = {"type": "integer"}
_MAYBE_WHOLE: Schema = {"anyOf": [_WHOLE, {"type": "null"}]}
_FLAG: Schema = {"type": "boolean"}

PARAMETERS = (
    ("open", {"type": "string", "enum": ["true", "false"]}, "false: those that were decided too"),
    ("indicator", _TEXT, "key of an indicator"),
)


def _record(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_SERIES = {"indicator": _TEXT, "grain": _TEXT, "department": _TEXT, "region": _TEXT, "dims": _TEXT, "period_start": _INSTANT}
CONFLICT = _record(
    **_SERIES,
    told={
        "type": "array",
        "items": _record(
            source=_TEXT, value=_NUMBER, run=_MAYBE_WHOLE, since=_INSTANT,
            stands=_FLAG | {"description": "the figure that is shown"},
        ),
        "description": "in the order of authority",
    },
    difference=_NUMBER, tolerance=_NUMBER, since=_INSTANT, age_seconds=_NUMBER,
    ruling={"anyOf": [_record(id=_WHOLE, source=_TEXT, reason=_TEXT, by=_TEXT, at=_INSTANT, everywhere=_FLAG), {"type": "null"}]},
)  # fmt: skip
HELD = _record(
    id=_WHOLE, **_SERIES, source=_TEXT, value=_MAYBE_NUMBER,
    kind={"type": "string", "enum": ["bounds", "jump", "future", "parts", "falls", "frozen", "gone"]},
    words=_TEXT, held=_FLAG | {"description": "false: stored as reported, and a question"}, against=_MAYBE_NUMBER,
    good={
        "anyOf": [_record(value=_NUMBER, period_start=_INSTANT), {"type": "null"}],
        "description": "the last good figure, which stands on the boards",
    },
    run=_MAYBE_WHOLE, since=_INSTANT, age_seconds=_NUMBER, verdict=_MAYBE, by=_MAYBE, reason=_MAYBE, decided_at=_MAYBE_INSTANT,
)  # fmt: skip


def conflicts(ask: Ask, given: Mapping[str, str]) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    only, key = _asked(ask, given)
    found = [one for one in reading.conflicts(ask) if not (only and one.ruled) and key in (None, one.series.indicator)]
    return {"total": len(found), "items": [_conflict(ask, one) for one in found], **_answers.stamp(ask)}


def held(ask: Ask, given: Mapping[str, str]) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    only, key = _asked(ask, given)
    limit, offset = _parameters.whole(given, "limit", 500, 1, 1_000), _parameters.whole(given, "offset", 0, 0, 10_000_000)
    found = reading.held(ask, waiting=True if only else None, indicator=key, limit=limit, offset=offset)
    waiting, decided = reading.held_counts(ask, key)
    return {"total": waiting if only else waiting + decided, "items": [_held(ask, one) for one in found], **_answers.stamp(ask)}


def _asked(ask: Ask, given: Mapping[str, str]) -> tuple[bool, str | None]:
    if given.get("indicator"):
        _parameters.indicator(ask, given["indicator"])
    return _parameters.one_of(given, "open", ("true", "false"), "true") == "true", given.get("indicator")


def _conflict(ask: Ask, one: Conflict) -> Said:
    told = [
        {
            "source": each.source, "value": _answers.number(each.value), "run": each.run_id,
            "since": _answers.instant(each.since), "stands": each.stands,
        }
        for each in one.told
    ]  # fmt: skip
    ruled = one.ruled
    return {
        **_series(one), "told": told, "difference": _answers.number(one.difference), "tolerance": _answers.number(one.tolerance),
        "since": _answers.instant(one.since), "age_seconds": max(0.0, (ask.now - one.since).total_seconds()),
        "ruling": {
            "id": ruled.id, "source": ruled.source, "reason": ruled.reason, "by": ruled.actor,
            "at": _answers.instant(head.instant(ask.connection, ruled.known_from)), "everywhere": ruled.everywhere,
        } if ruled is not None else None,
    }  # fmt: skip


def _held(ask: Ask, one: Held) -> Said:
    good = one.good
    stands = None
    if good is not None and good.value is not None:
        stands = {"value": _answers.number(good.value), "period_start": _answers.instant(good.period_start)}
    return {
        "id": one.id, **_series(one), "source": one.source, "value": _answers.number(one.value),
        "kind": one.kind, "words": one.words, "held": one.held,
        "against": _answers.number(one.against), "good": stands,
        "run": one.run_id, "since": _answers.instant(one.since), "age_seconds": max(0.0, (ask.now - one.since).total_seconds()),
        "verdict": one.verdict or None, "by": one.actor or None, "reason": one.reason or None,
        "decided_at": _answers.instant(one.decided_at),
    }  # fmt: skip


def _series(one: Conflict | Held) -> Said:
    series = one.series
    start = _answers.instant(one.period_start)
    return {
        "indicator": series.indicator, "grain": series.grain, "department": series.department, "region": series.region,
        "dims": series.dims, "period_start": start,
    }  # fmt: skip
