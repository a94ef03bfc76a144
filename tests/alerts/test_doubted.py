"""The built-in alert on figures in question: whoever reports them is told, no leader, and it ends when all are decided."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

import alerts
from alerts.store.tables import alert_event, episode, outbox
from metrics import verdict
from metrics.answers import Ask
from metrics.model import SYSTEM, Principal
from metrics.rulebook import Receiver
from metrics.store import doubts, head, series
from metrics.store.runs import RunIn, add
from tests.alerts.small import DAY, START, Desk, rule, text, workspace


@pytest.fixture
def desk(store):
    place = workspace(
        receivers=[
            replace(Receiver("data_a", text("Data desk"), "log", {}, "en"), department="a"),
            Receiver("administrator", text("Administrator"), "log", {}, "en"),
        ]
    )
    return Desk(store, place)


def doubt(desk, day=1, value=9_000, kind="jump", held=True, at=START + 2 * DAY):
    """A figure of the desk that waits for somebody's word."""
    with desk.store.write() as connection:
        number = head.take(connection, at, "collect").number
        id = series.ensure(connection, "on_time", "day", [("a", "_T", "{}")])["a", "_T", "{}"]
        us = int((START + day * DAY).timestamp() * 1_000_000)
        row = {
            "series_id": id, "source": "desk", "period_start": us, "version": 1, "num": value, "den": 1000, "n": 1000,
            "status": "A", "source_rev": 0, "kind": kind, "words": "odd", "held": held, "against": "", "run_id": None,
            "revision": number, "at": int(at.timestamp() * 1_000_000),
        }  # fmt: skip
        doubts.add(connection, [row])


def tick(desk, at, **how):
    with desk.store.write() as connection:
        return alerts.tick(connection, desk.workspace, at, **how)


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def decide(desk, at):
    with desk.store.read() as connection:
        waiting = verdict.waiting(connection, desk.workspace, SYSTEM)
    for one in waiting:
        verdict.reject(desk.store, desk.workspace, one.id, at, "Ann", "a slip of the pen")


def test_it_tells_the_office_that_reports_and_no_leader__F33_F34(desk):
    doubt(desk)
    doubt(desk, day=0, value=990, kind="frozen", held=False)
    at = START + 2 * DAY
    assert tick(desk, at) is not None
    assert tick(desk, at + timedelta(seconds=1)) is None, "once"
    (found,) = rows(desk, episode)
    assert (found.rule, found.source, found.condition, found.value) == ("source.doubted", "desk", "FIRING", "2")
    (message,) = rows(desk, outbox)
    assert message.receiver == "data_a"
    assert message.subject == "[Warning raised] Desk system, Office A: figures in question: 2"
    assert "on_time, Office A, 2 Mar 2026: 900.0%, far from what it was before" in message.body
    assert "on_time, Office A, 1 Mar 2026: 99.0%, the same for several periods in a row" in message.body
    assert '"figure_path": "/held"' in message.facts


def test_it_ends_when_the_last_of_them_is_decided_and_says_so(desk):
    doubt(desk)
    tick(desk, START + 2 * DAY)
    decide(desk, START + 3 * DAY)
    assert tick(desk, START + 3 * DAY) is not None
    (found,) = rows(desk, episode)
    assert (found.condition, found.closed) == ("NORMAL", "decided")
    assert [row.kind for row in rows(desk, alert_event)] == ["firing", "decided"]
    assert [row.subject for row in rows(desk, outbox)][-1] == "[Warning all decided] Desk system, Office A:"


def test_of_another_figure_it_tells_again_but_not_more_than_once_a_day(desk):
    at = START + 2 * DAY
    doubt(desk, at=at)
    tick(desk, at)
    doubt(desk, day=0, at=at + timedelta(hours=1))
    assert tick(desk, at + timedelta(hours=1)) is not None, "how many there are is always said"
    assert tick(desk, at + timedelta(hours=2)) is None
    assert [row.value for row in rows(desk, episode)] == ["2"]
    assert len(rows(desk, outbox)) == 1
    tick(desk, at + DAY)
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "repeated"]
    assert "figures in question: 2" in rows(desk, outbox)[-1].subject
    assert tick(desk, at + DAY + timedelta(hours=1)) is None


def test_it_keeps_back_no_alert_of_the_figures_themselves(desk):
    doubt(desk)
    tick(desk, START + 2 * DAY)
    desk.put(3, 80)
    of_work = [row for row in rows(desk, outbox) if row.receiver == "chief"]
    assert [row.held_by for row in of_work] == [""]


def test_a_source_that_is_silent_and_has_figures_in_question_has_two_alerts(desk):
    doubt(desk)
    for minutes in (0, 10, 20, 30):
        at = START + timedelta(minutes=minutes)
        with desk.store.write() as connection:
            add(connection, RunIn("desk", "collect", at, at, "error", error_class="timeout"))
    tick(desk, START + 2 * DAY)
    assert sorted(row.rule for row in rows(desk, episode)) == ["source.doubted", "source.silent"]


def test_it_stands_in_the_inbox_as_an_alert_on_data_and_counts_as_no_source_that_is_down(desk):
    doubt(desk)
    tick(desk, START + 2 * DAY)
    for who, seen in ((SYSTEM, 1), (Principal(None, "Ann", frozenset({"staff"}), departments=("a",)), 1),
                      (Principal(None, "Bob", frozenset({"staff"}), departments=("b",)), 0)):  # fmt: skip
        with desk.store.read() as connection:
            ask = Ask(connection, desk.workspace, who, START + 2 * DAY)
            page, counts = alerts.inbox(ask), alerts.counts(ask)
        assert page.total == seen
        assert (counts.open, counts.sources) == (seen, 0)
        assert [(row.kind, row.rule_name["en"], int(row.value)) for row in page.rows] == [
            ("held", "Figures in question", 1)
        ] * seen
    with desk.store.read() as connection:
        assert alerts.one(Ask(connection, desk.workspace, SYSTEM, START + 2 * DAY), page.total or 1).owner == "a"


def test_a_rule_that_is_gone_leaves_it_alone(desk):
    doubt(desk)
    tick(desk, START + 2 * DAY)
    desk.use(replace(desk.workspace, rules={"other": rule(key="other")}))
    tick(desk, START + 3 * DAY)
    assert [row.closed for row in rows(desk, episode)] == [""]
