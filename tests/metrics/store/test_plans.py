"""What arrives is stored by looking up its own rows: nothing that grows with the years is looked through."""

from sqlalchemy import event

from tests.metrics.small import calls, case, put

GROWING = {"observation", "chosen", "series", "feed", "record", "record_version", "record_event", "run", "revision", "touched"}


def looked_through(store, *rows):
    """Tables of which a statement of this unit's storing reads every row, by SQLite's own plan, with the statement."""
    asked = []

    @event.listens_for(store.writers, "before_cursor_execute")
    def note(connection, cursor, statement, given, context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, given[0] if many else given))

    put(store, *rows)
    event.remove(store.writers, "before_cursor_execute", note)
    assert len(asked) > 10
    with store.read() as connection:
        plans = [(one, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given).all()) for one, given in asked]
    return [(row[-1], one) for one, plan in plans for row in plan if row[-1].startswith("SCAN") and row[-1].split()[1] in GROWING]


def test_it_looks_up_reported_figures_by_their_key(sqlite_store):
    put(sqlite_store, *(calls(n, day=n) for n in range(9)))
    assert looked_through(sqlite_store, calls(7), calls(8, "y1"), calls(5, day=2)) == []


def test_it_looks_up_cases_and_what_they_count_in_by_their_keys(sqlite_store):
    put(sqlite_store, *(case(f"c{n}", day=n) for n in range(9)))
    assert looked_through(sqlite_store, case("c1", closed=1), case("new", region="y1")) == []
