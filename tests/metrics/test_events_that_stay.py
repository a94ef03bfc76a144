"""`attribute: at_event`: an event of a case that moved on stays where the case was; figure, list, drill and as-of agree."""

import importlib.util
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from metrics import links, reading
from metrics.answers import Ask, CaseQuery
from metrics.arrivals import Batch
from metrics.asof import figures_as_of
from metrics.ingest import ingest
from metrics.model import SYSTEM, TOTAL, Measure, Part, Principal
from metrics.periods import to_us
from metrics.store import cells
from metrics.store.runs import RunIn
from metrics.tables import record_place
from tests.metrics import small
from tests.metrics.small import DAY, NOW, case, workspace

MIGRATION = Path(__file__).resolve().parents[2] / "migrations" / "versions" / "0014_places_at_events.py"


def at(days, hours=0):
    return DAY + timedelta(days=days, hours=hours)


def put(store, *cases, now, place=None, complete=False):
    batch = Batch("cases", list(cases), complete=complete)
    return ingest(store, place or workspace(), batch, (), now, run=RunIn("cases", "collect", now, now, "ok")).revision


def told(store, key, day, revision=None, place=None):
    """(department, region) -> (num, den) of one day, of cells a case is in."""
    start = to_us(at(day))
    with store.read() as connection:
        if revision is None:
            found = cells.known(connection, key, "day", 1, [start])
        else:
            found = figures_as_of(connection, place or workspace(), key, "day", [start], revision, NOW)
    return {key[:2]: (one.num, one.den) for (key, _), one in found.items() if one.num or one.den}


def listed(store, key, day, who=SYSTEM, place=None, **more):
    query = CaseQuery("cases", indicator=key, grain="day", period_start=at(day), sort="external_id", **more)
    with store.read() as connection:
        ask = Ask(connection, place or workspace(), who, NOW)
        found = reading.cases(ask, query)
        opened = [reading.case(ask, "cases", row.external_id) for row in found.rows]
    assert found.total == len(found.rows)
    assert all(opened), "a case of the list opens"
    return [row.external_id for row in found.rows]


def lived(store):
    """Both are due on day 2 at 9:00. 1 goes from a to b before that, 2 after it."""
    put(store, case("1", "a", "x1", closed=1), case("2", "a", "x1", closed=1), now=at(0, 10))
    put(store, case("1", "b", "y1", closed=1), now=at(1, 12))
    before = put(store, case("3", "b", "y1", day=4), now=at(2, 12))
    put(store, case("2", "b", "y1", closed=1), now=at(3))
    return before


def test_what_moves_after_the_event_stays_with_whose_it_was(store):
    """`held`: closed in time, by where each case was when it was due."""
    lived(store)
    figures = told(store, "held", 2)
    assert figures == {(TOTAL, TOTAL): (2, 2), ("a", TOTAL): (1, 1), ("b", TOTAL): (1, 1), (TOTAL, "x"): (1, 1),
                       (TOTAL, "x1"): (1, 1), (TOTAL, "y"): (1, 1), (TOTAL, "y1"): (1, 1)}  # fmt: skip
    assert (listed(store, "held", 2, department="a"), listed(store, "held", 2, department="b")) == (["2"], ["1"])
    assert (listed(store, "held", 2, region="x"), listed(store, "held", 2, region="y1", role="of")) == (["2"], ["1"])
    with store.read() as connection:
        query = CaseQuery("cases", indicator="held", grain="day", period_start=at(2))
        facets = reading.cases(Ask(connection, workspace(), SYSTEM, NOW), query).facets
    assert (sorted(facets["department"]), sorted(facets["region"])) == ([("a", 1), ("b", 1)], [("x1", 1), ("y1", 1)])


def test_what_moves_counts_where_it_is_now_and_the_whole_is_the_same(store):
    """`on_time`: the same by `attribute: current`."""
    before = lived(store)
    assert told(store, "on_time", 2) == {(one, TOTAL): (2, 2) for one in (TOTAL, "b")} | {
        (TOTAL, one): (2, 2) for one in ("y", "y1")
    }
    assert listed(store, "on_time", 2, department="a") == []
    assert listed(store, "on_time", 2, department="b") == ["1", "2"]
    assert told(store, "on_time", 2, before)["a", TOTAL] == (1, 1)


def test_as_known_then_it_stays_where_it_was_known_to_be(store):
    before = lived(store)
    for revision in (before, before + 1):
        assert told(store, "held", 2, revision) == told(store, "held", 2)
    first = told(store, "held", 2, 1)
    assert (first["a", TOTAL], first.get(("b", TOTAL))) == ((2, 2), None)


def test_whoever_had_it_at_the_event_sees_the_case_of_its_figure_and_no_other(store):
    lived(store)
    office = Principal("1", "clerk", frozenset({"viewer"}), departments=("a",))
    assert listed(store, "held", 2, office) == ["2"]
    assert listed(store, "on_time", 2, office) == []
    with store.read() as connection:
        ask = Ask(connection, workspace(), office, NOW)
        assert reading.case(ask, "cases", "3") is None
        current = {key: replace(one, attribute="current") for key, one in workspace().indicators.items()}
        assert reading.case(replace(ask, workspace=replace(workspace(), indicators=current)), "cases", "2") is None


def test_an_event_said_to_be_another_time_is_whose_the_case_is_then(store):
    """Closed under a, given to b, opened again there and closed anew: that second end is b's."""
    ended = replace(workspace(), indicators={
        "ended": small.indicator("ended", Measure("count", Part("closed")), attribute="at_event"),
        "slow": small.indicator("slow", Measure("median", Part("closed"), field="elapsed"), attribute="at_event"),
        "who": small.indicator("who", Measure("distinct", Part("closed"), field="department"), attribute="at_event"),
    })  # fmt: skip
    put(store, case("1", "a", closed=1), case("2", "a", closed=1), now=at(1, 12), place=ended)
    put(store, case("1", "b"), case("2", "b", closed=1), now=at(1, 15), place=ended)
    put(store, case("1", "b", closed=1.4), now=at(1, 20), place=ended)
    assert {key: told(store, "ended", 1)[key, TOTAL] for key in ("a", "b")} == {"a": (1, None), "b": (1, None)}
    assert {key: told(store, "slow", 1)[key, TOTAL][0] for key in ("a", "b")} == {"a": 86_400, "b": 120_960}
    assert told(store, "who", 1)[TOTAL, TOTAL][0] == 2
    put(store, case("1", "b", closed=1.4), now=at(2), place=ended, complete=True)
    put(store, case("1", "b", closed=1.4), case("2", "b", closed=1), now=at(3), place=ended)
    assert listed(store, "ended", 1, place=ended, department="a") == ["2"], "withdrawn and back again, it is still a's"


def test_what_moved_before_the_table_was_there_is_told_from_the_versions(store):
    lived(store)
    spec = importlib.util.spec_from_file_location("places_at_events", MIGRATION)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with store.write() as connection:
        written = connection.execute(sa.select(record_place)).all()
        record_place.drop(connection)
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        assert connection.execute(sa.select(record_place)).all() == written
    assert len(written) == 5


@pytest.mark.parametrize("key", ["held", "on_time"])
def test_the_link_of_a_figure_opens_its_cases(store, key):
    lived(store)
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, NOW)
        for unit in reading.units(ask, key, "department", ended_by=at(3)):
            query = links.cases(links.of_cases(links.behind(unit.cell, workspace().indicators[key], "over")))
            assert reading.cases(ask, query).total == (unit.cell.den or 0)
