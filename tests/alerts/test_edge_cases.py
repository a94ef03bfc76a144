"""Every row of "Edge cases" of the semantics of alerts, by its name: the test here, or where it stands."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from sqlalchemy import select

import alerts
from alerts import editing
from alerts.orders.desk import Draft, raise_order
from alerts.store.order_tables import work_order
from alerts.store.tables import alert_event, alert_state, attempt, episode, outbox
from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Place, Principal
from metrics.periods import to_us
from metrics.rulebook import Level, Receiver
from metrics.store import head, runs
from metrics.store.runs import RunIn
from tests.alerts.small import DAY, START, Desk, indicator, rule, text, workspace

NOW = START + DAY
MINUTE = timedelta(minutes=1)
CHIEF = Principal("chief", "Chief", frozenset({"supervisor"}))

ELSEWHERE = {
    "missing data": "test_evaluate.test_it_never_recovers_from_missing_data__F20_F22_F23",
    "missing data, an empty answer": "test_whole_way.test_an_empty_answer_and_others_without_it_leave_an_alert_as_it_is__F20_F22",
    "missing data, stale": "test_kinds.test_it_fires_for_the_one_series_that_disappears_and_recovers_when_it_is_back__stale__F22",
    "incomplete trailing period": "test_evaluate.test_it_does_not_judge_a_period_before_it_settles__F24",
    "flapping": "test_telling.test_it_tells_once_that_an_alert_flaps_and_the_rest_in_the_digest_until_it_is_quiet",
    "correction clears a breach": "test_evaluate.test_it_retracts_when_a_correction_clears_the_breach__F37",
    "correction clears a breach with an order": (
        "orders.test_desk.test_it_is_marked_when_its_grounds_are_corrected_and_the_issuer_decides"
    ),
    "correction raises a past breach": "test_evaluate.test_it_fires_by_correction_where_the_newest_period_breaches__F37",
    "correction raises history": "test_evaluate.test_it_keeps_a_breach_that_only_history_shows_as_retro_and_pages_nobody__F37",
    "threshold edited while firing": "test_evaluate.test_it_closes_rule_changed_and_never_recovered_when_the_threshold_moves",
    "backoff while nobody answers": "test_sender.test_it_backs_off_from_5_seconds_to_5_minutes_and_heeds_retry_after",
    "longer for never demotes": "test_evaluate.test_it_goes_on_in_the_same_episode_when_an_edited_rule_still_breaches",
    "rule removed": "test_tick.test_it_closes_what_is_open_under_a_rule_that_is_gone_and_says_so",
    "notifier down one hour": (
        "test_telling.test_it_names_every_open_alert_once_and_the_rest_in_a_digest_after_an_hour_without_receiver__F73"
    ),
    "second channel": "test_fallback.test_it_tells_who_stands_in_after_a_while_without_confirmation",
    "duplicate delivery": "test_sender.test_it_sends_exactly_one_marked_duplicate_after_kill_9__F04_F05",
    "two acknowledge": "test_inbox.test_it_is_acknowledged_once_and_the_second_learns_who_was_first__F78",
    "two acknowledge at once": "test_inbox.test_of_two_at_the_same_moment_one_is_first_and_the_other_learns_it__F78",
    "late row, of an earlier state": "test_whole_way.test_a_late_row_of_an_earlier_state_of_the_source_is_no_event",
    "late row, the same value": "test_whole_way.test_it_does_nothing_for_the_same_payload_again__F36",
    "acknowledged": "test_escalating.test_it_repeats_until_somebody_has_it_and_stops_then",
    "acknowledged, then worse, then over": "test_inbox.test_it_still_notifies_of_worse_and_of_the_end_after_an_acknowledgement",
    "acknowledged for a time": "test_escalating.test_it_reminds_again_when_an_acknowledgement_was_for_a_time",
    "silence": "test_telling.test_it_goes_on_judging_under_a_silence_and_tells_once_at_its_end_with_the_true_beginning",
    "silence of a serious alert": "test_silencing.test_a_serious_alert_is_silenced_for_over_a_week_by_two_people_only",
    "definition version changes": "test_evaluate.test_it_keeps_what_fires_when_the_definition_changes_and_starts_pending_afresh",
    "escalation": "test_escalating.test_it_calls_the_next_step_by_working_time_since_the_first_delivery_until_somebody_has_it",
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_it_has_a_test_for_each_case_that_is_not_here(case):
    module, _, function = ELSEWHERE[case].rpartition(".")
    assert callable(getattr(import_module(f"tests.alerts.{module}"), function))


HERE = (
    "restart_while_pending", "more_than_two_missing_periods", "restart_while_a_message_is_in_flight", "source_error_is_one_alert",
    "zero_is_a_value", "late_out_of_order_row", "indicator_retired", "rule_paused", "department_renamed", "department_merged",
    "clock_jump", "value_equal_to_the_threshold", "days_of_23_and_25_hours",
)  # fmt: skip


@pytest.mark.parametrize("case", HERE)
def test_it_has_a_test_for_each_case_that_is_here(case):
    assert [name for name in globals() if name.startswith(f"test_{case}")]


def test_it_has_a_test_for_each_row_of_the_transition_table():
    told = {name.rpartition("__row_")[2] for name in vars(import_module("tests.alerts.test_judge")) if "__row_" in name}
    assert told == set("12345678")
    telling = vars(import_module("tests.alerts.test_telling"))
    assert "test_it_counts_what_was_pending_and_cleared_for_flapping__row_3" in telling


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def tick(desk, at):
    with desk.store.write() as connection:
        return alerts.tick(connection, desk.workspace, at)


def administered(*rules, **more):
    return workspace(*rules, receivers=[Receiver("administrator", text("Administrator"), "log", {}, "en")], **more)


def test_restart_while_pending(store):
    """A restart changes nothing: the state is rows."""
    desk = Desk(store, workspace(rule(m=2, n=3)))
    desk.put(0, 93)
    (before,) = rows(desk, alert_state)
    desk.use(workspace(rule(m=2, n=3)))
    tick(desk, NOW + MINUTE)
    assert rows(desk, alert_state) == [before]
    desk.put(1, 93)
    assert rows(desk, episode)[0].condition == "FIRING"


def test_more_than_two_missing_periods_pause_for_and_neither_breach_nor_clear(store):
    desk = Desk(store, workspace(rule(for_=timedelta(days=4))))
    desk.put(0, 93)
    desk.put(5, 93)
    assert rows(desk, episode) == [], "two days of breach and four of nothing"
    desk.put(6, 93)
    desk.put(7, 93)
    assert rows(desk, episode)[0].since == to_us(START)


def test_restart_while_a_message_is_in_flight(store):
    """Its lease runs out: it is uncertain, and sent once more with the same id and a mark."""
    desk = Desk(store)
    desk.put(0, 93)
    with store.write() as connection:
        from alerts.store import outbox as rows_of

        (leased,) = rows_of.lease(connection, to_us(NOW), to_us(NOW + 2 * MINUTE), 40, None)
    assert alerts.send_due(store, desk.workspace, NOW + MINUTE).sent == 0
    assert alerts.send_due(store, desk.workspace, NOW + 3 * MINUTE).sent == 1
    (message,) = rows(desk, outbox)
    assert (message.message_id, message.repeated, message.state) == (leased.message_id, True, "sent")
    assert [row.outcome for row in rows(desk, attempt)] == ["uncertain", "sent"]


def test_source_error_is_one_alert_of_the_source_and_not_one_an_indicator__F21(store):
    stale = [rule(key=f"old{n}", kind="stale", op=">", levels=(Level("warning", Decimal(24), Decimal(24)),)) for n in range(3)]
    reported = replace(indicator(), measure=replace(indicator().measure, kind="observed"), feeds=("desk",))
    desk = Desk(store, administered(*stale, indicators={"on_time": reported}))
    desk.put(0, 99)
    with store.write() as connection:
        for minutes in (0, 10, 20, 30):
            at = NOW + 3 * DAY + minutes * MINUTE
            runs.add(connection, RunIn("desk", "collect", at, at, "error" if minutes else "ok", error_class="timeout"))
    for minutes in (30, 31):
        tick(desk, NOW + 3 * DAY + minutes * MINUTE)
    told = [(row.receiver, row.state) for row in rows(desk, outbox)]
    assert told.count(("administrator", "waiting")) == 1
    assert {state for _, state in told[1:]} == {"held"}, "the source's alert stands for all of them"


def test_zero_is_a_value_and_nothing_is_none(store):
    desk = Desk(store)
    desk.put(0, 0)
    assert rows(desk, episode)[0].value is not None
    desk.put(1, None)
    assert rows(desk, episode)[0].closed_at is None


def test_late_out_of_order_row_goes_through_the_same_door(store):
    desk = Desk(store, workspace(rule(m=2, n=2)))
    desk.put(0, 93)
    desk.put(2, 93)
    first = rows(desk, episode)
    desk.put(1, 99, at=START + 5 * DAY)
    assert len(first) == 1
    assert [row.closed for row in rows(desk, episode)] == ["corrected"]


def test_indicator_retired_closes_with_that_reason_and_tells_everyone_told(store):
    desk = Desk(store)
    desk.put(0, 93)
    place = workspace(rule())
    desk.use(replace(place, indicators={"overdue": place.indicators["overdue"]}))
    tick(desk, NOW + MINUTE)
    assert [row.closed for row in rows(desk, episode)] == ["retired"]
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "retired"]


def test_rule_paused_closes_with_that_reason_and_tells_everyone_told(store):
    """By a supervisor: the order stays, nothing is judged until the rule goes on, and what lay between is never judged."""
    desk = Desk(store, workspace(rule(levels=(Level("warning", Decimal(95), Decimal(96)),))))
    desk.put(0, 93)
    (raised,) = rows(desk, episode)
    with store.write() as connection:
        order = raise_order(connection, desk.workspace, CHIEF, Draft("Too late", "a", episode=raised.id), NOW)
    edit(desk, NOW + MINUTE, paused=True)
    assert [(row.closed, row.handling) for row in rows(desk, episode)] == [("paused", "ORDERED")]
    told = [(row.kind, row.receiver) for row in rows(desk, outbox)]
    assert told == [("firing", "chief"), ("order_issued", "chief"), ("paused", "chief")]
    desk.put(1, 90)
    edit(desk, START + 3 * DAY, paused=False)
    desk.put(2, 99, at=START + 3 * DAY + MINUTE)
    desk.put(1, 89, at=START + 3 * DAY + 2 * MINUTE)
    assert len(rows(desk, episode)) == 1, "a pause is not judged afterwards either"
    desk.put(3, 93)
    assert [row.closed for row in rows(desk, episode)] == ["paused", ""]
    assert [(row.id, row.state) for row in rows(desk, work_order)] == [(order, "ISSUED")]


def edit(desk, at, **more):
    now = desk.workspace.rules["late"]
    with desk.store.write() as connection:
        number = editing.draft(connection, desk.workspace, CHIEF, "late", editing.Proposal(now.levels, **more), at)
    editing.try_on(desk.store, desk.workspace, CHIEF, number, at)
    with desk.store.write() as connection:
        editing.save(connection, desk.workspace, CHIEF, number, "The system is being moved", at)


def test_department_renamed_takes_its_open_alert_along(store):
    """Series are keyed by the department's id: names and codes are rows beside it."""
    desk = Desk(store)
    desk.put(0, 93)
    renamed = [Place(TOTAL, text("All"), None, "root"), Place("a", text("Bureau A"), TOTAL, "department")]
    desk.use(replace(desk.workspace, departments=Tree(renamed)))
    desk.put(1, 94)
    (still,) = rows(desk, episode)
    assert still.closed_at is None
    desk.put(2, 99)
    assert "Bureau A" in rows(desk, outbox)[-1].subject


