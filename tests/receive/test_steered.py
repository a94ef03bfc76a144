"""What people asked of a source is done by the worker, once; a paused source is left alone."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from metrics import steering
from metrics.store import asks, runs
from opening import opened
from settings import from_environment
from tests.receive.conftest import TOWN
from worker import Worker

NOW = datetime.now(UTC)


@pytest.fixture
def worker(tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(TOWN, folder)
    (folder / "drops").mkdir()
    (folder / "drops" / "a.csv").write_text("id,opened\n1,2026-03-01\n", encoding="utf-8")
    os.utime(folder / "drops" / "a.csv", (1.7e9, 1.7e9))
    settings = from_environment({"WORKSPACE": str(folder), "DATA": str(tmp_path / "data")})
    workspace, store = opened(settings)
    made = Worker(store, workspace, settings)
    made._beat()
    yield made
    made._pool.shutdown()
    store.close()


def each_second(worker) -> list[tuple[str, str]]:
    """A round of the schedule, with all it began; the kinds and outcomes of the letters' runs, newest first."""
    worker._each_second()
    for going in worker._running.values():
        going.result(30)
    with worker.store.read() as connection:
        return [(run.kind, run.outcome) for run in runs.last(connection, "letters")]


def ask(worker, act, *more):
    with worker.store.write() as connection:
        act(connection, worker.workspace.sources["letters"], "li", *more)


def test_a_paused_source_is_left_alone_until_the_pause_ends(worker):
    ask(worker, steering.pause, "upgrade", NOW, None)
    assert each_second(worker) == []
    ask(worker, steering.end_pause, NOW)
    assert each_second(worker) == [("collect", "ok")]


def test_what_was_asked_is_done_once(worker):
    assert each_second(worker) == [("collect", "ok")]
    assert each_second(worker) == [("collect", "ok")]  # not due before tomorrow
    ask(worker, steering.run_now, NOW)
    assert len(each_second(worker)) == 2
    ask(worker, steering.back_fill, NOW, NOW - timedelta(days=700), NOW)
    assert [kind for kind, _ in each_second(worker)] == ["backfill", "collect", "collect"]
    with worker.store.read() as connection:
        assert asks.waiting(connection) == []
    assert len(each_second(worker)) == 3
