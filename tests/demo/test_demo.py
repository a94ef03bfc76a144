import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from demo.cases import DISCLOSURES, DOCUMENTS, HOTLINE, MATTERS, PERMITS
from demo.life import at
from demo.outages import LONG
from demo.world import World

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("demo"), 0)
    yield made
    made.close()


def ask(world, system, path, headers=None, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{world.ports[system]}{path}", headers=headers or {}, data=body)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def cases(world, since, size=50):
    page, pages, found = 1, 1, []
    while page <= pages:
        _, body, _ = ask(world, "hotline", f"/cases?since={quote(since.isoformat())}&page={page}&size={size}")
        said = json.loads(body)
        found += said["cases"]
        page, pages = page + 1, said["pages"]
    return said["total"], found


def test_it_decides_the_same_cases_again():
    first = HOTLINE.changes(NOW - timedelta(days=2), NOW, NOW)
    code = (
        "from datetime import *;from demo.cases import HOTLINE;n=datetime(2026,11,3,8,tzinfo=UTC);"
        "print([c['_id'] for c in HOTLINE.changes(n-timedelta(days=2),n,n)])"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert again.strip() == str([case["_id"] for case in first])


def test_it_pages_completely_and_without_doubles(world):
    world.advance(NOW)
    total, found = cases(world, NOW - timedelta(days=3))
    ids = [case["id"] for case in found]
    assert len(ids) == total == len(set(ids))
    assert total > 100


def test_it_answers_304_to_the_same_question(world):
    world.advance(NOW)
    path = f"/cases?since={quote((NOW - timedelta(hours=3)).isoformat())}"
    _, _, headers = ask(world, "hotline", path)
    status, body, _ = ask(world, "hotline", path, {"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")


@pytest.mark.parametrize("system", [HOTLINE, PERMITS, DOCUMENTS, MATTERS, DISCLOSURES], ids=lambda one: one.name)
def test_it_shows_nothing_before_its_instant(system):
    for case in system.changes(NOW - timedelta(days=5), NOW, NOW):
        for name in system.instants:
            assert case[name] is None or case[name] <= NOW


def test_changes_of_two_halves_are_the_changes_of_the_whole():
    start, middle = NOW - timedelta(days=2), NOW - timedelta(days=1)
    known = {}
    for since, until in ((start, middle), (middle, NOW)):
        known.update({case["_id"]: case for case in HOTLINE.changes(since, until, until)})
    assert known == {case["_id"]: case for case in HOTLINE.changes(start, NOW, NOW - timedelta(seconds=1))}


@pytest.mark.parametrize("system", [HOTLINE, PERMITS, DOCUMENTS, MATTERS, DISCLOSURES], ids=lambda one: one.name)
def test_it_tells_of_all_that_was_open_at_an_instant(system):
    """The first question of a replay: what stays unchanged for weeks is in the answer too."""
    told = {case["_id"] for case in system.still(NOW, NOW)}
    for number in range(75):
        for case in system.born_on((NOW - timedelta(days=number)).date()):
            if case[system.instants[0]] <= NOW and (case["due"] >= NOW or case[system.instants[1]] > NOW):
                assert case["_id"] in told


def test_advance_moves_the_database_and_the_files(world):
    ask(world, "control", "/advance", body=json.dumps({"to": NOW.isoformat()}).encode())
    rows = world.permits.execute("SELECT count(*) FROM permits").fetchone()[0]
    ask(world, "control", "/advance", body=json.dumps({"to": (NOW + timedelta(days=2)).isoformat()}).encode())
    assert world.permits.execute("SELECT count(*) FROM permits").fetchone()[0] > rows
    table = world.state / "drops" / "disclosure" / "公开_20261104.csv"
    assert table.read_bytes().decode("gbk").startswith("政府信息公开台账")
    assert datetime.fromtimestamp(table.stat().st_mtime, UTC) == datetime(2026, 11, 3, 22, 30, tzinfo=UTC)
    assert (world.state / "drops" / "supervision" / "督办事项_20261102.xlsx").exists()


def test_a_system_that_is_away_says_so_and_comes_back(world):
    every, first, hour, hours = LONG["approvals"]
    days = [NOW.date() + timedelta(days=number) for number in range(3, 3 + every)]
    day = next(one for one in days if one.toordinal() % every == first)

    def permits():
        return {row[0] for row in world.permits.execute("SELECT name FROM sqlite_master WHERE name LIKE 'permits%'")}

    def at_hour(hours):
        world.advance(at(day, hours * 3600))

    at_hour(hour - 1)
    before = world.permits.execute("SELECT count(*) FROM permits").fetchone()[0]
    at_hour(hour + 2)
    assert "permits" not in permits()
    at_hour(hour + hours + 1)
    assert world.permits.execute("SELECT count(*) FROM permits").fetchone()[0] > before


def test_offices_handed_over_what_was_before_their_files(world):
    drops = world.state / "drops"
    old = [(NOW - timedelta(days=number)).date() for number in (400, 200, 90)]
    (table,) = (drops / "disclosure").glob("公开_存档_*.csv")
    rows = [line.split(",") for line in table.read_bytes().decode("gbk").splitlines()[3:-1]]
    months = {row[3][:7] for row in rows}
    assert {f"{day:%Y-%m}" for day in old} <= months
    assert len(list((drops / "supervision").glob("督办事项_存档_*.xlsx"))) == 1


def test_its_counters_never_fall(world):
    readings = []
    for hours in range(0, 30, 3):
        world.advance(NOW + timedelta(hours=hours))
        _, body, _ = ask(world, "cloud", "/metrics")
        lines = [line for line in body.decode().splitlines() if line and not line.startswith("#")]
        readings.append({line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines})
    for before, after in zip(readings, readings[1:], strict=False):
        counters = [name for name in before if name.startswith("yuncha_app_requests_total")]
        assert len(counters) == 30
        assert len(before) == 150
        assert [name for name in counters if after[name] < before[name]] == []


def test_it_imports_neither_pandas_nor_dash_nor_the_product():
    code = "import sys, demo.world; print([m for m in ('pandas','dash','metrics','collectors') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_host_has_no_past_and_a_real_present(world):
    world.advance(NOW)
    assert ask(world, "host", "/metrics")[1].decode().strip() == "# EOF"
    world.advance(None)
    oldest = world.permits.execute("SELECT min(accepted) FROM permits").fetchone()[0]
    assert oldest < f"{datetime.now(UTC) - timedelta(days=400):%Y-%m-%d}"
    lines = ask(world, "host", "/metrics")[1].decode().splitlines()
    told = {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}
    assert 0 <= told["host_cpu_busy_ticks"] <= told["host_cpu_ticks"]
    assert 0 < told["host_memory_used_bytes"] < told["host_memory_bytes"]
    assert 0 < told["host_disk_used_bytes"] < told["host_disk_bytes"]


def test_the_year_stays_within_its_budget_of_records():
    days = [NOW.date() - timedelta(days=number) for number in range(70)]
    made = sum(len(system.born_on(day)) for system in (HOTLINE, PERMITS, DOCUMENTS, MATTERS, DISCLOSURES) for day in days)
    assert made / len(days) * 410 < 50_000