@pytest.mark.parametrize(("into", "reason"), [("b", "merged"), (None, "ended")])
def test_department_merged_is_closed_once_its_last_day_has_settled_and_goes_on_where_it_went(store, into, reason):
    """No figure can ever come for it again: everyone told is told that, and what it went up in is judged by its own figures."""
    desk = Desk(store)
    desk.put(0, 93)
    last = (START + DAY).date()
    places = [replace(one, valid_to=last, merged_into=into) if one.id == "a" else one for one in desk.workspace.departments]
    desk.use(replace(desk.workspace, departments=Tree(places)))
    desk.put(1, 92, at=START + 2 * DAY - MINUTE)
    tick(desk, START + 2 * DAY - MINUTE)
    assert [row.closed for row in rows(desk, episode)] == [""], "its last day is its own"
    desk.put(2, 93, "b")
    tick(desk, START + 3 * DAY)
    assert [row.closed for row in rows(desk, episode)] == [reason, ""]
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "firing", reason]
    assert tick(desk, START + 3 * DAY + MINUTE) is None, "said once"


@pytest.mark.parametrize("jump", [timedelta(hours=2), -timedelta(hours=2), timedelta(days=3650)])
def test_clock_jump_turns_no_alert_over__F17(store, jump):
    """Order is by sequence: nothing fires, recovers or repeats because a clock did."""
    desk = Desk(store)
    desk.put(0, 93)
    before = [(row.condition, row.closed_at) for row in rows(desk, episode)]
    for minutes in range(3):
        tick(desk, NOW + jump + minutes * MINUTE)
    assert [(row.condition, row.closed_at) for row in rows(desk, episode)] == before
    assert [row.kind for row in rows(desk, alert_event)] == ["firing"]
    with store.write() as connection:
        first = head.take(connection, NOW + jump, "tick").number
    with store.write() as connection:
        assert head.take(connection, NOW, "tick").number == first + 1


