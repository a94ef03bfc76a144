from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboards import _format as fmt
from metrics.answers import Change
from metrics.model import Measure
from tests.dashboards import made

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "lang", "short", "text"),
    [
        ("98.7", 1, "zh", False, "98.7"), ("236217", 0, "zh", False, "236,217"), ("236217", 0, "zh", True, "23.6 万"),
        ("236217", 0, "en", True, "236,217"), ("41190000", 0, "zh", True, "4,119 万"),
        ("120000000", 0, "zh", True, "1.20 亿"), ("-0.4", 1, "zh", False, "−0.4"),
        ("-0.04", 1, "zh", False, "0.0"), (None, 1, "zh", False, "—"), ("9999.5", 0, "zh", True, "10,000"),
    ],
)  # fmt: skip
def test_it_writes_numbers(value, decimals, lang, short, text):
    assert fmt.number(None if value is None else Decimal(value), decimals, lang, short=short) == text


def test_it_counts_what_is_reported_from_its_smallest_unit_and_what_is_derived_as_it_stands():
    observed = made.indicator(measure=Measure("observed"), decimals=2)
    derived = made.indicator(measure=Measure("derived_ratio"), decimals=1)
    assert (fmt.count(observed, 246_063_000), fmt.count(derived, 13_756)) == (Decimal("2460630"), 13_756)


def test_it_writes_a_change_of_a_rate_in_points_and_of_a_count_in_per_cent():
    assert fmt.change(Change(Decimal("-0.4"), True), 1, "zh") == "−0.4 百分点"
    assert fmt.change(Change(Decimal("0.4"), True), 1, "en") == "+0.4 pp"
    assert fmt.change(Change(Decimal("9.5"), False), 0, "zh") == "+9.5%"
    assert fmt.change(Change(Decimal("0.01"), True), 1, "zh") == "持平"
    assert fmt.change(None, 1, "zh") == "—"


def test_it_writes_an_instant_as_short_as_is_clear():
    at = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert fmt.when(at, NOW, ZONE, "zh") == "08:00"
    assert fmt.when(at - timedelta(days=2), NOW, ZONE, "zh") == "20日 08:00"
    assert fmt.when(at - timedelta(days=40), NOW, ZONE, "zh") == "10月13日 08:00"
    assert fmt.when(at - timedelta(days=2), NOW, ZONE, "en") == "20 Nov 08:00"
    assert fmt.when(at - timedelta(days=400), NOW, ZONE, "zh").startswith("2025年")
    assert fmt.when(None, NOW, ZONE, "zh") == "—"


def test_it_writes_an_age_in_its_two_largest_units():
    assert fmt.age(240, "zh") == "4分"
    assert fmt.age(timedelta(hours=2, minutes=24), "zh") == "2时24分"
    assert fmt.age(timedelta(days=1, hours=8, minutes=3), "zh") == "1天8时"
    assert fmt.age(timedelta(hours=2, minutes=24), "en") == "2h 24min"
    assert fmt.age(30, "zh") == "1分内"
