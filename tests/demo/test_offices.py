"""The offices of the demo that send and that fill in a form: by the ways in that everybody has, replayed and live."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

import alerts
import receive
from access import source_tokens
from alerts.store.tables import outbox
from collectors import _duties
from demo import offices
from metrics.store import head, runs
from tests.access.conftest import Clock, build, one_engine
from tests.workspaces.province import sichuan

database_url = one_engine
BEGIN = datetime(2026, 3, 28, 1, 0, tzinfo=UTC)


@pytest.fixture
def workspace(workspaces):
    return sichuan(workspaces)


@pytest.fixture
def begun(store):
    with store.write() as connection:
        head.ensure(connection)
    return store


def runs_of(store, key):
    with store.read() as connection:
        return runs.last(connection, key, 100)[::-1]


def test_history_has_what_they_brought_and_the_office_was_reminded_of_what_was_late(begun, workspace):
    for hours in range(0, 24 * 14, 4):
        now = BEGIN + timedelta(hours=hours)
        alerts.remind(begun, workspace, now, _duties.deadlines, _duties.missing, kind="replay")
        offices.act(begun, workspace, now, "replay")
    sent, handed = runs_of(begun, "windows"), runs_of(begun, "survey")
    assert len(sent) == 14
    assert {one.outcome for one in (*sent, *handed)} == {"ok"}
    assert sent[0].counts["rows"] == 21 * offices.FIRST
    assert all(one.counts["rows"] == 21 for one in sent[1:])
    assert {one.by for one in handed} == {offices.CLERK}
    with begun.read() as connection:
        assert head.kinds(connection) == {"replay"}  # or a replay that was killed could not go on
        owed = _duties.duties(connection, workspace.sources["survey"], workspace, BEGIN + timedelta(days=14))
        told = connection.execute(select(outbox.c.kind, outbox.c.receiver)).all()
    march = [one for one in owed if one.start == datetime(2026, 2, 28, 16, tzinfo=UTC)]
    assert len(march) == 22
    assert all(one.given for one in march if one.indicator.key == "survey_satisfied")
    assert ("owed_before", "finance") in told


def test_live_its_own_system_sends_over_http_with_its_token_once_an_hour(begun, workspace, tmp_path, monkeypatch):
    clock = Clock()
    guarded = build(begun, clock, before_install=lambda server, dash: receive.install(server, begun, workspace, (), clock))
    running = make_server("127.0.0.1", 0, guarded.server, threaded=True)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("PORT", str(running.port))
    sender, now = offices.Sender(tmp_path), clock.now
    assert not sender.follow(now)  # no token yet
    with begun.write() as connection:
        token = source_tokens.make(connection, "windows", now)
    offices.tokens(tmp_path, [("windows", token)])
    assert sender.token.stat().st_mode & 0o777 == 0o600
    assert sender.follow(now)
    assert not sender.follow(now + timedelta(minutes=59))
    clock.now += timedelta(hours=1)
    assert sender.follow(clock.now)
    offices.tokens(tmp_path, [("windows", "yuncha_push_wrong")])
    assert not sender.follow(clock.now + timedelta(hours=1))
    running.shutdown()
    running.server_close()
    assert [(one.kind, one.outcome, one.by) for one in runs_of(begun, "windows")] == [("push", "ok", "source:windows")] * 2


def test_offices_hand_in_when_live_too(begun, workspace):
    assert offices.act(begun, workspace, BEGIN + timedelta(days=2), "person") == 1  # Monday, 09:00
    assert [one.kind for one in runs_of(begun, "survey")] == ["upload"]
    assert runs_of(begun, "windows") == []
