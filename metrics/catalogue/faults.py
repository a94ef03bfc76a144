"""Faults of a workspace: all are found in one go, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

SOFT = frozenset({"missing-secret", "missing-variable", "missing-data"})
"""Faults of the surroundings: the workspace can be loaded, the source concerned will fail by itself."""


@dataclass(frozen=True)
class Fault:
    id: str
    file: str
    """Relative to the workspace's folder."""
    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.id} {self.file}:{self.line} {self.what}" + (f" / {self.hint}" if self.hint else "")


class Faults:
    """Collects faults while a workspace is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[Fault, None] = {}
        self.broken: set[str] = set()
        """Keys of blocks that are there but could not be read: what refers to them is not at fault."""

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._found, key=lambda fault: (fault.file, fault.line)))

    @property
    def fatal(self) -> bool:
        return any(fault.id not in SOFT for fault in self._found)

    def add(self, id: str, file: Path, line: int, what: str, hint: str = "") -> None:
        self._found[Fault(id, file.relative_to(self._folder).as_posix(), line, what, hint)] = None


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint: what was probably meant, or what there is."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"known: {', '.join(known[:12])}{' ...' if len(known) > 12 else ''}" if known else "there is none yet"
