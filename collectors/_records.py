"""Rows of a source that gives cases -> RecordIn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors._fields import BadField, Fields, Read, Row, revision_of
from metrics.arrivals import EventIn, RecordIn
from metrics.model import LARGEST, Indicator, Source

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

INSTANTS = ("opened", "due", "closed", "entered")


def records(source: Source, workspace: Workspace, fields: Fields) -> Callable[[Row], RecordIn]:
    """A reader of one row. BadField where a field is not understood or the row has no id or no date."""
    declared = source.mapping
    key = fields.text(declared["id"], 200)
    key_name = _name(declared["id"])
    department = fields.place(declared.get("department", {"value": source.department}), workspace.departments, "department",
                              required=True)  # fmt: skip
    region = fields.place(declared.get("region"), workspace.regions, "region", required=False)
    at = {name: fields.instant(declared[name], past=name != "due") for name in INSTANTS if declared.get(name)}
    opened, due, closed, entered = (at.get(name, _none) for name in INSTANTS)
    category = fields.text(declared["category"], 100) if declared.get("category") else _blank
    state = fields.text(declared["state"], 40) if declared.get("state") else _blank
    extra = _extra(source, fields)
    revision = revision_of(declared["source_rev"], fields) if declared.get("source_rev") else None
    events = [_event(one, fields) for one in declared.get("events") or ()]

    def read(row: Row) -> RecordIn:
        external_id = key(row)
        if not external_id:
            raise BadField(key_name, "the row has no id")
        start, limit, end, came = opened(row), due(row), closed(row), entered(row)
        anchor = start or came or end or limit
        if anchor is None:
            raise BadField(", ".join(_name(declared[name]) for name in at), "the row has no date at all")
        day = anchor.date()
        happened: list[EventIn] = []
        for one in events:
            happened.extend(one(row))
        if len(happened) > 1:
            happened.sort(key=lambda event: event.at)
        return RecordIn(
            external_id, department(row, day), region(row, day), start, limit, end, came, category(row), state(row),
            {name: value for name, get in extra if (value := get(row)) is not None},
            revision(row) if revision else 0, tuple(happened),
        )  # fmt: skip

    return read


def _none(row: Row) -> None:
    return None


def _blank(row: Row) -> str:
    return ""


def _name(spec: Any) -> str:
    return str(spec.get("field", "")) if isinstance(spec, Mapping) else str(spec)


def _extra(source: Source, fields: Fields) -> list[tuple[str, Read]]:
    declared = source.mapping.get("extra") or ()
    named = declared.items() if isinstance(declared, Mapping) else [(_name(one), one) for one in declared]
    small = {one.measure.field: one.decimals for one in _of_amounts(source, fields)}
    return [
        (str(name), _summed(_name(spec), fields.value(spec), small[name]) if name in small else fields.value(spec))
        for name, spec in named
    ]


def _of_amounts(source: Source, fields: Fields) -> list[Indicator]:
    """The indicators of an amount of its cases, the finest last."""
    mine = (one for one in fields.workspace.indicators.values() if one.source == source.key and one.measure.amounts)
    return sorted(mine, key=lambda one: one.decimals)


def _summed(name: str, read: Read, decimals: int) -> Read:
    """An amount that enters sums is no larger than a reported figure may be."""

    def get(row: Row) -> Any:
        value = read(row)
        if isinstance(value, (int, float)) and abs(value) * 10**decimals > LARGEST:
            raise BadField(name, "is larger than any figure can be", value)
        return value

    return get


def _event(spec: Mapping[str, Any], fields: Fields) -> Callable[[Row], list[EventIn]]:
    """`{kind, field, format}`: one instant of the row. `{list, kind: FIELD, at: FIELD, format}`: objects in a list of the row."""
    if "list" not in spec:
        at, kind = fields.instant(spec, past=True), str(spec["kind"])[:32]
        return lambda row: [EventIn(kind, found)] if (found := at(row)) else []
    name, raw = spec["list"], fields.raw(spec["list"])
    inner = Fields(fields.workspace, fields.missing, fields.latest)
    kind_of, at_of = inner.text(spec["kind"], 32), inner.instant({"field": spec["at"], **_rest(spec)}, past=True)

    def read(row: Row) -> list[EventIn]:
        listed = raw(row)
        if listed is None:
            return []
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
            raise BadField(name, "is no list of events")
        found: list[tuple[str, datetime | None]] = [(kind_of(one), at_of(one)) for one in listed]
        return [EventIn(kind, at) for kind, at in found if at is not None]

    return read


def _rest(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: spec[key] for key in ("format", "zone") if key in spec}
