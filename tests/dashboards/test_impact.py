"""What depends on a source, and how it did lately: open orders by name, back-fills apart."""

from __future__ import annotations

import json
from datetime import timedelta

import plotly
import pytest

from alerts import orders
from collectors._take import Door
from dashboards import _impact
from demo import offices
from metrics import reading
from metrics.answers import Ask
from metrics.model import Principal
from metrics.store import head, runs
from metrics.store.runs import RunIn
from tests.access.conftest import one_engine
from tests.dashboards.made import NOW, setting
from tests.workspaces.province import sichuan

database_url = one_engine
EVENING = NOW - timedelta(hours=13)
CHIEF = Principal("chief", "chief", frozenset({"supervisor"}))


@pytest.fixture
def ask(store, workspaces):
    workspace = sichuan(workspaces)
    with store.write() as connection:
        head.ensure(connection)
    assert offices.close_of_day(Door(store, workspace, ()), EVENING)
    with store.write() as connection:
        draft = orders.Draft("窗口等候偏长", "gat", "请查明原因。", indicator="windows_within_20", grain="day")
        orders.raise_order(connection, workspace, CHIEF, draft, NOW - timedelta(days=1))
        for number in range(40):
            kind, outcome = ("backfill", "error") if number % 2 else ("collect", "ok")
            at = NOW - timedelta(minutes=80 - number)
            runs.add(connection, RunIn("hotline", kind, at, at, outcome))
    with store.read() as connection:
        yield Ask(connection, workspace, CHIEF, NOW)


def state(ask, key):
    return next(one for one in reading.sources(ask) if one.key == key)


def test_it_names_the_open_orders_that_wait_for_its_figures(ask):
    windows, hotline, months = (state(ask, key) for key in ("windows", "hotline", "dazhou_totals"))
    standing = _impact.depending(ask, [windows, hotline, months])
    assert [row.title for row in standing["windows"]] == ["窗口等候偏长"]
    assert standing["dazhou_totals"] == standing["hotline"] == []
    drawn = json.dumps(_impact.panel_of(ask, windows, standing["windows"], setting()), cls=plotly.utils.PlotlyJSONEncoder)
    shown = json.loads(drawn)
    text = json.dumps(shown, ensure_ascii=False)
    assert f"{standing['windows'][0].number} 窗口等候偏长" in text
    assert f'"href": "/orders/{standing["windows"][0].id}' in text
    assert "1 项指标" in text
    assert "1 张督办单" in text
    compared = json.dumps(_impact.panel_of(ask, months, [], setting("en")), cls=plotly.utils.PlotlyJSONEncoder)
    assert "indicators compared with it: 1" in compared


def test_back_fills_say_nothing_of_how_a_source_is_now(ask):
    hotline = state(ask, "hotline")
    assert list(hotline.outcomes) == ["ok"] * 20
    assert list(hotline.filled) == ["error"] * 20
    assert hotline.health != "SOURCE_ERROR"
    assert hotline.last_run.kind == "collect"
