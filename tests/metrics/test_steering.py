"""What people ask of a source: rows that the worker takes, said once, by whom; only by those who may."""

from datetime import timedelta

import pytest

from metrics import reading, steering
from metrics.answers import Ask
from metrics.model import Principal
from metrics.store import asks
from tests.metrics import small

NOW = small.NOW
STAFF = Principal("s", "s", frozenset({"staff"}), departments=("a",))


@pytest.fixture
def store(store):
    """With one case in it."""
    small.put(store, small.case("1"))
    return store


def cases():
    return small.workspace().sources["cases"]


def state(store, key="cases", now=NOW):
    with store.read() as connection:
        ask = Ask(connection, small.workspace(), STAFF, now)
        return next(one for one in reading.sources(ask) if one.key == key)


def do(store, act, *more, now=NOW):
    with store.write() as connection:
        act(connection, cases(), "li", *more)


def refused(store, act, *more):
    with pytest.raises(steering.Refused) as error:
        do(store, act, *more)
    return error.value.args[0]


def test_a_pause_stops_the_source_until_it_ends_and_says_so(store):
    do(store, steering.pause, "they upgrade", NOW, NOW + timedelta(days=1))
    assert (state(store).health, state(store).next_run) == ("PAUSED", NOW + timedelta(days=1))
    assert state(store, "calls").health == "NEVER"
    with store.read() as connection:
        ask = Ask(connection, small.workspace(), STAFF, NOW)
        assert reading.source_health(ask, small.workspace().indicators["on_time"])[0] == "PAUSED"
    assert state(store, now=NOW + timedelta(days=1)).health != "PAUSED"
    assert refused(store, steering.pause, "again", NOW, None) == "paused"
    do(store, steering.end_pause, NOW)
    assert state(store).health != "PAUSED"
    assert refused(store, steering.end_pause, NOW) == "not_paused"


def test_a_pause_needs_a_reason_and_an_end_that_comes(store):
    assert refused(store, steering.pause, "  ", NOW, None) == "reason"
    assert refused(store, steering.pause, "x", NOW, NOW) == "span"


def test_what_is_asked_waits_once_and_is_taken_once(store):
    do(store, steering.run_now, NOW)
    assert refused(store, steering.run_now, NOW) == "asked"
    do(store, steering.back_fill, NOW, NOW - timedelta(days=9), NOW - timedelta(days=2))
    with store.write() as connection:
        run, fill = asks.waiting(connection)
        assert (run.kind, run.by, run.at) == ("run", "li", NOW)
        assert (fill.since, fill.until) == (NOW - timedelta(days=9), NOW - timedelta(days=2))
        assert asks.take(connection, run.id, NOW)
        assert not asks.take(connection, run.id, NOW)
        assert [one.kind for one in asks.waiting(connection, "cases")] == ["backfill"]


def test_a_back_fill_has_sound_bounds(store):
    for since, until in ((None, None), (NOW, NOW - timedelta(1)), (NOW - timedelta(1), NOW + timedelta(1)),
                         (NOW - timedelta(3000), None)):  # fmt: skip
        assert refused(store, steering.back_fill, NOW, since, until) == "span"


def test_who_may(store):
    workspace = small.workspace()
    for role, departments, may in (
        ("administrator", ("_T",), True), ("staff", ("a",), True), ("staff", ("_T",), True), ("staff", ("b",), False),
        ("supervisor", ("_T",), False), ("viewer", ("a",), False),
    ):  # fmt: skip
        who = Principal("x", "x", frozenset({role}), departments=departments)
        assert steering.may_steer(who, workspace, cases()) is may
