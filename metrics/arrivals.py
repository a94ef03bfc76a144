"""What collectors, pushes and uploads bring to the one door, as immutable values. Instants are aware UTC datetimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from metrics.model import TOTAL, Grain


@dataclass(frozen=True, slots=True)
class EventIn:
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordIn:
    """One case as the source reports it."""

    external_id: str
    department: str
    region: str
    opened: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    entered: datetime | None = None
    category: str = ""
    state: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    source_rev: int = 0
    events: tuple[EventIn, ...] = ()


Status = Literal["A", "P", "M", "E", "N", "S"]
"""SDMX OBS_STATUS: A normal, P provisional, M missing (not reported), E estimated, N not applicable, S suppressed."""


@dataclass(frozen=True, slots=True)
class ObservationIn:
    """One reported figure. num, den, n are integers in the indicator's smallest unit."""

    indicator: str
    grain: Grain
    period_start: datetime
    num: int | None
    den: int | None = None
    n: int | None = None
    department: str = TOTAL
    region: str = TOTAL
    dims: str = "{}"
    """Canonical JSON of other dimensions."""
    status: Status = "A"
    reason: str = ""
    source_rev: int = 0


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a source that is handed in by people owes its figures of one period."""

    source: str
    grain: Grain
    start: datetime
    at: datetime
    ahead: timedelta
    """How long before it the office is reminded."""


RevisionKind = Literal["collect", "push", "upload", "replay", "backfill", "recompute", "ruling", "definition", "person", "tick"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One unit (a page, a file, a push): stored whole as one revision, or not at all."""

    source: str
    records: Sequence[RecordIn] = ()
    observations: Sequence[ObservationIn] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: where it stands in the payload, which field, why, in words a clerk understands."""

    place: str
    field: str
    reason: str
    value: str = ""


@dataclass(slots=True, unsafe_hash=True)  # as `Values`: made by the thousand
class Series:
    """What rules, boards and URLs mean."""

    indicator: str
    grain: Grain
    department: str = TOTAL
    region: str = TOTAL
    dims: str = "{}"
