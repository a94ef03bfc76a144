"""Whether the body of a Dash update fits the callback it names. What comes from a browser is believed only after this.

Dash itself answers a body that does not fit with a server error; here the same is a fault of the caller, said in one sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_MANY = (["ALL"], ["ALLSMALLER"])
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_KNOWN = {"output", "outputs", "inputs", "state", "changedPropIds", "parsedChangedPropsIds"}


class Misfit(ValueError):
    """The body does not fit; the text names the part, never its content."""


def readable(raw: bytes) -> None:
    """Raises Misfit for JSON that holds what no text can: half a surrogate pair, or NUL, which PostgreSQL does not store."""
    if b"\\u0000" in raw:
        raise Misfit("the body holds a NUL")
    if _SURROGATE.search(raw):
        try:
            json.dumps(json.loads(raw), ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Misfit("the body holds half a character") from error


def entry_of(body: Any, callback_map: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """The callback a body names. Raises Misfit for a body that is none and LookupError where no such callback runs here."""
    if not isinstance(body, Mapping) or not isinstance(body.get("output"), str):
        raise Misfit("the body is not an object that names an output")
    entry = callback_map.get(body["output"])
    if entry is None or "callback" not in entry:
        raise LookupError("no such callback")
    return body["output"], entry


def check(body: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    """Raises Misfit unless inputs, state, outputs and what changed are those the callback declares."""
    if not _KNOWN.issuperset(body):
        raise Misfit("the body has a part that is not known")
    for part in ("inputs", "state"):
        _list(body.get(part, []), entry[part], part)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise Misfit("changedPropIds is not a list of texts")
    if not entry.get("no_output"):
        declared = entry["output"]
        several = isinstance(declared, Sequence)
        wanted = [one.to_dict() for one in (declared if several else [declared])]
        given = body.get("outputs")
        if given is None:
            raise Misfit("outputs are missing")
        _list(given if several else [given], wanted, "outputs")


def _list(given: Any, declared: Sequence[Mapping[str, Any]], part: str) -> None:
    if not isinstance(given, list) or len(given) != len(declared):
        raise Misfit(f"{part} is not a list of the declared length")
    for item, spec in zip(given, declared, strict=True):
        many = _many(spec["id"])
        if many != isinstance(item, list):
            raise Misfit(f"{part} holds one where it takes many, or many where it takes one")
        for one in item if many else [item]:
            _one(one, spec, part)


def _one(given: Any, spec: Mapping[str, Any], part: str) -> None:
    if not isinstance(given, Mapping) or "id" not in given or not isinstance(given.get("property"), str):
        raise Misfit(f"{part} holds what has no id or no property")
    if given["property"].split("@")[0] != spec["property"].split("@")[0]:
        raise Misfit(f"{part} names a property that is not declared")
    if not _fits(given["id"], spec["id"]) and not (spec.get("allow_optional") and given.get("value") is None):
        raise Misfit(f"{part} names an id that is not declared")


def _many(id: str) -> bool:
    return id.startswith("{") and any(value in _MANY for value in json.loads(id).values())


def _fits(given: Any, declared: str) -> bool:
    """An id is a text; a pattern's id is an object of plain values under the declared names, equal where not a wildcard."""
    if not declared.startswith("{"):
        return given == declared
    pattern = json.loads(declared)
    if not isinstance(given, Mapping) or given.keys() != pattern.keys():
        return False
    return all(
        isinstance(given[name], str | int | float | bool) and (isinstance(value, list) or given[name] == value)
        for name, value in pattern.items()
    )
