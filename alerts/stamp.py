"""Of which revision something is written, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from metrics.periods import to_us


@dataclass(frozen=True)
class Stamp:
    """Of which revision, at which instant, and whether it is history being made (nobody is called)."""

    revision: int
    now: datetime
    replay: bool

    @property
    def at(self) -> int:
        return to_us(self.now)
