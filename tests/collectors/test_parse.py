from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors._parse import Unreadable, instants, number, word

BEIJING = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize("value", [None, "", " ", "\u3000", "-", "—", "——", "N/A", "null", "…"])
def test_it_takes_words_for_nothing_as_missing_and_never_as_zero__F23(value):
    assert word(value) is None
    assert number(value) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"), ("12", "12"), ("１２３", "123"), ("1,234.5", "1234.5"), (" 1,234 ", "1234"), ("-4.7", "-4.7"), ("−3", "-3"),
        ("1.2万", "12000"), ("3 亿", "300000000"), ("5十万", "500000"), ("1e3", "1000"), (12, "12"), (1.5, "1.5"), ("+7", "7"),
    ],
)  # fmt: skip
def test_it_reads_numbers_exactly(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-inf", float("nan"), float("inf"), Decimal("NaN"), Decimal("1e400"), "1e400", "10" * 20, "12%",
     "1.234,5", "1,23", "12,34,567", "1 234", "abc", "1_000", "0x10", "1.2.3", "½", True, "1万亿万", "--5"],
)  # fmt: skip
def test_it_refuses_what_is_no_number__F30_F33(text):
    with pytest.raises(Unreadable):
        number(text)


def test_it_reads_numbers_as_declared__F33():
    assert number("1.234,5", thousands=".", point=",") == Decimal("1234.5")
    assert number("1 234", thousands=" ") == 1234
    assert number("£1,200", unit="£") == 1200
    assert number("98.7%", percent=True) == Decimal("98.7")
    assert number("暂无", frozenset({"", "暂无"})) is None


@given(st.integers(-(10**15), 10**15), st.integers(0, 4))
def test_it_reads_back_every_grouped_number(whole, places):
    text = f"{whole:,}" + ("." + "5" * places if places else "")
    assert number(text) == Decimal(text.replace(",", ""))


@given(st.text(max_size=30))
def test_it_refuses_or_reads_any_text_and_never_breaks(text):
    try:
        found = number(text)
    except Unreadable:
        return
    assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("form", "text", "zone", "at"),
    [
        ("%m/%d/%Y %I:%M:%S %p", "01/02/2015 09:44:51 PM", BOSTON, datetime(2015, 1, 3, 2, 44, 51, tzinfo=UTC)),
        ("%m/%d/%Y %I:%M:%S %p", "07/02/2015 12:00:00 AM", BOSTON, datetime(2015, 7, 2, 4, tzinfo=UTC)),
        ("%m/%d/%Y %I:%M:%S %p", "07/02/2015 12:00:00 PM", BOSTON, datetime(2015, 7, 2, 16, tzinfo=UTC)),
        ("iso", "2026-03-01T09:00:00+08:00", BOSTON, datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("iso", "2026-03-01 09:00", BEIJING, datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("iso", "2026-03-01T09:00:00Z", BEIJING, datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("%Y年%m月", "2024年1月", BEIJING, datetime(2023, 12, 31, 16, tzinfo=UTC)),
        ("%Y年%m月%d日", "２０２４年1月５日", BEIJING, datetime(2024, 1, 4, 16, tzinfo=UTC)),
        ("%Y-Q%q", "2012-Q4", UTC, datetime(2012, 10, 1, tzinfo=UTC)),
        ("%Y%m%d", "20240101", UTC, datetime(2024, 1, 1, tzinfo=UTC)),
        ("%d %b %Y", "03 Feb 2024", UTC, datetime(2024, 2, 3, tzinfo=UTC)),
        ("epoch", "1772420000", UTC, datetime(2026, 3, 2, 2, 53, 20, tzinfo=UTC)),
        ("epoch_ms", "1772420000500", UTC, datetime(2026, 3, 2, 2, 53, 20, 500_000, tzinfo=UTC)),
        ("excel", "45292", BEIJING, datetime(2023, 12, 31, 16, tzinfo=UTC)),
        ("excel", "45292.5", UTC, datetime(2024, 1, 1, 12, tzinfo=UTC)),
    ],
)
def test_it_reads_instants_of_the_declared_form__F39(form, text, zone, at):
    assert instants(form, zone)(text) == at


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", "2024-02-30"), ("iso", "0001-01-01"), ("iso", "yesterday"), ("%Y-%m-%d", "2024-02-30"), ("%Y-%m-%d", "20240101"),
        ("%Y-%m-%d", "45292"), ("%Y-%m-%d %I:%M", "2024-01-01 13:00"), ("epoch", "0"), ("epoch", "-5"), ("epoch", "1" * 18),
        ("epoch", "x"), ("excel", "5"), ("excel", "999999"), ("%Y", "1066"), ("%d %b %Y", "30 Feb 2024"),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_instant_of_that_form__F39(form, text):
    with pytest.raises(Unreadable):
        instants(form, UTC)(text)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_it_refuses_text_no_database_can_keep(text):
    with pytest.raises(Unreadable):
        word(text)
