"""JSON as it should be: exact numbers, no key twice, no depth without end. What is neither is refused in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from collectors._errors import Failure, one_line

MAX_VALUES = 500_000
"""Of one document: a value takes about a hundred bytes once read, whatever it took to write."""
MAX_WIDTH = 2_000
"""Keys of one object."""


class _Twice(ValueError):
    pass


def parse(body: bytes, place: str, charset: str | None = None) -> Any:
    """The document; a number with a fraction is a Decimal, NaN and infinities too, so that the field they stand in is refused."""
    text = _decode(body, place, charset)
    start = text.lstrip()[:1]
    if start == "<":
        raise Failure("bad_input", f"{place}: HTML or XML in place of JSON", "a login or an error page answers at this address")
    if not start:
        raise Failure("bad_input", f"{place}: an empty answer", "the system gave nothing, not even an empty list")
    if text.count(",") + text.count("[") + text.count("{") > MAX_VALUES:
        raise Failure("too_large", f"{place}: more than {MAX_VALUES} values", "ask for fewer rows at a time")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=Decimal, parse_constant=Decimal)
    except _Twice as error:
        what = f"{place}: the key {one_line(error, 60)} stands twice in one object"
        raise Failure("bad_input", what, "nobody can say which of the two holds: its maker must mend it") from None
    except json.JSONDecodeError as error:
        what = f"{place}: not JSON at line {error.lineno}, column {error.colno}"
        raise Failure("bad_input", what, "the answer was cut off or is something else") from None
    except RecursionError:
        raise Failure("bad_input", f"{place}: objects within objects without end", "the system is broken") from None
    except (ValueError, ArithmeticError):
        raise Failure("bad_input", f"{place}: a number too long to be one", "the system is broken") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_WIDTH:
        raise Failure("too_large", f"an object with {len(pairs)} keys, more than {MAX_WIDTH}", "is this the right address?")
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return made


def _decode(body: bytes, place: str, charset: str | None) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if charset is None or charset.lower() in ("utf-8", "utf8") else charset
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise Failure("bad_input", f"{place}: byte {error.start} is not {encoding}", "the system must send UTF-8") from None
    except LookupError:
        what = f"{place}: an unknown encoding {one_line(encoding, 40)}"
        raise Failure("bad_input", what, "the system must send UTF-8") from None


def at_path(document: Any, path: str, place: str) -> Any:
    """What stands at `a.b.c`; `` is the document itself. Failure where it does not exist."""
    found = document
    for step in path.split(".") if path else ():
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        else:
            have = [one_line(key, 40) for key in list(found)[:20]] if isinstance(found, Mapping) else [type(found).__name__]
            what = f"{place}: no {path}; there is: {', '.join(have)}"
            raise Failure("schema_changed", what, "the system changed its layout: put the path right")
    return found
