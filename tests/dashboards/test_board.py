from dataclasses import replace

import pytest

from dashboards import _board as read
from dashboards import _overview
from metrics.answers import Ask
from metrics.model import Board, Principal
from tests.dashboards import made
from tests.metrics import small

BY_DEPARTMENT = small.indicator("by_department", small.ON_TIME, cuts={"day": (("department",),)})
WORKSPACE = replace(small.workspace(), indicators={**small.workspace().indicators, BY_DEPARTMENT.key: BY_DEPARTMENT})


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        ({}, ["opened", "by_department"]),
        ({"regions": ("x",)}, ["opened"]),
        ({"departments": ("a",)}, ["opened", "by_department"]),
    ],
)
def test_it_shows_nobody_a_card_of_what_is_not_kept_for_their_place(store, scope, shown):
    small.put(store, small.case("1", closed=1))
    who = Principal("u", "u", frozenset({"viewer"}), **scope)
    with store.read() as connection:
        ask = Ask(connection, WORKSPACE, who, small.NOW)
        cards = read.cards(ask, made.setting().view, ["opened", "by_department"])
    assert [card.indicator.key for card in cards] == shown


CITY = Principal("u", "u", frozenset({"supervisor"}), regions=("x",))
BOARD = Board("overview", {"zh": "总览", "en": "Overview"}, ("by_department",), map="opened", rank="by_department")


def test_who_sees_one_city_gets_all_that_is_kept_for_it_and_how_its_counties_stand(store):
    small.put(store, small.case("1", region="x1", closed=1), small.case("2", region="y1"), small.case("3", region="m", day=5))
    workspace = replace(WORKSPACE, boards={"overview": BOARD})
    with store.read() as connection:
        shown = _overview.look(Ask(connection, workspace, CITY, small.NOW), made.setting().view)
    keys = [card.indicator.key for card in shown.cards]
    assert "opened" in keys
    assert "by_department" not in keys
    assert {card.series.region for card in shown.cards} == {"x"}
    assert [unit.place.id for unit in shown.mapped] == ["x1"]
    assert (shown.rank_key, shown.ranked) == ("opened", shown.mapped)


@pytest.mark.parametrize(
    ("roots", "offered"),
    [(("_T",), ["x", "y"]), (("x",), ["x", "x1"]), (("x", "y"), ["x", "y"]), (("gone", "y"), ["y"]), (("gone",), [])],
)
def test_a_person_may_narrow_figures_to_places_of_their_own_only(roots, offered):
    ask = Ask(None, WORKSPACE, replace(CITY, regions=roots), small.NOW)
    said = " ".join(made.words(picker) for picker in _overview.filters(ask, made.setting().view, only="region")).split()
    assert {word for word in said if word in WORKSPACE.regions and word != "_T"} == set(offered)
