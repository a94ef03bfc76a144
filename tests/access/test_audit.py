import pytest

from access import audit
from access.store import audit as rows
from access.store.tables import audit as table
from access.store.tables import audit_head
from tests.access.conftest import NOW


@pytest.fixture
def chain(store):
    with store.write() as connection:
        for n in range(5):
            audit.record(connection, f"user{n}", "export", f"/export/{n}", "ok", NOW, "10.0.0.1")
    return store


def verify(store, checkpoint=None):
    with store.read() as connection:
        return audit.verify(connection, checkpoint)


def test_it_holds_for_rows_nobody_touched(chain, store):
    assert verify(chain) is None
    with chain.read() as connection:
        assert audit.verify(connection, rows.head(connection)) is None


@pytest.mark.parametrize("change", [{"who": "other"}, {"object": "x"}, {"result": "refused"}, {"at": 1}, {"hash": "0" * 64}])
def test_it_names_the_row_that_was_changed(chain, change):
    with chain.write() as connection:
        connection.execute(table.update().where(table.c.id == 3).values(**change))
    assert verify(chain) == 3


def test_it_names_the_place_of_a_row_that_was_removed_moved_or_put_in(chain):
    with chain.write() as connection:
        connection.execute(table.delete().where(table.c.id == 2))
    assert verify(chain) == 2
    with chain.write() as connection:
        connection.execute(table.update().where(table.c.id == 5).values(id=2))
    assert verify(chain) == 2


def test_it_finds_a_tail_that_was_cut_by_the_head_and_by_a_checkpoint_kept_outside(chain):
    with chain.read() as connection:
        checkpoint = rows.head(connection)
        fourth = list(rows.entries(connection))[3].hash
    with chain.write() as connection:
        connection.execute(table.delete().where(table.c.id == 5))
    assert verify(chain) == 5
    with chain.write() as connection:
        connection.execute(audit_head.update().values(count=4, hash=fourth))
    assert verify(chain) is None
    assert verify(chain, checkpoint) == 5


def test_it_keeps_a_row_on_one_line(store):
    with store.write() as connection:
        audit.record(connection, None, "view", "a\r\nb\x1b[31m\u202ec", "ok", NOW)
        assert next(rows.entries(connection)).object == "a  b [31m c"


def test_it_chains_what_many_write_at_once(store):
    from concurrent.futures import ThreadPoolExecutor

    def write(n):
        with store.write() as connection:
            audit.record(connection, f"u{n}", "export", "x", "ok", NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert verify(store) is None
    with store.read() as connection:
        assert rows.head(connection)[0] == 40
