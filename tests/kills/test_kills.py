"""Real workers and a real web server, ended as by `kill -9`, frozen, told to stop: rows, alerts and messages are all there, once.

F06 under load; the single crash points F01 to F03; F10 and F19 by real processes.
"""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import make_url, select

import alerts
from alerts.store.tables import alert_event, episode, outbox
from metrics.catalogue import load as catalogue
from metrics.store import runs
from metrics.store.engine import connect
from metrics.tables import lease, record_version, revision, run
from tests.alerts.servers import Web
from tests.fixtures.processes import Processes, until
from tests.kills import found
from tests.kills.load import Load
from tests.kills.province import Province, build

pytestmark = pytest.mark.kills
SOAK = bool(os.environ.get("YUNCHA_SOAK"))
KILLS, APART = (100, 10.0) if SOAK else (7, 0.5)
"""How many on each engine, and at most so many seconds after the worker's first commit."""
TOWNS = 4_000 if SOAK else 150


class Place:
    """A province, a receiver and the processes of one workspace on one database."""

    def __init__(self, url, tmp_path, towns):
        self.province, self.web, self.url = Province(towns), Web(), url
        folder = build(tmp_path / "workspace", towns, self.web.url)
        self.workspace, faults = catalogue(folder)
        assert not faults, faults
        self.processes = Processes(folder, tmp_path, DATABASE_URL=url, KILLS_URL=self.province.url, YUNCHA_TIME_SCALE="15")
        self.store = connect(url)
        self.worker = self.processes.forked

    def rows(self, table, *where):
        with self.store.read() as connection:
            return list(connection.execute(select(table).where(*where)))

    def good(self):
        """Collections that stored something."""
        return found.count(self.store, run.c.id, run.c.source == "cases", run.c.outcome == "ok")

    def settled(self):
        """The system stops growing, the worker catches up; what is leased by the dead is told when the lease runs out."""
        self.province.growing = False
        until(lambda: found.cases(self.store) == found.wanted(self.province), 60)
        asked = len(self.province.requests)
        until(lambda: len(self.province.requests) > asked + 1)

    def drained(self):
        """Every message sent, by a clock that runs ahead: nobody else sends any more."""
        for step in range(200):
            done = alerts.send_due(self.store, self.workspace, datetime.now(UTC) + (step + 1) * timedelta(minutes=5))
            if not (done.sent or done.later):
                return


@pytest.fixture
def place(database_url, tmp_path, request):
    made = Place(database_url, tmp_path, getattr(request, "param", 40))
    with made.web.serving():
        yield made
        made.processes.stop()
    made.store.close()
    made.province.close()


@pytest.mark.parametrize("place", [TOWNS], indirect=True)
def test_it_loses_nothing_and_repeats_at_most_once_a_kill__F06(place, record_property):
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    print(f"seed {seed}")
    dice = random.Random(seed)
    served = place.processes.web(forked=True)
    worker = place.worker()
    load = Load(place.processes.answering(*served), place.store, place.workspace)
    for _ in range(KILLS):
        before = place.good()
        until(lambda before=before: place.good() > before)
        time.sleep(dice.uniform(0, APART))  # the fault itself: when it comes
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker = place.worker()
    place.settled()
    load.stop()
    worker.kill()
    worker.wait()
    place.drained()
    rows = found.rows_are_all_there(place.store, place.province, load)
    events, repeats = found.transitions_are_all_told(place.store, place.province, place.web, KILLS + 1)
    accepted = len(place.province.cases) + load.accepted
    record_property("counted", f"{KILLS} kills, {accepted} rows accepted, {rows} rows found (seed {seed})")
    record_property("counted", f"{KILLS} kills, {events} transitions, {repeats} duplicates (seed {seed})")
    assert rows == accepted


@pytest.mark.parametrize("point", ["after_fetch", "in_transaction", "after_commit"], ids=["F01", "F02", "F03"])
def test_it_loses_and_doubles_nothing_when_killed__F01_F02_F03(place, point):
    died = place.worker(CRASH_AT=f"{point}:2")
    assert died.wait(60) == 137
    if point == "in_transaction":
        numbers = [row.number for row in place.rows(revision, revision.c.kind == "collect")]
        assert numbers == sorted({row.known_from for row in place.rows(record_version)}), "nothing of it was stored"
        assert {row.revision for row in place.rows(episode)} <= {row.number for row in place.rows(revision)}
    again = place.worker()
    place.settled()
    again.kill()
    again.wait()
    place.drained()  # what the dead had leased is told once its lease is over
    assert {row.state for row in place.rows(outbox)} == {"sent"}
    assert sorted(row.kind for row in place.rows(alert_event)) == sorted(row.kind for row in place.rows(outbox))
    assert found.integrity(place.store) == "ok"
    told = {one["json"]["id"] for one in place.web.got}
    assert len(told) == len(place.rows(outbox)) >= len(place.web.got) - 2, "at most one repeat a kill"


def test_a_worker_that_was_frozen_writes_nothing_when_another_leads__F10(place):
    """Frozen past its lease, as by a machine that swaps: another takes over, and the old one is refused and gives way."""
    first = place.worker(YUNCHA_TIME_SCALE="10")
    until(lambda: place.good() > 1)
    freeze_between_writes(first, place.store)
    another_takes_over(place, first)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_worker_that_was_frozen_within_a_write_keeps_nobody_out__F10(place):
    """It holds the locks that everybody needs: PostgreSQL ends its connection when it has said nothing for too long."""
    first = place.worker(YUNCHA_TIME_SCALE="10", FREEZE_AT="in_transaction:2")
    until(lambda: psutil.Process(first.pid).status() == psutil.STATUS_STOPPED)
    another_takes_over(place, first)


def freeze_between_writes(process, store):
    """Whoever is frozen within a write of SQLite holds the file's lock until it ends: that is nobody's to break."""
    while True:
        process.send_signal(signal.SIGSTOP)
        if not store.url.startswith("sqlite") or writable(store.url):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)  # until it has moved on


def writable(url):
    with closing(sqlite3.connect(make_url(url).database, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def another_takes_over(place, first):
    place.worker(YUNCHA_TIME_SCALE="10")
    until(lambda: [row.epoch for row in place.rows(lease)] == [2])
    (taken,) = place.rows(lease)
    first.send_signal(signal.SIGCONT)
    before = place.good()
    until(lambda: place.good() > before + 1)
    assert [(row.epoch, row.holder) for row in place.rows(lease)] == [(2, taken.holder)]
    place.settled()
    found_ids = [row.record_id for row in place.rows(record_version, record_version.c.known_to == 2**63 - 1)]
    assert len(found_ids) == len(set(found_ids)) == len(place.province.cases)
    until(lambda: {row.state for row in place.rows(outbox)} == {"sent"})
    assert len(place.web.got) == len({one["json"]["id"] for one in place.web.got}), "no double send"


def test_it_ends_within_ten_seconds_of_being_told_to_and_gives_the_lead_back__F19(place):
    worker = place.worker()
    until(lambda: place.good() > 1)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert time.monotonic() - began < 10
    assert [row.until for row in place.rows(lease)] == [0]
    assert found.integrity(place.store) == "ok"
    with place.store.read() as connection:
        (last,) = runs.last(connection, "cases", 1)
    assert last.outcome in ("ok", "unchanged"), "what it had begun is whole, or is not there"
