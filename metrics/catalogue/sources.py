"""Source blocks into Sources, and the faults only their whole shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel

from metrics.catalogue.blocks import Here, block
from metrics.catalogue.faults import nearest
from metrics.catalogue.grammar import SourceBlock
from metrics.catalogue.maps import FieldBlock, ObservationMap, RecordMap, SentMap
from metrics.catalogue.scalars import secret_is_there
from metrics.catalogue.tree import Tree
from metrics.model import WAYS_IN, Source

SENT = {
    "records": {name: name for name in (
        "id", "department", "region", "opened", "due", "closed", "entered", "category", "state", "source_rev",
    )},
    "observations": {"period": "period", "department": "department", "region": "region"},
}  # fmt: skip
"""What a row that was sent to us calls its fields, where `map` does not say otherwise."""

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")
_SHORTEST = timedelta(seconds=1)


def source(
    one: SourceBlock, here: Here, base: Path, departments: Tree, regions: Tree, types: Mapping[str, type[BaseModel]] | None
) -> Source | None:
    """None when its map cannot be read."""
    if one.department not in departments:
        here.at("department").unknown("department", one.department, (place.id for place in departments))
    _schedule(one, here)
    settings = expanded(one.settings, here.at("settings"))
    if types is not None:
        if one.type not in types:
            here.at("type").unknown("type of source", one.type, types)
        else:
            block(types[one.type], settings, here.at("settings"))
    if one.secret and not secret_is_there(one.secret, base):
        here.at("secret").fault("missing-secret", f"{one.secret} is not there", "set it before the worker starts")
    sends = one.type in WAYS_IN
    given = {**SENT[one.gives], **one.map} if sends else one.map
    grammar: type[BaseModel] = RecordMap if one.gives == "records" else SentMap if sends else ObservationMap
    mapping = block(grammar, given, here.at("map"))
    if mapping is None:
        here.faults.broken.add(one.key)
        return None
    _places(mapping, departments, regions, here.at("map"))
    _zones(mapping, here.at("map"))
    _personal(one, here)
    return Source(
        key=one.key,
        name=one.name.text(),
        type=one.type,
        department=one.department,
        gives=one.gives,
        settings=plain(one.settings),
        mapping=plain(given),
        every=one.every,
        daily_at=one.daily_at,
        weekday=one.weekday,
        max_age=one.max_age or _max_age(one),
        quiet=one.quiet,
        complete=one.complete,
        personal=tuple(one.personal),
        labels={word: text.text() for word, text in one.labels.items()},
        events=tuple(event.kind for event in mapping.events) if isinstance(mapping, RecordMap) else (),
        secret=one.secret,
        history_only=one.history_only,
        live_only=one.live_only,
        file=f"sources/{here.file}",
        line=here.line,
    )


def extra_names(mapping: Mapping[str, Any]) -> tuple[str, ...]:
    """The names under which further fields of a record are kept."""
    declared = mapping.get("extra") or ()
    if isinstance(declared, Mapping):
        return tuple(declared)
    if not isinstance(declared, list):
        return ()
    return tuple(str(one.get("field", "")) if isinstance(one, Mapping) else str(one) for one in declared)


def mapped(one: Source) -> frozenset[str]:
    """Fields a measure over this source's records may use."""
    own = {"opened", "due", "closed", "entered", "category", "state"} & one.mapping.keys()
    return frozenset(own | set(extra_names(one.mapping)))


def expanded(value: Any, here: Here) -> Any:
    """Settings as the collector will see them: `${NAME}` and `${NAME:-otherwise}` stand for the environment."""
    if isinstance(value, Mapping):
        return {key: expanded(inner, here.at(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [expanded(inner, here.at(n)) for n, inner in enumerate(value)]
    return from_environment(value, here) if isinstance(value, str) else plain(value)


def from_environment(text: str, here: Here) -> str:
    def found(match: re.Match[str]) -> str:
        name, otherwise = match.groups()
        if not os.environ.get(name) and otherwise is None:
            here.fault("missing-variable", f"the environment has no {name}", f"set it, or write ${{{name}:-otherwise}}")
        return os.environ.get(name) or otherwise or ""

    return _VARIABLE.sub(found, text)


def plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _schedule(one: SourceBlock, here: Here) -> None:
    ways = "every: 10s, or daily_at: 02:00 (with weekday: mon once a week)"
    if one.every and one.daily_at:
        here.at("daily_at").fault("bad-schedule", "every and daily_at exclude each other", ways)
    if one.type in WAYS_IN and (one.every or one.daily_at):
        where = here.at("every" if one.every else "daily_at")
        where.fault("bad-schedule", f"a source of type {one.type} sends by itself", "say max_age: how long it may be silent")
    if not (one.every or one.daily_at or one.type in WAYS_IN or one.history_only):
        here.fault("bad-schedule", f"source {one.key} has no schedule", ways)
    if one.every is not None and one.every < _SHORTEST:
        here.at("every").fault("bad-schedule", "shorter than a second", ways)
    if one.quiet is not None and one.gives != "records":
        what = "quiet is of cases: figures are expected at the end of their period"
        here.at("quiet").fault("bad-schedule", what, "leave it out")
    if one.weekday is not None and not one.daily_at:
        here.at("weekday").fault("bad-schedule", "weekday goes with daily_at", ways)


def _max_age(one: SourceBlock) -> timedelta:
    if one.every:
        return max(3 * one.every, timedelta(minutes=1))
    return timedelta(days=8) if one.weekday is not None else timedelta(hours=36)


def _places(mapping: BaseModel, departments: Tree, regions: Tree, here: Here) -> None:
    for name, tree in (("department", departments), ("region", regions)):
        given: FieldBlock | None = getattr(mapping, name)
        if given is None:
            continue
        for spot, id in ((("value",), given.value), *((("codes", raw), to) for raw, to in given.codes.items())):
            if id is not None and str(id) not in tree:
                here.at(name, *spot).unknown(name, str(id), (place.id for place in tree))


def _zones(mapping: BaseModel, here: Here) -> None:
    for name in type(mapping).model_fields:
        given = getattr(mapping, name)
        if isinstance(given, FieldBlock) and given.zone and given.zone not in available_timezones():
            here.at(name, "zone").fault(
                "bad-zone", f"{given.zone} is not a time zone", nearest(given.zone, available_timezones())
            )


def _personal(one: SourceBlock, here: Here) -> None:
    extra: Iterable[str] = extra_names(one.map)
    for n, name in enumerate(one.personal):
        if name not in extra:
            here.at("personal", n).fault("unknown-reference", f"{name} is not in map: extra", nearest(name, extra))
