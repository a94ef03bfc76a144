"""What a read gives back: plain values that pages, exports and the API show. Instants are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from metrics.arrivals import Series
from metrics.model import Indicator, Place, Principal, Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from metrics.catalogue import Workspace

State = Literal["ok", "watch", "off", "serious", "none", "due", "few", "nrep", "stale", "down", "paused"]
"""The vocabulary of `screens.md`: on track, watch, off track, serious, no target, nothing due, too few to judge, not reported,
stale, source down, paused."""
Health = Literal["FRESH", "LATE", "STALE", "NEVER", "SOURCE_ERROR", "SUSPECT", "PAUSED", "RETIRED"]


@dataclass(frozen=True)
class Ask:
    """A question: on which connection, in which workspace, by whom, at which instant (of the workspace's clock)."""

    connection: Connection
    workspace: Workspace
    who: Principal
    now: datetime
    revision: int | None = None
    """Pin every answer to what was known at this revision; None: now."""
    alike: bool = False
    """Like with like: every period by the newest version of its definition; else each by the version in force at it."""


@dataclass(frozen=True)
class Cell:
    """One figure of one series and period."""

    series: Series
    period_start: datetime
    period_end: datetime
    version: int
    num: int | None
    den: int | None
    n: int | None
    apart: int | None
    status: str
    have: int | None
    want: int | None
    revision: int
    evaluated_at: datetime
    settled: bool
    value: Decimal | None
    """In display units (a rate of 98.7 % is 98.7); None when missing or nothing was due: never 0 for missing."""
    corrected: datetime | None = None
    """When it was last changed after it had been said of a settled period."""
    missing: Sequence[Text] = ()
    """Names of those that have not reported what it is made of. This and what follows only of `reading.marked` figures."""
    stand_ins: Sequence[str] = ()
    """Sources whose figures entered in place of the one in authority."""
    mixed: tuple[int, ...] = ()
    """The versions of its definition that the sum holds, where it holds several."""
    late: datetime | None = None
    """When the last of it came, where that was after its time."""
    only_rate: bool = False
    """A rate that was reported without its parts: it enters no total."""


@dataclass(frozen=True)
class Change:
    amount: Decimal
    in_points: bool
    """A rate changes in percentage points, a count in per cent."""


@dataclass(frozen=True)
class Card:
    """The anatomy of a number on every screen."""

    indicator: Indicator
    series: Series
    place_name: Mapping[str, str] | None
    """The name of the scope whose total this is, where it is not the whole."""
    cell: Cell | None
    """The last settled period (stock measures: the value at evaluated_at)."""
    running: Cell | None
    state: State
    health: Health
    on_period: Change | None
    on_year: Change | None
    spark: Sequence[Decimal | None]
    collected_at: datetime | None
    """End of the last successful run of its source."""
    beside: Card | None = None
    no_period: str = ""
    """Why there is no change on the period before: `missing`, `zero` or `version` (`metrics/comparing.py`)."""
    no_year: str = ""
    expected: datetime | None = None
    """When the next data should be here."""
    recomputing: bool = False
    """What was decided of it, or of what it is made of, is still being carried out."""


@dataclass(frozen=True)
class CaseQuery:
    """A list of cases; with `indicator` and `role` it is exactly what stands behind a figure, at its own instant."""

    source: str
    indicator: str | None = None
    role: Literal["of", "over", "apart", "missed"] = "over"
    """`missed` = over without of: what was due and not done by then."""
    grain: str | None = None
    period_start: datetime | None = None
    department: str = "_T"
    region: str = "_T"
    category: str | None = None
    state: str | None = None
    search: str = ""
    """Matches the external id and the category only: never a masked field."""
    sort: str = "-opened"
    revision: int | None = None
    evaluated_at: datetime | None = None
    version: int | None = None
    """Of the indicator's definition; None: the one in force at the period."""


@dataclass(frozen=True)
class CaseRow:
    source: str
    external_id: str
    department: str
    region: str
    category: str
    state: str
    opened: datetime | None
    due: datetime | None
    closed: datetime | None
    entered: datetime | None
    worked_days: int | None
    overdue: bool
    suspect: bool
    """Closed before it was opened: counted and shown, not dropped."""
    extra: Mapping[str, Any]
    """Personal fields are masked in every list."""
    run_id: int | None
    known_from: int


@dataclass(frozen=True)
class CasePage:
    total: int
    rows: Sequence[CaseRow]
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    """`category`, `region`, `department`, `state`: value and count, most first, of the same query."""


@dataclass(frozen=True)
class Case:
    row: CaseRow
    events: Sequence[tuple[str, datetime]]
    versions: Sequence[CaseRow]
    """Every version known, oldest first."""
    whole: bool
    """True when personal fields are shown unmasked to this person."""


@dataclass(frozen=True)
class RunRow:
    id: int
    source: str
    kind: str
    started: datetime
    ended: datetime
    outcome: str
    """ok | unchanged | refused (some rows) | error"""
    counts: Mapping[str, int]
    payload_hash: str | None
    error_class: str
    error: str
    hint: str
    refusals: Sequence[Mapping[str, str]]
    by: str = ""
    """Who sent it, where someone did: an account, or `source:KEY`."""


@dataclass(frozen=True)
class SourceState:
    key: str
    name: Mapping[str, str]
    type: str
    department: str
    health: Health
    last_run: RunRow | None
    last_success: datetime | None
    outcomes: Sequence[str]
    """Of the last 30 runs that were not back-fills, oldest first."""
    newest_period: datetime | None
    """Up to when its data tells: the end of the newest period reported."""
    age_seconds: float | None
    next_run: datetime | None
    indicators: Sequence[str]
    rules: Sequence[str]
    department_name: Mapping[str, str] = field(default_factory=dict)
    filled: Sequence[str] = ()
    """Outcomes of the last 30 back-fills, newest first."""
    expected: datetime | None = None
    """When the next data should be here; None where nobody can say."""


@dataclass(frozen=True)
class Unit:
    """One department or region in a ranking, a map or small multiples."""

    place: Place
    cell: Cell | None
    state: State
    rank: int | None
    """1 = best; ties share it; None where it is not ranked (nothing due, too few, not reported)."""
    spark: Sequence[Decimal | None] = ()
    rank_before: int | None = None
    """In the period before; None where it was not ranked then."""
    of: int | None = None
    """How many are ranked in its peer group, out of scope too; None where it is not ranked."""
    tied: bool = False
    """Whether another one has the same rank."""

    @property
    def climbed(self) -> int | None:
        """Places gained on the period before (lost: negative); None where it was not ranked in both."""
        return None if self.rank is None or self.rank_before is None else self.rank_before - self.rank


@dataclass(frozen=True)
class Entered:
    """One value a figure without cases is made of."""

    cell: Cell
    source: str | None
    """The source that reported it; None for the figure of another indicator, and where nothing was reported."""
    run_id: int | None
    used: bool
    """False for a feed that stood aside for another one of the same series."""
    stead: str = ""
    """Of several feeds: `ruled` where a person decided for this one, `stand_in` where another has the authority."""
