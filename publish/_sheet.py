"""What every export holds: a title, what is said about it, columns and rows. One file of this folder writes it in one format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from metrics.answers import Ask

Again = Callable[[], AbstractContextManager[Ask]]
"""The same question on a connection of its own, for what is fetched while it is written."""
Value = str | int | Decimal | datetime | None
"""None: nothing was reported, which is an empty cell and never 0. Instants are in the workspace's zone."""


@dataclass(frozen=True)
class Sheet:
    title: str
    about: Sequence[tuple[str, str]]
    """Definition, source, period, revision, time and the demo mark, as (name, words)."""
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    """Read once, from the first to the last: a long list is fetched while it is written."""
    line: int | None = None
    """The column to draw as a line over the first one, where a format can."""

    @property
    def file(self) -> str:
        """The title as a file name on any system."""
        return re.sub(r'[\\/:*?"<>|\s]+', "_", self.title).strip("_.")[:100] or "yuncha"


FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, without the characters a sheet cannot hold."""
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return f"'{clean}" if clean.startswith(FORMULA) else clean
