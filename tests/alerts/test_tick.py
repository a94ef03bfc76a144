"""The built-in rule on silent sources, and rules that are gone: what happens when nothing arrives."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import alerts
from alerts.store.tables import alert_event, attempt, episode, outbox
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.rulebook import Receiver
from metrics.store import runs
from metrics.store.runs import RunIn
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

EVERY = timedelta(minutes=10)


@pytest.fixture
def desk(store):
    administrator = Receiver("administrator", text("Administrator"), "log", {}, "en")
    return Desk(store, workspace(receivers=[administrator]))


def run(desk, minutes, outcome, kind="collect"):
    at = START + timedelta(minutes=minutes)
    with desk.store.write() as connection:
        error = "timeout" if outcome == "error" else ""
        runs.add(connection, RunIn("desk", kind, at, at, outcome, error_class=error))


def tick(desk, minutes, **how):
    with desk.store.write() as connection:
        return alerts.tick(connection, desk.workspace, START + timedelta(minutes=minutes), **how)


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def test_it_tells_the_administrator_after_three_intervals_without_success(desk):
    run(desk, 0, "ok")
    for minutes in (10, 20):
        run(desk, minutes, "error")
        assert tick(desk, minutes) is None
    run(desk, 30, "error")
    assert tick(desk, 30) is not None
    assert tick(desk, 31) is None, "once"
    (found,) = rows(desk, episode)
    assert (found.rule, found.source, found.severity, found.condition) == ("source.silent", "desk", "warning", "FIRING")
    (message,) = rows(desk, outbox)
    assert message.receiver == "administrator"
    assert message.subject == "[Warning raised] Desk system, Office A: source without success"


def test_it_closes_with_the_first_success(desk):
    for minutes in (0, 10, 20, 30):
        run(desk, minutes, "error" if minutes else "ok")
    tick(desk, 30)
    run(desk, 40, "unchanged")
    assert tick(desk, 40) is not None
    assert [row.kind for row in rows(desk, alert_event)] == ["firing", "recovered"]
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "recovered"]


def test_it_does_not_cry_after_a_pause_of_our_own__F18(desk):
    run(desk, 0, "ok")
    run(desk, 180, "error")
    assert tick(desk, 181) is None


def test_it_does_not_count_a_back_fill(desk):
    for minutes in (0, 10, 20, 30):
        run(desk, minutes, "error" if minutes else "ok")
    run(desk, 31, "ok", kind="backfill")
    assert tick(desk, 32) is not None


def test_it_takes_the_step_of_a_replay_for_the_interval_and_calls_nobody(desk):
    step = timedelta(hours=4)
    for place in range(4):
        run(desk, 240 * place, "error" if place else "ok", kind="replay")
        found = tick(desk, 240 * place, kind="replay", step=step)
    assert found is not None
    assert [row.state for row in rows(desk, outbox)] == ["sent"]
    assert len(rows(desk, attempt)) == 1


def test_it_shows_the_alert_of_a_source_to_its_department(desk):
    for minutes in (0, 10, 20, 30):
        run(desk, minutes, "error" if minutes else "ok")
    tick(desk, 30)
    with desk.store.read() as connection:
        ask = Ask(connection, desk.workspace, SYSTEM, START + DAY)
        (row,) = alerts.inbox(ask)
        assert (row.kind, row.source, row.department, row.indicator, row.since) == ("source", "desk", "a", None, START)
        assert alerts.one(ask, row.id).owner == "a"
        assert alerts.counts(ask).sources == 1


def test_it_closes_what_is_open_under_a_rule_that_is_gone_and_says_so(desk):
    desk.put(0, 93)
    desk.use(workspace(rule(key="other", indicator="overdue", op=">")))
    assert tick(desk, 60 * 48) is not None
    assert [row.closed for row in rows(desk, episode)] == ["rule_removed"]
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "rule_removed"]
    assert tick(desk, 60 * 49) is None


def test_it_takes_no_revision_where_nothing_is_due(desk):
    assert tick(desk, 0) is None
