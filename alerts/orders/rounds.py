"""The rounds of an order: from being issued to recovered, and again after each relapse. What took how long is told of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

KINDS = ("issued", "signed", "answered", "recovered", "relapsed")
"""Steps that make rounds."""


@dataclass(frozen=True, slots=True)
class Round:
    """Instants of one round; None: not yet, or not at all. An order that relapsed is not signed again."""

    begun: int
    """Issued, or relapsed."""
    first: bool
    signed: int | None = None
    answered: int | None = None
    """Of the last answer, returned or not."""
    recovered: int | None = None

    @property
    def answering(self) -> int | None:
        """From when an answer is waited for."""
        return self.signed if self.first else self.begun


def rounds(steps: Iterable[tuple[str, int]]) -> list[Round]:
    """Of (kind, at) in their order; others than KINDS are passed over."""
    found: list[Round] = []
    for kind, at in steps:
        if kind in ("issued", "relapsed"):
            found.append(Round(at, kind == "issued"))
        elif found and kind == "signed":
            found[-1] = replace(found[-1], signed=at)
        elif found and kind == "answered":
            found[-1] = replace(found[-1], answered=at)
        elif found and kind == "recovered":
            found[-1] = replace(found[-1], recovered=at)
    return found
