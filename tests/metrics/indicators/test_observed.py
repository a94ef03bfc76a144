"""A sum says what is there, of how many, and never makes a missing figure zero."""

from hypothesis import given
from hypothesis import strategies as st

from metrics.indicators.observed import total
from metrics.values import Values

COUNTS = st.integers(0, 1000)
PARTS = st.lists(st.none() | st.builds(Values, COUNTS, st.none() | COUNTS, st.none() | COUNTS), max_size=8)


@given(PARTS)
def test_it_sums_what_is_there_and_only_shares_with_shares(many):
    there = [one for one in many if one is not None]
    summed = [one for one in there if one.den is not None] or there
    made = total(many)
    assert (made.have, made.want) == (len(summed), len(many))
    assert made.num == (sum(one.num for one in summed) if there else None)
    shares = bool(there) and summed[0].den is not None
    assert made.den == (sum(one.den for one in summed) if shares else None)
    known = [one.n for one in summed if one.n is not None]
    assert made.n == (sum(known) if known else None)
    assert made.status == ("M" if not there else "N" if made.den == 0 else "A")
