"""Change against an earlier period, ranks within peer groups and how they moved."""

from dataclasses import replace
from decimal import Decimal

from metrics.answers import Change, Unit
from metrics.comparing import apart, compare, ranked, with_ranks_before
from metrics.model import Measure, Part
from metrics.values import Values
from tests.dashboards.made import cell
from tests.metrics.small import indicator, place

RATE = indicator("rate", Measure("ratio", Part("due"), Part("due")), unit="percent")
COUNT = indicator("count", Measure("count", Part("opened")))


def test_a_rate_changes_in_points_and_an_amount_in_per_cent():
    assert compare(RATE, Values(9, 10), Values(8, 10)).change == Change(Decimal(10), in_points=True)
    assert compare(COUNT, Values(90), Values(100)).change == Change(Decimal(-10), in_points=False)
    assert compare(COUNT, Values(-50), Values(-100)).change == Change(Decimal(50), in_points=False)


def test_it_compares_nothing_with_nothing_with_zero_or_with_another_definition():
    assert compare(COUNT, Values(5), None).without == compare(COUNT, Values(5), Values(None, status="M")).without == "missing"
    assert compare(RATE, Values(5, 5), Values(0, 0, 0, None, "N")).without == "missing"
    assert compare(COUNT, Values(5), Values(0)).without == "zero"
    assert compare(RATE, Values(5, 10), Values(0, 10)).change == Change(Decimal(50), in_points=True)
    assert compare(COUNT, Values(5), Values(4), other_version=True).without == "version"


def unit(id: str, value: str | None, peer: str = "city", state: str = "ok") -> Unit:
    return Unit(place(id, peer=peer), cell(value) if value is not None else None, state, None)  # type: ignore[arg-type]


def ranks(units) -> dict[str, int | None]:
    return {one.place.id: one.rank for one in units}


def test_it_ranks_within_peer_groups_and_ties_share_a_rank():
    units = [unit("a", "90"), unit("b", "95"), unit("c", "95"), unit("d", "80"), unit("e", "10", "zone")]
    assert ranks(ranked(RATE, units)) == {"b": 1, "c": 1, "a": 3, "d": 4, "e": 1}
    assert ranks(ranked(replace(RATE, better="lower"), units)) == {"d": 1, "a": 2, "b": 3, "c": 3, "e": 1}
    assert set(ranks(ranked(replace(RATE, better="none"), units)).values()) == {None}


def test_nothing_due_too_few_and_what_may_not_be_ranked_stand_apart_each_with_its_reason():
    none = [unit("c", None, state="due"), unit("e", None, state="nrep")]
    units = [unit("a", "90"), unit("b", "0", state="few"), none[0], unit("d", "99"), none[1]]
    found = ranked(RATE, units, may=lambda one: one.place.id != "d")
    assert ranks(found) == {"a": 1, "d": None, "b": None, "c": None, "e": None}
    assert {state: [one.place.id for one in many] for state, many in apart(found).items()} == {
        "few": ["b"], "due": ["c"], "nrep": ["e"], "ok": ["d"],
    }  # fmt: skip


def test_a_change_of_rank_is_places_gained_and_only_of_who_was_ranked_in_both():
    before = ranked(RATE, [unit("a", "90"), unit("b", "95"), unit("c", None, state="due")])
    now = with_ranks_before(ranked(RATE, [unit("a", "99"), unit("b", "95"), unit("c", "97")]), before)
    assert {one.place.id: one.climbed for one in now} == {"a": 1, "c": None, "b": -2}
