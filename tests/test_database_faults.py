"""F08 and F60 to F65: what a database does to us, by real databases, asserting on the rows that stand afterwards."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask
import pytest
from sqlalchemy import func, inspect, select, text

from collectors._run import run_source
from metrics.model import Principal
from metrics.store import head, schema
from metrics.store.engine import connect
from metrics.tables import metadata, record, revision, run
from publish import healthz
from tests.fixtures.processes import Processes
from tests.kills.province import build
from tests.test_worker import Place

only_postgres = pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def place(store, database_url, tmp_path):
    made = Place(store, database_url, tmp_path)
    yield made
    for worker in made.workers:
        worker._pool.shutdown(cancel_futures=True)
    made.province.close()


def counted(store, table):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_migration_that_is_killed_leaves_no_half_and_the_next_start_finishes_it__F08(empty_database_url, tmp_path, engine):
    url = empty_database_url(engine)
    processes = Processes(build(tmp_path / "workspace"), tmp_path, DATABASE_URL=url)
    assert processes.forked("worker", CRASH_AT="in_migration:3").wait(60) == 137
    store = connect(url)
    assert inspect(store.readers).get_table_names() == [], "no half schema"
    schema.migrate(store)
    assert set(inspect(store.readers).get_table_names()) == {*metadata.tables, "alembic_version"}
    store.close()


def test_another_writer_is_waited_for_and_reading_goes_on__F60(place, database_url):
    """The lock is held longer than one try waits: the whole unit again, once."""
    hasty = connect(database_url, busy_ms=50)
    source, now = place.workspace.sources["cases"], datetime.now(UTC)
    held, free = threading.Event(), threading.Event()

    def hold():
        with place.store.write() as connection:
            head.lock(connection, now)
            held.set()
            free.wait(30)

    other = threading.Thread(target=hold, daemon=True)
    other.start()
    held.wait(30)
    threading.Timer(0.3, free.set).start()
    assert counted(hasty, record) == 0, "reading waits for nobody"
    made = run_source(source, place.workspace, hasty, now, ())
    other.join()
    assert (made.outcome, place.records(), place.runs()) == ("ok", len(place.province.cases), ["ok"])
    hasty.close()


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 8 MB where we may mount one; else the folder alone, and the database itself is kept small."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    yield folder, mounted
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_stores_nothing_by_half_turns_healthz_red_and_mends_itself__F61(
    small_disk, sqlite_template, tmp_path, monkeypatch
):
    folder, mounted = small_disk
    shutil.copy(sqlite_template, folder / "yuncha.db")
    url = f"sqlite:///{folder / 'yuncha.db'}"
    place = Place(connect(url), url, tmp_path)
    worker = place.worker(lease=timedelta(seconds=2))
    place.round(worker)
    before = place.records(), counted(place.store, revision)

    def size(full):
        if mounted:
            (folder / "filler").unlink(missing_ok=True)
            if full:
                with open(folder / "filler", "wb", buffering=0) as filler:
                    try:
                        while filler.write(b"x" * 4096):
                            pass
                    except OSError:
                        return
        else:
            with place.store.writers.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages if full else 2**30}")

    size(full=True)
    for _ in range(60):
        place.province.answer({"page": ["1"]})
    place.round(worker)
    worker._beat()
    assert (place.records(), counted(place.store, revision)) == before, "rolled back whole"
    monkeypatch.setattr(healthz, "current", lambda: Principal(None, "", frozenset()))
    server = flask.Flask("t")
    healthz.install(server, place.store, place.workspace, timedelta(0))
    assert server.test_client().get("/healthz").status_code == 503, "no beat is written any more"
    size(full=False)
    worker._beat()
    place.round(worker)
    assert place.records() == len(place.province.cases) > before[0]
    with place.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    worker._pool.shutdown(cancel_futures=True)
    place.province.close()
    place.store.close()


@pytest.mark.postgres
def test_a_database_that_is_away_ends_no_thread_and_is_caught_up_with__F62(empty_database_url, postgres_databases, tmp_path):
    database_url = empty_database_url("postgres")
    place = Place(schema.opened(tmp_path, database_url), database_url, tmp_path)
    worker = place.worker()
    place.round(worker)
    name = database_url.rsplit("/", 1)[1].split("?")[0]
    with postgres_databases.admin.connect() as admin:
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        try:
            admin.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
            for _ in range(3):
                worker._beat()
                worker._each_second()
                worker._send()
                worker.collect(place.workspace.sources["cases"], datetime.now(UTC))
            server = flask.Flask("t")
            healthz.install(server, place.store, place.workspace, timedelta(seconds=5))
            assert server.test_client().get("/healthz").json == {"status": "database unreachable"}
        finally:
            admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    worker._beat()
    place.round(worker)
    assert worker.epoch == 1
    assert place.records() == len(place.province.cases) > 7, "what was asked for meanwhile is asked for again"
    worker._pool.shutdown(cancel_futures=True)
    place.province.close()
    place.store.close()


@only_postgres
@pytest.mark.parametrize(("state", "times", "stored"), [("40001", 2, True), ("40P01", 4, True), ("40001", 5, False)])
def test_a_serialization_failure_or_deadlock_does_the_whole_unit_again_at_most_five_times__F63(
    place, monkeypatch, state, times, stored
):
    """The server's own errors, in the middle of the transaction."""
    monkeypatch.setattr("collectors._run.random.uniform", lambda least, most: 0)
    tries = []

    def judge(connection, changed, at):
        tries.append(at)
        if len(tries) <= times:
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$"))

    worker = place.worker()
    worker.judges = (judge,)
    worker._collect_soon(place.workspace.sources["cases"], datetime.now(UTC))
    worker._running["cases"].result(30)
    assert len(tries) == min(times + 1, 5)
    assert place.records() == (len(place.province.cases) if stored else 0)
    assert counted(place.store, run) == (1 if stored else 0)


