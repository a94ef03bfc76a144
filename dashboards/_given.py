"""What a browser hands a callback, read strictly: the page never sends anything else, so anything else is a bad request (400)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import BadRequest

LONGEST = 300
MOST = 10**9


def query(value: Any) -> dict[str, str]:
    """The parameters of an address, as the page kept them."""
    if not isinstance(value, dict) or len(value) > 50:
        raise BadRequest("not the parameters of an address")
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str) or len(text) > LONGEST:
            raise BadRequest("not the parameters of an address")
    return value


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest("not an object")
    return value


def rows(value: Any) -> list[dict[str, Any]]:
    """A list of objects; None is an empty one."""
    if value is not None and not isinstance(value, list):
        raise BadRequest("not a list")
    return [mapping(one) for one in value or ()]


def whole(value: Any) -> int:
    """A number from 0 on; one written as text, true and 1.5 are none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise BadRequest("not a whole number")
    return value


def text(value: Any) -> str:
    """None is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 10_000:
        raise BadRequest("not a text")
    return value


def kept(query: Mapping[str, str], *names: str) -> dict[str, str]:
    """These parameters of an address, where it has them."""
    return {name: query[name] for name in names if query.get(name)}
