"""A rank is among all of the peer group, whoever asks, and in each period among those there were then."""

from dataclasses import replace
from datetime import date, timedelta

from metrics import ingest, reading
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.catalogue import Tree
from metrics.model import SYSTEM
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, NOW, calls, place, workspace

ONLY_Y = replace(SYSTEM, regions=("y",))


def report(store, made, day, **figures):
    batch = Batch("calls", observations=[calls(number, one, day=day) for one, number in figures.items()])
    ingest.ingest(store, made, batch, (), NOW, run=RunIn("calls", "collect", NOW, NOW, "ok"))


def units(store, made, day, who=SYSTEM):
    with store.read() as connection:
        found = reading.units(Ask(connection, made, who, NOW), "calls", "county", ended_by=DAY + timedelta(days=day + 1))
    return {one.place.id: one for one in found}


def test_who_sees_a_part_is_told_the_rank_among_the_whole_group_and_of_how_many(store):
    made = workspace()
    report(store, made, 0, x1=9, y1=1, m=2)
    report(store, made, 1, x1=9, y1=9, m=2)
    whole, mine = units(store, made, 1), units(store, made, 1, ONLY_Y)
    assert {key: (one.rank, one.rank_before, one.of, one.tied) for key, one in mine.items()} == {
        "y1": (1, 3, 3, True), "m": (3, 2, 3, False),
    }  # fmt: skip
    assert mine == {key: whole[key] for key in mine}


def test_a_group_of_which_too_few_reported_is_ranked_for_nobody_who_sees_a_part(store):
    made = workspace()
    report(store, made, 0, x1=9, y1=1, m=2)
    report(store, made, 1, y1=1, m=2)
    assert {one.rank for one in units(store, made, 1, ONLY_Y).values()} == {None}, "two of three are below the floor"


def test_who_has_ended_is_listed_no_more_and_was_ranked_before(store):
    plain = workspace()
    gone = place("gone", "x", "county", valid_to=date(2026, 3, 2))
    made = replace(plain, regions=Tree([*plain.regions, gone]))
    report(store, made, 0, x1=9, gone=5, y1=3, m=1)
    report(store, made, 1, x1=9, y1=3, m=1)
    then, now = units(store, made, 0), units(store, made, 1)
    assert {key: one.rank for key, one in then.items()} == {"x1": 1, "gone": 2, "y1": 3, "m": 4}
    assert {key: (one.rank, one.rank_before) for key, one in now.items()} == {"x1": (1, 1), "y1": (2, 3), "m": (3, 4)}
