"""An alert from the door to the mailbox and back: stored, judged, mailed, acknowledged, recovered; each step is a row."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

import alerts
from alerts.store.tables import alert_event, alert_input, attempt, episode, outbox
from metrics.answers import Ask
from metrics.arrivals import Batch, ObservationIn
from metrics.ingest import ingest
from metrics.model import SYSTEM, Measure, Plausible, Principal
from metrics.store.engine import connect
from metrics.store.runs import RunIn
from tests.alerts.servers import Post
from tests.alerts.small import DAY, START, Desk, indicator, rule, workspace
from tests.alerts.test_sender import mailbox
from tests.fixtures.processes import Forked

CLERK = Principal("u1", "Clerk", frozenset({"staff"}), departments=("a",))


def reported(*receivers):
    """The small government with a figure that its desk reports."""
    place = workspace(rule(receivers=tuple(one.key for one in receivers)), receivers=receivers)
    told = indicator(measure=Measure("observed"), feeds=("desk",), decimals=0)
    return replace(place, indicators={**place.indicators, "on_time": told})


def bring(store, place, day, num, den=1000, **more):
    """One figure through the one door, as a collector brings it."""
    one = ObservationIn("on_time", "day", START + day * DAY, num, den, den, department="a", **more)
    return hand_in(store, place, day, one)


def hand_in(store, place, day, *figures):
    at = START + (day + 1) * DAY + timedelta(hours=1)
    run = RunIn("desk", "collect", at, at, "ok")
    return ingest(store, place, Batch("desk", observations=list(figures)), [alerts.evaluate(place)], at, run=run)


def fires(store, **more):
    """Its alert is open by the figure of day 1."""
    place = reported()
    bring(store, place, 0, 950)
    bring(store, place, 1, 930, **more)
    assert [one.condition for one in rows(store, episode)] == ["FIRING"]
    return place


def rows(store, table):
    with store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def test_it_is_raised_mailed_acknowledged_and_recovered_and_missing_data_recovers_nothing(store):
    with Post().serving() as post:
        place = reported(mailbox(post.port))
        bring(store, place, 0, 500)
        assert rows(store, alert_input) == [], "it had settled before the rule came into force"
        bring(store, place, 1, 930)
        alerts.send_due(store, place, START + 2 * DAY + timedelta(hours=2))
        assert len(post.mails) == 1
        (found,) = rows(store, episode)
        with store.write() as connection:
            assert alerts.acknowledge(connection, place, CLERK, found.id, "on it", START + 3 * DAY).first
        bring(store, place, 2, None, None)
        with store.read() as connection:
            (row,) = alerts.inbox(Ask(connection, place, SYSTEM, START + 4 * DAY))
        assert (row.open, row.handling, row.acknowledged_by) == (True, "ACKED", "Clerk")
        bring(store, place, 3, 970)
        alerts.send_due(store, place, START + 5 * DAY)
        assert len(post.mails) == 2
    assert [one.kind for one in rows(store, alert_event)] == ["firing", "acknowledged", "recovered"]
    assert [one.kind for one in rows(store, alert_input)] == ["data", "person", "data"]
    assert [(one.kind, one.state) for one in rows(store, outbox)] == [("firing", "sent"), ("recovered", "sent")]
    assert [one.outcome for one in rows(store, attempt)] == ["sent", "sent"]
    assert [one.closed for one in rows(store, episode)] == ["recovered"]


def test_it_does_nothing_for_the_same_payload_again__F36(store):
    place = fires(store)
    before = [rows(store, table) for table in (episode, alert_event, alert_input)]
    assert bring(store, place, 1, 930).revision is None
    assert [rows(store, table) for table in (episode, alert_event, alert_input)] == before


def test_a_late_row_of_an_earlier_state_of_the_source_is_no_event(store):
    """`superseded`: the source has said something newer of this period."""
    place = fires(store, source_rev=5)
    before = [rows(store, table) for table in (episode, alert_event, alert_input)]
    found = bring(store, place, 1, 990, source_rev=4)
    assert (found.revision, found.counts["superseded"]) == (None, 1)
    assert [rows(store, table) for table in (episode, alert_event, alert_input)] == before


def test_an_empty_answer_and_others_without_it_leave_an_alert_as_it_is__F20_F22(store):
    """The source answers 200 with nothing, then with another department only: nothing has recovered, nothing else is told."""
    place = fires(store)
    before = [rows(store, table) for table in (episode, outbox)]
    assert hand_in(store, place, 2).revision is None
    other = ObservationIn("on_time", "day", START + 3 * DAY, 990, 1000, 1000, department="b")
    assert hand_in(store, place, 3, other).revision is not None
    assert [rows(store, table) for table in (episode, outbox)] == before
    assert [one.kind for one in rows(store, alert_event)] == ["firing"]


@pytest.mark.parametrize(
    ("plausible", "wrong"),
    [(Plausible(at_least=Decimal(0), at_most=Decimal(100)), -970), (Plausible(at_most=Decimal(100)), 10**30 // 10**14),
     (Plausible(jump=Decimal(100)), 970 * 10_000)],
    ids=["F33-negative", "F33-huge", "F34-unit"],
)  # fmt: skip
def test_a_figure_that_is_held_moves_no_alert_and_tells_no_leader__F33_F34(store, plausible, wrong):
    """What fires goes on firing, what does not stays quiet; after it a figure that can be believed is judged as ever."""
    place = reported()
    place = replace(place, indicators={**place.indicators, "on_time": replace(place.indicators["on_time"], plausible=plausible)})
    bring(store, place, 0, 950)
    bring(store, place, 1, 930)
    before = [rows(store, table) for table in (episode, alert_event, outbox)]
    assert [row.condition for row in before[0]] == ["FIRING"]
    assert bring(store, place, 2, wrong).counts["held"] >= 1
    assert [rows(store, table) for table in (episode, alert_event, outbox)] == before
    bring(store, place, 3, 970)
    assert [one.kind for one in rows(store, alert_event)] == ["firing", "recovered"]


def _hammer(url, number, days):
    store = connect(url)
    desk = Desk.__new__(Desk)
    desk.store, desk.kind = store, "collect"
    desk.use(workspace())
    for day in range(days):
        desk.put(day, 80 + number % 3, "a", at=START + (days + day) * DAY)
    store.close()


@pytest.mark.kills
def test_it_opens_one_episode_when_8_processes_judge_one_series__F66(store, database_url):
    Desk(store)
    going = [Forked.context.Process(target=_hammer, args=(database_url, number, 5)) for number in range(8)]
    for one in going:
        one.start()
    for one in going:
        one.join(120)
    assert [one.exitcode for one in going] == [0] * 8
    found = rows(store, episode)
    assert [(one.seq, one.condition, one.closed_at) for one in found] == [(1, "FIRING", None)]
    assert [one.kind for one in rows(store, outbox)] == ["firing"]
