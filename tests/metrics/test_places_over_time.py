"""Places that begin, end and merge: totals, coverage and rankings know the tree of the period."""

from dataclasses import replace
from datetime import date, timedelta

from metrics import ingest, reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.catalogue import Tree
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.store import cells
from metrics.store.runs import RunIn
from tests.metrics import small
from tests.metrics.small import DAY, NOW

LAST = date(2026, 3, 5)
"""The last day of `old`, day=3; then it is part of `x1`."""


def merging():
    made = small.workspace()
    old = small.place("old", "x", "county", code="510999", valid_to=LAST, merged_into="x1")
    new = small.place("new", "x", "county", valid_from=date(2026, 3, 8))
    return replace(made, regions=Tree([*made.regions, old, new]))


def put(store, *rows):
    batch = Batch("calls", observations=rows)
    return ingest.ingest(store, merging(), batch, (), NOW, run=RunIn("calls", "collect", NOW, NOW, "ok"))


def test_the_code_of_a_merged_county_means_the_one_it_went_up_in():
    regions = merging().regions
    assert regions.by_code("510999", LAST).id == "old"
    assert regions.by_code("510999", LAST + timedelta(days=1)).id == "x1"
    assert regions.by_code("old", LAST + timedelta(days=1)).id == "x1"
    assert [regions.valid("new", date(2026, 3, day)) for day in (7, 8)] == [False, True]
    assert regions.valid("old", None)
    assert regions.valid("nowhere", LAST)


def test_who_is_no_longer_there_is_not_missing_and_no_past_total_changes(store):
    put(store, *(small.calls(2, region, day=day) for region in ("old", "x1") for day in (2, 3)))
    put(store, *(small.calls(5, "x1", day=day) for day in (4, 5)))
    with store.read() as connection:
        starts = [to_us(DAY + timedelta(days=day)) for day in (2, 3, 4, 5)]
        found = cells.known(connection, "calls", "day", 1, starts)
        whole = [found[("_T", "_T", "{}"), start] for start in starts]
        ask = Ask(connection, merging(), SYSTEM, NOW)
        made_of = [reading.entered(ask, Series("calls", "day"), DAY + timedelta(days=day)) for day in (3, 4)]
    assert [(one.num, one.have, one.want) for one in whole] == [(4, 2, 2), (4, 2, 2), (5, 1, 1), (5, 1, 1)]
    assert [sorted(value.cell.series.region for value in some) for some in made_of] == [["old", "x1"], ["x1"]]


def test_a_ranking_holds_the_places_of_its_period(store):
    put(store, *(small.calls(2, region, day=day) for region in ("old", "x1") for day in (2, 3)))
    with store.read() as connection:
        ask = Ask(connection, merging(), SYSTEM, NOW)
        then = [one.place.id for one in reading.units(replace(ask, now=DAY + timedelta(days=4)), "calls", "county", grain="day")]
        later = [one.place.id for one in reading.units(ask, "calls", "county", grain="day")]
    assert ("old" in then, "new" in then) == (True, False)
    assert ("old" in later, "new" in later) == (False, True)
