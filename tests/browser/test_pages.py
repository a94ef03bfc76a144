"""Every page of the demo province in a real browser: no error, no foreign request, nothing cut off, at desk, phone and wall."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metrics.store.engine import connect
from tests.workspaces.province import live_through, sichuan, systems

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent.parent
STEP = timedelta(hours=6)
SIZES = {"desk": (1440, 900), "phone": (390, 844), "wall": (1920, 1080)}
PAGES = [
    "/", "/field/service", "/department/zrzyt", "/region/511700", "/indicator/hotline_on_time", "/indicator/apps_available",
    "/cases?source=hotline", "/sources", "/alerts", "/definitions",
]  # fmt: skip
ONE_A_LAYOUT = ["/", "/indicator/hotline_on_time", "/cases?source=hotline", "/sources"]
CUT_OFF = """() => [...document.querySelectorAll('#main *, header *')].filter(e => {
  if (!e.childNodes.length || [...e.childNodes].some(n => n.nodeType === 1) || !e.textContent.trim()) return false;
  const s = getComputedStyle(e);
  if (s.visibility === 'hidden' || s.display === 'none' || !e.getClientRects().length || s.overflowX === 'visible') return false;
  return e.scrollWidth > e.clientWidth + 1 && !e.closest('[title]') && !e.closest('.ag-root-wrapper') && !e.closest('.sr');
}).map(e => e.className + ': ' + e.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def address(sqlite_template, tmp_path_factory, workspaces):
    """The web server of the product, as `app.py web` starts it, over sixteen steps of the demo province's life."""
    data = tmp_path_factory.mktemp("pages")
    path = data / "sichuan" / "yuncha.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    store = connect(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch, systems(data / "demo", patch) as world:
        live_through(store, sichuan(workspaces), world, datetime.now(UTC) - 9 * STEP, 10, STEP)
    store.close()
    port = _free_port()
    environment = {**os.environ, "DATA": str(data), "PORT": str(port), "WORKSPACE": str(workspaces / "sichuan")}
    log = (data / "web.log").open("w")
    server = subprocess.Popen([sys.executable, "app.py", "web"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        assert server.poll() is None, (data / "web.log").read_text()
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2)
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(20)


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def look(page, address, path):
    page.goto(address + path)
    page.wait_for_selector("#main h1", timeout=30_000)
    page.wait_for_load_state("networkidle", timeout=30_000)
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PAGES)
def test_it_opens_without_a_fault(address, page, path, size):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    look(page, address, path)
    assert page.faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1, "the page is wider than the screen"
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ONE_A_LAYOUT)
def test_it_speaks_both_languages_on_both_themes(address, page, path, lang, theme):
    look(page, address, f"{path}{'&' if '?' in path else '?'}lang={lang}&theme={theme}")
    assert page.faults == []
    words = page.inner_text("header")
    assert ("Overview" in words) == (lang == "en")
    assert ("总览" in words) == (lang == "zh")


def test_the_map_has_twenty_one_shapes(address, page):
    look(page, address, "/")
    assert page.locator(".map-svg .rg").count() >= 21


def test_the_demo_mark_is_on_every_page(address, page):
    for path in PAGES:
        look(page, address, path)
        assert "演示数据" in page.inner_text("header"), path
