"""The state machine of an order, on any history of steps."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.orders import clocks
from alerts.orders.model import ALLOWED, OPEN, Event, Refused, after, begun, fold
from metrics.calendar import CHINA
from metrics.hours import WorkHours
from metrics.periods import from_us, to_us

START = to_us(datetime(2026, 9, 21, 1, tzinfo=UTC))  # a Monday; the Mid-Autumn and National Day holidays follow
HOUR = 3_600_000_000
HOURS = WorkHours(ZoneInfo("Asia/Shanghai"), CHINA, ((time(9), time(12)), (time(14), time(18))))


def event(kind, hours=0, text="because", **data):
    return Event(kind, START + int(hours * HOUR), "u", "U", text, data)


def full(kind, hours):
    """A step with all it must say."""
    at = START + int(hours * HOUR)
    given = {
        "issued": {"sign_due": at + 24 * HOUR, "answer_due": at + 120 * HOUR},
        "answered": {"cause": "process", "expected": at + 240 * HOUR},
        "extended": {"to": at + 10_000 * HOUR}, "suspended": {"until": at + 48 * HOUR}, "light": {"light": "yellow"},
        "returned": {"answer_due": at + 72 * HOUR}, "relapsed": {"answer_due": at + 120 * HOUR},
    }.get(kind, {})  # fmt: skip
    return event(kind, hours, **given)


histories = st.lists(st.tuples(st.sampled_from(sorted(ALLOWED)), st.floats(0.1, 200)), max_size=25)


@given(histories)
def test_it_moves_only_as_drawn_and_is_the_fold_of_its_rows(steps):
    order, rows, at = begun(event("drafted")), [event("drafted")], 0.0
    for kind, later in steps:
        at += later
        one = full(kind, at)
        try:
            moved = after(order, one)
        except Refused:
            continue
        assert order.state in ALLOWED[kind]
        rows.append(one)
        order = moved
        assert (order.state == "CLOSED") == bool(order.closed)
        assert (order.closed_at is not None) == (not order.open)
        assert order.state == "DRAFT" or order.issued_at is not None or order.state == "WITHDRAWN"
        assert order.state != "AWAITING_EVIDENCE" or (order.answered_at is not None and order.expected is not None)
        assert order.open or (order.light == "" and order.suspended_until is None)
        if order.closed == "data":
            assert [one.kind for one in rows if one.kind in ("recovered", "overridden", "relapsed")][-1] == "recovered"
    assert fold(rows) == order
    assert order.relapses == sum(one.kind == "relapsed" for one in rows)
    assert order.returns == sum(one.kind == "returned" for one in rows)


@given(histories)
def test_it_is_closed_by_data_only_from_an_answer_that_stands(steps):
    order, answered, at = begun(event("drafted")), False, 0.0
    for kind, later in steps:
        at += later
        before = order
        try:
            order = after(order, full(kind, at))
        except Refused:
            continue
        answered = kind == "answered" or (answered and kind not in ("returned", "relapsed", "recovered"))
        if kind == "recovered":
            assert before.state == "AWAITING_EVIDENCE"
    assert order.state in (*OPEN, "CLOSED", "WITHDRAWN")


@pytest.mark.parametrize("kind", ["returned", "overridden", "withdrawn", "extended", "suspended"])
def test_it_wants_a_reason(kind):
    order = fold([event("drafted"), full("issued", 1), full("signed", 2), full("answered", 3)])
    with pytest.raises(Refused, match="reason"):
        after(order, replace(full(kind, 4), text="  "))


@pytest.mark.parametrize(("data", "why"), [
    ({"expected": START + 99 * HOUR}, "cause"), ({"cause": "process"}, "expected"),
    ({"cause": "process", "expected": START}, "expected"), ({"cause": "fate", "expected": START + 99 * HOUR}, "cause"),
])  # fmt: skip
def test_it_takes_no_answer_without_cause_and_day(data, why):
    order = fold([event("drafted"), full("issued", 1), full("signed", 2)])
    with pytest.raises(Refused, match=why):
        after(order, event("answered", 3, **data))


def test_it_counts_limits_in_working_days_over_holidays_and_exchanged_saturdays():
    friday = datetime(2026, 9, 18, 8, tzinfo=UTC)
    assert clocks.limit(friday, 1, HOURS).astimezone(HOURS.zone).isoformat() == "2026-09-20T18:00:00+08:00"  # a Sunday worked
    thursday = datetime(2026, 9, 24, 8, tzinfo=UTC)
    assert clocks.limit(thursday, 1, HOURS).astimezone(HOURS.zone).date() == CHINA.add_working_days(date(2026, 9, 24), 1)


def test_it_turns_blue_before_the_limit_yellow_after_it_and_red_when_nobody_heeds_it():
    now = datetime(2026, 11, 2, 2, tzinfo=UTC)
    due = to_us(clocks.limit(now, 5, HOURS))
    order = fold([event("drafted"), event("issued", 1, sign_due=due, answer_due=due)])
    seen = [clocks.light(order, now, HOURS)]
    while (turn := clocks.next_turn(order, now, HOURS)) is not None:
        now = from_us(turn)
        seen.append(clocks.light(order, now, HOURS))
        order = after(order, event("light", 3, light=seen[-1]))
    assert seen == ["", "blue", "yellow", "red"]
    suspended = after(order, event("suspended", 2, until=due))
    assert clocks.light(suspended, from_us(due + 1), HOURS) == ""
