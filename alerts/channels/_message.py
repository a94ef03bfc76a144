"""What a channel is handed, and how it says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

DEADLINE = 15.0
"""Seconds one attempt may take in all."""


class Base(BaseModel):
    """Settings of a receiver; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")
    link: str = ""
    """Address of the product as the receiver reaches it (https://yuncha.example); paths in messages are put behind it."""


@dataclass(frozen=True)
class Message:
    id: str
    """The same at every attempt: receivers can tell a repeat by it."""
    subject: str
    """One line."""
    body: str
    facts: Mapping[str, Any]
    repeated: bool
    created_at: datetime
    language: str


class Failed(Exception):
    """A message that was not told."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Temporary(Failed):
    """Another try can help. `after`: seconds the other side asked us to wait; `perhaps`: it may have been told all the same."""

    def __init__(self, detail: str, after: float | None = None, *, perhaps: bool = False) -> None:
        super().__init__(detail)
        self.after, self.perhaps = after, perhaps


class Permanent(Failed):
    """Another try cannot help: a fault of set-up or of the address."""


class Uncertain(Failed):
    """It may have been told, and the other side cannot tell a repeat: it is sent once more, marked, and never a third time."""
