"""Nothing is counted twice: a city that is reported beside its counties is not summed with them."""

from dataclasses import replace

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.indicators.leaves import leaves
from metrics.model import MAX, SYSTEM
from metrics.reading import at_revision
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


def test_a_total_larger_than_can_be_kept_is_missing_and_holds_nothing_else_up(store):
    """Neither what else came of that period, nor other periods; a correction brings the total back."""
    put(store, calls(MAX, "x1"), calls(5, "y1"), calls(MAX, "m"), calls(7, "x1", day=1), source="calls")
    assert [figures(store, one)[0][0] for one in ("_T", "x", "y")] == [None, None, 5]
    assert figures(store, "_T", day=1)[0] == (7, 1, 3)
    put(store, calls(4, "x1"), calls(4, "m"), source="calls")
    assert figures(store, "_T")[0] == (13, 3, 3)
    with store.read() as connection:
        then = at_revision(Ask(connection, small.workspace(), SYSTEM, NOW), 1)
        line = {cell.period_start: cell for cell in reading.trend(then, Series("calls", "day"))}
    assert (line[DAY].num, line[DAY].status, line[DAY].want) == (None, "M", 3), "as it was known then"


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


def test_a_city_stands_for_counties_that_are_blank_and_counties_for_a_city_that_is(store):
    def told(*many):
        rows = (replace(calls(n, one, day=5), department="_T", status="M" if n is None else "A") for one, n in many)
        put(store, *rows, source="calls")

    told(("y", 100), ("x1", 50), ("y1", None), ("m", None))
    assert figures(store, "_T", day=5) == ((150, 2, 2), [("x1", 50), ("y", 100)])
    assert [figures(store, one, day=5)[0] for one in ("y", "y1")] == [(100, None, None), (None, None, None)]
    told(("y1", 7), ("m", 8), ("y", None))
    assert figures(store, "_T", day=5)[0] == (65, 3, 3)
    assert figures(store, "y", day=5) == ((15, 2, 2), [("m", 8), ("y1", 7)])
    told(("y1", None), ("m", None))
    assert figures(store, "y", day=5) == ((None, None, None), [("y", None)]), "a blank where nothing else stands for it"
    assert figures(store, "_T", day=5)[0] == (50, 1, 3)


def test_places_that_hold_no_other_cost_nothing_and_a_whole_of_wholes_is_told_apart():
    made = leaves(small.workspace(), [X1, Y1, ("a", "_T", "{}")])
    assert (sorted(made.finest), made.parts) == ([X1, Y1], {})
    made = leaves(small.workspace(), [X, X1, Y, ("b", "x1", "{}")])
    assert (set(made.finest), made.parts) == ({X1, Y, ("b", "x1", "{}")}, {X: frozenset({X1})})
    assert set(made.of({X, Y})) == {X, Y, ("b", "x1", "{}")}
    assert set(made.every) == {X, X1, Y, ("b", "x1", "{}")}


def test_what_is_told_by_office_and_by_place_is_summed_once():
    offices, places = [("a", "_T", "{}"), ("b", "_T", "{}")], [("_T", one, "{}") for one in ("x1", "y1", "m")]
    made = leaves(small.workspace(), [*offices, *places, ("_T", "_T", "{}")])
    assert (sorted(made.finest), made.parts) == (sorted(places), {})
    both = [("a", "x1", "{}"), ("b", "y1", "{}")]
    assert sorted(leaves(small.workspace(), [*offices, *places, *both]).finest) == both, "the finer one"


def test_a_place_that_is_not_told_in_as_much_detail_as_others_is_summed_all_the_same():
    by_kind = [("a", "x1", '{"category":"%s"}' % kind) for kind in ("one", "two")]  # noqa: UP031 - a JSON text
    made = leaves(small.workspace(), [*by_kind, X1, Y1, M])
    assert (sorted(made.finest), made.parts) == (sorted([*by_kind, Y1, M]), {})
    by_way = [("a", "y1", '{"way":"mail"}'), ("a", "x1", '{"way":"mail"}')]
    made = leaves(small.workspace(), [*by_kind, *by_way, M])
    assert sorted(made.finest) == sorted([*by_kind, by_way[0], M]), "of x1 one breakdown, of y1 what there is"


def test_a_city_beside_counties_told_in_more_detail_is_their_whole_and_counties_below_a_city_so_told_are_in_it():
    def by_kind(region):
        return [("a", region, '{"category":"%s"}' % kind) for kind in ("one", "two")]  # noqa: UP031 - a JSON text

    made = leaves(small.workspace(), [*by_kind("x1"), X, Y1])
    assert (sorted(made.finest), made.parts) == (sorted([*by_kind("x1"), Y1]), {X: frozenset(by_kind("x1"))})
    made = leaves(small.workspace(), [*by_kind("x"), X1, Y1])
    assert (sorted(made.finest), made.parts) == (sorted([*by_kind("x"), Y1]), {})


def test_a_total_told_by_office_and_by_place_is_not_their_sum(store):
    rows = [replace(calls(n, "_T"), department=one) for n, one in ((10, "a"), (20, "b"))]
    put(store, *rows, *(replace(calls(n, one), department="_T") for n, one in ((12, "x1"), (18, "y1"))), source="calls")
    assert figures(store, "_T")[0] == (30, 2, 2)
