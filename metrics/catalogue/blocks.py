"""Reading blocks: a value of a document, where it stands, and what pydantic says about it, as faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from metrics.catalogue.faults import Faults, nearest
from metrics.catalogue.lines import Document, Spot, read

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True)
class Here:
    """A place in a document, at which faults are reported."""

    document: Document
    faults: Faults
    spot: Spot = ()

    def at(self, *more: str | int) -> Here:
        return Here(self.document, self.faults, (*self.spot, *more))

    def fault(self, id: str, what: str, hint: str = "") -> None:
        self.faults.add(id, self.document.file, self.line, what, hint)

    def unknown(self, kind: str, word: str, known: Iterable[str]) -> None:
        if word not in self.faults.broken:
            self.fault("unknown-reference", f"there is no {kind} {word}", nearest(word, known))

    @property
    def line(self) -> int:
        return self.document.line(self.spot)

    @property
    def file(self) -> str:
        return self.document.file.name


def block(model: type[B], value: Any, here: Here) -> B | None:
    """None when the value does not fit the model; the faults say where and why. Unknown keys are told, and left out."""
    if not isinstance(value, dict):
        here.fault("bad-value", "a block of keys and values is expected here")
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for one in faults:
        _explain(model, one["type"], tuple(one["loc"]), one["msg"], here)
    unknown = {one["loc"] for one in faults if one["type"] == "extra_forbidden"}
    if len(unknown) == len(faults):
        with suppress(ValidationError):
            return model.model_validate(_without(value, unknown, ()))
    if isinstance(value.get("key"), str):
        here.faults.broken.add(value["key"])
    return None


def _without(value: Any, unknown: set[Spot], spot: Spot) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, unknown, (*spot, key)) for key, inner in value.items() if (*spot, key) not in unknown}
    if isinstance(value, list):
        return [_without(inner, unknown, (*spot, n)) for n, inner in enumerate(value)]
    return value


def blocks(model: type[B], file: Path, faults: Faults) -> Iterator[tuple[B, Here]]:
    """The blocks of a file that holds a list of them."""
    document = read(file, faults)
    if document is None or document.value is None:
        return
    if not isinstance(document.value, list):
        Here(document, faults).fault("bad-value", "a list of blocks is expected: each begins with `- key:`")
        return
    for n, value in enumerate(document.value):
        here = Here(document, faults, (n,))
        found = block(model, value, here)
        if found is not None:
            yield found, here


def _explain(model: type[BaseModel], type_: str, loc: Spot, message: str, here: Here) -> None:
    word = str(loc[-1]) if loc else ""
    inner = _model_at(model, loc[:-1])
    if type_ == "extra_forbidden":
        hint = nearest(word, inner.model_fields) if inner else ""
        here.at(*loc).fault("unknown-key", f"{word} is not a key here", hint)
    elif type_ == "missing" and word in ("zh", "en"):
        here.at(*loc).fault("missing-translation", f"{'.'.join(map(str, loc[:-1]))} has no text in {word}", f"add {word}: ...")
    elif type_ == "missing":
        here.at(*loc).fault("missing-key", f"{word} is missing", f"add {word}: ...")
    else:
        id = "bad-schedule" if loc and loc[0] in ("every", "daily_at", "weekday", "max_age", "quiet") else "bad-value"
        here.at(*loc).fault(id, f"{'.'.join(map(str, loc))}: {message.removeprefix('Value error, ')}")


def _model_at(model: type[BaseModel], loc: Spot) -> type[BaseModel] | None:
    """The model an inner place belongs to, as far as plain nesting tells."""
    current: Any = model
    for step in loc:
        if isinstance(step, int):
            continue
        field = current.model_fields.get(step) if isinstance(current, type) and issubclass(current, BaseModel) else None
        current = _inner(field.annotation) if field else None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _inner(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in getattr(annotation, "__args__", ()) if (found := _inner(arg)) is not None), None)
