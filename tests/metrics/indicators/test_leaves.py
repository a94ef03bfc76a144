"""Nothing is counted twice: a city that is reported beside its counties is not summed with them."""

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.indicators.leaves import leaves
from metrics.model import SYSTEM
from tests.metrics import small
from tests.metrics.small import DAY, NOW, calls, put

X, X1, Y, Y1, M = (("a", one, "{}") for one in ("x", "x1", "y", "y1", "m"))


def figures(store, region, day=0, department="_T"):
    """(num, have, want) of a region, and what it was made of."""
    series = Series("calls", "day", department, region)
    with store.read() as connection:
        ask = Ask(connection, small.workspace(), SYSTEM, NOW)
        cell = next(one for one in reading.trend(ask, series) if one.period_start == DAY + small.timedelta(days=day))
        entered = reading.entered(ask, series, cell.period_start)
    return (cell.num, cell.have, cell.want), [(one.cell.series.region, one.cell.num) for one in entered]


def test_it_sums_the_counties_and_not_the_city_beside_them(store):
    put(store, calls(9, "y"), calls(4, "y1"), calls(3, "m"), calls(5, "x1"), source="calls")
    assert figures(store, "_T") == ((12, 3, 3), [("m", 3), ("x1", 5), ("y1", 4)])
    assert figures(store, "y", department="a")[0][0] == 9, "what a source reports itself stands as reported"


def test_a_city_stands_for_its_counties_where_it_alone_was_reported(store):
    put(store, calls(9, "y"), calls(5, "x1"), source="calls")
    put(store, *(calls(n, one, day=1) for n, one in ((8, "y"), (4, "y1"), (3, "m"), (6, "x1"))), source="calls")
    put(store, calls(7, "x1"), source="calls", now=NOW)
    assert figures(store, "_T") == ((16, 2, 2), [("x1", 7), ("y", 9)])
    assert figures(store, "_T", day=1)[0] == (13, 3, 3)


def test_a_county_that_did_not_report_is_missing_and_the_city_does_not_hide_it(store):
    put(store, *(calls(n, one) for n, one in ((9, "y"), (4, "y1"), (3, "m"))), source="calls")
    put(store, *(calls(n, one, day=1) for n, one in ((9, "y"), (4, "y1"))), source="calls")
    assert figures(store, "_T", day=1)[0] == (4, 1, 2)


def test_places_that_hold_no_other_cost_nothing_and_a_whole_of_wholes_is_told_apart():
    made = leaves(small.workspace(), [X1, Y1, ("a", "_T", "{}")])
    assert (sorted(made.finest), made.parts) == ([X1, Y1], {})
    made = leaves(small.workspace(), [X, X1, Y, ("b", "x1", "{}")])
    assert (set(made.finest), made.parts) == ({X1, Y, ("b", "x1", "{}")}, {X: frozenset({X1})})
    assert set(made.of({X, Y})) == {X, Y, ("b", "x1", "{}")}
    assert set(made.every) == {X, X1, Y, ("b", "x1", "{}")}
