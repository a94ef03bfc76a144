"""Small things written in a workspace: texts, durations, times of day, references to secrets."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Block(BaseModel):
    """Every block of a workspace: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class TextBlock(Block):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def text(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def duration(value: Any) -> timedelta:
    """`10s`, `5m`, `2h`, `1d`, `1w`, or several: `1d12h`."""
    if isinstance(value, timedelta):
        return value
    text = str(value).replace(" ", "")
    if not re.fullmatch(r"(\d+[smhdw])+", text):
        raise ValueError(f"{value!r} is not a duration: write 10s, 5m, 2h, 1d or 1w")
    return timedelta(seconds=sum(int(n) * _SECONDS[u] for n, u in re.findall(r"(\d+)([smhdw])", text)))


def _time_of_day(value: Any) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
        raise ValueError(f"{value!r} is not a time of day: write 02:00 to 23:59")
    return str(value)


def _weekday(value: Any) -> int:
    text = str(value).lower()[:3]
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    raise ValueError(f"{value!r} is not a day of the week: write mon, tue, wed, thu, fri, sat or sun")


def _secret_reference(value: Any) -> str:
    if not re.fullmatch(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)", str(value)):
        raise ValueError("a secret is named, never written here: env:NAME or file:PATH")
    return str(value)


def secret_is_there(reference: str, base: Path) -> bool:
    """`file:` paths are relative to the workspace's folder."""
    kind, _, name = reference.partition(":")
    return bool(os.environ.get(name)) if kind == "env" else (base / name).is_file()


def _key(value: Any) -> str:
    if not isinstance(value, str | int) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", str(value)):
        raise ValueError(f"{value!r} is not a key: use letters, digits and _ . -")
    return str(value)


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Word = Annotated[str, BeforeValidator(_word)]
Key = Annotated[str, BeforeValidator(_key)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
TimeOfDay = Annotated[str, BeforeValidator(_time_of_day)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
SecretReference = Annotated[str, BeforeValidator(_secret_reference)]
