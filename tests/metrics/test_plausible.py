"""What is odd about a reported figure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from metrics.model import Plausible
from metrics.plausible import doubt

NOW = datetime(2026, 3, 12, tzinfo=UTC)
HOW = Plausible(at_least=Decimal(0), at_most=Decimal(1_000_000), jump=Decimal(10), cumulative=True, frozen=3)


def kind(value, said=None, before=(), start=NOW - timedelta(days=1)):
    def number(one):
        return None if one is None else Decimal(str(one))

    found = doubt(HOW, Decimal(str(value)), number(said), [Decimal(str(one)) for one in before], start, NOW)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("value", "said", "before", "expected"),
    [
        (12, None, (), None),
        (-1, None, (), "bounds"),
        ("1e30", None, (), "bounds"),
        (120_000, None, (12,), "jump"),  # 万元 became 元
        (12, None, (120_000,), "jump"),
        (120_000, 12, (), "jump"),  # a correction ten thousand times as large
        (0, None, (12,), "falls"),  # zero says nothing of a factor
        (11, None, (12,), "falls"),
        (12, None, (12,), None),
        (12, None, (12, 12), "frozen"),
        (12, None, (12, 11), None),
        (120, None, (12,), None),
    ],
)
def test_it_says_what_is_odd_and_nothing_of_what_is_not(value, said, before, expected):
    assert kind(value, said, before) == expected


def test_what_is_not_the_sum_of_its_parts_is_held_back():
    how = Plausible(parts=Decimal(1))

    def held(value, parts):
        found = doubt(how, Decimal(value), None, (), NOW, NOW, Decimal(parts) if parts is not None else None)
        return (found.kind, found.held, found.against) if found else None

    assert held(120, 115) == ("parts", True, 115)
    assert held(120, 119) is None
    assert held(120, None) is None


def test_what_is_only_noted_is_held_where_the_definition_says_so():
    how = Plausible(cumulative=True, frozen=2, hold=("falls",))
    fell = doubt(how, Decimal(3), None, [Decimal(4)], NOW, NOW)
    same = doubt(how, Decimal(4), None, [Decimal(4)], NOW, NOW)
    assert [(one.kind, one.held) for one in (fell, same)] == [("falls", True), ("frozen", False)]


def test_a_period_that_is_yet_to_come_is_not_believed():
    assert kind(12, start=NOW + timedelta(hours=1)) == "future"
    assert kind(12, start=NOW + timedelta(minutes=9)) is None


def test_only_what_cannot_be_believed_is_held_back():
    held = {one.kind: one.held for one in (doubt(HOW, Decimal(v), None, b, NOW, NOW) for v, b in
            ((-1, ()), (120_000, (Decimal(12),)), (11, (Decimal(12),)), (12, (Decimal(12), Decimal(12)))))}  # fmt: skip
    assert held == {"bounds": True, "jump": True, "falls": False, "frozen": False}
