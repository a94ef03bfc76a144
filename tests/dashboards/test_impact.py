"""What depends on a source, and how it did lately: open orders by name, back-fills apart."""

from __future__ import annotations

import json
from datetime import timedelta

import plotly
import pytest

from alerts import orders
from dashboards import _impact
from metrics import reading
from metrics.answers import Ask
from metrics.model import Principal
from metrics.store import head, runs
from metrics.store.runs import RunIn
from tests.access.conftest import one_engine
from tests.dashboards.made import NOW, setting
from tests.workspaces.province import sichuan

database_url = one_engine
CHIEF = Principal("chief", "chief", frozenset({"supervisor"}))


@pytest.fixture
def ask(store, workspaces):
    workspace = sichuan(workspaces)
    with store.write() as connection:
        head.ensure(connection)
        draft = orders.Draft("热线按时办结率偏低", "zjt", "请查明原因。", indicator="hotline_on_time", grain="week")
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
    hotline, months = state(ask, "hotline"), state(ask, "dazhou_totals")
    standing = _impact.depending(ask, [hotline, months])
    assert [row.title for row in standing["hotline"]] == ["热线按时办结率偏低"]
    assert standing["dazhou_totals"] == []
    drawn = json.dumps(_impact.panel_of(ask, hotline, standing["hotline"], setting()), cls=plotly.utils.PlotlyJSONEncoder)
    shown = json.loads(drawn)
    text = json.dumps(shown, ensure_ascii=False)
    assert f"{standing['hotline'][0].number} 热线按时办结率偏低" in text
    assert f'"href": "/orders/{standing["hotline"][0].id}' in text
    assert "7 项指标" in text
    assert "1 张督办单" in text
    assert "1 块看板" in text
    compared = json.dumps(_impact.panel_of(ask, months, [], setting("en")), cls=plotly.utils.PlotlyJSONEncoder)
    assert "indicators compared with it: 1" in compared


def test_back_fills_say_nothing_of_how_a_source_is_now(ask):
    hotline = state(ask, "hotline")
    assert list(hotline.outcomes) == ["ok"] * 20
    assert list(hotline.filled) == ["error"] * 20
    assert hotline.health != "SOURCE_ERROR"
    assert hotline.last_run.kind == "collect"
