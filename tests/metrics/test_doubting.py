"""The guards at the door look at the source's newest word, by whatever version of the definition. On both engines."""

from datetime import timedelta
from decimal import Decimal

from metrics import verdict
from metrics.model import Plausible
from metrics.store import doubts, scope
from tests.metrics.redefined import SINCE, accept, first, line, put, second
from tests.metrics.small import DAY, NOW, calls

TENFOLD = {"plausible": Plausible(jump=Decimal(10))}


def town(store, **how):
    """Six days of figures; then `calls` means something else from day 3 on."""
    made = first(calls=how)
    accept(store, made)
    put(store, made, *(calls(10 + day, day=day) for day in range(6)))
    new = second(made, "calls", SINCE, tolerance=1)
    accept(store, new)
    return new


def doubted(store):
    with store.read() as connection:
        return doubts.every(connection, scope.WHOLE)


def release(store, workspace):
    verdict.release(store, workspace, doubted(store)[0].id, (), NOW, "p", "it is so")


def test_a_figure_of_before_a_new_version_is_held_back_as_ever_and_stands_once_released(store):
    new = town(store, **TENFOLD)
    assert put(store, new, calls(5000, day=1)).counts == {"held": 1}
    assert line(store, new, "calls")[1] == (11, None, 1)
    assert [(one.kind, one.version, one.against) for one in doubted(store)] == [("jump", 1, "11")]
    release(store, new)
    assert line(store, new, "calls")[1] == (5000, None, 1)
    assert put(store, new, calls(5000, day=1)).counts == {"unchanged": 1}


def test_the_first_figure_by_a_new_version_is_compared_with_those_before(store):
    new = town(store, **TENFOLD)
    assert put(store, new, calls(5000, day=4)).counts == {"held": 1}
    release(store, new)
    assert line(store, new, "calls")[4] == (5000, None, 2)


def test_parts_reported_by_an_earlier_version_are_added_up(store):
    new = town(store, plausible=Plausible(parts=Decimal(0)))
    assert put(store, new, calls(99, "x", day=1)).counts == {"held": 1}
    assert doubted(store)[0].kind == "parts"
    put(store, new, calls(99, day=1))
    assert [one.verdict for one in doubted(store)] == ["resolved"]
    assert line(store, new, "calls")[1] == (99, None, 1)


def test_an_older_revision_of_the_source_is_superseded_however_odd_its_figure(store):
    made = first(calls=TENFOLD)
    accept(store, made)
    put(store, made, calls(100, source_rev=5))
    late = put(store, made, calls(100_000, source_rev=4))
    assert (late.counts, late.revision, doubted(store)) == ({"superseded": 1}, None, [])


def test_an_older_revision_of_the_source_takes_no_question_back(store):
    made = first(calls=TENFOLD)
    accept(store, made)
    put(store, made, calls(100, source_rev=3))
    put(store, made, calls(100_000, source_rev=5))
    late = put(store, made, calls(101, source_rev=4))
    assert (late.counts, late.revision) == ({"superseded": 1}, None)
    assert [(one.verdict, one.source_rev) for one in doubted(store)] == [("", 5)]
    assert line(store, made, "calls")[0] == (100, None, 1)
    put(store, made, calls(102, source_rev=6))
    assert [one.verdict for one in doubted(store)] == ["replaced"]
    assert line(store, made, "calls")[0] == (102, None, 1)


def test_another_unit_waits_for_somebody_however_long_nobody_looks__F34(store):
    made = first(calls=TENFOLD)
    accept(store, made)
    put(store, made, calls(12), calls(13, "y1"), calls(None, "m"))
    for day in range(1, 31):
        told = put(store, made, calls(120_000, day=day), calls(13, "y1", day=day), now=DAY + timedelta(days=day + 1))
        assert told.counts["held"] == 1
    assert {one.against for one in doubted(store)} == {"12"}
    put(store, made, calls(13, day=31), calls(130_000, day=32), now=DAY + timedelta(days=33))
    assert {one.against for one in doubted(store)} == {"12", "13"}
    late = put(store, made, calls(5, day=40), calls(50_000, "m", day=50), calls(6, "y1", day=60), now=DAY + timedelta(days=61))
    assert late.counts == {"observations_new": 3}, "nothing was ever told of m, and 5 and 6 are no jump"


def test_a_figure_after_a_long_silence_is_compared_with_the_last_by_the_version_it_was_reported_under__F34(store):
    made = first(calls=TENFOLD)
    accept(store, made)
    put(store, made, calls(12), calls(11, day=1))
    new = second(made, "calls", SINCE, tolerance=1)
    accept(store, new)
    assert put(store, new, calls(5000, day=30), now=DAY + timedelta(days=31)).counts == {"held": 1}
    assert doubted(store)[0].against == "11"


def test_a_cumulative_figure_that_falls_is_noted_across_a_gap(store):
    made = first(calls={"plausible": Plausible(cumulative=True)})
    accept(store, made)
    put(store, made, calls(100), calls(105, day=2))
    assert put(store, made, calls(90, day=5)).counts == {"noted": 1, "observations_new": 1}
    put(store, made, calls(None, day=6))
    assert put(store, made, calls(50, day=8)).counts == {"noted": 1, "observations_new": 1}
    assert [(one.kind, one.against) for one in doubted(store)] == [("falls", "90"), ("falls", "105")]
