"""The nouns of alerting, read from a workspace's YAML: rules with their levels, and who is told of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from metrics.model import Cut, Grain, Text


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
    paused: bool = False
    """Judges nothing; what was open is closed with that reason."""
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
