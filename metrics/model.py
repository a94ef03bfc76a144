"""The nouns of Yuncha, as immutable values.

Definitions (Department, Source, Indicator, Rule) are read from a workspace's YAML; arrivals (RecordIn, ObservationIn, Batch)
come from collectors. Instants are aware UTC datetimes. `_T` is the id of the root of a tree and stands for its total.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

TOTAL = "_T"
MAX = 2**63 - 1
"""`known_to` of a row that is still known."""

Text = Mapping[str, str]
"""A text in every language of the interface: {"zh": ..., "en": ...}."""

Grain = Literal["minute5", "hour", "day", "week", "month", "quarter", "year", "all"]
Role = Literal["viewer", "staff", "supervisor", "administrator", "source"]
"""`source` is no person: a departmental system that may send its own data and nothing else."""
Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `departments` and `regions` are the ids of the subtree roots in scope; (`_T`,) is everything."""

    user: str | None
    name: str
    roles: frozenset[Role]
    departments: tuple[str, ...] = (TOTAL,)
    regions: tuple[str, ...] = (TOTAL,)
    permission_version: int = 0

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Principal(user=None, name="system", roles=frozenset({"administrator"}))
"""The product itself: worker, replay, judging. Never given to a request."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the department or the region tree, with its codes, names and parents over time."""

    id: str
    name: Text
    parent: str | None
    level: str
    """`department`, or a region level such as `province`, `city`, `county`."""
    code: str = ""
    peer: str = ""
    """The peer group units are ranked in."""
    valid_from: date | None = None
    valid_to: date | None = None
    lon: float | None = None
    lat: float | None = None
    earlier_parents: tuple[tuple[str, date], ...] = ()
    """(parent id, last day under it), oldest first: the parent in force at a period is used for its totals."""
    earlier_codes: tuple[tuple[str, date], ...] = ()


Op = Literal["eq", "ne", "at_most", "at_least", "missing", "present", "before", "by"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a record. `by`: field <= other instant field; `before`: field < other; values are a tuple for eq / ne."""

    field: str
    op: Op
    value: tuple[str, ...] | Decimal | str = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Which records count: those whose `anchor` instant lies in the period (None: no anchor) and that meet all conditions."""

    anchor: Literal["opened", "due", "closed", "entered"] | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """How an indicator is computed: the closed grammar.

    over records: count(over), ratio(of, over, apart), sum / mean / median(field, over), open(over), overdue(over);
    over observations: observed; over indicators: derived_ratio(inputs of, over), derived_sum(inputs), derived_difference(inputs),
    increase(one input holding cumulative readings).
    `of` includes the conditions of `over`. `field` is `worked_days` (working days from opened to closed), `elapsed` (seconds from
    opened to closed) or a numeric field of `extra`.
    """

    kind: Literal["count", "ratio", "sum", "mean", "median", "open", "overdue", "observed",
                  "derived_ratio", "derived_sum", "derived_difference", "increase"]  # fmt: skip
    over: Part | None = None
    of: Part | None = None
    apart: Part | None = None
    field: str = ""
    inputs: tuple[str, ...] = ()

    @property
    def stock(self) -> bool:
        return self.kind in ("open", "overdue")

    @property
    def from_records(self) -> bool:
        return self.over is not None

    @property
    def additive(self) -> bool:
        return self.kind != "median"

    @property
    def rate(self) -> bool:
        """Shown as num / den; otherwise the value is num (for a mean: num / n)."""
        return self.kind in ("ratio", "derived_ratio")


Cut = tuple[str, ...]
"""Dimensions a figure is split by: `department`, a region level, or a name of `dims`. () is the total, which always exists."""


@dataclass(frozen=True, slots=True)
class Plausible:
    """Bounds in display units; `jump`: a factor against the period before and against what was said of the same period."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None
    jump: Decimal | None = None
    cumulative: bool = False
    """A fall is noted."""
    frozen: int | None = None
    """So many periods with the same figure are noted."""


@dataclass(frozen=True, slots=True)
class Indicator:
    key: str
    name: Text
    field: str
    unit: str
    """Unit of measure: a key of the catalogue's units: `percent`, `item`, `day`, `second`, ..."""
    better: Better
    grains: tuple[Grain, ...]
    """The first is what a card shows."""
    cuts: Mapping[Grain, tuple[Cut, ...]]
    measure: Measure
    source: str | None
    """The Source whose records or observations it reads; None for a derived one."""
    owner: str
    basis: Text
    version: int
    version_reason: str = ""
    decimals: int = 0
    """Decimal places kept in num (and in target and bands for values that are not rates)."""
    target: Decimal | None = None
    no_target: Text | None = None
    bands: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)
    """`watch`, `off`, `serious`: the bounds in the direction of `better`, in display units (98 for 98 %)."""
    min_n: int = 0
    settle_delay: timedelta = timedelta(0)
    provisional: timedelta = timedelta(0)
    feeds: tuple[str, ...] = ()
    """Sources that may report it, the authoritative one first (observed only; records and derived have one feed, `=`)."""
    tolerance: Decimal = Decimal(0)
    plausible: Plausible | None = None
    """How a reported figure is looked at before it is believed (observed only)."""
    beside: str | None = None
    """Key of an indicator named beside this one on its card (the same matter by another definition)."""
    made_of: Text | None = None
    attribute: Literal["current", "at_event"] = "current"
    file: str = ""
    line: int = 0