@pytest.mark.parametrize(("op", "fires"), [(">", False), (">=", True), ("<", False), ("<=", True)])
def test_value_equal_to_the_threshold(store, op, fires):
    """The operator is explicit; decimals compare as decimals: 0.1 + 0.2 is 0.3."""
    bound = (Level("warning", Decimal("93.3"), Decimal("93.3")),)
    desk = Desk(store, workspace(rule(op=op, levels=bound)))
    desk.put(0, "93.3")
    assert bool(rows(desk, episode)) == fires


def test_days_of_23_and_25_hours_and_a_zone_with_an_odd_past():
    """Boundaries are local, then UTC, before anything is added: Shanghai had summer time until 1991, and LMT before 1901."""
    from zoneinfo import ZoneInfo

    from metrics import periods
    from metrics.hours import WorkHours

    shanghai = ZoneInfo("Asia/Shanghai")
    for day, hours in (("1991-04-14", 23), ("1991-09-15", 25), ("2026-03-08", 24)):
        noon = periods.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=shanghai)
        start, end = periods.bounds("day", noon, shanghai)
        assert (end - start) == timedelta(hours=hours), day
    start, end = periods.bounds("year", periods.datetime(1901, 1, 1, 12, tzinfo=shanghai), shanghai)
    assert end - start > timedelta(days=364)
    hours = WorkHours(ZoneInfo("Europe/Berlin"), periods.WEEKDAYS)
    friday = periods.datetime(2026, 3, 27, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert hours.after(friday, timedelta(hours=24)) == periods.datetime(2026, 3, 30, 12, tzinfo=ZoneInfo("Europe/Berlin"))
