"""Rows of a source that gives figures -> ObservationIn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, cast

from collectors._errors import Failure
from collectors._fields import BadField, Fields, Row, revision_of
from collectors._parse import factor_of, plain_unit, unit_of_name
from metrics.arrivals import ObservationIn, Status
from metrics.model import LARGEST, Grain, Source
from metrics.periods import bounds

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

MAX_DIMS = 200
"""Characters of all dimensions of a figure together, with their names."""
STATUSES = frozenset("APMENS")


def observations(source: Source, workspace: Workspace, fields: Fields, now: datetime) -> Callable[[Row], list[ObservationIn]]:
    """A reader of one row: one observation for each of `values` the row is about."""
    declared = source.mapping
    grain = cast(Grain, declared["grain"])
    period_name, period = _period(declared["period"], fields, now)
    department = fields.place(declared.get("department"), workspace.departments, "department", required=False)
    region = fields.place(declared.get("region"), workspace.regions, "region", required=False)
    dims = [(str(name), fields.text(spec, MAX_DIMS)) for name, spec in sorted((declared.get("dims") or {}).items())]
    status = fields.text(declared["status"], 1) if declared.get("status") else None
    revision = revision_of(declared["source_rev"], fields) if declared.get("source_rev") else None
    values = [_value(one, workspace, fields) for one in declared["values"]]
    starts: dict[datetime, datetime] = {}

    def read(row: Row) -> list[ObservationIn]:
        at = period(row)
        if at is None:
            raise BadField(period_name, "the row names no period")
        start = starts.get(at) or starts.setdefault(at, bounds(grain, at, workspace.zone)[0])
        said = status(row) if status else ""
        if said and said not in STATUSES:
            raise BadField("status", "is no observation status (A, P, M, E, N, S)", said)
        on = at.astimezone(workspace.zone).date()
        where, area = department(row, on), region(row, on)
        split = "{}" if not dims else _canonical({name: found for name, get in dims if (found := get(row))})
        if len(split) > MAX_DIMS:
            raise BadField(", ".join(name for name, _ in dims), f"together longer than {MAX_DIMS} characters", split)
        made, newer = [], revision(row) if revision else 0
        for indicator, applies, get in values:
            if not applies(row):
                continue
            num, den, n, reason = get(row)
            code = "M" if num is None and said not in ("N", "S") else said or "A"
            marks = cast(Status, code), reason, newer
            made.append(ObservationIn(indicator, grain, start, num, den, n, where, area, split, *marks))
        return made

    return read


def _period(spec: Any, fields: Fields, now: datetime) -> tuple[str, Callable[[Row], datetime | None]]:
    if spec == "now":
        return "period", lambda row: now
    return (spec["field"] if isinstance(spec, Mapping) else spec), fields.instant(spec, past=True)


def _canonical(dims: Mapping[str, str]) -> str:
    return json.dumps(dims, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


Figure = tuple[int | None, int | None, int | None, str]


def _value(
    spec: Mapping[str, Any], workspace: Workspace, fields: Fields
) -> tuple[str, Callable[[Row], bool], Callable[[Row], Figure]]:
    """`{indicator, num, den, n, unit_factor, counts, unit_field, optional, where}`: num (times the factor) and den in the
    indicator's smallest unit. `counts` is the unit it counts in; the row's own stands in `unit_field`, else in num's name.
    `optional`: a row without the field says nothing, where otherwise the figure would be blank. Whether the figure can be
    believed is asked at the door, whatever way it came (`plausible` of the indicator)."""
    indicator = workspace.indicators.get(spec["indicator"])
    if indicator is None:
        what = f"the mapping fills the indicator {spec['indicator']!r}, which does not exist"
        raise Failure("settings", what, "run: python app.py check")
    small = Decimal(10) ** indicator.decimals
    factor = small * Decimal(str(spec.get("unit_factor", 1)))
    num_name = spec["num"] if isinstance(spec["num"], str) else spec["num"]["field"]
    num, raw = fields.number(spec["num"]), fields.raw(num_name)
    times = _times(spec, num_name, fields) if spec.get("counts") else None
    den = fields.number(spec["den"]) if spec.get("den") else None
    count = fields.number(spec["n"]) if spec.get("n") else None
    wanted = [(fields.raw(name), _allowed(value)) for name, value in (spec.get("where") or {}).items()]

    optional, key = bool(spec.get("optional")), num_name.split(".")[0]

    def applies(row: Row) -> bool:
        if optional and num_name not in row and key not in row:
            return False
        return all(str(get(row)) in allowed for get, allowed in wanted)

    def read(row: Row) -> Figure:
        top = num(row)
        if top is None:
            written = raw(row)
            return None, None, None, "blank in the source" if written in (None, "") else f"the source says {str(written)[:40]}"
        figure = top * factor * (times(row) if times else 1)
        return (
            _whole(figure, num_name),
            _whole(d * small, "den") if den and (d := den(row)) is not None else None,
            _whole(c, "n") if count and (c := count(row)) is not None else None, "",
        )  # fmt: skip

    return indicator.key, applies, read


def _times(spec: Mapping[str, Any], num: str, fields: Fields) -> Callable[[Row], int]:
    """How many of the unit we count in are one of the unit the row is written in: 万元 are 10,000 元. Another unit is refused."""
    counts = plain_unit(str(spec["counts"]))
    name = spec.get("unit_field")
    unit = fields.text(name, 60) if name else None
    of_column = unit_of_name(num)
    known: dict[str, int] = {}

    def times(row: Row) -> int:
        written = unit(row) if unit else of_column
        if written not in known:
            found = factor_of(written, counts)
            if found is None:
                raise BadField(str(name or num), f"is not in {counts}", written or "no unit")
            known[written] = found
        return known[written]

    return times


def _allowed(value: Any) -> frozenset[str]:
    return frozenset(str(one) for one in (value if isinstance(value, (list, tuple)) else (value,)))


def _whole(value: Decimal, name: str) -> int:
    found = int(value.to_integral_value(rounding=ROUND_HALF_EVEN))
    if abs(found) > LARGEST:
        raise BadField(name, "is larger than any figure can be", value)
    return found
