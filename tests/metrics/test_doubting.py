"""The guards at the door look at the source's newest word, by whatever version of the definition. On both engines."""

from decimal import Decimal

from metrics import verdict
from metrics.model import Plausible
from metrics.store import doubts, scope
from tests.metrics.redefined import SINCE, accept, first, line, put, second
from tests.metrics.small import NOW, calls

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
