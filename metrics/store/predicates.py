"""A measure's conditions as SQL. The count behind a figure and the list it opens use the same clauses, so they reconcile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, or_, true
from sqlalchemy import Text as SqlText

from metrics.model import MAX, Condition, Part
from metrics.periods import to_us
from metrics.store import places
from metrics.tables import record_version as rv

INSTANTS = ("opened", "due", "closed", "entered")
COLUMNS = (*INSTANTS, "state", "category", "worked_days")
PLACES: dict[str, places.Side] = {"department": "department_id", "region": "region_id"}


@dataclass(frozen=True, slots=True)
class Span:
    """One period, as whole local days [first, last] or, below a day, as instants [start, end) in microseconds."""

    first_day: int | None = None
    last_day: int | None = None
    start: int = 0
    end: int = MAX
    within: tuple[int, int] | None = None
    """Of instants: the local days they lie in, by which the index finds them."""

    @property
    def everything(self) -> bool:
        return self.first_day is None and self.end == MAX


EVERYTHING = Span()


def visible(revision: Any) -> ColumnElement[bool]:
    """The versions known at a revision (None: now), withdrawn ones left out."""
    if revision is None:
        return and_(rv.c.known_to == MAX, rv.c.withdrawn.is_(False))
    return and_(rv.c.known_from <= revision, rv.c.known_to > revision, rv.c.withdrawn.is_(False))


def in_span(anchor: str, span: Span, at: int) -> ColumnElement[bool]:
    """The anchor lies in the period and has come by `at` (microseconds): a running period counts up to now."""
    instant = rv.c[anchor]
    if span.everything:
        return and_(instant.is_not(None), instant <= at)
    if span.first_day is None:
        found = and_(instant >= span.start, instant < span.end, instant <= at)
        return found if span.within is None else and_(rv.c[f"{anchor}_day"].between(*span.within), found)
    return and_(rv.c[f"{anchor}_day"].between(span.first_day, span.last_day), instant <= at)


def conditions(part: Part, at: Any) -> list[ColumnElement[bool]]:
    """The part's own conditions, without its anchor."""
    return [_condition(one, at) for one in part.conditions]


def behind(part: Part, span: Span, at: datetime, extra: Sequence[Condition] = ()) -> ColumnElement[bool]:
    """Anchor and all conditions: exactly the records that count."""
    moment = to_us(at)
    clauses = [in_span(part.anchor, span, moment)] if part.anchor else []
    clauses += conditions(part, moment)
    clauses += [_condition(one, moment) for one in extra]
    return and_(True, *clauses)


def open_at(at: Any) -> ColumnElement[bool]:
    return and_(rv.c.opened <= at, or_(rv.c.closed.is_(None), rv.c.closed > at))


def overdue_at(at: Any) -> ColumnElement[bool]:
    return and_(rv.c.due.is_not(None), rv.c.due < at, or_(rv.c.closed.is_(None), rv.c.closed > at))


def _condition(one: Condition, at: Any) -> ColumnElement[bool]:
    if one.op in ("by", "before"):
        other = rv.c[str(one.value)]
        mine = rv.c[one.field]
        met = mine <= other if one.op == "by" else mine < other
        return and_(mine.is_not(None), _come(one.field, at), met)
    if one.op == "after" and isinstance(one.value, tuple):
        since, seconds = one.value
        mine, other = rv.c[one.field], rv.c[since]
        return and_(mine.is_not(None), other.is_not(None), _come(one.field, at), mine - other > int(seconds) * 1_000_000)
    if one.field in INSTANTS:
        missing = or_(rv.c[one.field].is_(None), rv.c[one.field] > at) if one.field == "closed" else rv.c[one.field].is_(None)
        return missing if one.op == "missing" else ~missing
    column: Any = rv.c[one.field] if one.field in COLUMNS else rv.c.extra[one.field].as_string()
    if one.op == "missing":
        return or_(column.is_(None), cast(column, SqlText) == "")
    if one.op == "present":
        return and_(column.is_not(None), cast(column, SqlText) != "")
    if one.op in ("at_most", "at_least"):
        number = rv.c[one.field] if one.field in COLUMNS else rv.c.extra[one.field].as_float()
        bound = float(one.value) if isinstance(one.value, Decimal) else float(str(one.value))
        return number <= bound if one.op == "at_most" else number >= bound
    values = one.value if isinstance(one.value, tuple) else (str(one.value),)
    return column.in_(values) if one.op == "eq" else or_(column.is_(None), column.not_in(values))


def _come(field: str, at: Any) -> ColumnElement[bool]:
    """An instant counts once it has come. When a case was written down is known with the case, whoever's clock it was."""
    return true() if field == "entered" else rv.c[field] <= at


def amount(field: str, decimals: int) -> ColumnElement[int]:
    """The integer a sum or a mean adds up, in the smallest unit."""
    if field == "elapsed":
        return cast((rv.c.closed - rv.c.opened) / 1_000_000, BigInteger)
    if field in COLUMNS:
        return rv.c[field] * 10**decimals
    return cast(func.round(rv.c.extra[field].as_float() * 10**decimals), BigInteger)


def said(field: str, event: str | None = None) -> ColumnElement[str]:
    """A field as text, for telling values apart; nothing and an empty text are no value. Of a place: where it was at `event`."""
    if field in PLACES:
        return func.nullif(places.of(PLACES[field], event), "")
    column: Any = rv.c[field] if field in COLUMNS else rv.c.extra[field].as_string()
    return func.nullif(cast(column, SqlText), "")
