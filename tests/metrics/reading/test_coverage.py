"""How much of a figure is there, who is missing by name, who stands in, and no rank below the floor."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from metrics import reading, ruling
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.asof import figures_as_of
from metrics.ingest import ingest
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.ruling import Decision
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, calls, put, workspace

LATER = DAY + timedelta(days=1, hours=12)
"""Noon of the day after DAY, which is the last settled one."""


@pytest.fixture
def place(store):
    """Three counties reported the day before; of DAY one has not, and a second source speaks for another."""
    start = DAY - timedelta(days=1)
    put(store, *(calls(9, one, day=-1) for one in ("x1", "y1", "m")), source="calls", now=start + timedelta(days=1))
    put(store, calls(7), source="calls", now=LATER)
    put(store, calls(5, "y1"), source="calls2", now=LATER)
    return store


def ask(store, connection, **changed):
    plain = workspace()
    indicators = {**plain.indicators, "calls": replace(plain.indicators["calls"], **changed)}
    return Ask(connection, replace(plain, indicators=indicators), SYSTEM, LATER)


def test_a_card_says_how_many_have_reported_and_names_who_has_not(place):
    with place.read() as connection:
        card = reading.card(ask(place, connection), "calls")
        city = reading.card(ask(place, connection), "calls", region="y")
    assert (card.cell.have, card.cell.want, [one["en"] for one in card.cell.missing]) == (2, 3, ["m"])
    assert (city.cell.have, city.cell.want, city.cell.missing) == (1, 1, ())


@pytest.mark.parametrize(("want", "of", "names"), [(("all",), 3, {"m", "y1"}), (("x1", "y1"), 2, {"y1"}), ((), 1, set())])
def test_who_is_to_report_and_never_has_is_missing_by_name(store, want, of, names):
    asked = ask(store, None, want=want)
    batch = Batch("calls", observations=[calls(7)])
    done = ingest(store, asked.workspace, batch, (), LATER, run=RunIn("calls", "collect", LATER, LATER, "ok"))
    with store.read() as connection:
        now = replace(asked, connection=connection)
        card, city = reading.card(now, "calls"), reading.card(now, "calls", region="y")
        then = figures_as_of(connection, asked.workspace, "calls", "day", [to_us(DAY)], done.revision)
        ranked = reading.units(now, "calls", "county")
    assert (card.cell.num, card.cell.have, card.cell.want) == (7, 1, of)
    assert {one["en"] for one in card.cell.missing} == names
    assert (then[("_T", "_T", "{}"), to_us(DAY)].have, then[("_T", "_T", "{}"), to_us(DAY)].want) == (1, of)
    if want:
        assert (city.cell.num, city.cell.status, city.cell.have) == (None, "M", 0)
        assert {one.rank for one in ranked} == {None}, "too few of the group have reported"


def test_what_is_made_of_it_says_the_same(place):
    put(place, *(calls(9, one, day=-1, key="answered", den=10) for one in ("x1", "y1")), source="calls", now=LATER)
    put(place, calls(6, "x1", key="answered", den=7), source="calls", now=LATER)
    with place.read() as connection:
        card = reading.card(ask(place, connection), "answered")
    assert (card.cell.have, card.cell.want, [one["en"] for one in card.cell.missing]) == (1, 2, ["y1"])


def test_a_stand_in_is_marked_until_a_person_rules_for_it(place):
    def marked(region):
        with place.read() as connection:
            card = reading.card(ask(place, connection), "calls", region=region)
            found = reading.entered(ask(place, connection), Series("calls", "day", "_T", region), DAY)
        return card.cell.stand_ins, [one.stead for one in found if one.used and one.source]

    assert marked("y") == (("calls2",), ["stand_in"])
    assert marked("x") == ((), [""])
    decision = Decision(Series("calls", "day", "a", "y1"), "calls2", DAY, DAY, "theirs")
    ruling.decide(place, workspace(), decision, (), LATER, "boss")
    assert marked("y") == ((), ["ruled"])


@pytest.mark.parametrize(("floor", "ranks"), [("0.8", [None, None]), ("0.5", [1, 2])])
def test_nobody_is_ranked_where_too_few_of_the_group_have_reported(place, floor, ranks):
    """Of three counties two have; of the two cities one rests on one of its two."""
    with place.read() as connection:
        found = reading.units(ask(place, connection, coverage=Decimal(floor)), "calls", "county")
    assert [unit.rank for unit in found if unit.place.id != "m"] == ranks
    assert [unit.rank for unit in found if unit.place.id == "m"] == [None]


def test_a_unit_of_which_too_little_is_there_is_not_ranked_and_says_who_is_missing(place):
    with place.read() as connection:
        found = {unit.place.id: unit for unit in reading.units(ask(place, connection, coverage=Decimal("0.6")), "calls", "city")}
    assert (found["x"].cell.have, found["x"].cell.want) == (1, 2)
    assert ([one["en"] for one in found["x"].cell.missing], found["x"].rank) == (["m"], None)
    assert found["y"].rank == 1
