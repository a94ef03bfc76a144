"""The pages of what people decide: how many there are, also where there are more than are listed, and the one a link is of."""

from dataclasses import replace
from types import SimpleNamespace

import dash
import flask
import flask_caching
import pytest
from sqlalchemy import select

from dashboards._site import Site
from metrics import verdict
from metrics.model import Principal
from metrics.store import doubts
from metrics.tables import doubted
from tests.access.conftest import one_engine
from tests.dashboards.made import BEAT, words
from tests.dashboards.test_passport import named
from tests.metrics import small, test_verdict

database_url = one_engine
BOSS = Principal("boss", "boss", frozenset({"supervisor"}))
MANY = 250


def many(store, number=MANY):
    """As many more figures in question as one of them; their ids, oldest first."""
    with store.write() as connection:
        row = dict(connection.execute(select(doubted)).mappings().first())
        first = row.pop("id")
        doubts.add(connection, [{**row, "num": 80_000 + spot, "verdict": ""} for spot in range(number)])
        return [first, *connection.execute(select(doubted.c.id).where(doubted.c.id != first).order_by(doubted.c.id)).scalars()]


@pytest.fixture
def ids(store):
    test_verdict.put(store, small.calls(7))
    test_verdict.put(store, small.calls(70_000))
    return many(store)


@pytest.fixture
def opened(store):
    def page(who=BOSS, name="held", **query):
        app = flask.Flask("test")
        cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
        workspace = replace(test_verdict.workspace(), clock=small.NOW)
        app.extensions["yuncha"] = Site(store, workspace, SimpleNamespace(), cache, lambda connection: BEAT)
        dash.Dash("test", server=app, use_pages=True, pages_folder="")
        from dashboards import conflicts, held  # a page is registered with an application that is there

        with app.test_request_context("/"):
            flask.g.principal = who
            return {"held": held, "conflicts": conflicts}[name].layout(lang="en", **query)

    return page


def of(page):
    """The figure that the form decides on."""
    store = named(page, "held-of")
    return store.data["id"] if store is not None else None


def test_it_says_how_many_there_are_though_it_lists_the_first(ids, opened):
    page = words(opened())
    assert f"{MANY + 1} in question" in page
    assert f"The first 200 of {MANY + 1}" in page


def test_a_link_to_an_old_one_opens_that_one(ids, opened):
    assert of(opened(one=str(ids[0]))) == ids[0]
    assert of(opened()) == ids[-1], "where none is asked for, the first of the list"


def test_a_link_to_one_that_was_decided_opens_no_other(ids, opened, store):
    verdict.reject(store, test_verdict.workspace(), ids[3], small.NOW, "Li", "a misprint")
    page = opened(one=str(ids[3]))
    assert of(page) is None
    assert "Decided already: rejected (Li" in words(page)
    for spot in ids[4:]:
        with store.write() as connection:
            doubts.decide(connection, [spot], "replaced", "", "", 1)
    assert f"The first 200 of {MANY - 2}" in words(opened()), "of those that were decided"


@pytest.mark.parametrize("one", ["999999", "x", "9" * 30])
def test_a_link_to_none_opens_none(ids, opened, one):
    page = opened(one=one)
    assert of(page) is None
    assert "This figure is not there, or is not yours to see." in words(page)


def test_a_link_to_one_out_of_scope_is_as_one_to_none(ids, opened):
    page = opened(Principal("s", "s", frozenset({"staff"}), ("b",)), one=str(ids[0]))
    assert of(page) is None
    assert "is not yours to see" in words(page)
    assert "80,0" not in words(page)


def test_sources_that_disagree_are_counted_and_a_link_to_one_that_is_gone_opens_no_other(store, opened):
    small.put(store, small.calls(7), small.calls(3, "y1"))
    small.put(store, small.calls(9), small.calls(4, "y1"), source="calls2")
    assert "2 to rule on" in words(opened(name="conflicts"))
    assert named(opened(name="conflicts"), "conflict-reason") is not None
    page = opened(name="conflicts", one="calls~day~a~m~1~{}")
    assert named(page, "conflict-reason") is None
    assert "It is no longer there" in words(page)
