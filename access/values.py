"""Whether the values a browser sends are of the types a callback's own annotations name.

`def rows(request: dict[str, Any] | None, given: dict[str, str])`: a text in the place of `request` is refused with 400 before
the callback runs. Only the outermost type is looked at; what lies inside is the callback's to check (`flask.abort(400)`).
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from access.body import Misfit


def check(body: Mapping[str, Any], entry: Mapping[str, Any], texts: bool) -> None:
    """Raises Misfit. `texts`: a callback without annotations of ours (Dash's own, which takes addresses) takes texts only."""
    values = [_value(item) for item in (*body.get("inputs", []), *body.get("state", []))]
    allowed = [(str, type(None))] * len(values) if texts else _allowed(inspect.unwrap(entry["callback"]))
    if texts and not all(str(value).startswith("/") for value in _of(body, "pathname")):
        raise Misfit("a path does not begin with /")
    places = entry.get("inputs_state_indices")
    if isinstance(allowed, Mapping):
        names = list(allowed)
        if isinstance(places, Mapping):
            pairs = [(allowed.get(name), place) for name, place in places.items()]
        else:
            flat = places if isinstance(places, Sequence) else [places]
            pairs = [(allowed[name], place) for name, place in zip(names, flat, strict=False)]
    else:
        pairs = [(kind, place) for place, kind in enumerate(allowed)]
    for kinds, place in pairs:
        if kinds and isinstance(place, int) and not _is(values[place], kinds):
            raise Misfit("a value is not of the type its callback takes")


def _of(body: Mapping[str, Any], name: str) -> list[Any]:
    return [item.get("value") for item in body.get("inputs", []) if isinstance(item, Mapping) and item.get("property") == name]


def _value(item: Any) -> Any:
    return [one.get("value") for one in item] if isinstance(item, list) else item.get("value")


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool) and bool not in kinds:
        return False
    return isinstance(value, kinds) or (float in kinds and isinstance(value, int))


@cache
def _allowed(function: Callable[..., Any]) -> Mapping[str, tuple[type, ...] | None]:
    """Of each argument in order: the types it takes, None where its annotation says nothing that can be looked at."""
    try:
        hints = get_type_hints(function)
    except (NameError, TypeError):
        return {}
    return {name: _kinds(hints.get(name)) for name in inspect.signature(function).parameters}


def _kinds(hint: Any) -> tuple[type, ...] | None:
    """A number, a text or a flag is None until somebody chose it, so None is taken for these though nobody wrote it."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [_kinds(one) for one in get_args(hint)]
        return None if None in parts else tuple(kind for part in parts if part for kind in part)
    plain = get_origin(hint) or hint
    if plain in (Mapping, dict):
        return (dict,)
    if plain in (Sequence, list):
        return (list,)
    if plain in (str, int, float, bool):
        return (plain, type(None))
    return (type(None),) if plain is type(None) else None
