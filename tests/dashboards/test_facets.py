"""Facets are counted once a revision and scope."""

from dataclasses import replace

import flask
import pytest

from dashboards import _facets
from dashboards._site import asked
from metrics import reading
from metrics.answers import CaseQuery
from metrics.model import Principal
from tests.dashboards.made import WHO
from tests.dashboards.test_live import move


@pytest.fixture
def counts(monkeypatch):
    made = []
    monkeypatch.setattr(reading, "facets", lambda ask, query: made.append(query) or {"state": [("open", 3)]})
    return made


def test_it_counts_once_for_all_who_ask_the_same(server, store, counts):
    move(store, "on_time")
    query = CaseQuery("requests")
    with server.test_request_context("/cases"):
        flask.g.principal = WHO
        with asked() as ask:
            assert _facets.counted(ask, query) == {"state": [("open", 3)]}
            _facets.counted(ask, replace(query, sort="due"))
            assert len(counts) == 1, "the order of the list changes no count"
            _facets.counted(ask, replace(query, category="x"))
            assert len(counts) == 2
            _facets.counted(replace(ask, who=Principal("li", "Li", frozenset({"viewer"}), ("a",))), query)
            assert len(counts) == 3, "another scope sees other cases"
        move(store, "on_time")
        with asked() as ask:
            _facets.counted(ask, query)
            assert len(counts) == 4, "a new revision is counted anew"
