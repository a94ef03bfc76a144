"""Two workers and three web servers on one database: each source is asked once an interval, and every server tells the same."""

import json
import signal
import urllib.error
import urllib.request

import pytest

from metrics.store import head, runs
from metrics.store.engine import connect
from tests.fixtures.processes import Processes, until
from tests.kills.province import Province, build

pytestmark = pytest.mark.kills


@pytest.fixture
def province():
    made = Province()
    yield made
    made.close()


@pytest.fixture
def processes(database_url, tmp_path, province):
    """On a copy of the workspace that anybody on this machine may read."""
    place = build(tmp_path / "workspace")
    (place / "workspace.yaml").write_text((place / "workspace.yaml").read_text("utf-8") + "demo: true\n", "utf-8")
    made = Processes(place, tmp_path, DATABASE_URL=database_url, KILLS_URL=province.url, YUNCHA_TIME_SCALE="4")
    yield made
    made.stop()


def told(address: str) -> dict:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def test_each_source_is_asked_once_an_interval_and_all_servers_tell_the_same__F09(processes, database_url, province):
    for _ in range(2):
        processes.forked()
    servers = [processes.web(forked=True) for _ in range(3)]
    addresses = [processes.answering(*one) for one in servers]
    until(lambda: len(province.requests) >= 6)
    apart = [after - before for before, after in zip(province.requests, province.requests[1:], strict=False)]
    assert [gap for gap in apart if gap < 0.5] == []
    province.growing = False
    store = connect(database_url)

    def settled() -> bool:
        with store.read() as connection:
            newest = head.newest(connection).number
            quiet = all(one.outcome == "unchanged" for one in runs.last(connection, "cases", 2))
        answers = [told(address) for address in addresses]
        return quiet and all(one["status"] == "ok" and one["revision"] == newest for one in answers)

    until(settled)
    servers[0][0].send_signal(signal.SIGKILL)
    servers[0][0].wait()
    province.growing = True
    before = told(addresses[1])["revision"]
    until(lambda: all(told(address)["revision"] > before for address in addresses[1:]))
    store.close()
