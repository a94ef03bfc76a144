"""What changed since a revision, for programs: figures that were said to be something else, and records likewise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from metrics.answers import Ask
from metrics.model import TOTAL
from metrics.reading import changed
from metrics.reading.changed import By, Fields, Revised
from publish import _answers, _parameters

Said = dict[str, Any]
Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"anyOf": [_TEXT, {"type": "null"}]}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_MAYBE_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_WHOLE: Schema = {"type": "integer"}
_MAYBE_WHOLE: Schema = {"anyOf": [_WHOLE, {"type": "null"}]}
_FLAG: Schema = {"type": "boolean"}

PARAMETERS = (
    ("since", {"anyOf": [_INSTANT, _WHOLE]}, "an instant or a revision: what changed after it"),
    ("indicator", _TEXT, "figures of this indicator only"),
    ("source", _TEXT, "records of this source only"),
    ("department", _TEXT, "figures of exactly this department, records in it"),
    ("region", _TEXT, "figures of exactly this region, records in it"),
    (
        "figures",
        {"type": "string", "enum": ["revised", "arrived", "all"]},
        "`revised` (unless told otherwise): what had been said and is another now; `arrived`: what was missing and came late",
    ),
    ("limit", _WHOLE, "how many records at most"),
    ("offset", _WHOLE, "how many records to leave out before the first"),
)


def _record(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


BY = _record(
    revision=_WHOLE, at=_INSTANT, kind=_TEXT | {"description": "collect, push, upload, ruling, person ..."},
    actor=_TEXT, run=_MAYBE_WHOLE, source=_MAYBE_TEXT, reason=_TEXT | {"description": "empty: none was given"},
)  # fmt: skip
_ARRIVED = {"revised": False, "arrived": True, "all": None}
_VALUE = _record(value=_MAYBE_NUMBER, num=_MAYBE_WHOLE, den=_MAYBE_WHOLE, n=_MAYBE_WHOLE, status=_TEXT)
FIGURE = _record(
    indicator=_TEXT, grain=_TEXT, department=_TEXT, region=_TEXT, dims=_TEXT, period_start=_INSTANT, version=_WHOLE,
    old=_VALUE, new=_VALUE, arrived=_FLAG | {"description": "there was none before"},
    by=BY | {"description": "the last change of several"},
)  # fmt: skip
RECORD = _record(
    source=_TEXT, id=_TEXT,
    changes={"type": "object", "additionalProperties": _record(old={}, new={}), "description": "field -> old and new, personal "
             "fields masked, what lies outside your scope null"},
    came=_FLAG | {"description": "into your scope"}, left=_FLAG | {"description": "your scope"}, by=BY,
)  # fmt: skip


def listed(ask: Ask, given: Mapping[str, str]) -> Said:
    _parameters.needed(given, "since")
    then = _parameters.as_of(ask, given, datetime.now(UTC), "since")
    since = then.revision or 0
    keys = [_parameters.indicator(ask, given["indicator"]).key] if given.get("indicator") else []
    sources = [_parameters.source(ask, given["source"]).key] if given.get("source") else []
    places = []
    for name, tree in (("department", ask.workspace.departments), ("region", ask.workspace.regions)):
        places.append(_parameters.place(tree, name, given, TOTAL) if given.get(name) else None)
    department, region = places
    limit, offset = _parameters.whole(given, "limit", 100, 1, 1_000), _parameters.whole(given, "offset", 0, 0, 10_000_000)
    arrived = _ARRIVED[_parameters.one_of(given, "figures", tuple(_ARRIVED), "revised") or "revised"]
    figures = changed.figures(ask, since, keys, department, region, arrived=arrived)
    records = changed.records(ask, since, sources, department or TOTAL, region or TOTAL, most=limit + 1, offset=offset)
    following = {**given, "since": str(since), "offset": str(offset + limit)}
    return {
        "since": {"revision": since, "at": _answers.instant(then.now)},
        "figures": [_figure(one) for one in figures.items], "more_figures": figures.more,
        "records": [_fields(one) for one in records[:limit]],
        "next": f"/api/v1/changes?{urlencode(following)}" if len(records) > limit else None,
    }  # fmt: skip


def _figure(one: Revised) -> Said:
    series, old = one.series, one.old
    said: Said = {"num": None, "den": None, "n": None, "status": "M"}
    if old is not None:
        said = {"num": old.num, "den": old.den, "n": old.n, "status": old.status}
    new = one.new
    return {
        "indicator": series.indicator, "grain": series.grain, "department": series.department, "region": series.region,
        "dims": series.dims, "period_start": _answers.instant(one.period_start), "version": one.version,
        "old": {"value": _answers.number(one.old_value), **said},
        "new": {"value": _answers.number(one.new_value), "num": new.num, "den": new.den, "n": new.n, "status": new.status},
        "arrived": one.arrived, "by": _by(one.by),
    }  # fmt: skip


def _fields(one: Fields) -> Said:
    changes = {key: {"old": _plain(old), "new": _plain(new)} for key, (old, new) in one.changes.items()}
    return {
        "source": one.source, "id": one.external_id, "changes": changes, "came": one.came, "left": one.left, "by": _by(one.by),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return _answers.instant(value) if isinstance(value, datetime) else value


def _by(one: By) -> Said:
    return {
        "revision": one.revision, "at": _answers.instant(one.at), "kind": one.kind, "actor": one.actor, "run": one.run_id,
        "source": one.source, "reason": one.reason,
    }  # fmt: skip
