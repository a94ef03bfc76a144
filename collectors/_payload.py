"""What a collector is asked for and what it hands over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from collectors._errors import Failure
from metrics.arrivals import Refusal

MAX_ROWS = 50_000
"""Rows of one unit (store.md): a larger collection is stored as several units, each whole."""
MAX_BYTES = 20 * 1024 * 1024
"""Of one answer or file, after decompression."""


@dataclass(frozen=True)
class Want:
    """One collection: what is asked for, and what the source's own place to go on from is."""

    now: datetime
    base: Path = Path(".")
    """The workspace's folder: relative paths of settings start here."""
    since: datetime | None = None
    until: datetime | None = None
    """A back-fill's bounds. A collector may ask its source for less by them; rows outside are dropped afterwards anyway."""
    mark: Mapping[str, Any] = field(default_factory=dict)
    """What the last committed Payload's `mark` was; empty at first and in a back-fill."""
    zone: tzinfo = UTC
    secret: str | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = time.sleep
    """Waits between tries; a test's own does not."""


@dataclass
class Payload:
    """One page or file, read and split into rows, or the word that nothing changed."""

    rows: Sequence[Mapping[str, Any]]
    sha256: str
    mark: Mapping[str, Any]
    """A JSON merge patch (RFC 7396) of where to go on from once this payload is stored."""
    excerpt: str = ""
    """The beginning of it, for a dry run."""
    unchanged: bool = False
    complete: bool = False
    """With the payloads since the last complete one it is everything the source holds."""
    place: str = ""
    """The file's name or the page's address, without secrets."""
    columns: Sequence[str] | None = None
    """The header, where the payload has one."""
    lines: Sequence[int | str] | None = None
    """Line of each row in a file; None: rows are counted from 1."""
    refusals: Sequence[Refusal] = ()
    """Rows that could not even be split."""
    error: Failure | None = None
    """This payload (a file among files) is not to be taken; the others are."""
    independent: bool = False
    """Its place to go on from does not hang on the payloads before it: a file, not a page."""
    waiting: int = 0
    """Files that are still being written, left for the next run."""

    def where(self, index: int) -> str:
        """The place of a row in words."""
        at = f"line {self.lines[index]}" if self.lines is not None else f"row {index + 1}"
        return f"{self.place}, {at}" if self.place else at


def merged(place: Mapping[str, Any], patch: Mapping[str, Any], *, keep_none: bool = False) -> dict[str, Any]:
    """`place` after a JSON merge patch; `keep_none` puts two patches together into one."""
    made = dict(place)
    for key, value in patch.items():
        if value is None and not keep_none:
            made.pop(key, None)
        elif isinstance(value, Mapping):
            before = made.get(key)
            made[key] = merged(before if isinstance(before, Mapping) else {}, value, keep_none=keep_none)
        else:
            made[key] = value
    return made
