"""The bulletin: published by a supervisor, the same for ever; what was corrected since stands under it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import flask
import flask_caching
import pytest
from sqlalchemy import select, update

from dashboards import _bulletins as pages
from dashboards._site import Site
from metrics import bulletin, definitions
from metrics.bulletin import NotPublished
from metrics.model import Board, Principal
from metrics.passport import read
from metrics.store import passports
from metrics.tables import bulletin as kept
from tests.dashboards.made import WHO, words
from tests.metrics import small
from tests.metrics import test_definitions as versions

CODE = re.compile(r"[0-9A-Y]{5}-[0-9A-Y]{5}")
BOSS = Principal("zhou", "周敏", frozenset({"supervisor"}))
MONTH = datetime(2026, 3, 1, 4, tzinfo=UTC)
APRIL = datetime(2026, 4, 2, 4, tzinfo=UTC)
KEYS = ("opened", "on_time", "overdue", "calls")


def workspace(now):
    made = small.workspace()
    board = Board("overview", {"zh": "总览", "en": "Overview"}, KEYS, None, None)
    units = {"item": {"zh": "件", "en": "cases"}}
    few = {"on_time": replace(made.indicators["on_time"], min_n=2, bands={}), "calls": replace(made.indicators["calls"])}
    return replace(made, boards={"overview": board}, units=units, indicators={**made.indicators, **few}, clock=now)


@pytest.fixture
def town(store):
    """A month with cases of two departments, known on the second of April."""
    cases = [small.case(f"a{n}", day=2, closed=1) for n in range(3)] + [small.case("a3", day=2, closed=9)]
    cases += [small.case(f"b{n}", "b", day=2, closed=1) for n in range(2)]
    small.put(store, *cases, small.calls(7, day=29), now=APRIL)
    app = flask.Flask("test")
    cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    app.extensions["yuncha"] = Site(store, workspace(APRIL + timedelta(days=1)), SimpleNamespace(), cache)

    def text(who=WHO, **query):
        with app.test_request_context("/bulletin"):
            flask.g.principal = who
            return words(pages.layout(**query))

    def becomes(made):
        app.extensions["yuncha"] = replace(app.extensions["yuncha"], workspace=made)
        return made

    return SimpleNamespace(store=store, text=text, becomes=becomes, workspace=app.extensions["yuncha"].workspace)


def opened(town, text, key, of="_T"):
    """The figure of an indicator that one of the codes on a bulletin opens, as it was printed."""
    with town.store.read() as connection:
        found = passports.find(connection, [read(code) for code in CODE.findall(text)]).values()
    return next((one.values.num, one.values.den) for one in found if (one.series.indicator, one.series.department) == (key, of))


def publish(town, who=BOSS, department="_T", month=MONTH, at=APRIL):
    return bulletin.publish(town.store, town.workspace, who, month, department, at)


def test_one_printed_before_a_correction_stays_and_names_it_and_one_after_says_the_new(town):
    first = str(publish(town))
    before = town.text(id=first)
    assert "75.0%" in before
    assert "3/4" in before
    assert "发布后没有更正" in before
    later = APRIL + timedelta(hours=2)
    small.put(town.store, small.case("a3", day=2, closed=1), now=later)
    second = str(publish(town, at=later + timedelta(hours=1)))
    after = town.text(id=first)
    body, corrected = after.split("发布后的更正")
    assert body == before.split("发布后的更正")[0]
    assert "3/4" in corrected
    assert "4/4" in corrected
    assert "cases" in corrected
    again = town.text(id=second)
    assert "75.0%" not in again
    assert opened(town, before, "on_time") == (5, 6)
    assert opened(town, again, "on_time") == (6, 6)
    assert (opened(town, before, "on_time", "a"), opened(town, again, "on_time", "a")) == ((3, 4), (4, 4)), "and each one ranked"
    assert CODE.findall(town.text(month="2026-03")) == [], "a draft is no paper that is handed out"
    assert "第 2 期" in again
    assert "发布后没有更正" in again


def test_what_is_corrected_under_the_definition_it_was_printed_by_stands_under_it_after_a_newer_one(town):
    """Issue 5, acceptance 9, across a new version of the definition; and what it said was missing is named when it comes."""
    was = town.workspace
    told = {key: (versions.meaning(one),) for key, one in was.indicators.items()}
    old = town.becomes(replace(was, versions=told))
    definitions.take_in(town.store, old, APRIL)
    first = str(bulletin.publish(town.store, old, BOSS, MONTH, "_T", APRIL))
    before = town.text(id=first)
    new = replace(old.indicators["on_time"], version=2, measure=versions.CLOSED_AT_ALL)
    meanings = (*told["on_time"], versions.meaning(new, date(2026, 4, 1)))
    newer = {"indicators": {**old.indicators, "on_time": new}, "versions": {**told, "on_time": meanings}}
    later = town.becomes(replace(old, **newer, clock=APRIL + timedelta(days=1)))
    definitions.take_in(town.store, later, APRIL)
    definitions.recompute_history(town.store, later, APRIL)
    assert "发布后没有更正" in town.text(id=first), "the month stays by the version in force for it"
    versions.put(town.store, later, small.case("a3", day=2, closed=1), now=APRIL + timedelta(hours=2))
    body, corrected = town.text(id=first).split("发布后的更正")
    assert body == before.split("发布后的更正")[0]
    assert "3/4" in corrected
    assert "4/4" in corrected


def test_what_a_printed_change_or_rank_was_compared_with_is_named_when_it_is_corrected(town):
    """A month later a case of the month before is closed late: the figure of March stays, its change and the ranks do not."""
    small.put(town.store, *[small.case(f"f{n}", day=-26, closed=1) for n in range(4)], now=APRIL)
    first = str(publish(town, at=APRIL + timedelta(minutes=1)))
    assert "16.7" in town.text(id=first)
    assert "发布后没有更正" in town.text(id=first)
    small.put(town.store, *[small.case(f"f{n}", day=-26, closed=5) for n in range(3)], now=APRIL + timedelta(hours=2))
    corrected = town.text(id=first).split("发布后的更正")[1]
    for said in ("2月", "4/4", "1/4"):
        assert said in corrected, said


def test_a_year_before_is_named_for_the_whole_and_no_period_that_nothing_was_compared_with(town):
    small.put(town.store, *[small.case(f"y{n}", "b", day=-363, closed=1) for n in range(4)], now=APRIL)
    first = str(publish(town, at=APRIL + timedelta(minutes=1)))
    small.put(town.store, *[small.case(f"y{n}", "b", day=-363, closed=5) for n in range(3)], now=APRIL + timedelta(hours=2))
    small.put(town.store, small.case("old", day=-200, closed=1), now=APRIL + timedelta(hours=3))
    corrected = town.text(id=first).split("发布后的更正")[1]
    assert corrected.count("2025年3月") == corrected.count("2025年"), "no other month of that year"
    assert "1/4" in corrected


def test_who_reads_a_bulletin_of_their_department_sees_its_rank_and_of_how_many_but_no_figure_of_another(town):
    """Published by whoever sees the whole peer group; kept whole, shown as far as the reader may see."""
    id = str(publish(town, BOSS, "a"))
    whole, mine = (town.text(who, id=id, lang="en") for who in (WHO, replace(WHO, departments=("a",))))
    assert "100.0%" in whole
    assert "that are ranked" not in whole
    assert "2 a 75.0% 3/4" in " ".join(CODE.sub("", mine).split())
    assert "Of 2 that are ranked" in mine
    for others in ("100.0%", "2/2"):
        assert others not in mine
    assert "75.0%" not in town.text(replace(WHO, departments=("b",)), id=id)


def test_one_that_a_department_publishes_says_its_rank_among_all(town):
    """`b` is better, and out of the scope of who publishes."""
    of_a = replace(BOSS, departments=("a",))
    draft, id = town.text(of_a, month="2026-03", department="a", lang="en"), str(publish(town, of_a, "a"))
    for said in (draft, *(town.text(who, id=id, lang="en") for who in (WHO, of_a))):
        assert "2 a 75.0% 3/4" in " ".join(CODE.sub("", said).split())
        assert "Of 2 that are ranked" in said
        assert "100.0%" not in said


def test_one_published_before_units_said_of_how_many_they_are_ranked_reads_as_it_did(town):
    id = str(publish(town, BOSS, "a"))
    with town.store.write() as connection:
        (row,) = connection.execute(select(kept)).all()
        said = json.loads(row.content)
        for unit in (one for line in said["lines"] for one in line["units"]):
            del unit["of"], unit["tied"]
        connection.execute(update(kept).values(content=json.dumps(said)))
    assert "that are ranked" not in town.text(id=id, lang="en")
    assert "Of 2 that are ranked" in town.text(replace(WHO, departments=("a",)), id=id, lang="en")


def test_a_draft_says_figures_ranks_and_who_stands_apart(town):
    said = town.text(month="2026-03", lang="en")
    for one in ("83.3%", "5/6", "2/2", "As known at 2 Apr 2026", "Departments ranked: on_time"):
        assert one in said, one
    assert "1 b 100.0% 2/2" in " ".join(said.split())
    assert "2 a 75.0% 3/4" in " ".join(said.split())
    of_b = town.text(month="2026-03", department="b", lang="en")
    assert "b: bulletin of" in of_b


def test_units_short_of_a_target_without_limits_are_named_and_cities_are_ranked_too(town):
    small.put(town.store, *[small.case(f"y{n}", "b", "y1", day=2, closed=1) for n in range(2)], now=APRIL)
    said = " ".join(town.text(month="2026-03", lang="en").split())
    departments, cities = said.split("Departments ranked: on_time")[1].split("Cities ranked: on_time")
    assert "Short of the target 1 a" in departments
    cities = cities.split(" ranked: ")[0]
    assert "1 y 100.0% 2/2" in cities
    assert "2 x 83.3% 5/6" in cities
    assert "Short of the target 1 x" in cities
    first = str(publish(town, at=APRIL + timedelta(minutes=1)))
    small.put(town.store, small.case("y0", "b", "y1", day=2, closed=9), now=APRIL + timedelta(hours=2))
    under = " ".join(town.text(id=first, lang="en").split("Corrected since")[1].split())
    assert "on_time y Mar 100.0% (2/2) 50.0% (1/2)" in under


def test_what_was_published_before_cities_were_ranked_reads_as_it_did(town):
    id = str(publish(town))
    with town.store.write() as connection:
        (row,) = connection.execute(select(kept)).all()
        said = json.loads(row.content)
        for line in said["lines"]:
            del line["bands"], line["regions"], line["level"]
        connection.execute(update(kept).values(content=json.dumps(said)))
    said = town.text(id=id, lang="en")
    assert "Departments ranked: on_time" in said
    assert "Short of the target" not in said
    assert "Cities ranked" not in said


def test_only_a_supervisor_publishes_a_month_that_has_ended_and_only_what_lies_in_scope(town):
    tries = [
        (WHO, "_T", MONTH, "not_yours"), (replace(BOSS, departments=("a",)), "_T", MONTH, "not_yours"),
        (replace(BOSS, regions=("x",)), "a", MONTH, "not_yours"), (BOSS, "_T", APRIL, "running"), (BOSS, "no", MONTH, "unknown"),
        (BOSS, "_T", datetime(2020, 1, 5, tzinfo=UTC), "empty"),
    ]  # fmt: skip
    for who, department, month, why in tries:
        with pytest.raises(NotPublished) as refused:
            publish(town, who, department, month)
        assert refused.value.key == why
    id = str(publish(town, replace(BOSS, departments=("a",)), "a"))
    assert "75.0%" in town.text(id=id)
    assert "75.0%" not in town.text(replace(WHO, departments=("b",)), id=id)
    for bad in ({"id": "999"}, {"id": "x"}, {"month": "2026-04"}, {"month": "x"}, {"month": "2026-03", "department": "no"}):
        assert "3/4" not in town.text(**bad)
    assert "周敏" in town.text()
