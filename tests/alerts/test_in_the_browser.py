"""Acceptance: an alert is raised from a dropped file, mailed, acknowledged in a browser, recovered; each step is a row."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import alerts
from access import passwords
from access.store import accounts as people
from alerts.store.tables import alert_event, episode, follow, outbox
from collectors._run import run_source
from metrics.model import TOTAL
from metrics.periods import to_us
from opening import opened
from settings import from_environment
from tests.access.conftest import PASSWORD
from tests.alerts.servers import Post
from tests.fixtures.processes import serving

pytestmark = pytest.mark.browser

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

FILES = {
    "workspace.yaml": """
key: small
name: {zh: 小城, en: Small town}
zone: UTC
fields: [{key: service, name: {zh: 为民服务, en: Service}}]
boards: [{key: overview, name: {zh: 总览, en: Overview}, cards: [on_time], rank: on_time}]
receivers:
  - key: chief
    name: {zh: 值班领导, en: Chief}
    channel: smtp
    settings: {host: 127.0.0.1, port: PORT, to: chief@example.org, sender: yuncha@example.org}
""",
    "departments.yaml": """
- {key: _T, name: {zh: 全市, en: Town}, level: root}
- {key: a, name: {zh: 一科, en: Office A}}
""",
    "sources/desk.yaml": """
- key: desk
  name: {zh: 报表, en: Reports}
  type: files
  department: a
  gives: observations
  every: 1d
  settings: {folder: drops, pattern: "*.csv", settle: 0s}
  map:
    period: {field: day, format: "%Y-%m-%d"}
    grain: day
    department: office
    values: [{indicator: on_time, num: {field: done, number: true}, den: {field: due, number: true}}]
  """,
    "indicators/on_time.yaml": """
- key: on_time
  name: {zh: 按时办结率, en: Closed on time}
  field: service
  observations: [desk]
  measure: observed
  by: [department]
  unit: percent
  grains: [day]
  better: higher
  target: 95
  owner: a
  basis: {zh: 规定, en: Rules}
  version: 1
""",
    "rules/low.yaml": """
- key: low
  name: {zh: 按时办结率偏低, en: Too little on time}
  indicator: on_time
  by: department
  levels: {warning: {when: "< 95", until: ">= 96"}}
  receivers: [chief]
  version: 1
""",
}


class Town:
    """The small town: its folder, its store, and the day's work of a worker."""

    def __init__(self, folder, port, files=FILES):
        self.folder = folder / "small"
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("PORT", str(port)), encoding="utf-8")
        (self.folder / "drops").mkdir()
        self.data = folder / "data"
        self.workspace, self.store = opened(from_environment({"WORKSPACE": str(self.folder), "DATA": str(self.data)}))
        with self.store.write() as connection:
            hash = passwords.hashed(PASSWORD)
            people.add(connection, "clerk", "张三", "staff", (TOTAL,), (TOTAL,), hash, datetime.now(UTC))

    def day(self, ago, done, due=1000):
        """The file of a day, dropped and collected on the day after; then what waits is sent."""
        day, now = TODAY - timedelta(days=ago), TODAY - timedelta(days=ago - 1)
        file = self.folder / "drops" / f"{day:%Y%m%d}.csv"
        file.write_text(f"day,office,done,due\n{day:%Y-%m-%d},a,{done},{due}\n", encoding="utf-8")
        run = run_source(self.workspace.sources["desk"], self.workspace, self.store, now, [alerts.evaluate(self.workspace)])
        assert run.outcome == "ok", run.error
        alerts.send_due(self.store, self.workspace, now)

    def rows(self, table):
        with self.store.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


@pytest.fixture
def post():
    with Post().serving() as serving:
        yield serving


@pytest.fixture
def town(tmp_path, post):
    made = Town(tmp_path, post.port)
    yield made
    made.store.close()


@pytest.fixture
def address(town):
    """The product's own web process on the town's store."""
    with serving(town.folder, town.data) as url:
        yield url


def test_it_is_raised_mailed_acknowledged_in_the_browser_and_recovered(town, post, address, page):
    town.day(6, 980)
    town.day(5, 930)
    assert len(post.mails) == 1
    (raised,) = town.rows(episode)

    page.goto(f"{address}/alerts?lang=en")
    page.fill("#name", "clerk")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector("text=Closed on time")
    page.click(f"a[href*='/alerts/{raised.id}']")
    page.wait_for_selector("#alert-comment")
    page.click("#alert-take")
    page.wait_for_selector("[role=alert]")
    page.fill("#alert-comment", "I am on it")
    page.check("text=In 2 days")
    page.click("#alert-take")
    page.wait_for_selector("text=“I am on it”")
    assert [fault for fault in page.faults if "status of 401" not in fault] == []
    (asked,) = town.rows(follow)
    assert abs(asked.again_at - to_us(datetime.now(UTC) + timedelta(days=2))) < 600_000_000

    town.day(4, "—", "—")
    (still,) = town.rows(episode)
    assert (still.closed_at, still.handling, still.acked_name, still.comment) == (None, "ACKED", "张三", "I am on it")
    town.day(3, 970)
    assert len(post.mails) == 2
    page.goto(f"{address}/alerts/{raised.id}?lang=en")
    page.wait_for_selector("text=Too little on time")
    assert [one.kind for one in town.rows(alert_event)] == ["firing", "seen", "acknowledged", "recovered"]
    assert [(one.kind, one.state) for one in town.rows(outbox)] == [("firing", "sent"), ("recovered", "sent")]
    assert [one.closed for one in town.rows(episode)] == ["recovered"]


def test_a_supervisor_dismisses_it_in_the_browser_with_a_reason(town, address, page):
    town.day(6, 980)
    town.day(5, 930)
    (raised,) = town.rows(episode)
    with town.store.write() as connection:
        hash = passwords.hashed(PASSWORD)
        people.add(connection, "chief", "李督查", "supervisor", (TOTAL,), (TOTAL,), hash, datetime.now(UTC))
    page.goto(f"{address}/alerts/{raised.id}?lang=en")
    page.fill("#name", "chief")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.click("text=Nothing is to be done about it…")
    page.click("#alert-dismiss")
    page.wait_for_selector("text=Please say why.")
    page.fill("#alert-reason", "Closed for two days, as announced")
    page.click("#alert-dismiss")
    page.wait_for_selector("text=Dismissed. That it gets worse")
    page.click("#alert-dismissed a")
    page.wait_for_selector("text=Dismissed by")
    assert page.locator("#alert-dismiss").count() == 0
    assert [fault for fault in page.faults if "status of 401" not in fault] == []
    page.goto(f"{address}/alerts?lang=en")
    page.wait_for_selector("text=“Closed for two days, as announced”")
    (kept,) = town.rows(episode)
    assert (kept.handling, [one.kind for one in town.rows(alert_event)]) == ("DISMISSED", ["firing", "seen", "dismissed"])
