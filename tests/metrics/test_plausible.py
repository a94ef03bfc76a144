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


def test_a_period_that_is_yet_to_come_is_not_believed():
    assert kind(12, start=NOW + timedelta(hours=1)) == "future"
    assert kind(12, start=NOW + timedelta(minutes=9)) is None


def test_only_what_cannot_be_believed_is_held_back():
    held = {one.kind: one.held for one in (doubt(HOW, Decimal(v), None, b, NOW, NOW) for v, b in
            ((-1, ()), (120_000, (Decimal(12),)), (11, (Decimal(12),)), (12, (Decimal(12), Decimal(12)))))}  # fmt: skip
    assert held == {"bounds": True, "jump": True, "falls": False, "frozen": False}
