"""From source to screen without a click: a real HTTP source, worker, web server and browser; measured seconds are printed."""

import math
import os
import random
import sqlite3
import time
import urllib.parse
from http.client import HTTPConnection

import pytest

from tests.fixtures.processes import Processes, until
from tests.live.town import Desk, town

pytestmark = pytest.mark.browser

SOAK = bool(os.environ.get("YUNCHA_SOAK"))
CHANGES, EVERY, WITHIN = (20, 10, 13.0) if SOAK else (6, 2, 5.0)
FIGURE = "#card-open .v .num"


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """The desk, its town's store and the address of its web server."""
    folder = tmp_path_factory.mktemp("live")
    desk = Desk()
    desk.open_one()
    processes = Processes(town(folder, every=f"{EVERY}s"), folder, KILLS_URL=desk.url)
    worker, (web, address) = processes.worker(), processes.web()
    processes.answering(web, address)
    until(lambda: rows(folder, "SELECT 1 FROM chosen"))
    yield desk, folder, address, worker, web
    processes.stop()
    desk.close()


def rows(folder, query, *change):
    connection = sqlite3.connect(folder / "town" / "yuncha.db", timeout=10)
    try:
        with connection:
            return connection.execute(query, change).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def shows(page, figure):
    written = "([at, text]) => document.querySelector(at)?.textContent === text"
    page.wait_for_function(written, arg=[FIGURE, str(figure)], timeout=60_000)


def p95(seconds):
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def test_it_brings_a_change_in_the_source_to_an_open_screen(life, page):
    desk, folder, address, *_ = life
    page.goto(address)
    shows(page, 1)
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    from_source, from_commit = [], []
    for _ in range(CHANGES):
        if SOAK:  # at any moment of the interval, not always right after a look
            page.wait_for_timeout(dice.uniform(0, EVERY * 1000))
        changed = time.time()
        figure = desk.open_one()
        shows(page, figure)
        shown = time.time()
        ((committed,),) = rows(folder, "SELECT max(recorded_at) FROM revision WHERE kind = 'collect'")
        from_source.append(shown - changed)
        from_commit.append(shown - committed / 1e6)
    print(f"source to screen: {[round(s, 1) for s in from_source]} s, p95 {p95(from_source):.1f} s (seed {seed})")
    print(f"commit to screen: {[round(s, 1) for s in from_commit]} s, p95 {p95(from_commit):.1f} s")
    assert max(from_source) <= WITHIN
    assert p95(from_commit) <= 3.0
    assert page.faults == []


def test_a_viewer_to_whom_nothing_happened_costs_less_than_a_kilobyte_a_look(life, page):
    address = life[2]
    page.goto(address)
    with page.expect_response(lambda answer: "/live?" in answer.url and answer.status == 204, timeout=30_000) as found:
        pass
    looked = found.value.request
    asked = looked.all_headers()
    lines = [f"GET {looked.url.removeprefix(address)} HTTP/1.1", *(f"{k}: {v}" for k, v in asked.items() if k[0] != ":")]
    sent = sum(len(line) + 2 for line in [*lines, ""])
    connection = HTTPConnection(urllib.parse.urlsplit(address).netloc)
    connection.request("GET", looked.url.removeprefix(address), headers=asked)
    answer = connection.getresponse()
    got = len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n") + len(str(answer.headers)) + len(answer.read())
    connection.close()
    print(f"a look where nothing happened: {sent} bytes up, {got} bytes down")
    assert answer.status == 204
    assert sent + got < 1000 - len("Cookie: ") - 80, "who signed in sends a session's cookie besides"


def test_a_page_whose_worker_died_turns_stale_by_itself(life, page):
    desk, folder, address, worker, _ = life
    page.goto(address)
    shows(page, len(desk.cases))
    assert not page.is_visible("#stall")
    worker.kill()
    worker.wait()
    if not SOAK:  # time passes in the row: the page goes by how long ago the worker last said that it lives
        rows(folder, "UPDATE lease SET beat = beat - ?", 60_000_000)
    page.wait_for_selector("#page.stalled #stall", state="visible", timeout=60_000)
    assert "采集进程没有响应" in page.inner_text("#stall")
    assert "grayscale" in page.eval_on_selector("main .body", "e => getComputedStyle(e).filter")


def test_a_page_whose_web_server_died_turns_stale_by_its_own_clock(life, page):
    _, folder, address, _, web = life
    page.clock.install()
    page.goto(address)
    page.wait_for_selector(FIGURE)
    rows(folder, "UPDATE lease SET beat = ?", time.time_ns() // 1000)
    page.wait_for_selector("#page:not(.stalled)")
    web.terminate()
    web.wait(20)
    page.clock.fast_forward(10_000)
    page.wait_for_selector("#page.stalled #stall", state="visible", timeout=30_000)
