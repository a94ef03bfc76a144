"""Which figures may be divided, added and taken from one another: amounts, and of rates two for their difference."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.catalogue.blocks import Here
from metrics.model import POINTS, Grain, Indicator


def may_be_divided(one: Indicator, source: Indicator, grain: Grain, here: Here) -> None:
    """An amount is divided by people or by working days; a rate is not, nor a stock by days."""
    if one.measure.kind not in ("per_head", "per_workday"):
        return
    spot = here.at("measure", one.measure.kind)
    if not _is_amount(source):
        spot.fault("bad-measure", f"{source.key} is not an amount", "divide a count or a sum; a rate already is a quotient")
    if one.decimals < source.decimals:
        here.at("decimals").fault("bad-measure", f"{source.key} keeps {source.decimals} decimals", "keep at least as many")
    if one.measure.kind == "per_workday" and (source.measure.stock or grain in ("all", "minute5", "hour", "day")):
        what = f"{source.key} is a stock" if source.measure.stock else f"grain {grain} is not made of working days"
        here.at("grains").fault("bad-measure", what, "week, tenday, month, quarter or year of an amount of a period")


def may_be_added(one: Indicator, inputs: Sequence[Indicator], here: Here) -> None:
    """Amounts of one unit and as many decimals add up; of rates there is a difference only, in percentage points."""
    kind = one.measure.kind
    if kind not in ("derived_sum", "derived_difference", "increase"):
        return
    spot = here.at("measure", kind)
    rates = [source for source in inputs if source.unit == "percent"]
    if kind == "derived_difference" and len(rates) == len(inputs):
        if one.unit != POINTS:
            what = f"the difference of two rates is in percentage points, not in {one.unit}"
            here.at("unit").fault("bad-measure", what, f"unit: {POINTS}")
        return
    for key in dict.fromkeys(source.key for source in inputs if not _is_amount(source)):
        hint = "a difference is of two amounts or of two percentages; a rate of both together is a derived_ratio of counts"
        spot.fault("bad-measure", f"{key} is not an amount", hint)
    for source in inputs:
        if _is_amount(source) and source.unit != one.unit:
            here.at("unit").fault("bad-measure", f"{source.key} is in {source.unit}, not in {one.unit}", f"unit: {source.unit}")
        elif _is_amount(source) and source.decimals != one.decimals:
            what = f"{source.key} keeps {source.decimals} decimals, not {one.decimals}"
            here.at("decimals").fault("bad-measure", what, f"decimals: {source.decimals}")


def _is_amount(one: Indicator) -> bool:
    """It adds up with others of its unit: no rate, no mean or median, and no difference of rates."""
    return not (one.measure.rate or one.measure.quotient or one.measure.kind in ("median", "percentile") or one.in_points)
