"""Every page of the demo province in a real browser: no error, no foreign request, nothing cut off, at desk, phone and wall."""

import io
import shutil
import struct
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from pypdf import PdfReader
from sqlalchemy import select

import alerts
from alerts.store.tables import episode
from metrics.arrivals import Batch, ObservationIn
from metrics.ingest import ingest
from metrics.periods import bounds, previous
from metrics.store.engine import connect
from metrics.store.runs import RunIn
from tests.fixtures.browser import at_rest, desk, watched
from tests.fixtures.processes import serving
from tests.workspaces.province import live_through, sichuan, systems

pytestmark = pytest.mark.browser

STEP = timedelta(hours=6)
SIZES = {"desk": (1440, 900), "phone": (390, 844), "wall": (1920, 1080)}
PAGES = [
    "/", "/field", "/field/service", "/department", "/department/zrzyt", "/region", "/region/511700",
    "/indicator/hotline_on_time", "/indicator/apps_available", "/cases?source=hotline", "/case",
    "/values?indicator=apps_available", "/sources", "/sources/hotline", "/alerts",
    "/passport", "/passport?indicator=hotline_on_time&grain=all", "/passport?code=wrong",
    "/definitions", "/definitions/hotline_on_time", "/orders", "/rules", "/silences", "/roster",
    "/conflicts", "/held", "/changes", "/?as_of=1", "/sources?as_of=1", "/conflicts?as_of=1", "/held?as_of=1",
    "/definitions?as_of=1", "/bulletin?month=2026-10",
    "/nowhere",
]  # fmt: skip
ONE_A_LAYOUT = ["/", "/indicator/hotline_on_time", "/cases?source=hotline", "/sources"]
LAYOUT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(sqlite_template, tmp_path_factory, workspaces):
    """The web server of the product, as `app.py web` starts it, over sixteen steps of the demo province's life."""
    data = tmp_path_factory.mktemp("pages")
    path = data / "sichuan" / "yuncha.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    store = connect(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch, systems(data / "demo", patch) as world:
        workspace = sichuan(workspaces)
        few_calls_are_answered(store, workspace, live_through(store, workspace, world, datetime.now(UTC) - 9 * STEP, 10, STEP))
    store.close()
    with serving(workspaces / "sichuan", data) as url:
        yield url


def few_calls_are_answered(store, workspace, now):
    """The last two days are told again, far out of range: an alert is open whatever the hour and the day of the week."""
    yesterday = previous("day", bounds("day", now, workspace.zone)[0], workspace.zone)
    days = [yesterday, previous("day", yesterday, workspace.zone)]
    counts = (("calls_offered", 900), ("calls_answered", 300))
    told = [ObservationIn(key, "day", day, many) for day in days for key, many in counts]
    run = RunIn("hotline_calls", "collect", now, now, "ok")
    ingest(store, workspace, Batch("hotline_calls", (), told), (alerts.evaluate(workspace),), now, run=run)
    with store.read() as connection:
        opened = select(episode.c.closed_at).where(episode.c.rule == "calls_unanswered")
        assert list(connection.execute(opened).scalars()) == [None]


@pytest.fixture(scope="module")
def window(browser):
    """One window for all pages of a module: what a new one does first, reading the scripts, takes longer than a page."""
    context = desk(browser)
    yield watched(context.new_page())
    context.close()


@pytest.fixture
def page(window):
    """The window as if it were new: nothing shown, nobody remembered."""
    window.set_viewport_size({"width": 1440, "height": 900})
    window.faults.clear()
    yield window
    window.evaluate("location.protocol === 'http:' && localStorage.clear()")
    window.goto("about:blank")
    window.context.clear_cookies()


def look(page, address, path):
    page.goto(address + path)
    page.wait_for_selector("#main h1", timeout=30_000)
    at_rest(page)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_it_opens_at_every_size_without_a_fault(address, page, path):
    look(page, address, path)
    assert "演示数据" in page.inner_text("header")
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if name == "phone":
            look(page, address, path)
        sound(page, width)
    assert page.faults == []


@pytest.mark.parametrize(
    ("path", "link"),
    [("/cases?source=supervision", "a[href*='/case?']"), ("/alerts", "#main a[href^='/alerts/']"),
     ("/rules", "#main a[href^='/rules/']")],
)  # fmt: skip
def test_what_a_list_leads_to_opens_at_every_size_without_a_fault(address, page, path, link):
    look(page, address, path)
    page.wait_for_selector(link, state="attached", timeout=20_000)
    there = page.locator(link).first.get_attribute("href")
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if name != "wall":
            look(page, address, there)
        sound(page, width)
    assert page.faults == []


