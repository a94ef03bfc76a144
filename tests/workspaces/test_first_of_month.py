"""The 1st of a month at 09:00: the new month has hardly begun, and nobody is alarmed by that."""

from datetime import datetime, timedelta

import pytest

import alerts
from demo.life import LOCAL
from metrics import periods, reading
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.store.engine import connect
from metrics.store.schema import migrate
from tests.workspaces.province import live_through, sichuan, systems

STEP = timedelta(hours=8)
ALARMS = {"watch", "off", "serious"}


@pytest.fixture(scope="module", params=[datetime(2026, 12, 1, 9, tzinfo=LOCAL), datetime(2027, 1, 1, 9, tzinfo=LOCAL)], ids=str)
def morning(request, tmp_path_factory, workspaces):
    """(workspace, store, that instant), four days of the demo province's life behind it."""
    folder = tmp_path_factory.mktemp("first")
    store = connect(f"sqlite:///{folder / 'yuncha.db'}")
    migrate(store)
    workspace = sichuan(workspaces)
    now = periods.from_us(periods.to_us(request.param))
    with pytest.MonkeyPatch.context() as patch, systems(folder / "demo", patch) as world:
        last = live_through(store, workspace, world, now - 12 * STEP, 13, STEP)
    assert last == now
    yield workspace, store, now
    store.close()


def cards(morning):
    workspace, store, now = morning
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, now)
        places = [(None, None), *((one.id, None) for one in workspace.departments.at_level("department")[:4])]
        return [reading.card(ask, key, *place) for key in workspace.indicators for place in places]


def test_no_card_is_judged_by_a_period_that_has_not_ended(morning):
    _, _, now = morning
    found = [one for one in cards(morning) if one.cell is not None and not one.indicator.measure.stock]
    assert found
    for one in found:
        if one.series.grain != "all":
            assert one.cell.settled, one.indicator.key
            assert one.cell.period_end + one.indicator.settle_delay <= now, one.indicator.key


def test_no_card_alarms_where_nothing_is_known_or_nothing_was_due(morning):
    for one in cards(morning):
        if one.cell is None or one.cell.value is None:
            assert one.state not in ALARMS, (one.indicator.key, one.state)


def test_no_card_shows_0_for_what_is_missing(morning):
    for one in cards(morning):
        for cell in (one.cell, one.running):
            if cell is not None and cell.status == "M":
                assert cell.value is None, one.indicator.key
            if cell is not None and cell.den == 0:
                assert cell.value is None, one.indicator.key


def test_no_alert_is_about_a_period_that_has_not_ended(morning):
    workspace, store, now = morning
    with store.read() as connection:
        rows = alerts.inbox(Ask(connection, workspace, SYSTEM, now), open_only=False, limit=500)
    for row in rows:
        if row.indicator and not workspace.indicators[row.indicator].measure.stock and row.series.grain != "all":
            assert row.period_end <= now, row
