"""F01 to F03, F09 and random kills: real worker processes, ended as by `kill -9`; what was accepted is found, once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kills.province import Province

ROOT = Path(__file__).resolve().parent.parent.parent
SOAK = bool(os.environ.get("YUNCHA_SOAK"))


@pytest.fixture
def province():
    made = Province()
    yield made
    made.close()


@pytest.fixture
def start(tmp_path, province):
    """`start(CRASH_AT=...)`: a worker process on this test's store."""
    running = []

    def _start(**more: str) -> subprocess.Popen:
        environment = {
            **os.environ, "WORKSPACE": str(ROOT / "tests/kills/workspace"), "DATA": str(tmp_path), "KILLS_URL": province.url,
            "YUNCHA_TIME_SCALE": "5", **more,
        }  # fmt: skip
        log = (tmp_path / "worker.log").open("a")
        process = subprocess.Popen([sys.executable, "app.py", "worker"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        running.append(process)
        return process

    yield _start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def rows(tmp_path: Path, query: str) -> list[tuple]:
    path = tmp_path / "workspace" / "yuncha.db"
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def until(condition, seconds: float = 40.0):
    """Wait for other processes: there is no clock of theirs to inject."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def settled(tmp_path: Path, province: Province) -> None:
    """The system stops growing; the worker catches up; then every case is there as the system has it, once."""
    province.growing = False
    wanted = {(key, "1" if one["closed"] else "0") for key, one in province.cases.items()}
    current = (
        "SELECT r.external_id, v.closed IS NOT NULL FROM record r JOIN record_version v ON v.record_id = r.id "
        "WHERE v.known_to = 9223372036854775807"
    )
    until(lambda: {(key, str(closed)) for key, closed in rows(tmp_path, current)} == wanted)
    assert len(rows(tmp_path, current)) == len(wanted)
    assert rows(tmp_path, "SELECT external_id FROM record GROUP BY external_id HAVING count(*) > 1") == []
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    total = (
        "SELECT sum(c.num) FROM chosen c JOIN series s ON s.id = c.series_id "
        "WHERE s.indicator = 'received' AND s.department_id = '_T' AND s.region_id = '_T'"
    )
    until(lambda: rows(tmp_path, total)[0][0] == len(wanted))


@pytest.mark.parametrize("point", ["after_fetch", "in_transaction", "after_commit"], ids=["F01", "F02", "F03"])
def test_it_loses_and_doubles_nothing_when_killed(start, tmp_path, province, point):
    died = start(CRASH_AT=f"{point}:2")
    assert died.wait(60) == 137
    if point == "in_transaction":
        numbers = [number for (number,) in rows(tmp_path, "SELECT number FROM revision WHERE kind = 'collect' ORDER BY number")]
        assert numbers == [number for (number,) in rows(tmp_path, "SELECT DISTINCT known_from FROM record_version ORDER BY 1")]
    start()
    settled(tmp_path, province)
    until(lambda: rows(tmp_path, "SELECT 1 FROM outbox WHERE state = 'sent'") or not rows(tmp_path, "SELECT 1 FROM outbox"))


def test_it_survives_random_kills(start, tmp_path, province):
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    kills = 60 if SOAK else 8
    process = start()
    runs = "SELECT count(*) FROM run WHERE outcome = 'ok'"
    for _ in range(kills):
        before = rows(tmp_path, runs)
        until(lambda before=before: rows(tmp_path, runs) > (before or [(0,)]))
        time.sleep(dice.uniform(0, 3 if SOAK else 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = start()
    settled(tmp_path, province)
    found = rows(tmp_path, "SELECT count(*) FROM record")[0][0]
    print(f"{kills} kills, {len(province.cases)} rows accepted, {found} rows found (seed {seed})")
    assert found == len(province.cases)


def test_two_workers_collect_each_source_once_an_interval(start, tmp_path, province):
    start(YUNCHA_TIME_SCALE="1")
    start(YUNCHA_TIME_SCALE="1")
    until(lambda: len(province.requests) >= 6)
    apart = [after - before for before, after in zip(province.requests, province.requests[1:], strict=False)]
    assert [gap for gap in apart if gap < 0.5] == []
    assert rows(tmp_path, "SELECT epoch FROM lease") == [(1,)]
