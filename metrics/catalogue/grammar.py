"""What may be written in a workspace, block by block (`map` of a source: `maps.py`). Unknown keys are faults."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from metrics.catalogue.scalars import Block, Duration, Key, SecretReference, TextBlock, TimeOfDay, Weekday, Word
from metrics.model import COVERAGE, Better, Grain
from metrics.rulebook import RuleKind


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Keys = Annotated[list[Key], BeforeValidator(_listed)]


class EarlierParent(Block):
    parent: Key
    until: date


class EarlierCode(Block):
    code: Word
    until: date


class PlaceBlock(Block):
    key: Key
    name: TextBlock
    level: Key | None = None
    parent: Key | None = None
    peer: str = ""
    code: Word = ""
    aliases: list[Word] = []
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: Key | None = None
    lon: float | None = None
    lat: float | None = None
    earlier_parents: list[EarlierParent] = []
    earlier_codes: list[EarlierCode] = []


class Named(Block):
    key: Key
    name: TextBlock


class BoardBlock(Named):
    cards: list[Key]
    map: Key | None = None
    rank: Key | None = None


class ReceiverBlock(Named):
    channel: Key
    settings: dict[str, Any] = {}
    language: Literal["zh", "en"] = "zh"
    department: Key | None = None
    fallback: Key | None = None
    fallback_after: Duration = timedelta(minutes=10)
    single: bool = False


class RosterBlock(Named):
    otherwise: Key | None = None


class MatchBlock(Block):
    field: Keys = []
    department: Keys = []
    region: Keys = []
    level: Annotated[list[Literal["reminder", "warning", "serious"]], BeforeValidator(_listed)] = []
    rule: Keys = []
    indicator: Keys = []
    about: Literal["", "work", "data"] = ""


class EscalationBlock(Block):
    after: Duration
    receivers: Keys


class RouteBlock(Named):
    match: MatchBlock = MatchBlock()
    receivers: Keys
    hours: Literal["always", "working"] = "always"
    group_wait: Duration = timedelta(seconds=30)
    repeat: Duration | None = None
    escalate: list[EscalationBlock] = []


class ReplayBlock(Block):
    advance: str | None = None
    days: int = Field(45, ge=1, le=400)


class RetentionBlock(Block):
    payloads: Duration | None = Field(None, ge=timedelta(days=7))
    sub_day: Duration | None = Field(None, ge=timedelta(days=35))


class CalendarBlock(Block):
    country: Key | None = None
    holidays: list[date] = []
    workdays: list[date] = []
    hours: Annotated[list[str], BeforeValidator(_listed)] = []


class FileBlock(Block):
    file: str


class DataBlock(Block):
    folder: str
    command: str


class PopulationBlock(Block):
    file: str
    source: TextBlock


class WorkspaceBlock(Named):
    zone: str
    clock: str | None = None
    demo: bool = False
    languages: list[Literal["zh", "en"]] = Field(["zh", "en"], min_length=1)
    fields: list[Any]
    units: list[Any] = []
    boards: list[Any] = []
    receivers: list[Any] = []
    rosters: list[Any] = []
    routes: list[Any] = []
    replay: ReplayBlock | None = None
    retention: RetentionBlock | None = None
    calendar: CalendarBlock = CalendarBlock()
    regions: Any = None
    data: DataBlock | None = None
    shapes: dict[Key, str] = {}
    population: PopulationBlock | None = None


class SourceBlock(Named):
    type: Key
    department: Key
    gives: Literal["records", "observations"]
    every: Duration | None = None
    daily_at: TimeOfDay | None = None
    weekday: Weekday | None = None
    max_age: Duration | None = None
    quiet: Duration | None = None
    complete: bool = False
    personal: list[str] = []
    labels: dict[str, TextBlock] = {}
    secret: SecretReference | None = None
    history_only: bool = False
    live_only: bool = False
    settings: dict[str, Any] = {}
    map: dict[str, Any] = {}


class BandsBlock(Block):
    watch: Decimal | None = None
    off: Decimal | None = None
    serious: Decimal | None = None


class PlausibleBlock(Block):
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    jump: Decimal | None = Field(None, gt=1)
    cumulative: bool = False
    frozen: int | None = Field(None, ge=2)
    parts: Decimal | None = Field(None, ge=0)
    hold: tuple[Literal["falls", "frozen"], ...] = ()


class IndicatorBlock(Named):
    field: Key
    unit: Key
    better: Better
    grains: list[Grain] = Field(min_length=1)
    by: Any = []
    records: Key | None = None
    observations: Keys = []
    measure: Any
    owner: Key
    basis: TextBlock
    version: int = Field(ge=1)
    version_reason: str = ""
    decimals: int = Field(0, ge=0, le=6)
    target: Decimal | None = None
    no_target: TextBlock | None = None
    bands: BandsBlock = BandsBlock()
    min_n: int = Field(0, ge=0)
    settle_delay: Duration | None = None
    provisional: Duration | None = None
    tolerance: Decimal = Field(Decimal(0), ge=0)
    coverage: Decimal = Field(COVERAGE, ge=0, le=1)
    plausible: PlausibleBlock | None = None
    beside: Key | None = None
    made_of: TextBlock | None = None
    attribute: Literal["current", "at_event"] = "current"
    want: Keys = []
    additive: bool = True


class LevelBlock(Block):
    when: str
    until: str | None = None


class LevelsBlock(Block):
    reminder: LevelBlock | None = None
    warning: LevelBlock | None = None
    serious: LevelBlock | None = None


class RecoverBlock(Block):
    count: int = Field(1, ge=1)
    for_: Duration | None = Field(None, alias="for")


class RuleBlock(Named):
    indicator: Key
    kind: RuleKind = "threshold"
    within: Duration | None = None
    paused: bool = False
    grain: Grain | None = None
    by: str = ""
    levels: LevelsBlock
    m: int = Field(1, ge=1)
    n: int = Field(1, ge=1)
    for_: Duration | None = Field(None, alias="for")
    recover: RecoverBlock = RecoverBlock.model_validate({})
    min_n: int = Field(0, ge=0)
    owner: str = ""
    receivers: list[Key] = []
    version: int = Field(ge=1)
