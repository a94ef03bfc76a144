"""Rows that were sent to us (pushed, uploaded) -> a Batch, or every fault of every row with its place. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from collectors._errors import one_line
from collectors._fields import SKEW, BadField, Fields, Row, missing_words, revision_of
from collectors._observations import STATUSES
from collectors._records import INSTANTS, _event, _extra
from metrics.arrivals import Batch, EventIn, ObservationIn, RecordIn, Refusal, Status
from metrics.model import LARGEST, MAX, Grain, Indicator, Source
from metrics.periods import bounds

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

T = TypeVar("T")
At = Callable[[int, str], str]
"""The place of a field of a row, for whoever sent it: a JSON pointer, a cell."""
FIGURE = ("indicator", "grain", "num", "den", "n", "status", "reason", "source_rev")
"""What a row of figures holds besides its period, its place and the dimensions the source declares."""
_PART_OF_YEAR = re.compile(r"(\d{4})(?:-(\d{2})|-?[Qq]([1-4]))?")


class _Reading:
    """One row being read: a fault of one field does not hide those of the others."""

    def __init__(self, row: Row, index: int, at: At, personal: frozenset[str]) -> None:
        self.row, self.index, self.at, self.personal = row, index, at, personal
        self.faults: list[Refusal] = []

    def get(self, read: Callable[..., T], *more: Any, otherwise: T) -> T:
        try:
            return read(self.row, *more)
        except BadField as bad:
            self.fault(bad.field, bad.reason, bad.value)
            return otherwise

    def fault(self, field: str, reason: str, value: object = "") -> None:
        shown = "" if field in self.personal or value is None else one_line(value, 80)
        self.faults.append(Refusal(self.at(self.index, field), one_line(field, 60), reason, shown))


def batch(source: Source, workspace: Workspace, rows: Sequence[Any], now: datetime, at: At) -> tuple[Batch, list[Refusal]]:
    """What the rows say, as the source's `map` names their fields. With any fault the batch is not to be stored."""
    fields = Fields(workspace, missing_words(source.mapping), now + SKEW)
    personal = frozenset(source.personal)
    make = _record(source, workspace, fields) if source.gives == "records" else _figure(source, workspace, fields, now)
    known = {name.split(".")[0] for name in fields.needed} | (set() if source.gives == "records" else set(FIGURE))
    faults: list[Refusal] = []
    taken: dict[Any, tuple[int, Any]] = {}
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            faults.append(Refusal(at(index, ""), "", "is no object"))
            continue
        one = _Reading(row, index, at, personal)
        for name in row:
            if name not in known:
                one.fault(str(name), "is a field that is not known here")
        made = make(one)
        faults += one.faults
        if one.faults or made is None:
            continue
        key = made.external_id if isinstance(made, RecordIn) else _series(made)
        first, other = taken.setdefault(key, (index, made))
        if other != made and not (other.source_rev < made.source_rev):
            if other.source_rev == made.source_rev:
                reason = f"says otherwise than {at(first, '')} of the same key: which one holds?"
                faults.append(Refusal(at(index, ""), "", reason))
        else:
            taken[key] = (index, made)
    found = [made for _, made in taken.values()]
    if source.gives == "records":
        return Batch(source.key, records=found), faults
    return Batch(source.key, observations=found), faults


def owed(source: Source, workspace: Workspace) -> list[Indicator]:
    """The indicators whose figures this source brings."""
    return [one for one in workspace.indicators.values() if one.source == source.key or source.key in one.feeds]


def _series(one: ObservationIn) -> tuple[Any, ...]:
    return one.indicator, one.grain, one.period_start, one.department, one.region, one.dims


def _record(source: Source, workspace: Workspace, fields: Fields) -> Callable[[_Reading], RecordIn]:
    said = source.mapping
    key, key_name = fields.text(said["id"], 200), _field(said["id"])
    department = fields.place(said.get("department"), workspace.departments, "department", required=False)
    department_name = fields.raw(_field(said["department"])) if said.get("department") else None
    region = fields.place(said.get("region"), workspace.regions, "region", required=False)
    instants = {name: fields.instant(said[name], past=name != "due") for name in INSTANTS if said.get(name)}
    category, state = fields.text(said["category"], 100), fields.text(said["state"], 40)
    revision = revision_of(said["source_rev"], fields)
    extra = _extra(source, fields)
    events = [_event(one, fields) for one in said.get("events") or ()]

    def make(one: _Reading) -> RecordIn:
        id = one.get(key, otherwise="?")
        if not id:
            one.fault(key_name, "the row has no id")
        at = {name: one.get(read, otherwise=None) for name, read in instants.items()}
        anchor = next((at[name] for name in ("opened", "entered", "closed", "due") if at.get(name)), None)
        if anchor is None and not one.faults:
            one.fault(_field(said["opened"]), "the row has no date at all")
        day = anchor.date() if anchor else None
        happened: list[EventIn] = []
        for event in events:
            happened += one.get(event, otherwise=[])
        kept = {name: value for name, read in extra if (value := one.get(read, otherwise=None)) is not None}
        own = department_name is None or department_name(one.row) in (None, "")
        return RecordIn(
            id, source.department if own else one.get(department, day, otherwise=""), one.get(region, day, otherwise=""),
            at.get("opened"), at.get("due"), at.get("closed"), at.get("entered"), one.get(category, otherwise=""),
            one.get(state, otherwise=""), kept,
            _counter(one, revision, _field(said["source_rev"])), tuple(sorted(happened, key=lambda event: event.at)),
        )  # fmt: skip

    return make


