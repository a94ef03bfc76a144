"""The values behind a figure give the figure, at every level and at its own revision."""

from datetime import timedelta

from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM, TOTAL, Principal
from metrics.reading import entered
from tests.metrics.small import DAY, NOW, calls, case, put, workspace


def ask(connection, who=SYSTEM, revision=None):
    return Ask(connection, workspace(), who, NOW, revision)


def shown(found):
    return [(one.cell.series.region, one.source, one.cell.num, one.used) for one in found]


def test_it_names_every_leaf_of_a_total_and_the_run_it_came_by(store):
    done = put(store, calls(7), calls(5, "y1"), calls(2, day=-1, region="m"))
    with store.read() as connection:
        found = entered(ask(connection), Series("calls", "day"), DAY)
    assert shown(found) == [("m", None, None, True), ("x1", "calls", 7, True), ("y1", "calls", 5, True)]
    assert {one.run_id for one in found if one.source} == {done.run_id}


def test_it_counts_a_place_where_it_lay_in_that_period(store):
    put(store, calls(3, "m"), calls(4, "m", day=5))
    with store.read() as connection:
        before = entered(ask(connection), Series("calls", "day", region="x"), DAY)
        after = entered(ask(connection), Series("calls", "day", region="y"), DAY + timedelta(days=5))
    assert shown(before) == [("m", "calls", 3, True)]
    assert shown(after) == [("m", "calls", 4, True)]


def test_it_shows_the_feed_that_stood_aside(store):
    put(store, calls(8), source="calls2")
    put(store, calls(7))
    with store.read() as connection:
        found = entered(ask(connection), Series("calls", "day", "a", "x1"), DAY)
    assert shown(found) == [("x1", "calls", 7, True), ("x1", "calls2", 8, False)]


def test_it_gives_what_was_known_at_the_revision_of_the_card(store):
    first = put(store, calls(7))
    put(store, calls(9))
    with store.read() as connection:
        series = Series("calls", "day", "a", "x1")
        assert shown(entered(ask(connection, revision=first.revision), series, DAY)) == [("x1", "calls", 7, True)]
        assert shown(entered(ask(connection), series, DAY)) == [("x1", "calls", 9, True)]


def test_it_names_the_inputs_of_a_derived_figure(store):
    put(store, calls(4), case("1"), case("2"))
    put(store, calls(4))
    with store.read() as connection:
        found = entered(ask(connection), Series("share", "day"), DAY)
    assert [(one.cell.series.indicator, one.cell.num) for one in found] == [("opened", 2), ("calls", 4)]


def test_it_says_nothing_beyond_the_scope_of_who_asks(store):
    put(store, calls(7))
    who = Principal("u", "u", frozenset({"viewer"}), (TOTAL,), ("y",))
    with store.read() as connection:
        assert entered(ask(connection, who), Series("calls", "day"), DAY) == []
        assert entered(ask(connection, who), Series("calls", "day", region="x"), DAY) == []
