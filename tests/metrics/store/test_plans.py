"""What arrives is stored by looking up its own rows: nothing that grows with the years is looked through."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event

from metrics.model import Plausible
from tests.metrics import redefined
from tests.metrics.small import DAY, calls, case, put

GROWING = {"observation", "chosen", "series", "feed", "record", "record_version", "record_event", "run", "revision", "touched",
           "doubted"}  # fmt: skip


def statements(store, put, *rows):
    """Those of this unit's storing, with what was asked."""
    asked = []

    @event.listens_for(store.writers, "before_cursor_execute")
    def note(connection, cursor, statement, given, context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, given[0] if many else given))

    put(store, *rows)
    event.remove(store.writers, "before_cursor_execute", note)
    assert len(asked) > 10
    return asked


def looked_through(store, *rows, put=put):
    """Tables of which a statement of this unit's storing reads every row, by SQLite's own plan, with the statement."""
    asked = statements(store, put, *rows)
    with store.read() as connection:
        plans = [(one, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given).all()) for one, given in asked]
    return [(row[-1], one) for one, plan in plans for row in plan if row[-1].startswith("SCAN") and row[-1].split()[1] in GROWING]


def test_it_looks_up_reported_figures_by_their_key(sqlite_store):
    put(sqlite_store, *(calls(n, day=n) for n in range(9)))
    assert looked_through(sqlite_store, calls(7), calls(8, "y1"), calls(5, day=2)) == []


def test_it_looks_up_cases_and_what_they_count_in_by_their_keys(sqlite_store):
    put(sqlite_store, *(case(f"c{n}", day=n) for n in range(9)))
    assert looked_through(sqlite_store, case("c1", closed=1), case("new", region="y1")) == []


def test_it_looks_far_back_for_a_figure_to_compare_with_only_where_none_is_near(sqlite_store):
    town = redefined.first(calls={"plausible": Plausible(jump=Decimal(10))})

    def put(store, *rows):
        redefined.put(store, town, *rows, now=DAY + timedelta(days=100))

    def far(*rows):
        return sum("chosen.period_start <" in one for one, _ in statements(sqlite_store, put, *rows))

    put(sqlite_store, *(calls(9, region, day=day) for day in range(9) for region in ("x1", "y1", "m")))
    assert far(*(calls(8, region, day=9) for region in ("x1", "y1", "m"))) == 0
    assert far(calls(8, day=40), calls(8, "y1", day=40), *(calls(8, "m", day=day) for day in range(10, 41))) == 1
    assert looked_through(sqlite_store, calls(8, day=80), calls(8, "y1", day=90), put=put) == []
