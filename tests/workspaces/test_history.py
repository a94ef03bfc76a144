"""The demo's 45 days, made by the product's own replay with its people in it; whole, with the year before, in `make soak`."""

import os
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

import alerts
from collectors._run import run_source
from demo import people
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.replay import STEP, replay
from tests.workspaces.province import sichuan, systems

END = datetime(2026, 11, 22, 11, tzinfo=UTC)
BEGIN = END - timedelta(days=45)
WEEK = datetime(2026, 11, 3, 15, tzinfo=UTC)
"""A figure is put right in it, a city does not answer for two days, and one day the lines are full."""
MOST = {"record": 50_000, "observation": 250_000, "chosen": 350_000}
MEGABYTES = 120
MONTHS = 12


@pytest.fixture
def lived(sqlite_store, tmp_path, workspaces):
    """Replays sources of the demo between two instants, with its people; then what is in the inbox."""
    store = sqlite_store
    with pytest.MonkeyPatch.context() as patch, systems(tmp_path / "demo", patch) as world:
        workspace = sichuan(workspaces)
        judges = (alerts.evaluate(workspace),)

        def collect(source, instant, **how):
            run_source(source, workspace, store, instant, judges, **{"kind": "replay", **how})

        def after(instant):
            with store.write() as connection:
                alerts.tick(connection, workspace, instant, kind="replay", step=STEP)
            people.act(store, workspace, instant, "replay")

        def live(begin, end, keys=None):
            def some(source, instant):
                if keys is None or source.key in keys:
                    collect(source, instant)

            for _ in replay(store, workspace, begin, end, advance=world.advance, collect=some, judges=judges, after_step=after):
                pass
            with store.read() as connection:
                return list(alerts.inbox(Ask(connection, workspace, SYSTEM, end), open_only=False, limit=500))

        live.world, live.workspace, live.collect, live.path = world, workspace, collect, tmp_path / "yuncha.db"
        yield live


def test_a_week_of_telephones_is_an_alert_taken_on_that_recovers_and_one_that_is_corrected(lived):
    rows = lived(WEEK, WEEK + timedelta(days=8.5), {"hotline_calls", "dazhou_totals"})
    told = {row.closed for row in rows if row.rule == "calls_unanswered"}
    assert {"recovered", "corrected"} <= told
    assert [row for row in rows if row.acknowledged_by and row.comment]
    assert [row for row in rows if row.kind == "source"], "a source without success is an alert of its own"


@pytest.mark.soak
@pytest.mark.skipif(not os.environ.get("YUNCHA_SOAK"), reason="minutes of computing: in `make soak`")
def test_45_days_show_every_course_of_an_alert_and_the_year_before_stays_within_the_budget(lived, monkeypatch):
    rows = lived(BEGIN, END)
    assert [row for row in rows if row.condition != "NORMAL"], "firing"
    assert [row for row in rows if row.acknowledged_by and row.condition != "NORMAL"], "acknowledged"
    assert [row for row in rows if row.seen_by and not row.acknowledged_by]
    assert [row for row in rows if not row.seen_by]
    assert {"recovered", "corrected"} <= {row.closed for row in rows}
    again = Counter((row.rule, row.series) for row in rows if row.kind == "threshold")
    assert max(again.values()) >= 4, "fires and recovers again and again"
    assert [row for row in rows if row.kind == "source" and row.closed == "recovered"], "stale"

    for module in ("cloud", "servers", "world"):  # whatever the time of day is: of the year before nothing is to be missing
        monkeypatch.setattr(f"demo.{module}.away", lambda *_: False)
    lived.world.advance(None)
    fetched = [source for source in lived.workspace.sources.values() if not source.sends]
    sent = {key for key, one in lived.workspace.indicators.items() if one.source and lived.workspace.sources[one.source].sends}
    for month in range(1, MONTHS + 1):
        since, until = BEGIN - timedelta(days=30 * month), BEGIN - timedelta(days=30 * (month - 1))
        for source in fetched:
            lived.collect(source, datetime.now(UTC), kind="backfill", since=since, until=until)
    file = sqlite3.connect(lived.path)
    try:
        for table, most in MOST.items():
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] <= most, table
        found = file.execute(
            "SELECT s.indicator, count(*) FROM chosen c JOIN series s ON s.id = c.series_id "
            "WHERE s.grain = 'month' AND s.department_id = '_T' AND s.region_id = '_T' GROUP BY 1"
        )
        short = {indicator: months for indicator, months in found if months < MONTHS and indicator not in sent}
        assert not short
    finally:
        file.close()
    assert lived.path.stat().st_size < MEGABYTES * 1e6
