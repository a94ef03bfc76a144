"""What is derived of quotients: their values count, never their numerators, and a whole is made of the wholes it rests on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from metrics.comparing import compare
from metrics.indicators.derived import combine
from metrics.model import MAX, POINTS, Measure
from metrics.periods import to_us
from metrics.values import Values, display
from tests.metrics import small

KEY = ("_T", "_T", "{}")
START = to_us(small.DAY)
BEFORE = START - 86400 * 10**6


def made(measure: Measure, *inputs: dict, decimals: int = 1, unit: str = POINTS) -> tuple[Values, Decimal | None]:
    """The figure of one day, and as it is shown. inputs: period -> values, one for each input of the measure."""
    indicator = small.indicator("gap", measure, None, unit=unit, decimals=decimals, grains=("day",))
    known = [{(KEY, start): values for start, values in one.items()} for one in inputs]
    values = combine(small.workspace(), indicator, "day", [START], known)[KEY, START]
    return values, display(indicator, values)


def gap(actual: Values, planned: Values, **more) -> tuple[Values, Decimal | None]:
    return made(Measure("derived_difference", inputs=("on_time", "answered")), {START: actual}, {START: planned}, **more)


def test_the_difference_of_two_rates_is_in_points_and_has_no_denominator():
    values, shown = gap(Values(95, 100, 100), Values(90, 200, 200))
    assert shown == 50
    assert values == Values(500, None, None, None, "A")
    assert gap(Values(90, 200, 200), Values(95, 100, 100))[1] == -50
    assert gap(Values(1, 3, 3), Values(45, None))[1] == Decimal("-11.7")  # a plan of which the rate alone is reported


@pytest.mark.parametrize(("of", "status"), [(Values(0, 0, 0, None, "N"), "N"), (Values(None, status="M"), "M")])
def test_without_one_of_the_rates_there_is_no_difference(of, status):
    for values, shown in (gap(of, Values(90, 200, 200)), gap(Values(90, 200, 200), of)):
        assert (values.num, values.status, shown) == (None, status, None)


def test_a_half_of_the_smallest_unit_goes_away_from_zero():
    assert gap(Values(1, 8, 8), Values(0, 8, 8), decimals=0)[1] == 13
    assert gap(Values(0, 8, 8), Values(1, 8, 8), decimals=0)[1] == -13


def test_reported_figures_that_bring_a_denominator_add_up_by_their_values():
    both = Measure("derived_sum", inputs=("answered", "answered"))
    assert made(both, {START: Values(30, 100)}, unit="percent")[1] == 60
    grown = Measure("increase", inputs=("answered",))
    assert made(grown, {BEFORE: Values(30, 100), START: Values(80, 200)}, unit="percent")[1] == 10
    assert made(grown, {BEFORE: Values(30, 100), START: Values(0, 0)}, unit="percent")[0].status == "N"


def test_amounts_add_up_as_they_are():
    both = Measure("derived_difference", inputs=("opened", "calls"))
    assert made(both, {START: Values(30, n=30)}, {START: Values(8)}, unit="item", decimals=0)[0].num == 22


def test_what_comes_to_more_than_can_be_kept_is_missing():
    both = Measure("derived_sum", inputs=("calls", "calls"))
    assert made(both, {START: Values(MAX)}, unit="item", decimals=0)[0] == Values(None, status="M")
    grown = Measure("increase", inputs=("calls",))
    assert made(grown, {BEFORE: Values(-MAX), START: Values(MAX)}, unit="item", decimals=0)[0] == Values(None, status="M")
    a_head = Measure("per_workday", inputs=("opened",))
    assert made(a_head, {START: Values(MAX // 100, n=3)}, unit="item", decimals=3)[0] == Values(None, status="M")


def test_a_rate_changes_in_points_and_so_does_a_difference_of_rates():
    one = small.indicator("gap", Measure("derived_difference", inputs=("on_time", "answered")), None, unit=POINTS, decimals=1)
    change = compare(one, Values(-20), Values(-50)).change
    assert change is not None
    assert (change.amount, change.in_points) == (3, True)
    assert compare(replace(one, unit="item"), Values(-20), Values(-50)).change.in_points is False  # type: ignore[union-attr]
