"""How a figure comes about, in numbers: what is divided by what, and what it comes to."""

from dataclasses import replace
from decimal import Decimal

from dashboards import _passport
from metrics.model import Measure
from tests.dashboards import made


def said(indicator, cell) -> str:
    return _passport.arithmetic(cell, indicator, made.setting("en"))


def test_a_figure_per_head_says_the_people_and_of_how_many():
    heads = Measure("per_head", inputs=("received",), number=Decimal(1_000_000))
    one = made.indicator(measure=heads, unit="item", decimals=1, target=None, bands={})
    assert said(one, made.cell("21.607", 18_080, 83_674_866)).startswith("1,808 ÷ 83,674,866 × 1,000,000 = 21.6")


def test_a_figure_per_working_day_says_the_days():
    one = made.indicator(measure=Measure("per_workday", inputs=("received",)), unit="item", decimals=1, target=None, bands={})
    assert said(one, made.cell("21.6", 1_080, 5)).startswith("108 ÷ 5 = 21.6")


def test_a_percentile_is_no_quotient():
    one = made.indicator(measure=Measure("percentile", number=Decimal(90)), unit="item", target=None, bands={})
    assert said(one, replace(made.cell("7", 7), n=320)).startswith("7")
