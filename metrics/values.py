"""What a figure is made of, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from metrics.arrivals import Series
from metrics.model import MAX, Indicator


# Never changed once made. Not `frozen`: that takes four times as long to make, and a batch makes forty thousand.
@dataclass(slots=True, unsafe_hash=True)
class Values:
    """The stored parts of one figure, integers in the smallest unit; None is missing, never zero."""

    num: int | None
    den: int | None = None
    n: int | None = None
    apart: int | None = None
    status: str = "A"
    have: int | None = None
    want: int | None = None


LET_GO = Values(None, status="L")
"""In place of a figure finer than a day that is no longer kept, whatever it was: what is asked for, never what is stored."""


def storable(values: Values) -> Values:
    """The figure; missing where it is larger than the store holds: the sum of absurd figures takes nothing else with it."""
    if -MAX <= (values.num or 0) <= MAX and (values.den or 0) <= MAX and (values.n or 0) <= MAX:
        return values
    return Values(None, None, None, None, "M", values.have, values.want)


@dataclass(slots=True, unsafe_hash=True)
class CellChange:
    """One figure that changed, or whose period has just settled (then `old` equals `new`)."""

    series_id: int
    series: Series
    period_start: int
    """Microseconds."""
    version: int
    old: Values | None
    new: Values
    settled: bool
    """Judged: the period has ended and its settle_delay has passed; a stock measure always is."""


Changed = Sequence[CellChange]


def display(indicator: Indicator, values: Values) -> Decimal | None:
    """The value in display units (98.7 for 98.7 %); None where missing or where nothing was due."""
    if values.num is None or values.status in ("M", "N", "S"):
        return None
    if values.den is None:
        return Decimal(values.num).scaleb(-indicator.decimals)
    if values.den == 0:
        return None
    quotient = Decimal(values.num) / Decimal(values.den)
    if indicator.measure.quotient:
        return quotient.scaleb(-indicator.decimals) * (indicator.measure.number or 1)
    return quotient * 100 if indicator.unit == "percent" else quotient


def exact(indicator: Indicator, values: Values) -> Fraction | None:
    """`display`, not rounded: what another figure is made of."""
    if values.num is None or values.status in ("M", "N", "S") or values.den == 0:
        return None
    whole = Fraction(values.num, 10**indicator.decimals)
    if values.den is None:
        return whole
    if indicator.measure.quotient:
        return whole * Fraction(indicator.measure.number or 1) / values.den
    return Fraction(values.num * (100 if indicator.unit == "percent" else 1), values.den)


def only_rate(indicator: Indicator, values: Values) -> bool:
    """A rate that was reported without its parts: shown and judged where it was reported, and part of no total."""
    alone = values.num is not None and values.den is None
    return alone and indicator.measure.kind == "observed" and not indicator.adds_up


def size(values: Values) -> int | None:
    """n: how many cases the figure rests on."""
    return values.n if values.n is not None else values.den