def _figure(source: Source, workspace: Workspace, fields: Fields, now: datetime) -> Callable[[_Reading], ObservationIn | None]:
    said = source.mapping
    mine = {one.key: one for one in owed(source, workspace)}
    period_name = _field(said["period"])
    period, written = fields.instant(said["period"], past=True), fields.raw(period_name)
    department = fields.place(said.get("department"), workspace.departments, "department", required=False)
    region = fields.place(said.get("region"), workspace.regions, "region", required=False)
    dims = [(str(name), fields.text(spec, 60)) for name, spec in sorted((said.get("dims") or {}).items())]
    texts = {name: fields.text(name, limit) for name, limit in (("indicator", 64), ("grain", 8), ("status", 40), ("reason", 200))}
    numbers = {name: fields.number(name) for name in ("num", "den", "n")}
    revision = revision_of("source_rev", fields)

    def make(one: _Reading) -> ObservationIn | None:
        name = one.get(texts["indicator"], otherwise="?")
        indicator = mine.get(name)
        if indicator is None and name != "?":
            one.fault("indicator", f"is none of {', '.join(mine) or 'the indicators of this source'}", name)
        at = one.get(_whole_period(written, period_name, period, workspace), otherwise=None)
        if at is None and not any(fault.field == period_name for fault in one.faults):
            one.fault(period_name, "the row names no period")
        grain = one.get(texts["grain"], otherwise="") or said.get("grain") or (indicator.grains[0] if indicator else "")
        if indicator is not None and grain not in indicator.grains:
            one.fault("grain", f"is none of {', '.join(indicator.grains)}", grain)
        day = at.astimezone(workspace.zone).date() if at else None
        places = one.get(department, day, otherwise=""), one.get(region, day, otherwise="")
        split = {key: found for key, read in dims if (found := one.get(read, otherwise=""))}
        status = one.get(texts["status"], otherwise="")
        if status and status not in STATUSES:
            one.fault("status", "is no observation status (A, P, M, E, N, S)", status)
        parts = {key: one.get(read, otherwise=None) for key, read in numbers.items()}
        newer, reason = _counter(one, revision, "source_rev"), one.get(texts["reason"], otherwise="")
        if indicator is None or at is None or one.faults:
            return None
        canonical = json.dumps(split, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if split else "{}"
        if len(canonical) > 200:
            one.fault(next(iter(split)), "makes the dimensions longer than 200 characters together")
        num, den, count = _in_smallest_unit(one, indicator, parts)
        if num is None and status in ("A", "P", "E"):
            one.fault("num", "is missing, though the status says there is a figure")
        if num is None:
            code, reason = status or "M", reason or "sent without a figure"
        else:
            code = status or "A"
        start = bounds(cast(Grain, grain), at, workspace.zone)[0]
        return ObservationIn(
            indicator.key, cast(Grain, grain), start, num, den, count, *places, canonical, cast(Status, code), reason, newer
        )

    return make


def _in_smallest_unit(
    one: _Reading, indicator: Indicator, parts: Mapping[str, Decimal | None]
) -> tuple[int | None, int | None, int | None]:
    small = Decimal(10) ** indicator.decimals
    made: list[int | None] = []
    for name, factor in (("num", small), ("den", small), ("n", Decimal(1))):
        value = parts[name]
        whole = None if value is None else (value * factor).to_integral_value(rounding=ROUND_HALF_EVEN)
        if whole is not None and abs(whole) > LARGEST:
            one.fault(name, "is larger than any figure can be", value)
        if whole is not None and whole < 0 and name != "num":
            one.fault(name, "is less than nothing", value)
        made.append(None if whole is None or abs(whole) > LARGEST else int(whole))
    return made[0], made[1], made[2]


def _whole_period(
    written: Callable[[Row], Any], name: str, instant: Callable[[Row], datetime | None], workspace: Workspace
) -> Callable[[Row], datetime | None]:
    """`2026-03`, `2026-Q1` and `2026` are what people call a period; else its first day or any instant in it."""

    def read(row: Row) -> datetime | None:
        value = written(row)
        found = _PART_OF_YEAR.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
        if found is None:
            return instant(row)
        year, month, quarter = found.groups()
        first = int(month) if month else int(quarter) * 3 - 2 if quarter else 1
        if not 1 <= first <= 12:
            raise BadField(name, "is no month", value)
        return instant({**row, name: f"{year}-{first:02d}-01"})

    return read


def _counter(one: _Reading, read: Callable[[Row], int], name: str) -> int:
    found = one.get(read, otherwise=0)
    if not 0 <= found < MAX:
        one.fault(name, "is no counter", found)
        return 0
    return found


def _field(spec: Any) -> str:
    return str(spec.get("field", "")) if isinstance(spec, Mapping) else str(spec)
