"""What passes without judging: the same as judging it, for any rule, state and value; the same rows, one by one or as a set."""

import json
import os
import shutil
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import quiet
from alerts.course import Era, advance
from alerts.judge import State, Value, judge
from alerts.store.tables import alert_event, alert_input, alert_state, episode, outbox
from metrics.rulebook import Level
from metrics.store import head
from metrics.store.engine import connect
from tests.alerts.small import DAY, START, Desk, rule, workspace

SOAK = os.environ.get("YUNCHA_SOAK")
STEP = 86_400_000_000
BOUNDS = st.sampled_from([Decimal(one) for one in ("85", "90", "90.0", "95", "95.5", "100")])
levels = st.lists(st.builds(Level, st.sampled_from(["reminder", "warning", "serious"]), BOUNDS, BOUNDS), min_size=1, max_size=3)
spans = st.sampled_from([None, timedelta(0), timedelta(days=1), timedelta(days=3)])
made_rules = st.builds(
    lambda op, levels, m, more, for_, recover, span, least: rule(
        op=op, levels=tuple(levels), m=m, n=m + more, for_=for_, recover_count=recover, recover_for=span, min_n=least
    ),
    st.sampled_from(["<", "<=", ">", ">="]), levels, st.integers(1, 3), st.integers(0, 2), spans, st.integers(1, 2), spans,
    st.sampled_from([0, 30]),
)  # fmt: skip
numbers = st.one_of(BOUNDS, st.decimals(80, 105, places=2))
sizes = st.sampled_from([None, 10, 30, 1000])
courses = st.lists(st.tuples(st.integers(1, 5), numbers, sizes), max_size=8)


def values(course):
    day = 0
    for gap, number, n in course:
        day += gap
        yield Value(day * STEP, (day + 1) * STEP, number, n=n)


@pytest.mark.property
@settings(max_examples=3_000 if SOAK else 200)  # most are set aside: ten thousand take 26 minutes
@given(
    versions=st.lists(st.tuples(made_rules, st.integers(0, 12)), min_size=1, max_size=2),
    course=courses, behind=st.sampled_from([1, 1, 1, 2, 5, 0, -2]), number=numbers, n=sizes,
)  # fmt: skip
def test_it_passes_only_what_judging_would_only_remember(versions, course, behind, number, n):
    eras, since = [], 0
    for place, (one, later) in enumerate(versions):
        since += later * STEP
        eras.append(Era(one, since, place + 1))
    state, _ = judge(eras[-1].rule, State(), list(values(course)), START)
    day = sum(gap for gap, _, _ in course) + behind
    value = Value(day * STEP, (day + 1) * STEP, number, n=n)
    assert state.condition != "NORMAL" or state == State(last=state.last), "nothing else is kept of a quiet state"
    last = state.last.start if state.last else None
    assume(state.condition == "NORMAL" and quiet.passes(quiet.bounds(eras), last, value, value.end))
    after, steps = advance(eras, state, {value.start: value}, asked, asked, grain="day", delay=0, now=START)
    assert steps == []
    spaced = quiet.spaced(state.last.end if state.last else None, value, "day")
    assert after == State(last=spaced)


def asked():
    raise AssertionError("the course must not be folded again")


RATES, CASES = st.sampled_from([None, 80, 89, 91, 93, 96, 97, 99]), st.sampled_from([20, 1000])
PUTS = st.tuples(st.just("put"), st.integers(0, 8), RATES, CASES)
EDITS = ({}, {"m": 2, "n": 3}, {"levels": (Level("reminder", Decimal(90), Decimal(91)),), "min_n": 50}, {"paused": True})
histories = st.lists(
    st.one_of(PUTS, PUTS, PUTS, st.tuples(st.just("pass"), st.integers(1, 3)), st.tuples(st.just("edit"), st.integers(0, 3))),
    max_size=20,
)


def place(edit, apart):
    """Rules on one series, one of them edited; apart: with one that stands elsewhere, so that they do not move together."""
    low = (Level("warning", Decimal(85), Decimal(86)),)
    other = rule(key="moved", kind="change_last", op="<", levels=(Level("warning", Decimal(-5), Decimal(-3)),))
    return workspace(rule(key="low", levels=low), rule(key="edited", **EDITS[edit]), *[other] * apart)


def lived(store, history, apart):
    """All that is kept of a history, without the numbers given in the order of writing."""
    desk, today = Desk(store, place(0, apart)), 3
    for minute, action in enumerate(history, 1):
        now = START + today * DAY + timedelta(minutes=minute)
        match action:
            case ("put", day, rate, den):
                desk.put(min(day, today - 1), rate, den=den, at=now)
            case ("pass", days):
                today += days
            case (_, edit):
                desk.use(place(edit, apart))
                with store.write() as connection:
                    head.take(connection, now, "definition")
                    desk.judge(connection, [], now)
    with store.read() as connection:
        kept = [sorted(map(repr, connection.execute(select(*_plain(table))).all())) for table in TABLES]
        inputs = connection.execute(select(alert_input)).all()
    return kept, sorted((rule, row.revision, row.kind, told(row)) for row in inputs for rule in judging(row))


TABLES = (alert_state, episode, alert_event, outbox)
NUMBERS = {"seq", "id", "message_id", "event_seq", "episode_id", "facts", "body"}


def _plain(table):
    return [column for column in table.columns if column.name not in NUMBERS]


def judging(row):
    return [row.rule] if row.rule else json.loads(row.body)["rules"]


def told(row):
    return json.dumps({key: value for key, value in json.loads(row.body).items() if key != "rules"})


def one_by_one(template, folder, history, apart):
    """The same history with nobody passing, on a store of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quiet, "passes", lambda *_: False)
        return on_its_own(template, folder, history, apart)


def on_its_own(template, folder, history, apart):
    store = connect(f"sqlite:///{shutil.copy(template, folder / 'quiet.db')}")
    try:
        return lived(store, history, apart)
    finally:
        store.close()
        for left in folder.glob("quiet.db*"):
            left.unlink()


@pytest.mark.parametrize("apart", [False, True])
def test_it_keeps_as_a_set_what_judging_one_by_one_keeps(store, sqlite_template, tmp_path, apart):
    """Rules that stand alike, that do not, that begin, one of them edited; on both engines."""
    history = [
        ("put", 0, 99, 20), ("put", 0, 97, 1000), ("pass", 1), ("put", 1, 98, 1000), ("put", 2, 91, 1000), ("pass", 2),
        ("put", 3, 97, 1000), ("edit", 1), ("put", 4, 99, 1000), ("pass", 1), ("put", 6, 98, 1000), ("put", 6, 97, 20),
        ("put", 5, 89, 1000), ("put", 6, 96, 1000), ("edit", 2), ("pass", 3), ("put", 8, 99, 1000), ("put", 7, None, 20),
        ("put", 8, 80, 1000),
    ]  # fmt: skip
    assert lived(store, history, apart) == one_by_one(sqlite_template, tmp_path, history, apart)


@pytest.mark.property
@settings(max_examples=2_000 if SOAK else 12)
@given(history=histories, apart=st.booleans())
def test_it_keeps_of_any_history_what_judging_one_by_one_keeps(sqlite_template, tmp_path_factory, history, apart):
    folder = tmp_path_factory.getbasetemp()
    assert on_its_own(sqlite_template, folder, history, apart) == one_by_one(sqlite_template, folder, history, apart)
