"""F11 to F18 on the data side: the worker's rounds, by its own functions, on both engines; what stands is read from rows."""

import logging
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import flask
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func, select, text

from collectors import collector
from collectors._run import run_source
from metrics import definitions, schedule
from metrics.catalogue import Meaning, load
from metrics.model import Principal
from metrics.store import head, leases, runs
from metrics.store.runs import RunIn
from metrics.tables import lease, record, run
from publish import healthz
from settings import Settings
from tests.fixtures.processes import until
from tests.kills.province import Province, build
from worker import Worker

AT_ONCE = timedelta(milliseconds=1)


class Place:
    """A worker on a store, with a system to ask; `round` is one second of it, waited for."""

    def __init__(self, store, url, folder):
        self.province, self.store = Province(), store
        with store.write() as connection:
            head.ensure(connection)
            leases.ensure(connection)
        self.settings = Settings(folder, folder, url, lease=timedelta(seconds=30), tick=timedelta(seconds=0.02), collectors=2)
        self.workers = []
        self.workspace, faults = load(build(folder / "workspace"))
        assert not faults
        self.every(AT_ONCE)

    def every(self, interval, **more):
        one = self.workspace.sources["cases"]
        asked = replace(one, every=interval, settings={**one.settings, "url": f"{self.province.url}/cases"})
        self.workspace = replace(self.workspace, sources={"cases": asked, **more})

    def worker(self, kind=Worker, holder="one", **settings):
        made = kind(self.store, self.workspace, replace(self.settings, **settings))
        made.holder = holder
        made._beat()
        self.workers.append(made)
        return made

    def round(self, worker):
        worker._each_second()
        for going in worker._running.values():
            going.result(30)

    def runs(self, source="cases"):
        with self.store.read() as connection:
            return list(connection.execute(select(run.c.outcome).where(run.c.source == source).order_by(run.c.id)).scalars())

    def records(self):
        with self.store.read() as connection:
            return connection.execute(select(func.count()).select_from(record)).scalar()


@pytest.fixture
def place(store, database_url, tmp_path):
    made = Place(store, database_url, tmp_path)
    yield made
    for worker in made.workers:
        worker.stopping.set()
        worker._pool.shutdown(cancel_futures=True)
    made.province.close()


def living(worker):
    """The worker as it runs: its own schedule in a thread. What `run` gave back is in `said`."""
    said = []
    thread = threading.Thread(target=lambda: said.append(worker.run()), daemon=True)
    thread.start()
    return thread, said


def test_a_leader_that_lost_its_lease_writes_nothing_and_stops__F10_F11(place):
    first = place.worker(lease=timedelta(0))
    second = place.worker(holder="two")
    assert (first.epoch, second.epoch) == (1, 2)
    first.collect(place.workspace.sources["cases"], datetime.now(UTC))
    assert (place.records(), first.epoch) == (0, None)
    first._each_second()
    assert first._running == {}, "it does nothing more"
    place.round(second)
    assert place.records() == len(place.province.cases)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_leader_whose_connection_is_cut_stores_nothing_by_half_and_goes_on__F11(place, caplog):
    worker = place.worker()
    judges, worker.judges = worker.judges, (lambda connection, *_: connection.execute(text(
        "SELECT pg_terminate_backend(pg_backend_pid())")),)  # fmt: skip
    place.round(worker)
    assert (place.records(), place.runs()) == (0, [])
    worker.judges = judges
    worker._beat()
    place.round(worker)
    assert worker.epoch == 1
    assert place.records() == len(place.province.cases)


@pytest.mark.parametrize("broken", [ValueError(), SystemExit(1), BaseException()])
def test_whatever_a_job_raises_the_next_run_is_on_time__F12(place, monkeypatch, broken):
    def fetch(source, want):
        raise broken
        yield

    worker = place.worker()
    with monkeypatch.context() as patched:
        patched.setattr(collector("http_json"), "fetch", fetch)
        place.round(worker)
    assert place.runs() == ["error"]
    place.round(worker)
    assert place.runs() == ["error", "ok"]


def test_the_schedule_goes_on_after_rounds_that_could_not_write__F13(place, caplog):
    """The table of runs is away for a while: real faults of a real database, in every round."""
    worker = place.worker()
    place.round(worker)
    with place.store.write() as connection:
        connection.execute(text("ALTER TABLE run RENAME TO run_away"))
    caplog.set_level(logging.ERROR, "yuncha.worker")
    thread, said = living(worker)
    until(lambda: sum("failed" in one.message for one in caplog.records) > 2)
    assert thread.is_alive()
    with place.store.write() as connection:
        connection.execute(text("ALTER TABLE run_away RENAME TO run"))
    until(lambda: len(place.runs()) > 2)
    worker.stopping.set()
    thread.join(20)
    assert said == [0]


class Renamed(Worker):
    """The next version, in which the jobs have other names."""

    def a_round(self):
        Worker._each_second(self)

    _each_second = a_round