WAYS_IN = ("push", "upload")
"""Types of sources that send by themselves."""


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    name: Text
    type: str
    """A collector's file name: http_json, sql, files, openmetrics."""
    department: str
    gives: Literal["records", "observations"]
    settings: Mapping[str, Any]
    """What this type of collector needs: url, paging, folder, query ...; secrets by reference only."""
    mapping: Mapping[str, Any]
    every: timedelta | None = None
    daily_at: str | None = None
    """HH:MM in the workspace's zone; with `weekday` (0 = Monday) once a week. Either `every` or `daily_at`."""
    weekday: int | None = None
    max_age: timedelta = timedelta(days=1)
    complete: bool = False
    """Each collection is everything the source holds, so that what is gone from it is withdrawn."""
    personal: tuple[str, ...] = ()
    """Fields of a record that are masked (`extra` names)."""
    labels: Mapping[str, Text] = field(default_factory=dict)
    """Names of extra fields and of values shown to people."""
    events: tuple[str, ...] = ()
    secret: str | None = None
    """`env:NAME` or `file:PATH`."""
    history_only: bool = False
    live_only: bool = False
    """It knows only the present, so a replay leaves it out."""
    file: str = ""
    line: int = 0

    @property
    def sends(self) -> bool:
        """It comes to us by itself: nothing is fetched, no run is due; how fresh it is is judged by `max_age` alone."""
        return self.type in WAYS_IN


@dataclass(frozen=True, slots=True)
class Board:
    key: str
    name: Text
    cards: tuple[str, ...]
    map: str | None = None
    rank: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a rule: fires at `threshold`, recovers at `recovery` (on the safe side of it)."""

    severity: Literal["reminder", "warning", "serious"]
    threshold: Decimal
    recovery: Decimal


RuleKind = Literal["threshold", "rank", "change_last", "change_year", "volume", "due_soon", "late_entry", "stale", "conflict"]
"""What a rule compares with its bounds:
threshold: the figure. rank: its place in its peer group, 1 the worst. change_last, change_year: the change on the period before,
or on the same one of last year (points of a rate, per cent of an amount). volume: how many cases, none being 0.
due_soon: open cases due within `within`. late_entry: cases entered more than `within` after the act.
stale: age of the newest figure in hours.
conflict: the difference between two sources that report the same figure."""


@dataclass(frozen=True, slots=True)
class Rule:
    key: str
    name: Text
    indicator: str
    grain: Grain
    cut: Cut
    op: Literal[">", ">=", "<", "<="]
    levels: tuple[Level, ...]
    """Mildest first."""
    version: int
    m: int = 1
    n: int = 1
    for_: timedelta | None = None
    recover_count: int = 1
    recover_for: timedelta | None = None
    min_n: int = 0
    owner: str = ""
    receivers: tuple[str, ...] = ()
    kind: RuleKind = "threshold"
    within: timedelta | None = None
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    key: str
    name: Text
    channel: str
    """A file name in alerts/channels: smtp, webhook, log."""
    settings: Mapping[str, Any]
    language: str = "zh"
    department: str = ""
    """Whose desk it is: told of trouble with the data of that department's systems."""
    fallback: str = ""
    """The receiver told instead when this one is not reached within `fallback_after`, or cannot be."""
    fallback_after: timedelta = timedelta(minutes=10)
    single: bool = False
    """Each message by itself, for machines; people get what comes together in one."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """After so much working time without anybody taking the alert on, these are told as well."""

    after: timedelta
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What an alert must be, to be meant; an empty list means any. Places mean all below them."""

    fields: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    about: Literal["", "work", "data"] = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told of which alerts, and when."""

    key: str
    name: Text
    match: Match
    receivers: tuple[str, ...]
    """Keys of receivers or rosters."""
    hours: Literal["always", "working"] = "always"
    group_wait: timedelta = timedelta(seconds=30)
    repeat: timedelta | None = None
    escalate: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty when is kept on screen; `otherwise` is told while nobody is."""

    key: str
    name: Text
    otherwise: str = ""


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


@dataclass(frozen=True, slots=True)
class Series:
    """What rules, boards and URLs mean."""

    indicator: str
    grain: Grain
    department: str = TOTAL
    region: str = TOTAL
    dims: str = "{}"
