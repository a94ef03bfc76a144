"""What a read of the alerts gives back: plain values that pages and the API show. Instants are aware UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from alerts.why import NOTHING, Why
from metrics.arrivals import Series
from metrics.rulebook import Level

Condition = Literal["NORMAL", "PENDING", "FIRING", "RECOVERING"]
Handling = Literal["NEW", "ACKED", "ORDERED", "DISMISSED"]
Severity = Literal["reminder", "warning", "serious"]
CloseReason = Literal[
    "", "recovered", "overdue", "corrected", "retro", "rule_changed", "paused", "rule_removed", "source_removed", "retired",
    "merged", "ended", "decided",
]  # fmt: skip


@dataclass(frozen=True)
class AlertRow:
    """One episode: a rule that fired on a series (or an alert on a source), in a list."""

    id: int
    kind: Literal["threshold", "source", "held"]
    """`source`: the built-in alert on a source without success; `held`: on figures of a source that are in question, `value` of
    them. Both have `source`, and neither indicator nor series."""
    rule: str
    rule_name: Mapping[str, str]
    severity: Severity
    worst: Severity
    condition: Condition
    """FIRING or RECOVERING while open, NORMAL once closed."""
    closed: CloseReason
    """Why it was closed; empty while open."""
    handling: Handling
    indicator: str | None
    indicator_name: Mapping[str, str]
    field: str | None
    unit: str | None
    series: Series | None
    source: str | None
    department: str
    department_name: Mapping[str, str]
    region: str
    region_name: Mapping[str, str]
    since: datetime
    """Start of the breach in business time (of a silent source: its last success)."""
    fired_at: datetime
    closed_at: datetime | None
    period_start: datetime | None
    """The newest period judged, with its value below."""
    period_end: datetime | None
    value: Decimal | None
    """In display units (98.7 for 98.7 %)."""
    op: str
    threshold: Decimal | None
    """Of the level it stands at."""
    by_correction: bool
    """It fired, or its grounds changed, by a correction of an earlier period."""
    seen_by: int
    """How many people opened its page."""
    acknowledged_by: str
    acknowledged_at: datetime | None
    comment: str
    version: int
    """Rises with each step by a person; hand it to `acknowledge` to be refused when somebody was first."""
    flapping: bool = False
    silenced: bool = False
    """A silence keeps its messages back."""
    order: str = ""
    """Number of the supervision order that handles it."""
    dismissed_by: str = ""
    """Who said that nothing is to be done about it; with when, and the reason."""
    dismissed_at: datetime | None = None
    reason: str = ""
    lost: datetime | None = None
    """Since when a system its figures come from gives nothing: what it says is of before that."""

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def unattended(self) -> bool:
        """Nobody has looked 无人查看."""
        return self.open and self.handling == "NEW" and self.seen_by == 0


@dataclass(frozen=True)
class AlertEvent:
    """One line of an alert's timeline, in the order of `seq` (not of any clock)."""

    seq: int
    at: datetime
    kind: str
    """firing | severity_up | severity_down | recovering | relapsed | recovered | overdue | corrected | retro | rule_changed
    | paused | rule_removed | source_removed | retired | merged | ended | decided | acknowledged | dismissed | seen | note."""
    severity: Severity | None
    period_start: datetime | None
    value: Decimal | None
    actor: str
    text: str
    why: Why = NOTHING


@dataclass(frozen=True)
class Attempt:
    at: datetime
    outcome: Literal["sent", "temporary", "permanent", "uncertain"]
    detail: str


@dataclass(frozen=True)
class Delivery:
    """One message to one receiver."""

    message_id: str
    kind: str
    receiver: str
    receiver_name: Mapping[str, str]
    channel: str
    state: Literal["waiting", "sending", "uncertain", "sent", "dead"]
    created_at: datetime
    sent_at: datetime | None
    error: str
    attempts: Sequence[Attempt] = ()


@dataclass(frozen=True)
class Seen:
    name: str
    at: datetime


@dataclass(frozen=True)
class AlertDetail:
    row: AlertRow
    events: Sequence[AlertEvent]
    deliveries: Sequence[Delivery]
    seen: Sequence[Seen]
    rule_version: int
    levels: Sequence[Level]
    m: int
    n: int
    for_seconds: int | None
    recover_count: int
    recover_for_seconds: int | None
    min_n: int
    owner: str
    definitions: tuple[int, int] | None = None
    """Of an open one: the version of the definition it was raised under and the one in force, where they differ."""


@dataclass(frozen=True)
class AlertCounts:
    """The first line of the overview: what is open in this person's scope."""

    open: int
    serious: int
    warning: int
    reminder: int
    unacknowledged: int
    unattended: int
    """Nobody has looked."""
    sources: int
    """Sources without success."""


@dataclass(frozen=True)
class AlertPage:
    total: int
    rows: Sequence[AlertRow]

    def __iter__(self) -> Iterator[AlertRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Acknowledged:
    """What became of an acknowledgement or a dismissal: `first` is false when somebody was earlier; then by, at and comment
    are theirs.
    """

    first: bool
    by: str
    at: datetime
    comment: str


@dataclass(frozen=True)
class Unreached:
    receiver: str
    number: int
    words: str
    """The newest words of its platform."""


@dataclass(frozen=True)
class OutboxState:
    """For /healthz and the banner."""

    waiting: int
    oldest_waiting: datetime | None
    dead: int
    late: datetime | None = None
    """Since when the oldest message that should have arrived waits, where that is over five minutes."""
    unreached: Sequence[Unreached] = ()
    """Receivers to whom messages could not be told, in the last day."""
