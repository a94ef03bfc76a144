"""A new count of the people: figures per head are divided again, and what was known keeps the count of then."""

from dataclasses import replace
from datetime import timedelta
from textwrap import dedent

import pytest

from metrics import periods, recount
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.asof import figures_as_of
from metrics.catalogue.population import Population
from metrics.ingest import ingest
from metrics.model import SYSTEM, TOTAL
from metrics.reading import changed
from metrics.reading import standing as reading_standing
from metrics.store import cells, head, inhabitants
from metrics.store.runs import RunIn
from opening import opened
from settings import from_environment
from tests.metrics.catalogue.writing import SOUND, write
from tests.metrics.small import DAY, NOW, PEOPLE, case
from tests.metrics.small import workspace as small

LATER = NOW + timedelta(hours=1)
START = periods.to_us(DAY)
LAST_YEAR = -62


def counted(**people):
    """The workspace with other counts: x1=[2025, 5000]; None takes one away."""
    counts = dict(PEOPLE)
    for region, (year, number) in people.items():
        counts[region, year] = number
    plain = small()
    kept = {place: number for place, number in counts.items() if number is not None}
    return replace(plain, population=Population(kept, {"zh": "2026年抽样调查", "en": "sample of 2026"}, plain.regions))


@pytest.fixture
def town(store):
    rows = [case("1"), case("2"), case("3", region="y1"), case("4", region="m"), case("5", day=LAST_YEAR)]
    ingest(store, small(), Batch("cases", rows, []), (), NOW, run=RunIn("cases", "collect", NOW, NOW, "ok"))
    assert recount.take_in(store, small(), (), NOW) is None, "a first count is no news"
    return store


def standing(store, start=START):
    with store.read() as connection:
        found = cells.known(connection, "heads", "day", 1, [start])
    return {key[1]: (one.num, one.den) for (key, _), one in found.items() if key[0] == TOTAL and one.num is not None}


def then(store, workspace, revision, start=START):
    with store.read() as connection:
        found = figures_as_of(connection, workspace, "heads", "day", [start], revision)
    return {key[1]: (one.num, one.den) for (key, _), one in found.items() if key[0] == TOTAL and one.num is not None}


def newest(store):
    with store.read() as connection:
        return head.newest(connection).number


def test_figures_per_head_are_divided_again_as_one_revision_that_says_why(town):
    before, was = newest(town), standing(town)
    heard = []
    anew = counted(x1=(2025, 5000))
    taken = recount.take_in(town, anew, [lambda connection, changed, now: heard.extend(changed)], LATER)
    assert (taken, newest(town)) == (before + 1, before + 1)
    assert (was["x1"][1], standing(town)["x1"][1]) == (4000, 5000)
    assert standing(town)["y1"] == was["y1"]
    assert {change.series.indicator for change in heard} == {"heads"}, "judged like any correction"
    with town.read() as connection:
        ask = Ask(connection, anew, SYSTEM, LATER)
        items = changed.figures(ask, before, ["heads"]).items
    found = [one for one in items if (one.series.region, one.period_start) == ("x1", DAY)]
    assert [(one.old.den, one.new.den, one.by.kind, one.by.reason) for one in found] == [
        (4000, 5000, "recompute", "2026年抽样调查")
    ]


def test_what_was_known_before_keeps_the_count_of_then(town):
    before, was = newest(town), standing(town)
    anew = counted(x1=(2025, 5000), m=(2026, 700))
    taken = recount.take_in(town, anew, (), LATER)
    assert then(town, anew, before) == was
    assert then(town, anew, taken) == standing(town) != was
    recount.take_in(town, counted(x1=(2025, 6000)), (), LATER + timedelta(hours=1))
    assert then(town, anew, taken)["x1"] == (was["x1"][0], 5000)
    with town.read() as connection:
        ask = Ask(connection, anew, SYSTEM, NOW, revision=before)
        rows = reading_standing.kept(ask, anew.indicators["heads"], "day", [START])
    found = {row.key[1]: (row.values.num, row.values.den) for row in rows if row.values.num is not None}
    assert found == was


def test_the_same_count_again_is_no_revision(town):
    assert recount.take_in(town, small(), (), LATER) is None
    recount.take_in(town, counted(x1=(2025, 5000)), (), LATER)
    number = newest(town)
    assert recount.take_in(town, counted(x1=(2025, 5000)), (), LATER) is None
    assert newest(town) == number


def test_a_count_of_a_year_leaves_the_years_before_it_alone(town):
    was, old = standing(town), periods.to_us(DAY + timedelta(days=LAST_YEAR))
    before = standing(town, old)
    recount.take_in(town, counted(x1=(2026, 4100)), (), LATER)
    assert standing(town)["x1"] == (was["x1"][0], 4100)
    assert standing(town, old) == before != {}


def test_a_place_that_is_no_longer_counted_has_no_figure_and_one_that_is_now_has_one(town):
    before, was = newest(town), standing(town)
    gone = counted(y1=(2020, None))
    taken = recount.take_in(town, gone, (), LATER)
    assert set(was) - set(standing(town)) >= {"y1"}
    assert then(town, gone, before) == was
    assert then(town, gone, taken) == standing(town)
    recount.take_in(town, small(), (), LATER + timedelta(hours=1))
    assert standing(town) == was


def test_a_file_that_was_changed_is_taken_in_when_the_workspace_is_opened(tmp_path):
    head_of = dedent(SOUND["workspace.yaml"]) + "population: {file: people.csv, source: {zh: 统计局, en: Statistics office}}\n"
    file = "region,year,people\neast_1,2025,{}\n"
    folder = write(tmp_path / "office", {"workspace.yaml": head_of, "people.csv": file.format(20_000)})
    settings = from_environment({"WORKSPACE": str(folder), "DATA": str(tmp_path / "data")})
    for people in (20_000, 20_500):
        (folder / "people.csv").write_text(file.format(people), encoding="utf-8")
        workspace, store = opened(settings)
        with store.read() as connection:
            assert inhabitants.known(connection) == workspace.population.counts == {("east_1", 2025): people}
            assert head.newest_kind(connection) == ("recompute" if people == 20_500 else None)
        store.close()
