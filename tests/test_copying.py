"""A backup is put back into an empty place, every table is compared, and the store goes on; on both engines and across."""

import os
import signal
import subprocess
import sys
import threading
import urllib.request
import zipfile
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

import copying
from metrics import reading
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.store import copies, head
from metrics.store.copies import NotEmpty
from metrics.store.engine import connect
from metrics.store.schema import migrate
from metrics.tables import observation, revision, run
from metrics.tables_of_sources import payload
from metrics.tick import tick
from settings import Settings
from tests.fixtures.processes import serving, until
from tests.metrics.small import DAY, NOW, calls, case, put, workspace

ROOT = Path(__file__).resolve().parent.parent


def everything(store) -> dict[str, list[bytes]]:
    with store.read() as connection:
        return {table.name: sorted(copies.lines(connection, table)) for table in copies.tables(connection)}


@pytest.fixture
def lived(store, tmp_path):
    """A store with a little of everything, and its folder with a key."""
    extra = {"caller": "王小明", "ratio": 0.1, "n": 12}
    put(store, *(case(f"c-{n}", closed=n % 3, extra=extra) for n in range(20)))
    put(store, case("c-1", "b", closed=4), calls(7), calls(5, "y1"))
    put(store, calls(9), now=NOW + timedelta(hours=1))
    folder = tmp_path / "lived"
    folder.mkdir()
    (folder / "secret.key").write_text("k" * 64)
    return store, folder


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_it_restores_every_table_and_goes_on(lived, to, tmp_path, empty_database_url):
    store, folder = lived
    made = copying.backup(store, folder, "small", tmp_path, NOW)
    assert made.stat().st_mode & 0o077 == 0
    before = everything(store)
    other = connect(empty_database_url(to))
    place = tmp_path / "elsewhere"
    told = copying.restore(made, other, place)
    assert everything(other) == before
    assert (place / "secret.key").read_text() == "k" * 64
    assert told["tables"]["record"]["rows"] == 20
    assert told["revision"] == 3

    migrate(other)  # it is what a start does
    tick(other, workspace(), (), NOW + timedelta(days=40))
    assert put(other, case("c-99"), calls(11, day=1), now=NOW + timedelta(days=41)).revision
    with other.read() as connection:
        now = NOW + timedelta(days=41)
        shown = reading.card(Ask(connection, workspace(), SYSTEM, now), "calls")
        assert connection.execute(select(func.count()).select_from(run)).scalar() == told["tables"]["run"]["rows"] + 1
        then = Ask(connection, workspace(), SYSTEM, now, revision=2)
        cells = reading.trend(then, shown.series, since=DAY, until=DAY + timedelta(days=1), count=60)
        assert [cell.num for cell in cells] == [12]  # 7 + 5, as it was known before the correction
    with pytest.raises(NotEmpty):
        copying.restore(made, other, tmp_path / "third")
    other.close()


def test_it_is_of_one_moment_while_others_write(lived, tmp_path, empty_database_url):
    store, folder = lived
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            put(store, case(f"w-{number}"), calls(number, day=number % 9), now=NOW + timedelta(hours=2, seconds=number))
            wrote.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert wrote.wait(20)
        made = copying.backup(store, folder, "small", tmp_path, NOW)
    finally:
        stop.set()
        writer.join()
    other = connect(empty_database_url())
    told = copying.restore(made, other, tmp_path / "elsewhere")
    with other.read() as connection:
        assert head.newest(connection).number == told["revision"]
        numbers = list(connection.execute(select(revision.c.number).order_by(revision.c.number)).scalars())
        assert numbers == list(range(1, told["revision"] + 1))
        assert connection.execute(select(func.max(observation.c.known_from))).scalar() <= told["revision"]
    other.close()


def test_a_damaged_one_restores_nothing(lived, tmp_path, empty_database_url):
    store, folder = lived
    made = copying.backup(store, folder, "small", tmp_path, NOW)
    (tmp_path / "short.zip").write_bytes(made.read_bytes()[:-2000])
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(tmp_path / "row.zip", "w") as out:
        for name in source.namelist():
            content = source.read(name)
            out.writestr(name, content.replace(b"9", b"8", 1) if name == "tables/observation.jsonl" else content)
    other = connect(empty_database_url())
    for bad in ("short", "row"):
        with pytest.raises(copying.Damaged):
            copying.restore(tmp_path / f"{bad}.zip", other, tmp_path / "elsewhere")
        with other.read() as connection:
            assert copies.tables(connection) == []
        assert not (tmp_path / "elsewhere" / "secret.key").exists()
    assert copying.restore(made, other, tmp_path / "elsewhere")["revision"] == 3  # the same place, with a whole one
    other.close()


@pytest.mark.kills
def test_killed_half_way_there_is_nothing_that_looks_like_a_backup(tmp_path):
    data = tmp_path / "boston311"
    store = connect(f"sqlite:///{data / 'yuncha.db'}")
    migrate(store)
    words = os.urandom(40_000).hex()
    with store.write() as connection:
        one = {"good": True, "run_id": 1, "at": 1, "columns": "[]", "rows": "[]", "excerpt": words}
        connection.execute(insert(payload), [{"source": f"s{number}", **one} for number in range(400)])
    store.close()
    settings = {**os.environ, "WORKSPACE": str(ROOT / "workspaces" / "boston311"), "DATA": str(tmp_path), "DATABASE_URL": ""}
    process = subprocess.Popen([sys.executable, "app.py", "backup", str(tmp_path / "b.zip")], cwd=ROOT, env=settings)
    until(lambda: (tmp_path / "b.zip.partial").exists() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "b.zip").exists()
    with pytest.raises(copying.Damaged):
        copying.manifest(tmp_path / "b.zip.partial")
    told = subprocess.run([sys.executable, "app.py", "backup", str(tmp_path / "b.zip")], cwd=ROOT, env=settings)
    assert told.returncode == 0
    assert copying.manifest(tmp_path / "b.zip")["tables"]["payload"]["rows"] == 400
    there = [sys.executable, "app.py", "restore", str(tmp_path / "b.zip")]
    elsewhere = {**settings, "DATA": str(tmp_path / "elsewhere")}
    assert subprocess.run(there, cwd=ROOT, env=elsewhere).returncode == 0
    with serving(ROOT / "workspaces" / "boston311", tmp_path / "elsewhere", DATABASE_URL="") as address:
        assert b"<form" in urllib.request.urlopen(f"{address}/login", timeout=20).read()


def test_it_says_in_words_why_nothing_was_backed_up(lived, tmp_path, capsys):
    def told(url, to):
        assert copying.run_backup(Namespace(to=to), Settings(tmp_path, tmp_path / "data", url)) == 1
        return capsys.readouterr().err

    assert "no such table" in told(f"sqlite:///{tmp_path / 'nothing.db'}", tmp_path / "a")
    store, _ = lived
    url = store.writers.url.render_as_string(hide_password=False)
    assert "cannot be written" in told(url, tmp_path / "none" / "a")
    (tmp_path / "there").write_text("mine")
    assert "there already" in told(url, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
