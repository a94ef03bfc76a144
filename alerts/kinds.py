"""What each kind of rule compares with its bounds, as pure functions of figures. All values are exact, in the unit shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from metrics.model import COVERAGE, Indicator, Text
from metrics.rulebook import Rule

CHANGES = ("change_last", "change_year")
"""Judged where the figure is stored, against an earlier figure of the same series."""
BY_PERIOD = ("rank", "volume", "late_entry", "conflict")
"""Judged by the tick, for a whole period at once."""
READINGS = ("due_soon", "stale")
"""Judged by the tick, as they stand at an instant."""
BY_TICK = BY_PERIOD + READINGS
ABOUT_DATA = ("stale", "conflict")
"""About the data, not the work: the owner of the data is told, never a leader."""
FIGURES = ("threshold", *CHANGES, "conflict")
"""Their values are of the figure itself; those of the others are places, cases or hours."""
FLOOR = COVERAGE
"""Share of a peer group that must have reported before anybody is ranked."""

UNITS: Mapping[str, Text] = {
    "rank": {"zh": "名（倒数）", "en": "from the bottom"},
    "volume": {"zh": "件", "en": "cases"},
    "due_soon": {"zh": "件", "en": "cases"},
    "late_entry": {"zh": "件", "en": "cases"},
    "stale": {"zh": "小时", "en": "hours"},
}
POINTS: Text = {"zh": "个百分点", "en": "points"}
PER_CENT: Text = {"zh": "%", "en": "%"}

P = TypeVar("P")


def unit(rule: Rule | None, indicator: Indicator | None, units: Mapping[str, Text]) -> Text:
    """What stands behind a judged value; without a rule, behind the figure."""
    if rule is not None and rule.kind in UNITS:
        return UNITS[rule.kind]
    if rule is not None and rule.kind in CHANGES:
        return POINTS if indicator is not None and indicator.in_points else PER_CENT
    return units.get(indicator.unit, {}) if indicator is not None else {}


def rate(rule: Rule | None, indicator: Indicator | None) -> bool:
    """Whether a judged value (without a rule: the figure) is a rate, shown with a decimal place at least."""
    about_figure = rule is None or rule.kind in FIGURES
    return about_figure and indicator is not None and (indicator.unit == "percent" or indicator.measure.rate)


def change(indicator: Indicator, value: Decimal | None, base: Decimal | None) -> Decimal | None:
    """Points of a rate, per cent of an amount; None where either is missing or the base is nothing."""
    if value is None or base is None:
        return None
    if indicator.in_points:
        return value - base
    return None if base == 0 else (value - base) / abs(base) * 100


def places(values: Mapping[P, Decimal | None], better: str, group: int, floor: Decimal = FLOOR) -> dict[P, Decimal | None]:
    """Place from the bottom of each of a peer group of `group` members; those who tie share the better place.

    None for whoever has no value, and for everybody while too few of the group have one.
    """
    known = [value for value in values.values() if value is not None]
    if len(known) < 2 or Decimal(len(known)) < floor * group:
        return dict.fromkeys(values)
    lower_is_worse = better != "lower"

    def place(value: Decimal) -> Decimal:
        return Decimal(sum(1 for other in known if (other <= value if lower_is_worse else other >= value)))

    return {who: None if value is None else place(value) for who, value in values.items()}
