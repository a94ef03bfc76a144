"""Two sources, one figure: a person decides, and the decision is part of the history."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from metrics import again, reading, ruling
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.asof import figures_as_of
from metrics.model import TOTAL, Principal
from metrics.periods import to_us
from metrics.reading.conflicts import conflicts
from metrics.ruling import Decision, NotRuled
from metrics.store import cells
from metrics.tables import revision
from tests.metrics.small import DAY, NOW, calls, put, workspace

SERIES = Series("calls", "day", "a", "x1", "{}")
BOSS = Principal("boss", "boss", frozenset({"supervisor"}))


def figure(store, department=TOTAL, region=TOTAL, day=0):
    start = to_us(DAY + timedelta(days=day))
    with store.read() as connection:
        return cells.known(connection, "calls", "day", 1, [start]).get(((department, region, "{}"), start))


def open_ones(store, who=BOSS):
    with store.read() as connection:
        return conflicts(Ask(connection, workspace(), who, NOW))


def decide(store, source="calls2", reason="the hotline counted test calls", last=None, judges=(), first=DAY):
    return ruling.decide(store, workspace(), Decision(SERIES, source, first, last, reason), judges, NOW, "boss")


@pytest.fixture
def disputed(store):
    put(store, calls(7), calls(3, "y1"), source="calls")
    put(store, calls(9), source="calls2")
    return store


def test_it_chooses_again_and_judges_in_one_transaction(disputed):
    seen = []
    id, number = decide(disputed, judges=[lambda connection, changed, now: seen.extend(changed)])
    assert figure(disputed, "a", "x1").num == 9
    assert figure(disputed).num == 12
    assert {(one.series.department, one.series.region, one.old.num, one.new.num) for one in seen} >= {
        ("a", "x1", 7, 9), (TOTAL, TOTAL, 10, 12),
    }  # fmt: skip
    with disputed.read() as connection:
        kind = connection.execute(select(revision.c.kind, revision.c.actor).where(revision.c.number == number)).one()
    assert tuple(kind) == ("ruling", "boss")


def test_as_of_before_it_the_other_source_still_stands(disputed):
    _, number = decide(disputed)
    start = to_us(DAY)
    with disputed.read() as connection:
        for known, expected in ((number - 1, 10), (number, 12)):
            found = figures_as_of(connection, workspace(), "calls", "day", [start], known)
            assert found[(TOTAL, TOTAL, "{}"), start].num == expected


def test_it_holds_for_what_comes_later_within_its_time_and_for_nothing_else(disputed):
    decide(disputed, last=DAY + timedelta(days=1))
    put(disputed, calls(20, day=1), calls(40, day=2), source="calls", now=NOW + timedelta(days=3))
    put(disputed, calls(21, day=1), calls(41, day=2), source="calls2", now=NOW + timedelta(days=3))
    assert [figure(disputed, "a", "x1", day).num for day in (0, 1, 2)] == [9, 21, 40]


def test_where_the_source_ruled_for_has_no_figure_the_authoritative_one_stands_in(disputed):
    decide(disputed)
    put(disputed, calls(5, day=1), source="calls", now=NOW + timedelta(days=2))
    assert figure(disputed, "a", "x1", 1).num == 5


def test_it_is_taken_back_and_stays_in_the_history(disputed):
    id, _ = decide(disputed)
    ruling.withdraw(disputed, workspace(), id, (), NOW, "boss", "wrong after all")
    assert figure(disputed).num == 10
    with disputed.read() as connection:
        kept = ruling.history(connection, workspace(), BOSS)
    assert [(one.id, one.reason, one.actor) for one in kept] == [(id, "the hotline counted test calls", "boss")]
    assert (kept[0].ended_by, kept[0].ended_reason) == ("boss", "wrong after all")
    with pytest.raises(NotRuled):
        ruling.withdraw(disputed, workspace(), id, (), NOW, "boss", "wrong after all")


@pytest.mark.parametrize("wrong", [{"source": "cases"}, {"reason": "  "}, {"last": DAY - timedelta(days=1)}])
def test_what_cannot_stand_changes_nothing(disputed, wrong):
    with pytest.raises(NotRuled):
        decide(disputed, **wrong)
    assert figure(disputed).num == 10
    with disputed.read() as connection:
        assert "ruling" not in connection.execute(select(revision.c.kind)).scalars().all()


def test_a_conflict_is_open_until_it_is_ruled_on_and_shows_both_figures(disputed):
    (one,) = open_ones(disputed)
    assert [(told.source, told.value) for told in one.told] == [("calls", 7), ("calls2", 9)]
    assert (one.difference, one.ruled, one.since) == (2, None, NOW)
    id, _ = decide(disputed)
    (one,) = open_ones(disputed)
    assert one.ruled.id == id


def test_it_is_marked_which_figure_stands(disputed):
    assert [told.stands for told in open_ones(disputed)[0].told] == [True, False]
    decide(disputed)
    assert [told.stands for told in open_ones(disputed)[0].told] == [False, True]


def test_who_has_the_authority_changes_from_a_date_for_every_place_that_two_report(disputed):
    put(disputed, calls(30, "y1"), calls(31, "y1", day=1), calls(21, day=1), source="calls2")
    put(disputed, calls(20, day=1), calls(4, "y1", day=1), source="calls")
    ruling.decide(
        disputed,
        workspace(),
        Decision(SERIES, "calls2", DAY + timedelta(days=1), None, "theirs is the record", True),
        (),
        NOW,
        "boss",
    )
    assert [figure(disputed, "a", region, 0).num for region in ("x1", "y1")] == [7, 3]
    assert [figure(disputed, "a", region, 1).num for region in ("x1", "y1")] == [21, 31]
    assert [(one.ruled is None, one.series.region) for one in open_ones(disputed)][:2] == [(True, "x1"), (True, "y1")]


def test_who_has_the_authority_has_it_for_a_place_that_is_reported_later_too(disputed):
    """y1 had one source only when it was decided; m was reported by nobody."""
    everywhere = Decision(SERIES, "calls2", DAY, None, "authority moves", True)
    id, number = ruling.decide(disputed, workspace(), everywhere, (), NOW, "boss")
    later = [calls(one, region, day=5) for one, region in ((7, "x1"), (8, "y1"), (9, "m"))]
    put(disputed, *later, source="calls")
    put(disputed, *(calls(row.num + 80, row.region, day=5) for row in later), source="calls2")
    assert [figure(disputed, "a", region, 5).num for region in ("x1", "y1", "m")] == [87, 88, 89]
    with disputed.read() as connection:
        found = figures_as_of(connection, workspace(), "calls", "day", [to_us(DAY + timedelta(days=5))], number + 2)
    assert found[(TOTAL, TOTAL, "{}"), to_us(DAY + timedelta(days=5))].num == 87 + 88 + 89
    assert [one.ruled.id for one in open_ones(disputed) if one.series.region == "m"] == [id]
    ruling.withdraw(disputed, workspace(), id, (), NOW, "boss", "not after all")
    assert [figure(disputed, "a", region, 5).num for region in ("x1", "y1", "m")] == [7, 8, 9]


def test_what_was_ruled_for_one_place_goes_before_what_is_ruled_for_all(disputed):
    put(disputed, calls(30, "y1"), source="calls2")
    ruling.decide(
        disputed, workspace(), Decision(Series("calls", "day", "a", "y1"), "calls", DAY, None, "theirs"), (), NOW, "boss"
    )
    ruling.decide(disputed, workspace(), Decision(SERIES, "calls2", DAY, None, "authority moves", True), (), NOW, "boss")
    assert [figure(disputed, "a", region).num for region in ("x1", "y1")] == [9, 3]


def test_what_moves_many_figures_is_carried_out_by_the_worker_bit_by_bit_and_said_meanwhile(disputed, monkeypatch):
    put(disputed, *(calls(20, day=day) for day in range(1, 6)), source="calls")
    put(disputed, *(calls(30, day=day) for day in range(1, 6)), source="calls2")
    monkeypatch.setattr(again, "AT_ONCE", 20)  # of ten series: two periods at once
    seen = []
    judges = (lambda connection, changed, now: seen.append({change.period_start for change in changed}),)

    def said():
        with disputed.read() as connection:
            ask = Ask(connection, workspace(), BOSS, NOW)
            return [reading.recomputing(ask, workspace().indicators[key]) for key in ("calls", "share", "opened")]

    id, number = decide(disputed, judges=judges)
    assert (figure(disputed, "a", "x1").num, said(), seen) == (7, [True, True, False], [set()])
    with disputed.read() as connection:
        assert ruling.waiting(connection) == {id}
        assert reading.card(Ask(connection, workspace(), BOSS, NOW), "share").recomputing
    revisions = [ruling.carry_on(disputed, workspace(), judges, NOW) for _ in range(5)]
    assert revisions == [number + 1, number + 2, number + 3, None, None]
    assert (figure(disputed, "a", "x1").num, figure(disputed, "a", "x1", 5).num, said()) == (9, 30, [False, False, False])
    assert [sorted(some) for some in seen[1:]] == [
        [to_us(DAY + timedelta(days=day)) for day in days] for days in ((0, 1), (2, 3), (4, 5))
    ]


def test_a_later_ruling_counts_and_both_are_kept(disputed):
    decide(disputed)
    decide(disputed, source="calls", reason="they were none")
    assert figure(disputed, "a", "x1").num == 7
    with disputed.read() as connection:
        assert [one.source for one in ruling.history(connection, workspace(), BOSS)] == ["calls", "calls2"]


def test_supervisors_rule_and_whoever_reports_sees_it_but_does_not(disputed):
    assert [one.mine for one in open_ones(disputed)] == [True]
    clerk = Principal("c", "c", frozenset({"staff"}), ("a",), ("y",))
    assert [one.mine for one in open_ones(disputed, clerk)] == [False]
    assert not open_ones(disputed, Principal("c", "c", frozenset({"staff"}), ("b",)))


def test_sources_that_agree_are_no_conflict_and_nobody_sees_beyond_his_scope(disputed):
    assert open_ones(disputed, Principal("b", "b", frozenset({"viewer"}), ("b",))) == []
    put(disputed, calls(7), source="calls2", now=NOW + timedelta(hours=1))
    assert open_ones(disputed) == []