def test_a_job_that_was_renamed_keeps_its_schedule__F14(place):
    place.every(timedelta(hours=1))
    place.round(place.worker())
    later = place.worker(Renamed)
    for _ in range(3):
        place.round(later)
    assert place.runs() == ["ok"], "its hour is not over"
    with place.store.write() as connection:
        connection.execute(run.update().values(started=run.c.started - 3600 * 10**6))
    place.round(later)
    assert len(place.runs()) == 2


def test_a_source_that_hangs_delays_no_other_and_is_not_asked_twice__F15(place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        hung = replace(place.workspace.sources["cases"], key="hung", settings={"url": url, "read": "3s", "total": "3s"})
        place.every(AT_ONCE, hung=hung)
        worker = place.worker()
        worker._each_second()
        held, _ = silent.accept()
        with held:
            waiting = worker._running["hung"]
            for rounds in range(1, 4):
                worker._running["cases"].result(30)
                assert len(place.runs()) == rounds
                worker._each_second()
            assert worker._running["hung"] is waiting, "one attempt at a time"
            assert not waiting.done()
            silent.close()  # trying again finds nobody
        waiting.result(30)
    assert place.runs("hung") == ["error"]
    worker._running["cases"].result(30)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_schedule_dies_ends_for_whoever_starts_it_again__F16(place, monkeypatch):
    worker, rounds = place.worker(), iter(range(3))
    lives = BackgroundScheduler._process_jobs

    def for_a_while(scheduler):
        if next(rounds, None) is None:
            raise SystemExit
        return lives(scheduler)

    monkeypatch.setattr(BackgroundScheduler, "_process_jobs", for_a_while)
    thread, said = living(worker)
    thread.join(20)
    assert said == [1]


def test_a_worker_that_says_nothing_makes_healthz_red__F16(place, monkeypatch):
    monkeypatch.setattr(healthz, "current", lambda: Principal(None, "", frozenset()))
    worker = place.worker()
    place.round(worker)
    server = flask.Flask("t")
    healthz.install(server, place.store, place.workspace, timedelta(seconds=5))
    asked = server.test_client().get
    assert (asked("/healthz").status_code, asked("/healthz").json["status"]) == (200, "ok")
    with place.store.write() as connection:
        connection.execute(lease.update().values(beat=lease.c.beat - 11 * 10**6))
    assert (asked("/healthz").status_code, asked("/healthz").json["status"]) == (503, "worker silent")


def test_a_catalogue_that_contradicts_the_database_makes_healthz_red_and_says_to_viewers_by_which_figure(place, monkeypatch):
    who = [Principal(None, "", frozenset())]
    monkeypatch.setattr(healthz, "current", lambda: who[0])
    place.round(place.worker())
    server = flask.Flask("t")
    healthz.install(server, place.store, place.workspace, timedelta(seconds=5))
    ask = server.test_client().get
    here = place.workspace
    key, one = next(iter(here.indicators.items()))
    newer = replace(one, version=2)
    meanings = tuple(
        Meaning(each.version, None, "", "Wen", "", f"v{each.version}", str(each.version), each) for each in (one, newer)
    )
    elsewhere = replace(here, indicators={**here.indicators, key: newer}, versions={key: meanings})
    definitions.take_in(place.store, elsewhere, datetime.now(UTC))
    for told in definitions.contradictions(place.store, replace(here, versions={key: meanings[:1]})):
        place.store.refuse(told)
    assert (ask("/healthz").status_code, ask("/healthz").json) == (503, {"status": "another catalogue"})
    who[0] = Principal("li", "李", frozenset({"viewer"}))
    assert ask("/healthz").json["refused"] == [f"{key} is v1 here, and v2 was accepted in the database"]
    place.store.refused.clear()
    assert ask("/healthz").status_code == 200


@pytest.mark.parametrize("jump", [timedelta(hours=2), -timedelta(hours=2), timedelta(days=3650)])
def test_a_clock_that_jumps_makes_one_run_and_no_burst__F17(place, jump):
    """Forward or back: it is asked once, and then at its interval."""
    place.every(timedelta(minutes=10))
    source, now = place.workspace.sources["cases"], datetime(2026, 3, 1, tzinfo=UTC)
    run_source(source, place.workspace, place.store, now, ())
    for minute in range(12):
        moment = now + jump + timedelta(minutes=minute)
        with place.store.read() as connection:
            started = runs.last_started(connection, place.workspace.sources)
        for due in schedule.due([source], started, place.workspace.zone, moment):
            run_source(due, place.workspace, place.store, moment, ())
    assert len(place.runs()) == 3, "after the jump, and an interval later"


def test_after_three_hours_down_each_source_is_asked_once__F18(place):
    place.every(timedelta(minutes=10))
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    with place.store.write() as connection:
        runs.add(connection, RunIn("cases", "collect", long_ago, long_ago, "ok"))
    worker = place.worker()
    for _ in range(3):
        place.round(worker)
    assert len(place.runs()) == 2
    assert len(place.province.requests) == 1
