"""What every collector's settings share: strict models, durations, and values taken from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from collectors._errors import Failure
from metrics.model import Source

_NAMED = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


def _duration(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return timedelta(seconds=value)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)", str(value).strip())
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]]) if found else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]


def _pattern(value: Any) -> Any:
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(str(value))
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from None


Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]


class Settings(BaseModel):
    """An unknown key is an error, so that a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Settings)


def settings_of(source: Source, model: type[Model]) -> Model:
    """The source's settings, checked; `${NAME}` and `${NAME:-default}` stand for the environment (never for a secret)."""
    try:
        return model.model_validate(_expand(dict(source.settings)))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Failure("settings", f"settings of {source.key}: {where}: {first['msg']}", "run: python app.py check") from None


def _expand(value: Any) -> Any:
    if isinstance(value, str):
        return _NAMED.sub(_from_environment, value)
    if isinstance(value, Mapping):
        return {key: _expand(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_expand(one) for one in value]
    return value


def _from_environment(found: re.Match[str]) -> str:
    value = os.environ.get(found[1], found[2])
    if value is None:
        raise Failure("settings", f"the environment has no {found[1]}", f"set {found[1]} before the worker starts")
    return value


def secret_of(source: Source, base: Path) -> str | None:
    """The text `secret: env:NAME` or `file:PATH` points to."""
    if not source.secret:
        return None
    kind, _, name = source.secret.partition(":")
    if kind == "env":
        found = os.environ.get(name)
        if not found:
            raise Failure("secret", f"the environment has no {name}", f"set {name} to the secret of {source.key}")
        return found
    if kind == "file":
        try:
            return (base / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            what = f"the secret file {name} cannot be read: {error.strerror}"
            raise Failure("secret", what, "put it there, mode 600") from None
    raise Failure("secret", f"secret of {source.key} is neither env:NAME nor file:PATH", "run: python app.py check")
