"""What `map` of a source may say: which field of a row is what. Unknown keys are faults."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from metrics.catalogue.scalars import Block, Key, Word
from metrics.model import Grain


def _field(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


def _named(value: Any) -> Any:
    """A list of fields keeps their names."""
    if not isinstance(value, list):
        return value
    return {str(one.get("field")) if isinstance(one, dict) else str(one): one for one in value}


class FieldBlock(Block):
    """A field of the row, or one `value` for all rows; `codes` turns what the source writes into keys or words of ours."""

    field: str | None = None
    value: Word | None = None
    codes: dict[str, Any] = {}
    default: Word | None = None
    format: str | list[str] | None = None
    zone: str | None = None
    number: bool = False
    thousands: str | None = None
    point: str | None = None
    unit: str | None = None
    percent: bool | None = None
    digest: bool = False


FieldOf = Annotated[FieldBlock, BeforeValidator(_field)]


class EventBlock(FieldBlock):
    """One instant of the row, or a `list` in it whose items have a kind and an instant (`at`)."""

    kind: str
    list: str | None = None
    at: str | None = None


class RecordMap(Block):
    id: FieldOf
    department: FieldOf | None = None
    region: FieldOf | None = None
    opened: FieldOf | None = None
    due: FieldOf | None = None
    closed: FieldOf | None = None
    entered: FieldOf | None = None
    category: FieldOf | None = None
    state: FieldOf | None = None
    extra: Annotated[dict[str, FieldOf], BeforeValidator(_named)] = {}
    events: list[EventBlock] = []
    source_rev: FieldOf | None = None
    missing: list[Word] = []


class ValueBlock(Block):
    indicator: Key
    num: FieldOf
    den: FieldOf | None = None
    n: FieldOf | None = None
    unit_factor: Decimal = Decimal(1)
    counts: Word | None = None
    unit_field: str | None = None
    optional: bool = False
    where: dict[str, Any] = {}


class SentMap(Block):
    """Figures that are sent to us name their indicator themselves, row by row."""

    period: FieldOf
    grain: Grain | None = None
    department: FieldOf | None = None
    region: FieldOf | None = None
    dims: dict[str, FieldOf] = {}
    missing: list[Word] = []


class ObservationMap(Block):
    period: FieldOf
    grain: Grain
    values: list[ValueBlock] = Field(min_length=1)
    department: FieldOf | None = None
    region: FieldOf | None = None
    dims: dict[str, FieldOf] = {}
    status: FieldOf | None = None
    source_rev: FieldOf | None = None
    missing: list[Word] = []
