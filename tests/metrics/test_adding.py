"""Parts and their whole, in whatever order they come: the same wholes are in question in the end."""

import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import verdict
from metrics.arrivals import Batch
from metrics.ingest import ingest
from metrics.model import SYSTEM, TOTAL, Plausible
from metrics.periods import to_us
from metrics.store import cells, doubts, scope
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, NOW, calls
from tests.metrics.small import workspace as small

WHOLES = {TOTAL: ("x", "y"), "x": ("x1", "m"), "y": ("y1",)}
"""On the days before m came to y."""


def workspace(**how):
    plain = small()
    adds = Plausible(parts=Decimal(0), **how)
    return replace(plain, indicators={**plain.indicators, "calls": replace(plain.indicators["calls"], plausible=adds)})


def put(store, *rows, now=NOW, judges=(), **how):
    run = RunIn("calls", "collect", now, now, "ok", newest_period=now)
    return ingest(store, workspace(**how), Batch("calls", [], list(rows)), judges, now, run=run)


def waiting(store, day=0):
    """(region, value, what it is compared with, held) of what is in question of a day."""
    start = to_us(DAY + timedelta(days=day))
    with store.read() as connection:
        every = verdict.waiting(connection, workspace(), SYSTEM)
    return {(one.key[1], one.num, int(one.against or 0), one.held) for one in every if one.period_start == start}


def ended(store):
    with store.read() as connection:
        every = doubts.every(connection, scope.WHOLE)
    return [(one.kind, one.verdict, one.reason) for one in every if one.verdict]


def figure(store, region, day=0):
    start = to_us(DAY + timedelta(days=day))
    with store.read() as connection:
        found = cells.known(connection, "calls", "day", 1, [start]).get((("a", region, "{}"), start))
    return found.num if found else None


def test_a_part_that_follows_its_whole_is_added_up_then(store):
    put(store, calls(4, "y1"), calls(9, "y"), calls(9, "y1", day=1))
    assert waiting(store) == {("y", 9, 4, True)}
    put(store, calls(9, "y", day=1))
    done = put(store, calls(8, "y1", day=1))
    assert waiting(store, 1) == {("y", 9, 8, False)}, "noted: it was believed before"
    assert done.counts["noted"] == 1
    assert figure(store, "y", 1) == 9


def test_a_whole_that_was_held_is_stored_and_judged_once_its_parts_are_put_right(store):
    heard = []
    put(store, calls(4, "y1"), calls(9, "y"))
    assert figure(store, "y") is None
    done = put(store, calls(9, "y1"), judges=[lambda connection, changed, now: heard.extend(changed)])
    assert (waiting(store), figure(store, "y")) == (set(), 9)
    assert ended(store) == [("parts", "resolved", "its parts add up to 9 now")]
    assert {change.series.region for change in heard if change.new.num == 9} >= {"y", "y1"}
    assert done.counts["let_go"] == 1


def test_a_good_whole_does_not_wait_for_ever_for_a_part_that_is_late(store):
    put(store, calls(5, "x1"), calls(9, "x"))
    assert waiting(store) == {("x", 9, 5, True)}
    put(store, calls(4, "m"))
    assert (waiting(store), figure(store, "x")) == (set(), 9)


def test_a_noted_whole_is_cleared_by_the_correction_of_a_part(store):
    put(store, calls(9, "y"))
    put(store, calls(8, "y1"))
    put(store, calls(7, "y1"))
    assert waiting(store) == {("y", 9, 7, False)}, "one question, by what the parts add up to now"
    put(store, calls(9, "y1"))
    assert waiting(store) == set()
    put(store, calls(6, "y1"))
    assert waiting(store) == {("y", 9, 6, False)}, "what came right may go wrong again"


def test_a_part_a_person_lets_in_or_keeps_out_is_added_up_too(store):
    put(store, calls(9, "y1"), calls(9, "y"))
    put(store, calls(900, "y1"), jump=Decimal(10))
    put(store, calls(900, "y"))
    assert waiting(store) == {("y1", 900, 9, True), ("y", 900, 9, True)}
    with store.read() as connection:
        id = next(one.id for one in verdict.waiting(connection, workspace(), SYSTEM) if one.key[1] == "y1")
    verdict.release(store, workspace(), id, (), NOW, "boss", "a fair was on")
    assert (waiting(store), figure(store, "y"), figure(store, "y1")) == (set(), 900, 900)


def test_what_a_person_has_decided_is_not_asked_again_of_the_same_figure(store):
    put(store, calls(4, "y1"), calls(9, "y"))
    with store.read() as connection:
        (one,) = verdict.waiting(connection, workspace(), SYSTEM)
    verdict.release(store, workspace(), one.id, (), NOW, "boss", "y reports for more than its counties")
    put(store, calls(5, "y1"))
    assert (waiting(store), figure(store, "y")) == (set(), 9)
    put(store, calls(4, "y1"), calls(8, "y"))
    assert waiting(store) == {("y", 8, 4, True)}


def test_a_rejected_whole_stays_out_though_its_parts_add_up_to_it_later(store):
    put(store, calls(4, "y1"), calls(9, "y"))
    with store.read() as connection:
        (one,) = verdict.waiting(connection, workspace(), SYSTEM)
    verdict.reject(store, workspace(), one.id, NOW, "boss", "it was of last year")
    put(store, calls(9, "y1"))
    put(store, calls(9, "y"))
    assert ended(store) == [("parts", "rejected", "it was of last year")]


STORIES = st.fixed_dictionaries(
    {region: st.lists(st.integers(1, 3), min_size=1, max_size=2) for region in (TOTAL, "x", "y", "x1", "m", "y1")}
)
DAYS = count(1)
"""Each story has its own."""


def test_the_order_in_which_whole_and_parts_come_does_not_change_what_is_in_question(store):
    put(store, *(calls(0, region, day=5) for region in (TOTAL, "x", "y", "x1", "m", "y1")))

    @settings(max_examples=2000 if os.environ.get("YUNCHA_SOAK") else 40)
    @given(STORIES, st.data())
    def tried(story, data):
        last = {region: told[-1] for region, told in story.items()}
        wrong = {}
        for whole, parts in WHOLES.items():
            if last[whole] != (sum_ := sum(last[part] for part in parts)):
                wrong[whole] = (last[whole], sum_)
        turns = data.draw(st.permutations([region for region, told in story.items() for _ in told]))
        day = -next(DAYS)
        left, unit = {region: list(told) for region, told in story.items()}, []
        for region in turns:
            row = calls(left[region].pop(0), region, day=day)
            if any(one.region == region for one in unit) or data.draw(st.booleans()):
                put(store, *unit)
                unit = []
            unit.append(row)
        put(store, *unit)
        open_ = waiting(store, day)
        assert {region: (value, against) for region, value, against, _ in open_} == wrong
        held = {region for region, _, _, held in open_ if held}
        for region, value in last.items():
            assert region in held or figure(store, region, day) == value

    tried()