@only_sqlite
@pytest.mark.parametrize("damage", ["a page in the middle", "the first page", "no database at all"])
def test_a_damaged_database_is_not_worked_with_and_the_way_to_a_backup_is_said__F64(database_url, tmp_path, damage):
    path = Path(database_url.removeprefix("sqlite:///"))
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        file.seek({"a page in the middle": size // 2 // 4096 * 4096, "the first page": 100, "no database at all": 0}[damage])
        file.write(b"\xff" * 8192)
    with pytest.raises(schema.Unusable, match="damaged.*app.py restore"):
        schema.opened(tmp_path, database_url, look_over=True)


@only_sqlite
def test_a_write_ahead_log_that_was_cut_off_loses_nothing_by_half__F64(place, database_url, tmp_path):
    path = Path(database_url.removeprefix("sqlite:///"))
    for _ in range(3):
        run_source(place.workspace.sources["cases"], place.workspace, place.store, datetime.now(UTC), ())
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(path, copy / "yuncha.db")
    log = Path(f"{path}-wal").read_bytes()
    (copy / "yuncha.db-wal").write_bytes(log[: len(log) * 2 // 3])
    again = schema.opened(copy, f"sqlite:///{copy / 'yuncha.db'}", look_over=True)
    revisions = counted(again, revision)
    assert revisions < counted(place.store, revision)
    assert counted(again, record) == 7 * counted(again, run), "each unit whole, or not at all"
    again.close()


@only_sqlite
def test_a_folder_that_cannot_be_written_is_said_in_words__F65(database_url):
    folder = Path(tempfile.mkdtemp(prefix="yuncha-read-only-"))
    path = folder / "yuncha.db"
    shutil.copy(database_url.removeprefix("sqlite:///"), path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")  # an upgrade has something to write
    connection.close()
    path.chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    try:
        os.seteuid(65534) if root else None
        with pytest.raises(schema.Unusable, match="cannot be written: .*; let the user who runs this write the folder DATA"):
            schema.opened(folder, f"sqlite:///{path}")
        with pytest.raises(schema.Unusable, match="cannot be written"):
            schema.opened(folder / "new", f"sqlite:///{folder / 'new' / 'yuncha.db'}")
    finally:
        os.seteuid(0) if root else None
        folder.chmod(0o755)
        shutil.rmtree(folder)
