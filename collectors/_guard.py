"""A figure that is many times the last one is more often another unit than news: it waits until somebody has looked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collectors._errors import Failure
from collectors._unit import Unit
from metrics.model import Source
from metrics.store import observations

if TYPE_CHECKING:
    from metrics.store.engine import Store


def guarded(unit: Unit, source: Source, store: Store) -> Unit:
    """The unit, or, where a figure is more than `jump` times the source's last one or less than that part of it, none of it."""
    wanted = {one["indicator"]: one["jump"] for one in source.mapping.get("values") or () if one.get("jump")}
    if not wanted or unit.batch is None or not unit.batch.observations:
        return unit
    with store.read() as connection:
        last = {name: observations.last_of(connection, source.key, name) for name in wanted}
    for one in unit.batch.observations:
        before = last.get(one.indicator, {}).get((one.grain, one.department, one.region, one.dims))
        if not before or not one.num:
            continue
        times = max(abs(one.num / before), abs(before / one.num))
        if times > float(wanted[one.indicator]):
            way = "times" if abs(one.num) > abs(before) else "th part of"
            what = f"{one.indicator} of {one.department}, {one.period_start:%Y-%m-%d}: about {times:.0f} {way} the last figure"
            hint = "ask the office whether the unit changed; if the figure is right, raise or drop `jump`"
            return replace(unit, batch=None, patch={}, sha="", failure=Failure("suspect", what, hint))
    return unit
