"""The closed grammar of `measure:`, read into Measure. Nothing in it is ever evaluated as code."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from metrics.catalogue.blocks import Here
from metrics.catalogue.faults import nearest
from metrics.catalogue.scalars import duration
from metrics.model import Condition, Measure, Part

INSTANTS = ("opened", "due", "closed", "entered")
_WHERE_ALONE = ("count", "open", "overdue")
_FIELD_OVER = ("sum", "mean", "median", "distinct")
_PAIRS = {"derived_ratio": ("of", "over"), "derived_difference": ("of", "minus")}
_KINDS = (
    *_WHERE_ALONE, "ratio", "late_entry", *_FIELD_OVER, "percentile",
    *_PAIRS, "derived_sum", "increase", "per_head", "per_workday",
)  # fmt: skip


def measure(value: Any, here: Here) -> Measure | None:
    """None when it does not fit the grammar; the faults say where."""
    if value == "observed":
        return Measure("observed")
    if not isinstance(value, dict) or len(value) != 1:
        here.fault("bad-measure", "a measure is `observed` or one of its kinds with what it takes", f"kinds: {', '.join(_KINDS)}")
        return None
    kind, body = next(iter(value.items()))
    inside = here.at(kind)
    if kind in _WHERE_ALONE:
        over = part(body, inside)
        if kind != "count" and over.anchor:
            inside.at(over.anchor).fault("bad-measure", f"{kind} is a stock: it takes no in_period", "leave the anchor out")
        return Measure(kind, over=over)
    if kind == "ratio":
        return _ratio(body, inside)
    if kind in _FIELD_OVER:
        given = _keys(body, ("field", "over"), (), inside)
        return Measure(kind, over=part(given["over"], inside.at("over")), field=str(given["field"])) if given else None
    if kind == "percentile":
        return _percentile(body, inside)
    if kind == "late_entry":
        return _late_entry(body, inside)
    if kind == "per_head":
        return _per_head(body, inside)
    if kind in _PAIRS:
        given = _keys(body, _PAIRS[kind], (), inside)
        return Measure(kind, inputs=tuple(str(given[name]) for name in _PAIRS[kind])) if given else None
    if kind == "derived_sum" and isinstance(body, list) and len(body) > 1:
        return Measure(kind, inputs=tuple(map(str, body)))
    if kind in ("increase", "per_workday") and isinstance(body, str):
        return Measure(kind, inputs=(body,))
    if kind in _KINDS:
        inside.fault("bad-measure", f"{kind} takes {'a list of indicators' if kind == 'derived_sum' else 'one indicator'}")
    else:
        inside.fault("unknown-key", f"{kind} is not a kind of measure", nearest(kind, _KINDS))
    return None


def part(value: Any, here: Here) -> Part:
    """WHERE: a mapping of field to what it must be; at most one instant is `in_period`."""
    if not isinstance(value, dict):
        here.fault("bad-measure", "say which records: a field and what it must be, such as {opened: in_period}")
        return Part(None)
    anchors = [field for field, wanted in value.items() if wanted == "in_period"]
    for field in anchors:
        if field not in INSTANTS:
            here.at(field).fault("bad-measure", f"{field} is not an instant", f"only {', '.join(INSTANTS)} can be in_period")
    if len(anchors) > 1:
        here.at(anchors[1]).fault("bad-measure", "only one instant can be in_period", f"already {anchors[0]}")
    others = [(field, wanted) for field, wanted in value.items() if wanted != "in_period"]
    conditions = [condition for field, wanted in others for condition in _conditions(field, wanted, here.at(field))]
    anchor = next((field for field in anchors if field in INSTANTS), None)
    return Part(anchor, tuple(conditions))  # type: ignore[arg-type]


def _ratio(body: Any, here: Here) -> Measure | None:
    given = _keys(body, ("of", "over"), ("apart",), here)
    if given is None:
        return None
    over, of = part(given["over"], here.at("over")), part(given["of"], here.at("of"))
    if of.anchor not in (None, over.anchor):
        what = "of must be a part of over: the same instant in_period"
        here.at("of").fault("bad-measure", what, "use derived_ratio for two flows")
    apart = part(given["apart"], here.at("apart")) if "apart" in given else None
    extra = tuple(condition for condition in of.conditions if condition not in over.conditions)
    return Measure("ratio", over=over, of=Part(over.anchor, over.conditions + extra), apart=apart)


def _percentile(body: Any, here: Here) -> Measure | None:
    given = _keys(body, ("p", "field", "over"), (), here)
    if given is None:
        return None
    share = _number(given["p"])
    if share is None or not 0 < share <= 100:
        here.at("p").fault("bad-measure", f"{given['p']} is not a percentile", "a number above 0, at most 100, such as 90")
        return None
    return Measure("percentile", over=part(given["over"], here.at("over")), field=str(given["field"]), number=share)


def _late_entry(body: Any, here: Here) -> Measure | None:
    """A ratio: of the cases entered, those entered more than so long after they were closed (or opened)."""
    given = _keys(body, ("after", "more_than", "over"), (), here)
    if given is None:
        return None
    over, since, limit = part(given["over"], here.at("over")), given["after"], None
    if since not in ("opened", "closed", "due"):
        here.at("after").fault("bad-measure", f"{since} is not an instant of the work", "after: closed or opened")
    try:
        limit = duration(given["more_than"])
    except ValueError as fault:
        here.at("more_than").fault("bad-measure", str(fault))
    if limit is None or since not in INSTANTS:
        return None
    known = tuple(Condition(one, "present") for one in ("entered", since))
    over = Part(over.anchor, over.conditions + tuple(one for one in known if one not in over.conditions))
    late = Condition("entered", "after", (str(since), str(int(limit.total_seconds()))))
    return Measure("ratio", over=over, of=Part(over.anchor, (*over.conditions, late)))


def _per_head(body: Any, here: Here) -> Measure | None:
    given = _keys(body, ("of", "per"), (), here)
    if given is None:
        return None
    heads = _number(given["per"])
    if heads is None or heads < 1 or heads != heads.to_integral_value():
        here.at("per").fault("bad-measure", f"{given['per']} is not a number of inhabitants", "such as 10000")
        return None
    return Measure("per_head", inputs=(str(given["of"]),), number=heads)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def _keys(body: Any, wanted: tuple[str, ...], optional: tuple[str, ...], here: Here) -> dict[str, Any] | None:
    if not isinstance(body, dict):
        here.fault("bad-measure", f"takes {', '.join(wanted)}")
        return None
    for word in body:
        if word not in wanted + optional:
            here.at(word).fault("unknown-key", f"{word} is not a key here", nearest(word, wanted + optional))
    missing = [word for word in wanted if word not in body]
    if missing:
        here.fault("missing-key", f"{', '.join(missing)} is missing")
    return None if missing else body


def _conditions(field: str, wanted: Any, here: Here) -> list[Condition]:
    for suffix, op in (("_by", "by"), ("_before", "before")):
        instant = field.removesuffix(suffix)
        if field.endswith(suffix) and instant in INSTANTS:
            if wanted not in INSTANTS:
                here.fault("bad-measure", f"{field} takes another instant", f"one of {', '.join(INSTANTS)}")
                return []
            return [Condition(instant, op, str(wanted))]  # type: ignore[arg-type]
    if field.endswith("_after") and field.removesuffix("_after") in INSTANTS:
        return _after(field.removesuffix("_after"), wanted, here)
    if wanted in ("missing", "present"):
        return [Condition(field, wanted)]
    if field in INSTANTS:
        hint = f"or {field}_by: / {field}_before: another instant, {field}_after: {{closed: 1d}}"
        here.fault("bad-measure", f"{field} is in_period, missing or present", hint)
        return []
    if isinstance(wanted, dict):
        return [found for op, value in wanted.items() if (found := _compared(field, op, value, here.at(op))) is not None]
    return [Condition(field, "eq", _words(wanted))]


def _after(field: str, wanted: Any, here: Here) -> list[Condition]:
    """`entered_after: {closed: 1d}`: more than so long after another instant."""
    try:
        (other, limit), *rest = wanted.items()
        if rest or other not in INSTANTS:
            raise ValueError(f"another instant and how long: {{closed: 1d}}; instants are {', '.join(INSTANTS)}")
        return [Condition(field, "after", (other, str(int(duration(limit).total_seconds()))))]  # type: ignore[arg-type]
    except (AttributeError, ValueError) as fault:
        what = str(fault) if isinstance(fault, ValueError) else f"{field}_after takes another instant and how long"
        here.fault("bad-measure", what, "such as entered_after: {closed: 1d}")
        return []


def _compared(field: str, op: str, value: Any, here: Here) -> Condition | None:
    if op == "not":
        return (
            Condition(field, "missing" if value == "present" else "present")
            if value in ("missing", "present")
            else Condition(field, "ne", _words(value))
        )
    if op in ("at_most", "at_least"):
        try:
            return Condition(field, op, Decimal(str(value)))  # type: ignore[arg-type]
        except InvalidOperation:
            here.fault("bad-measure", f"{op} takes a number")
            return None
    here.fault("unknown-key", f"{op} is not a comparison", nearest(op, ("not", "at_most", "at_least")))
    return None


def _words(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