def test_the_way_in_is_sound_at_every_size(address, page):
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/login")
        page.wait_for_selector("input[type=password]")
        sound(page, width)
    assert page.faults == []


def sound(page, width):
    """Nothing wider than the screen, nothing cut off without a title, no text over another."""
    end = time.monotonic() + 5  # a graph is drawn anew after a change of size
    while (found := page.evaluate(LAYOUT)) != {"cut": [], "over": []} and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert found == {"cut": [], "over": []}, width
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1, "the page is wider than the screen"


def test_the_check_finds_what_is_cut_off_and_what_is_written_over(page):
    page.set_content("""<main>
      <div style="width: 60px; overflow: hidden; white-space: nowrap">a long name that is cut off</div>
      <div style="width: 60px; overflow: hidden; white-space: nowrap" title="said"><b>a long name with a title</b></div>
      <div style="width: 60px; overflow: auto; white-space: nowrap">a long name to scroll to</div>
      <p style="height: 8px; line-height: 8px; margin: 0">first line</p><p style="margin: -6px 0 0">second line</p>
      <details><summary>closed</summary>hidden words</details><p>last line</p></main>""")
    found = page.evaluate(LAYOUT)
    assert found["cut"] == ["DIV: a long name that is cut off"]
    assert found["over"] == ["P: first line | P: second line"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ONE_A_LAYOUT)
def test_it_speaks_both_languages_on_both_themes(address, page, path, lang, theme):
    look(page, address, f"{path}{'&' if '?' in path else '?'}lang={lang}&theme={theme}")
    sound(page, 1440)
    assert page.faults == []
    words = page.inner_text("header")
    assert ("Overview" in words) == (lang == "en")
    assert ("总览" in words) == (lang == "zh")


def test_from_a_card_to_the_raw_payload_takes_at_most_four_clicks(address, page):
    look(page, address, "/")
    ways = [("#card-hotline_on_time .inf", "/passport?"), (".run:not([open]) summary", None)]
    clicks = 0
    for where, leads in ways:
        if page.locator(".payload tbody td").count() and clicks:
            break
        page.locator(where).first.click()
        clicks += 1
        if leads:
            page.wait_for_url(f"**{leads}**", timeout=20_000)
        page.wait_for_selector(".run", timeout=20_000)
    page.wait_for_selector(".payload tbody td", timeout=20_000)
    assert clicks <= 4
    assert "sha256" in page.inner_text(".run[open]")
    code = page.inner_text("#passport-shown")
    page.fill("#passport-code", code.lower().replace("-", " "))
    page.press("#passport-code", "Enter")
    page.wait_for_url("**/passport?code=**", timeout=20_000)
    page.wait_for_selector("#passport-shown", timeout=20_000)
    assert page.inner_text("#passport-shown") == code, "the box opens what a code on paper names"
    assert page.faults == []


def test_a_picture_that_was_taken_away_says_its_code_and_the_code_opens_what_it_showed(address, page):
    look(page, address, "/indicator/hotline_on_time")
    page.wait_for_selector(".js-plotly-plot", timeout=20_000)
    with page.expect_download() as taken:
        page.locator("button[data-png]").first.click()
    said = said_in(Path(taken.value.path()).read_bytes())
    assert "12345按时办结率" in said
    code = said.rpartition("数字护照 ")[2]
    look(page, address, f"/passport?code={quote(code)}")
    assert page.inner_text("#passport-shown") == code
    assert "12345按时办结率" in page.inner_text("#main")
    assert page.faults == []


def said_in(picture):
    """The text kept in a PNG (iTXt), its checksums proved."""
    assert picture.startswith(b"\x89PNG")
    spot, found = 8, []
    while spot < len(picture):
        size, kind = struct.unpack_from(">I4s", picture, spot)
        data, (check,) = picture[spot + 8 : spot + 8 + size], struct.unpack_from(">I", picture, spot + 8 + size)
        assert zlib.crc32(kind + data) == check
        found.append((kind, data))
        spot += size + 12
    assert found[-1] == (b"IEND", b"")
    return next(data for kind, data in found if kind == b"iTXt").removeprefix(b"Description\0\0\0\0\0").decode()


def test_the_map_has_twenty_one_shapes(address, page):
    look(page, address, "/")
    assert page.locator(".map-svg .rg").count() >= 21


def test_a_bulletin_prints_to_a4_without_the_frame_of_the_screen(address, page):
    look(page, address, "/bulletin?month=2026-10")
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert [round(float(side)) for side in paper.pages[0].mediabox[2:]] == [595, 842]
    text = "".join(one.extract_text() for one in paper.pages)
    assert "2026年10" in text
    assert "指标库" not in text
