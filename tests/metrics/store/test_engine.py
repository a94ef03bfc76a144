"""How writers of one process wait for each other."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import event

from metrics.store.engine import connect


class Noted:
    """A lock that says when somebody asks for it."""

    def __init__(self):
        self.lock, self.asked = threading.Lock(), threading.Semaphore(0)

    def acquire(self, timeout):
        self.asked.release()
        return self.lock.acquire(timeout=timeout)

    def release(self):
        self.lock.release()


@pytest.fixture
def file(tmp_path):
    made = replace(connect(f"sqlite:///{tmp_path / 'one.db'}", busy_ms=20_000), turn=Noted())
    yield made
    made.close()


def test_threads_write_to_a_file_in_turn_and_none_asks_the_file_meanwhile(file):
    begun = []
    event.listen(file.writers, "begin", lambda _: begun.append(threading.current_thread().name))

    def write():
        with file.write() as connection:
            connection.exec_driver_sql("SELECT 1")

    with file.write():
        assert file.turn.asked.acquire(timeout=10)
        other = threading.Thread(target=write, name="other", daemon=True)
        other.start()
        assert file.turn.asked.acquire(timeout=10)
        assert begun == ["MainThread"]
    other.join(10)
    assert begun == ["MainThread", "other"]


def test_a_turn_ends_with_a_write_that_fails(file):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), file.write():
            raise ZeroDivisionError
    assert not file.turn.lock.locked()


def test_who_waits_longer_than_sqlite_would_hears_from_sqlite_itself(tmp_path):
    hasty = connect(f"sqlite:///{tmp_path / 'one.db'}", busy_ms=20)
    with hasty.write(), pytest.raises(Exception, match="database is locked"), hasty.write():
        pass
    hasty.close()
