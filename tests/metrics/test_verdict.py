"""Doubted figures at the door: the last good value stays until a person decides."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from metrics import reading, verdict
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.ingest import ingest
from metrics.model import SYSTEM, TOTAL, Plausible, Principal
from metrics.periods import to_us
from metrics.reading import source_health
from metrics.store import cells, doubts, head
from metrics.store.runs import RunIn, one
from metrics.verdict import NotDecided
from tests.metrics.small import DAY, NOW, calls
from tests.metrics.small import workspace as small

ADDS: list[Decimal] = []


def workspace():
    plain = small()
    how = Plausible(at_least=Decimal(0), jump=Decimal(10), cumulative=True, parts=ADDS[0] if ADDS else None)
    return replace(plain, indicators={**plain.indicators, "calls": replace(plain.indicators["calls"], plausible=how)})


def put(store, *rows, now=NOW, judges=(), source="calls"):
    run = RunIn(source, "collect", now, now, "ok", newest_period=now)
    return ingest(store, workspace(), Batch(source, [], list(rows)), judges, now, run=run)


def figure(store, day=0, region=TOTAL, department=TOTAL):
    start = to_us(DAY + timedelta(days=day))
    with store.read() as connection:
        return cells.known(connection, "calls", "day", 1, [start]).get(((department, region, "{}"), start))


def waiting(store, who=SYSTEM):
    with store.read() as connection:
        return verdict.waiting(connection, workspace(), who)


@pytest.fixture
def held(store):
    put(store, calls(7), calls(5, "y1"))
    put(store, calls(70_000), calls(6, "y1", day=1), now=NOW + timedelta(hours=1))
    return store


def test_it_keeps_the_last_good_value_and_takes_the_rows_beside_it(held):
    assert figure(held).num == 12
    assert figure(held, 1, "y1", "a").num == 6
    (doubted,) = waiting(held)
    assert (doubted.kind, doubted.num, doubted.source) == ("jump", 70_000, "calls")
    assert "70000 against 7" in doubted.words


def test_the_run_counts_what_is_held_and_the_same_again_is_no_second_doubt(held):
    done = put(held, calls(70_000), now=NOW + timedelta(hours=2))
    assert done.revision is None
    assert done.counts["held"] == 1
    assert len(waiting(held)) == 1


def test_a_total_that_is_not_the_sum_of_its_counties_waits_and_their_sum_stands(store):
    def adding(value):
        return put(store, calls(value, TOTAL), calls(4, "y1"), calls(5, "m"), now=NOW + timedelta(hours=value))

    ADDS.append(Decimal(0))
    try:
        assert adding(9).counts.get("held") is None
        adding(12)
        (doubted,) = waiting(store)
        assert (doubted.kind, doubted.key[1], doubted.against) == ("parts", TOTAL, "9")
        assert figure(store, department="a").num == 9
    finally:
        ADDS.clear()


def test_a_figure_of_a_time_to_come_is_held_back_whatever_its_definition_says(store):
    plain = small()
    late = NOW + timedelta(days=2)
    row = calls(7, day=12)
    run = RunIn("calls", "push", NOW, NOW, "ok")
    done = ingest(store, plain, Batch("calls", [], [row, calls(8)]), (), NOW, run=run)
    assert (done.counts["held"], row.period_start) == (1, late)
    assert [one.kind for one in waiting(store)] == ["future"]


def test_a_figure_that_was_held_as_yet_to_come_gives_way_to_what_is_said_once_its_period_has_come(store):
    plain = small()

    def told(value, day, now):
        run = RunIn("calls", "push", now, now, "ok")
        return ingest(store, plain, Batch("calls", [], [calls(value, day=day)]), (), now, run=run).counts

    for day in (12, 13):
        assert told(9, day, NOW) == {"held": 1}
    later = NOW + timedelta(days=4)
    assert told(11, 12, later) == {"observations_new": 1}
    assert told(9, 13, later) == {"observations_new": 1}, "nothing is odd about it any more"
    assert waiting(store) == []
    assert (figure(store, 12).num, figure(store, 13).num) == (11, 9)


def test_the_list_says_what_stands_and_who_may_decide(held):
    def listed(*given):
        who = Principal("p", "p", *given)
        with held.read() as connection:
            return reading.held(Ask(connection, workspace(), who, NOW + timedelta(hours=1)))

    (one,) = listed(frozenset({"supervisor"}))
    assert (one.value, one.against, one.good.value, one.mine) == (70_000, 7, 7, True)
    assert [one.mine for one in listed(frozenset({"staff"}), ("a",), ("x",))] == [True]
    assert listed(frozenset({"staff"}), ("b",)) == []
    assert listed(frozenset({"viewer"})) == []


def test_judges_hear_nothing_of_a_figure_that_is_held(store):
    seen = []
    put(store, calls(-3), judges=[lambda connection, changed, now: seen.extend(changed)])
    assert [change for change in seen if change.new.num is not None and change.new.num < 0] == []
    assert figure(store) is None


def test_its_indicator_is_suspect_until_somebody_decided(held):
    def health():
        with held.read() as connection:
            here = workspace()
            return source_health(Ask(connection, here, SYSTEM, NOW + timedelta(hours=1)), here.indicators["calls"])[0]

    assert health() == "SUSPECT"
    verdict.reject(held, workspace(), waiting(held)[0].id, NOW, "boss", "it was yuan")
    assert health() != "SUSPECT"


def test_what_is_released_is_stored_as_reported_and_judged(held):
    seen = []
    id = waiting(held)[0].id
    judge = [lambda connection, changed, now: seen.extend(changed)]
    verdict.release(held, workspace(), id, judge, NOW + timedelta(hours=3), "boss", "a fair was on")
    assert figure(held).num == 70_005
    assert any(change.new.num == 70_005 for change in seen)
    assert waiting(held) == []
    with held.read() as connection:
        kept = doubts.one(connection, id)
        assert (kept.verdict, kept.actor, kept.reason) == ("released", "boss", "a fair was on")
        assert head.newest_kind(connection) == "person"


def test_what_is_rejected_stays_out_though_it_is_sent_again(held):
    verdict.reject(held, workspace(), waiting(held)[0].id, NOW, "boss", "it was yuan")
    put(held, calls(70_000), now=NOW + timedelta(hours=4))
    assert figure(held).num == 12
    assert waiting(held) == []


def test_another_word_of_the_source_replaces_the_doubt(held):
    put(held, calls(8), now=NOW + timedelta(hours=2))
    assert figure(held).num == 13
    assert waiting(held) == []


def test_a_cumulative_figure_that_falls_is_stored_as_reported_and_noted(store):
    done = put(store, calls(9), calls(7, day=1))
    assert figure(store, 1).num == 7
    assert done.counts["noted"] == 1
    (doubted,) = waiting(store)
    assert (doubted.kind, doubted.held) == ("falls", False)
    verdict.release(store, workspace(), doubted.id, (), NOW, "boss", "a recount")
    assert waiting(store) == []


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize(
    "decide",
    [
        lambda store, id: verdict.release(store, workspace(), id, (), NOW, "boss", "a fair was on"),
        lambda store, id: verdict.reject(store, workspace(), id, NOW, "boss", "it was a typing error"),
    ],
    ids=["released", "rejected"],
)
@pytest.mark.parametrize(("said", "stands"), [("corrected", 13), ("rejected", 12)])
def test_what_is_said_while_a_decision_waits_for_its_turn_is_not_overwritten(held, monkeypatch, decide, said, stands):
    take, id = head.take, waiting(held)[0].id

    def after_another(*given, **more):
        monkeypatch.setattr(head, "take", take)
        if said == "corrected":
            put(held, calls(8), now=NOW + timedelta(hours=2))
        else:
            verdict.reject(held, workspace(), id, NOW, "other", "it was yuan")
        return take(*given, **more)

    monkeypatch.setattr(head, "take", after_another)
    with pytest.raises(NotDecided, match="it was decided on, or the source has sent another"):
        decide(held, id)
    assert figure(held).num == stands
    with held.read() as connection:
        assert doubts.one(connection, id).actor != "boss"


def test_nobody_decides_twice_or_without_a_reason(held):
    id = waiting(held)[0].id
    with pytest.raises(NotDecided):
        verdict.release(held, workspace(), id, (), NOW, "boss", " ")
    verdict.reject(held, workspace(), id, NOW, "boss", "it was yuan")
    with pytest.raises(NotDecided):
        verdict.release(held, workspace(), id, (), NOW, "boss", "after all")


def test_the_run_is_named(held):
    with held.read() as connection:
        assert one(connection, waiting(held)[0].run_id).source == "calls"
