"""By keyboard alone: a supervisor rules between two sources, staff of the office decide on a figure in question; nobody else."""

import os
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

import alerts
from access import passwords
from access.store import accounts as people
from collectors._run import run_source
from metrics import reading, ruling
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM, TOTAL
from opening import opened
from settings import ROOT, from_environment
from tests.access.conftest import PASSWORD
from tests.alerts.servers import free_port
from tests.browser.test_pages import sound

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
SOURCE = """
- key: KEY
  name: {zh: 名, en: The KEY office}
  type: files
  department: KEY
  gives: observations
  every: 1d
  settings: {folder: drops/KEY, pattern: "*.csv", settle: 0s}
  map:
    period: {field: day, format: "%Y-%m-%d"}
    grain: day
    values: [{indicator: visits, num: {field: n, number: true}}]
"""
FILES = {
    "workspace.yaml": """
key: small
name: {zh: 小城, en: Small town}
zone: UTC
fields: [{key: service, name: {zh: 为民服务, en: Service}}]
boards: [{key: overview, name: {zh: 总览, en: Overview}, cards: [visits]}]
""",
    "departments.yaml": """
- {key: _T, name: {zh: 全市, en: Town}, level: root}
- {key: one, name: {zh: 一科, en: Office one}}
- {key: two, name: {zh: 二科, en: Office two}}
""",
    "sources/one.yaml": SOURCE.replace("KEY", "one"),
    "sources/two.yaml": SOURCE.replace("KEY", "two"),
    "indicators/visits.yaml": """
- key: visits
  name: {zh: 来访量, en: Visits}
  field: service
  observations: [one, two]
  measure: observed
  by: []
  unit: item
  grains: [day]
  better: none
  no_target: {zh: 不设, en: None}
  plausible: {jump: 100}
  tolerance: 5
  owner: one
  basis: {zh: 规定, en: Rules}
  version: 1
""",
}
PEOPLE = (("chief", "supervisor", TOTAL), ("clerk", "staff", "one"), ("other", "staff", "two"), ("guest", "viewer", TOTAL))


class Town:
    def __init__(self, folder):
        self.folder = folder / "small"
        for name, text in FILES.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        self.port = free_port()
        self.environment = {"WORKSPACE": str(self.folder), "DATA": str(folder / "data"), "PORT": str(self.port)}
        self.workspace, self.store = opened(from_environment(self.environment))
        with self.store.write() as connection:
            for name, role, department in PEOPLE:
                hash = passwords.hashed(PASSWORD)
                people.add(connection, name, f"The {name}", role, (department,), (TOTAL,), hash, datetime.now(UTC))

    def report(self, source, ago, n):
        drops = self.folder / "drops" / source
        drops.mkdir(parents=True, exist_ok=True)
        (drops / f"{ago}.csv").write_text(f"day,n\n{TODAY - ago * DAY:%Y-%m-%d},{n}\n", encoding="utf-8")
        now = TODAY - (ago - 1) * DAY
        run = run_source(self.workspace.sources[source], self.workspace, self.store, now, [alerts.evaluate(self.workspace)])
        assert run.error == "", run.error

    def figures(self):
        with self.store.read() as connection:
            cells = reading.trend(Ask(connection, self.workspace, SYSTEM, datetime.now(UTC)), Series("visits", "day"), 9)
        return [cell.value for cell in cells]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    made = Town(tmp_path_factory.mktemp("questions"))
    for ago, n in ((4, 500), (3, 510)):
        made.report("one", ago, n)
    made.report("two", 3, 560)
    made.report("one", 2, 5_200_000)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def address(town):
    environment = {**os.environ, **town.environment}
    process = subprocess.Popen([sys.executable, "app.py", "web"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    url, until = f"http://127.0.0.1:{town.port}", time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/login", timeout=30).close()
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


def sign_in(page, address, who, path):
    page.context.clear_cookies()
    page.goto(f"{address}{path}")
    page.fill("#name", who)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#main h1")


def tab_to(page, selector):
    """By the Tab key alone; as anybody without a mouse."""
    page.wait_for_selector(selector)
    page.focus("#main")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no way to {selector} by the keyboard")


def test_a_supervisor_rules_with_a_reason_and_takes_it_back_and_nobody_else_may(town, address, page):
    sign_in(page, address, "clerk", "/conflicts?lang=en")
    page.wait_for_selector("text=none of those who report it decides in its own cause")
    assert page.locator("#conflict-rule").count() == 0
    sign_in(page, address, "chief", "/conflicts?lang=en")
    assert page.inner_text("#main").count("560") >= 1
    tab_to(page, "#conflict-source input")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page, "#conflict-rule")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Please say why")
    tab_to(page, "#conflict-reason")
    page.keyboard.type("They counted at the door")
    tab_to(page, "#conflict-rule")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Ruled; the figures are computed again")
    with town.store.read() as connection:
        (made,) = ruling.history(connection, town.workspace, SYSTEM)
    assert (made.source, made.actor, made.first == made.last) == ("two", "The chief", True)
    assert 560 in town.figures()
    page.goto(f"{address}/conflicts?lang=en")
    page.wait_for_selector("text=“They counted at the door”")
    tab_to(page, "#conflict-reason")
    page.keyboard.type("The door was open")
    tab_to(page, "#conflict-undo")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Taken back")
    page.goto(f"{address}/conflicts?lang=en")
    page.wait_for_selector("text=taken back by The chief")
    assert [fault for fault in page.faults if "status of 401" not in fault] == []


def test_staff_of_the_office_release_a_figure_in_question_and_others_do_not_even_see_it(town, address, page):
    assert 5_200_000 not in town.figures()
    sign_in(page, address, "guest", "/held?lang=en")
    page.wait_for_selector("text=Sources")
    assert "5,200,000" not in page.inner_text("#main")
    sign_in(page, address, "other", "/held?lang=en")
    assert page.locator("#held-release").count() == 0
    sign_in(page, address, "clerk", "/held?lang=en")
    said = page.inner_text("#main")
    assert "5,200,000" in said
    assert "is the unit the same?" in said
    tab_to(page, "#held-release")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Please say why")
    tab_to(page, "#held-why")
    page.keyboard.type("A pilgrimage")
    tab_to(page, "#held-release")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Released; the figures are computed again")
    page.goto(f"{address}/held?lang=en")
    page.wait_for_selector("text=“A pilgrimage”")
    assert 5_200_000 in town.figures()
    assert [fault for fault in page.faults if "status of 401" not in fault] == []


@pytest.mark.parametrize("path", ["/conflicts", "/held"])
def test_on_a_phone_each_line_is_a_card_with_the_heads_of_the_columns_and_nothing_is_beside_the_screen(town, address, page, path):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, address, "chief", f"{path}?lang=en")
    sound(page, 390)
    boxes = page.evaluate("[...document.querySelectorAll('.cards')].map(one => [one.scrollWidth, one.clientWidth])")
    assert boxes
    assert all(inner <= outer for inner, outer in boxes), boxes
    assert page.evaluate("getComputedStyle(document.querySelector('.cards td:nth-child(2)'), '::before').content") == '"Period"'
