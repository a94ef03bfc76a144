"""The nouns of Yuncha, as immutable values.

Who asks, where, and the definitions of indicators and sources as a workspace's YAML gives them. (Rules and who is told:
`rulebook.py`; what comes through the door: `arrivals.py`.) `_T` is the id of the root of a tree and stands for its total.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

TOTAL = "_T"
MAX = 2**63 - 1
"""`known_to` of a row that is still known; the largest whole number the store holds."""
LARGEST = 2**63 // 10**2
"""What a source may report, in the smallest unit: a hundred such figures still have a sum that the store holds, and what a
country produces in a year, in 分, is a seventh of one."""

Text = Mapping[str, str]
"""A text in every language of the interface: {"zh": ..., "en": ...}."""

Grain = Literal["minute5", "hour", "day", "week", "tenday", "month", "quarter", "year", "all"]
"""`tenday` is 旬: the 1st to the 10th of a month, the 11th to the 20th, the 21st to its end."""
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
    """Its first and its last day: before and after them it is missing nowhere."""
    merged_into: str | None = None
    """Whose cases and figures come after its last day, where its code is still sent."""
    lon: float | None = None
    lat: float | None = None
    earlier_parents: tuple[tuple[str, date], ...] = ()
    """(parent id, last day under it), oldest first: the parent in force at a period is used for its totals."""
    earlier_codes: tuple[tuple[str, date], ...] = ()


Op = Literal["eq", "ne", "at_most", "at_least", "missing", "present", "before", "by", "after"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a record. `by`: field <= other instant field; `before`: field < other; `after`: more than so many
    seconds after another instant, value is (other, seconds); values are a tuple for eq / ne."""

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

    over records: count(over), ratio(of, over, apart), sum / mean / median(field, over), percentile(field, over, number: which),
    distinct(field, over), open(over), overdue(over);
    over observations: observed; over indicators: derived_ratio(inputs of, over), derived_sum(inputs), derived_difference(inputs),
    increase(one input holding cumulative readings), per_head(one input, number: of how many inhabitants), per_workday(one input).
    `of` includes the conditions of `over`. `field` is `worked_days` (working days from opened to closed), `elapsed` (seconds from
    opened to closed) or a numeric field of `extra`.
    """

    kind: Literal["count", "ratio", "sum", "mean", "median", "percentile", "distinct", "open", "overdue", "observed",
                  "derived_ratio", "derived_sum", "derived_difference", "increase", "per_head", "per_workday"]  # fmt: skip
    over: Part | None = None
    of: Part | None = None
    apart: Part | None = None
    field: str = ""
    inputs: tuple[str, ...] = ()
    number: Decimal | None = None

    @property
    def stock(self) -> bool:
        return self.kind in ("open", "overdue")

    @property
    def from_records(self) -> bool:
        return self.over is not None

    @property
    def gathered(self) -> bool:
        """Made at every level from the values of the cases themselves: neither adds up nor averages."""
        return self.kind in ("median", "percentile", "distinct")

    @property
    def amounts(self) -> bool:
        """Of those of `over` that have the amount `field`."""
        return self.kind in ("sum", "mean", "median", "percentile", "distinct")

    @property
    def quotient(self) -> bool:
        """The value is num / den of an amount (`rate`: of one count in another)."""
        return self.kind in ("mean", "per_head", "per_workday")

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
    parts: Decimal | None = None
    """A figure that is more than this away from the sum of its parts, which the same source reports, is held back."""
    hold: tuple[str, ...] = ()
    """Of what is otherwise only noted (`falls`, `frozen`), what is held back as well."""


POINTS = "percentage_point"
"""The unit of measure of the difference of two rates."""
COVERAGE = Decimal("0.8")
"""One in five may be missing: below that a rank says more about who has reported than about who is good."""


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
    coverage: Decimal = COVERAGE
    """The share of what a figure is made of, and of a peer group, that must be there for a rank."""
    plausible: Plausible | None = None
    """How a reported figure is looked at before it is believed (observed only)."""
    beside: str | None = None
    """Key of an indicator named beside this one on its card (the same matter by another definition)."""
    made_of: Text | None = None
    attribute: Literal["current", "at_event"] = "current"
    want: tuple[str, ...] = ()
    """Places that are to report (observed only): missing from the first period on; `all`: every one of the finest cut."""
    additive: bool = True
    """Reported figures of places may be added up; of what is not additive, nor a percentage, only the parts are."""
    file: str = ""
    line: int = 0

    @property
    def in_points(self) -> bool:
        """It changes by percentage points: of a rate, or of the difference of two, a change in per cent says nothing."""
        return self.unit in ("percent", POINTS)

    @property
    def adds_up(self) -> bool:
        """Whether a reported figure without parts may be part of a total: 90 % and 60 % are not 150 %."""
        return self.additive and not self.in_points


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
    quiet: timedelta | None = None
    """How long its cases may have nothing new while it answers; None: nobody can say."""
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
    def in_files(self) -> bool:
        """A look that finds no new file tells nothing: unlike a system that answers that there is nothing new."""
        return self.type == "files"

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
