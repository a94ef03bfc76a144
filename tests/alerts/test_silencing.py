"""A silence has its end, its author and its reason; a serious alert is not silenced for over a week by one person."""

from datetime import timedelta

import pytest

import alerts
from alerts import silencing
from alerts.store.tables import outbox
from metrics.model import Principal
from metrics.rulebook import Match
from tests.alerts.small import DAY, START, Desk
from tests.alerts.test_edge_cases import rows

CHIEF = Principal("u1", "Chief", frozenset({"supervisor"}))
SECOND = Principal("u2", "Second", frozenset({"supervisor"}))
CLERK = Principal("u3", "Clerk", frozenset({"staff"}))
RULE = Match(rules=("late",))


def silence(desk, who=CHIEF, match=RULE, days=8, reason="the hall is being rebuilt"):
    with desk.store.write() as connection:
        return silencing.silence(connection, who, match, START, START + days * DAY, reason, START)


@pytest.mark.parametrize("given", [{"reason": " "}, {"days": 0}, {"days": 91}])
def test_it_wants_an_end_and_a_reason(store, given):
    with pytest.raises(silencing.Invalid):
        silence(Desk(store), **given)


def test_it_is_for_supervisors(store):
    with pytest.raises(silencing.NotAllowed):
        silence(Desk(store), CLERK)


def test_a_serious_alert_is_silenced_for_over_a_week_by_two_people_only(store):
    desk = Desk(store)
    number = silence(desk)
    desk.put(0, 80)
    with desk.store.read() as connection:
        (one,) = silencing.silences(connection)
    assert (one.author, one.needs_second, one.state(START + DAY)) == ("Chief", True, "waiting")
    assert [row.state for row in rows(desk, outbox)] == ["waiting"], "it holds nothing back yet"
    with desk.store.write() as connection:
        with pytest.raises(silencing.NotAllowed, match="second person"):
            silencing.confirm(connection, CHIEF, number, START + DAY)
        assert silencing.confirm(connection, SECOND, number, START + DAY)
    desk.put(0, 80, "b", at=START + DAY + timedelta(hours=1))
    assert [row.state for row in rows(desk, outbox)] == ["waiting", "held"]
    assert alerts.send_due(store, desk.workspace, START + DAY + timedelta(hours=2)).sent == 1


@pytest.mark.parametrize(
    ("match", "days", "second"), [(RULE, 7, False), (Match(levels=("reminder",)), 8, False), (Match(), 1, True)]
)
def test_a_week_or_what_is_not_serious_needs_one_person_and_everything_two(store, match, days, second):
    desk = Desk(store)
    silence(desk, match=match, days=days)
    with desk.store.read() as connection:
        assert [one.needs_second for one in silencing.silences(connection)] == [second]


def chained(desk, *spans, who=CHIEF, match=RULE):
    """Whether the last of these (first day, last day) waits for a second person."""
    with desk.store.write() as connection:
        for begins, ends in spans:
            silencing.silence(connection, who, match, START + begins * DAY, START + ends * DAY, "the hall", START)
        return silencing.silences(connection)[0].needs_second


@pytest.mark.parametrize("spans", [((0, 7), (7, 14)), ((7, 14), (0, 7)), ((0, 4), (8, 11), (3, 8)), ((0, 3), (3, 6), (6, 8))])
def test_adjacent_and_overlapping_silences_of_one_match_are_one_long_one(store, spans):
    assert chained(Desk(store), *spans)


@pytest.mark.parametrize("spans", [((0, 5), (6, 11)), ((0, 3), (3, 7)), ((0, 20), (20, 26))])
def test_a_gap_or_a_second_person_ends_what_one_person_may_silence_in_a_row(store, spans):
    """The one of 20 days waits for a second person itself."""
    assert not chained(Desk(store), *spans)


def test_silences_of_another_match_add_nothing(store):
    desk = Desk(store)
    chained(desk, (0, 7))
    assert not chained(desk, (7, 14), match=Match(rules=("other",)))
    assert chained(desk, (7, 14), who=SECOND), "whoever makes it: no second person agreed to both"
