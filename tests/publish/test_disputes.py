"""What people have to decide, for programs: sources that disagree, figures in question; as the document says."""

from datetime import timedelta

import flask
import jsonschema
import pytest
from sqlalchemy import select

from metrics import ruling
from metrics.arrivals import Series
from metrics.model import Principal
from metrics.ruling import Decision
from metrics.store import doubts
from metrics.tables import doubted
from publish import api
from publish.openapi import document
from tests.metrics import small, test_verdict

BOSS = Principal("b", "b", frozenset({"supervisor"}))
SCHEMAS = document()


@pytest.fixture
def get(store, monkeypatch):
    small.put(store, small.calls(7), small.calls(3, "y1"), source="calls")
    test_verdict.put(store, small.calls(70_000), now=small.NOW + timedelta(hours=1))
    small.put(store, small.calls(9), source="calls2")
    server = flask.Flask("t")
    api.install(server, store, test_verdict.workspace())

    def ask(path, who=BOSS, status=200):
        monkeypatch.setattr(api, "current", lambda: who)
        answer = server.test_client().get(f"/api/v1/{path}")
        assert answer.status_code == status, answer.json
        if status == 200:
            said = SCHEMAS["paths"][f"/api/v1/{path.partition('?')[0]}"]["get"]["responses"]["200"]
            schema = {**said["content"]["application/json"]["schema"], "components": SCHEMAS["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json)
        return answer.json

    ask.store = store
    return ask


def test_it_lists_what_waits_for_a_ruling_and_what_was_ruled_when_asked(get):
    (one,) = get("conflicts")["items"]
    assert [(told["source"], told["value"], told["stands"]) for told in one["told"]] == [("calls", 7, True), ("calls2", 9, False)]
    assert (one["region"], one["difference"], one["tolerance"], one["ruling"]) == ("x1", 2, 0, None)
    decision = Decision(Series("calls", "day", "a", "x1"), "calls2", small.DAY, small.DAY, "a recount")
    ruling.decide(get.store, small.workspace(), decision, (), small.NOW, "Li")
    assert get("conflicts")["items"] == []
    (one,) = get("conflicts?open=false&indicator=calls")["items"]
    assert (one["ruling"]["by"], one["ruling"]["reason"]) == ("Li", "a recount")
    assert [told["stands"] for told in one["told"]] == [False, True]
    assert get("conflicts?indicator=share")["total"] == 0


def test_it_lists_what_is_held_with_what_stands_and_says_nothing_to_others(get):
    (one,) = get("held")["items"]
    assert (one["kind"], one["value"], one["against"], one["held"], one["verdict"]) == ("jump", 70_000, 7, True, None)
    assert one["good"]["value"] == 7
    assert get("held", Principal("v", "v", frozenset({"viewer"})))["items"] == []
    assert get("held", Principal("s", "s", frozenset({"staff"}), ("b",)))["items"] == []


def test_it_counts_all_that_is_held_and_gives_the_rest_from_where_it_is_asked_to(get):
    with get.store.write() as connection:
        row = {key: value for key, value in connection.execute(select(doubted)).mappings().first().items() if key != "id"}
        doubts.add(connection, [row] * 600)
    first, rest = get("held?indicator=calls"), get("held?indicator=calls&limit=500&offset=500")
    assert (first["total"], len(first["items"]), len(rest["items"])) == (601, 500, 101)
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in rest["items"]}
    assert get("held?indicator=share")["total"] == 0


@pytest.mark.parametrize(("path", "status"), [("held?open=yes", 400), ("conflicts?indicator=none", 404), ("held?which=1", 400)])
def test_it_says_what_it_cannot_read(get, path, status):
    get(path, status=status)
