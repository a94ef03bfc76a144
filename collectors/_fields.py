"""Readers of one field of a row, made once per collection from the declared mapping."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collectors._errors import Failure, one_line
from collectors._parse import MISSING, Unreadable, as_utc, check_text, instants, number, one_of, word
from metrics.model import TOTAL

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

Row = Mapping[str, Any]
Read = Callable[[Row], Any]
SKEW = timedelta(minutes=10)
"""How far a source's clock may run before ours: what lies further ahead has not happened."""


class BadField(Exception):
    """One field of one row was not understood."""

    def __init__(self, field: str, reason: str, value: Any = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.value = field, reason, one_line(value, 80)


class Fields:
    """Makes readers, and remembers which fields of the source they need."""

    def __init__(self, workspace: Workspace, missing: frozenset[str], latest: datetime) -> None:
        self.workspace, self.missing, self.latest = workspace, missing, latest
        self.needed: dict[str, None] = {}

    def raw(self, name: str) -> Read:
        """The value as it stands; `a.b` reaches into an object, `a.0` into a list, where no field has that very name."""
        self.needed.setdefault(name)
        if "." not in name:
            return lambda row: row.get(name)
        steps = name.split(".")

        def reach(row: Row) -> Any:
            if name in row:
                return row[name]
            found: Any = row
            for step in steps:
                if isinstance(found, list):
                    found = found[int(step)] if step.isdecimal() and int(step) < len(found) else None
                else:
                    found = found.get(step) if isinstance(found, Mapping) else None
            return found

        return reach

    def text(self, spec: Any, limit: int) -> Callable[[Row], str]:
        """`FIELD`, `{value: x}` or `{field, codes: {as the source writes it: as we do}, default}`; `` where missing.

        `digest: true` keeps a fingerprint of it: for ids that are longer than any id should be."""
        if isinstance(spec, Mapping) and "value" in spec:
            fixed = str(spec["value"])
            return lambda row: fixed
        spec = _spec(spec)
        name, raw, missing = spec["field"], self.raw(spec["field"]), self.missing
        codes, default = {str(k): str(v) for k, v in (spec.get("codes") or {}).items()}, str(spec.get("default", ""))
        digest = bool(spec.get("digest"))

        def read(row: Row) -> str:
            value = raw(row)
            try:
                found = word(value, missing)
            except Unreadable as error:
                raise BadField(name, str(error), value) from None
            if found is None:
                return default
            found = codes.get(found, found)
            if digest:
                return hashlib.sha256(found.encode()).hexdigest()[:32]
            if len(found) > limit:
                raise BadField(name, f"is longer than {limit} characters", found)
            return found

        return read

    def instant(self, spec: Any, *, past: bool) -> Callable[[Row], datetime | None]:
        """`{field, format, zone}`; `past`: what lies ahead of now is refused."""
        spec = _spec(spec)
        name, raw, missing, latest = spec["field"], self.raw(spec["field"]), self.missing, self.latest
        zone: tzinfo = ZoneInfo(spec["zone"]) if spec.get("zone") else self.workspace.zone
        form = spec.get("format") or "iso"
        parse = one_of([str(one) for one in form], zone) if isinstance(form, (list, tuple)) else instants(str(form), zone)

        def read(row: Row) -> datetime | None:
            value = raw(row)
            if value is None:
                return None
            try:
                if isinstance(value, date):
                    found: datetime | None = as_utc(value, zone)
                else:
                    text = word(value, missing)
                    if text is None:
                        return None
                    found = parse(text)
            except Unreadable as error:
                raise BadField(name, str(error), value) from None
            if past and found is not None and found > latest:
                raise BadField(name, "lies in the future", value)
            return found

        return read

    def number(self, spec: Any) -> Callable[[Row], Decimal | None]:
        """`FIELD` or `{field, thousands, point, unit, percent}`."""
        spec = _spec(spec)
        name, raw, missing = spec["field"], self.raw(spec["field"]), self.missing
        how = {key: spec[key] for key in ("thousands", "point", "unit", "percent") if key in spec}

        def read(row: Row) -> Decimal | None:
            value = raw(row)
            try:
                return number(value, missing, **how)
            except Unreadable as error:
                raise BadField(name, str(error), value) from None

        return read

    def place(self, spec: Any, tree: Any, kind: str, *, required: bool) -> Callable[[Row, date | None], str]:
        """A department or region: by id, code of that day, or name. Missing is the root where the place is not `required`."""
        if spec is None:
            return lambda row, on: TOTAL
        name = spec.get("field", kind) if isinstance(spec, Mapping) else spec
        text = self.text(spec, 200)
        known: dict[tuple[str, date | None], str] = {}

        def read(row: Row, on: date | None) -> str:
            raw = text(row)
            try:
                return known[raw, on]
            except KeyError:
                pass
            if not raw:
                if required:
                    raise BadField(name, f"names no {kind}")
                found = TOTAL
            else:
                place = tree.by_code(raw, on)
                if place is None:
                    raise BadField(name, f"is no id, code or name of a {kind}", raw)
                found = place.id
            known[raw, on] = found
            return found

        return read

    def value(self, spec: Any) -> Read:
        """An extra field, kept as the source types it: text, number or true/false; None where missing.

        `{field, number: true}` reads text as a number, `{field, format}` as an instant (kept as ISO text in UTC)."""
        spec = _spec(spec)
        if spec.get("number"):
            exact = self.number(spec)
            return lambda row: _json_number(exact(row))
        if spec.get("format"):
            at = self.instant(spec, past=False)
            return lambda row: found.isoformat() if (found := at(row)) is not None else None
        name, raw, missing = spec["field"], self.raw(spec["field"]), self.missing
        codes = {str(k): v for k, v in (spec.get("codes") or {}).items()}

        def read(row: Row) -> Any:
            value = raw(row)
            if value is None:
                return None
            try:
                if type(value) is str:
                    found: Any = word(value, missing)
                elif isinstance(value, bool):
                    found = value
                elif isinstance(value, (int, float, Decimal)):
                    found = _json_number(number(value))
                elif isinstance(value, date):
                    found = value.isoformat()
                else:
                    found = word(value, missing)
            except Unreadable as error:
                raise BadField(name, str(error), value) from None
            return codes.get(str(found), found) if codes else found

        return read


def _json_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _spec(spec: Any) -> Mapping[str, Any]:
    if isinstance(spec, str):
        return {"field": spec}
    if isinstance(spec, Mapping) and isinstance(spec.get("field"), str):
        return spec
    what = f"the mapping has {one_line(spec)!r} where a field was expected"
    raise Failure("settings", what, "write FIELD or {field: FIELD, ...}")


def revision_of(spec: Any, fields: Fields) -> Callable[[Row], int]:
    """A counter, or an instant in microseconds where a format is declared: the higher is the newer."""
    if isinstance(spec, Mapping) and spec.get("format"):
        at = fields.instant(spec, past=False)
        return lambda row: int(found.timestamp() * 1_000_000) if (found := at(row)) else 0
    count = fields.number(spec)
    return lambda row: int(count(row) or 0)


def missing_words(mapping: Mapping[str, Any]) -> frozenset[str]:
    declared = mapping.get("missing")
    words = MISSING if declared is None else frozenset(str(one).strip() for one in declared) | {""}
    for one in words:
        check_text(one)
    return words
