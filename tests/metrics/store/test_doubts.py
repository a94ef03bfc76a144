"""Figures in question where there are many: counted apart from the list, each found by its number. On both engines."""

from sqlalchemy import select

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM, Principal
from metrics.store import doubts, scope
from metrics.tables import doubted, series
from tests.metrics import small, test_verdict


def many(store, number, **change):
    """As many more as one of them."""
    with store.write() as connection:
        row = {key: value for key, value in connection.execute(select(doubted)).mappings().first().items() if key != "id"}
        doubts.add(connection, [{**row, **change} for _ in range(number)])


def test_what_is_in_question_is_known_however_many_figures_are(store):
    test_verdict.put(store, small.calls(7), small.calls(7, "y1"))
    test_verdict.put(store, small.calls(70_000))
    many(store, 1_100)
    test_verdict.put(store, small.calls(70_000, "y1"))
    with store.read() as connection:
        found = doubts.open_held(connection)
        ask = Ask(connection, test_verdict.workspace(), SYSTEM, small.NOW)
        health = [reading.source_health(ask, ask.workspace.indicators["calls"], Series("calls", "day", "a", place))[0]
                  for place in ("x1", "y1", "m")]  # fmt: skip
    assert sorted((one.source, one.indicator, one.key[1]) for one in found) == [
        ("calls", "calls", "x1"),
        ("calls", "calls", "y1"),
    ]
    assert health == ["SUSPECT", "SUSPECT", "FRESH"]


def test_what_was_in_question_then_is_known_too(store):
    test_verdict.put(store, small.calls(7))
    revision = test_verdict.put(store, small.calls(70_000)).revision
    at = small.NOW.timestamp() * 10**6 + 1
    with store.write() as connection:
        doubts.decide(connection, [connection.execute(select(doubted.c.id)).scalar_one()], "rejected", "Li", "no", int(at) + 1)
    with store.read() as connection:
        assert doubts.open_held(connection) == []
        assert [one.key[1] for one in doubts.open_held(connection, revision, int(at))] == ["x1"]
        assert doubts.open_held(connection, revision - 1, int(at)) == []


def test_a_list_that_is_cut_off_begins_with_what_is_held_and_the_count_is_of_all(store):
    test_verdict.put(store, small.calls(7))
    test_verdict.put(store, small.calls(70_000))
    many(store, 6, held=False)
    many(store, 2)
    with store.write() as connection:
        ids = connection.execute(select(doubted.c.id).order_by(doubted.c.id)).scalars().all()
        doubts.decide(connection, ids[-1:], "rejected", "Li", "no", 1)
    with store.read() as connection:
        ask = Ask(connection, test_verdict.workspace(), SYSTEM, small.NOW)
        assert [one.id for one in reading.held(ask, limit=4)] == [ids[-2], ids[0], ids[6], ids[5]]
        assert [one.id for one in reading.held(ask, limit=4, offset=7)] == [ids[1], ids[-1]]
        assert [one.id for one in reading.held(ask, waiting=False)] == [ids[-1]]
        assert reading.held_counts(ask) == (8, 1)
        assert reading.held_one(ask, ids[1]).id == ids[1]
        assert reading.held_one(ask, ids[-1] + 1) is None
        viewer = Ask(connection, test_verdict.workspace(), Principal("v", "v", frozenset({"viewer"})), small.NOW)
        assert (reading.held_counts(viewer), reading.held_one(viewer, ids[1])) == ((0, 0), None)


def test_one_indicator_is_asked_for_in_the_database(store):
    test_verdict.put(store, small.calls(7))
    test_verdict.put(store, small.calls(70_000))
    with store.write() as connection:
        other = connection.execute(select(series.c.id).where(series.c.indicator == "share")).scalars().first()
    many(store, 5, series_id=other)
    with store.read() as connection:
        ask = Ask(connection, test_verdict.workspace(), SYSTEM, small.NOW)
        assert [one.series.indicator for one in reading.held(ask, indicator="calls", limit=2)] == ["calls"]
        assert (reading.held_counts(ask, "calls"), reading.held_counts(ask)) == ((1, 0), (6, 0))
        assert doubts.every(connection, scope.WHOLE, indicators=[]) == []
