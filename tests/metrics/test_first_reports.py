"""A place counts among those a total is of from the first period it ever reported on, whenever that report came."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from metrics import again, reading
from metrics.answers import Ask
from metrics.asof import figures_as_of
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.store import cells, head, observations
from metrics.tables import feed, reach, revision
from tests.metrics import small
from tests.metrics.small import DAY, NOW, calls, put

MIGRATION = Path(__file__).parents[2] / "migrations" / "versions" / "0022_since_when_a_place_reports.py"
WHOLE = ("_T", "_T", "{}")


@pytest.fixture(params=["placed", "staged"])
def store(store, request, monkeypatch):
    """Whether few figures come or many."""
    monkeypatch.setattr(observations, "LARGE", 500 if request.param == "placed" else 0)
    return store


def covered(store, *days, at=None):
    """(have, want) of the whole."""
    starts = [to_us(DAY + timedelta(days=day)) for day in days]
    with store.read() as connection:
        if at is None:
            found = cells.known(connection, "calls", "day", 1, starts)
        else:
            found = figures_as_of(connection, small.workspace(), "calls", "day", starts, at)
    return [(found[WHOLE, start].have, found[WHOLE, start].want) for start in starts]


def test_who_begins_later_is_not_missing_before(store):
    put(store, calls(4, "y1"))
    put(store, calls(4, "y1", day=1), calls(5, "x1", day=1), now=NOW)
    put(store, calls(7, "y1"), now=NOW)
    assert covered(store, 0, 1) == [(1, 1), (2, 2)]


def test_a_first_report_far_back_is_summed_again_by_the_worker_bit_by_bit_and_said_meanwhile(store, monkeypatch):
    """Its own period is summed at once; whoever else writes waits for no more than that."""
    put(store, *(calls(5, "x1", day=day) for day in range(1, 6)))
    put(store, calls(4, "y1", day=5))
    monkeypatch.setattr(again, "AT_ONCE", 20)
    seen = []
    judges = (lambda connection, changed, now: seen.append(sorted({change.period_start for change in changed})),)

    def said(key):
        with store.read() as connection:
            return reading.recomputing(Ask(connection, small.workspace(), SYSTEM, NOW), small.workspace().indicators[key])

    put(store, calls(3, "y1"), now=NOW, judges=judges)
    assert covered(store, 0, 1, 4, 5) == [(1, 1), (1, 1), (1, 1), (2, 2)]
    assert (said("calls"), said("opened")) == (True, False)
    bits = []
    while (made := again.carry_on(store, small.workspace(), judges, NOW)) is not None:
        bits.append(made)
        assert len(bits) < 9
    assert covered(store, 0, 1, 2, 3, 4, 5) == [(1, 1), (1, 2), (1, 2), (1, 2), (1, 2), (2, 2)]
    assert len(bits) > 1
    assert bits == sorted(bits)
    assert not said("calls")
    assert sorted(start for some in seen for start in some) == [to_us(DAY + timedelta(days=day)) for day in range(5)]
    with store.read() as connection:
        kinds = set(connection.execute(sa.select(revision.c.kind).where(revision.c.number.in_(bits))).scalars())
    assert kinds == {"recompute"}


def test_who_turns_out_to_have_begun_earlier_is_missing_from_then_on(store):
    put(store, calls(5, "x1", day=1), calls(5, "x1", day=2))
    put(store, calls(4, "y1", day=2))
    assert covered(store, 1, 2) == [(1, 1), (2, 2)]
    with store.read() as connection:
        before = head.newest(connection).number
    put(store, calls(3, "y1"))
    assert covered(store, 0, 1, 2) == [(1, 1), (1, 2), (2, 2)]
    assert covered(store, 1, 2, at=before) == [(1, 1), (2, 2)], "nobody knew it then"
    put(store, calls(3, "m", day=3))
    assert covered(store, 0, 1, 2, 3) == [(1, 1), (1, 2), (2, 2), (1, 3)]


def test_the_same_figures_in_any_order_are_of_as_many(store):
    told = [calls(4, "y1", day=3), calls(5, "x1", day=1), calls(6, "m", day=2), calls(None, "m", day=0), calls(8, "x1", day=3)]
    for one in told:
        put(store, one)
    assert covered(store, 0, 1, 2, 3) == [(0, 1), (1, 2), (1, 2), (2, 3)]


def test_what_was_reported_before_the_table_was_there_is_told_from_the_figures(store):
    put(store, calls(5, "x1", day=2), calls(4, "y1", day=1))
    put(store, calls(6, "x1", day=2), calls(4, "y1"), calls(1, "y1", day=3))
    put(store, calls(3, "x1", day=0), calls(3, "x1", day=1))
    spec = importlib.util.spec_from_file_location("since_when_a_place_reports", MIGRATION)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    rows = sa.select(reach).order_by(*reach.primary_key)
    first = sa.select(feed.c.id, feed.c.first_period).order_by(feed.c.id)
    with store.write() as connection:
        written = connection.execute(rows).all(), connection.execute(first).all()
        reach.drop(connection)
        connection.execute(sa.text("ALTER TABLE feed DROP COLUMN first_period"))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        assert (connection.execute(rows).all(), connection.execute(first).all()) == written
    assert len(written[0]) == 4
