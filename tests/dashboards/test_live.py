"""The live answer over a real store: what moved, once made, small when nothing happened."""

import gzip
import json
from datetime import UTC, datetime

import flask
import pytest

from dashboards import _indicator, _live
from dashboards._overview import compose, look, made
from dashboards._site import asked
from dashboards._view import view
from metrics.model import Principal
from metrics.store import head
from tests.dashboards.made import BEAT, WHO, words


def move(store, *topics: str) -> int:
    with store.write() as connection:
        taken = head.take(connection, datetime.now(UTC), "collect")
        head.touch(connection, taken.number, topics)
    return taken.number


def test_it_says_nothing_when_nothing_moved(server, store):
    number = move(store, "on_time")
    answer = server.test_client().get(f"/live?board=overview&since={number}")
    assert answer.status_code == 204
    size = len(answer.data) + sum(len(key) + len(value) + 4 for key, value in answer.headers)
    assert size < 1000


def test_it_gives_the_parts_after_a_move(server, store):
    number = move(store, "on_time")
    move(store, "something_else")
    answer = server.test_client().get("/live?board=overview&since=0")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["ETag"] == f'"{number}"'
    body = json.loads(gzip.decompress(answer.data))
    assert body["revision"] == number
    assert "card-on_time" in body["set"]
    assert set(body["marks"]) == set(body["set"])


@pytest.mark.parametrize("since", [0, 10**9])
def test_it_tells_the_times_with_every_answer(server, store, since):
    move(store, "on_time")
    answer = server.test_client().get(f"/live?board=overview&since={since}")
    assert int(answer.headers["X-Heartbeat"]) == int(BEAT.timestamp() * 1000)
    assert abs(int(answer.headers["X-Server-Time"]) / 1000 - datetime.now(UTC).timestamp()) < 60
    assert answer.headers["X-Data-Time"]


def test_it_never_answers_404_for_a_board_it_does_not_know(server):
    assert server.test_client().get("/live?board=none&since=x").status_code == 204


def test_it_makes_the_bytes_once_for_everybody_who_sees_the_same(server, store, monkeypatch):
    move(store, "on_time")
    made_bodies = []
    real = _live.BOARDS["overview"]
    counted = _live.Live(real.topics, lambda *given: made_bodies.append(1) or real.parts(*given))
    monkeypatch.setitem(_live.BOARDS, "overview", counted)
    client = server.test_client()
    first, second = (client.get("/live?board=overview&since=0") for _ in range(2))
    assert first.data == second.data
    assert len(made_bodies) == 1
    server.config["WHO"] = Principal("li", "李", frozenset({"staff"}), departments=("PWDx",))
    client.get("/live?board=overview&since=0")
    client.get("/live?board=overview&since=0&lang=zh")
    assert len(made_bodies) == 3


def test_it_shares_by_scope_and_never_by_name():
    one = Principal("li", "李", frozenset({"viewer"}), departments=("a", "b"))
    other = Principal("wang", "王", frozenset({"viewer"}), departments=("b", "a"))
    assert _live.scope(one) == _live.scope(other)
    assert _live.scope(one) != _live.scope(Principal("li", "李", frozenset({"viewer"}), departments=("a",)))
    assert _live.scope(one) != _live.scope(Principal("li", "李", frozenset({"supervisor"}), departments=("a", "b")))


def test_it_refuses_a_figure_that_is_not_a_number():
    with pytest.raises(ValueError, match="JSON"):
        _live.encode({"x": float("nan")})


def test_it_shows_an_empty_store_without_a_false_figure(server):
    """A first start: every card says that nothing was collected; no alarm, no zero."""
    with server.test_request_context("/"):
        flask.g.principal = WHO
        seen = view("/", {"lang": "zh"})
        with asked() as ask:
            shown = look(ask, seen)
            filled = made(ask, seen, shown)
            text = words(compose(ask, seen, shown, filled))
            cards = words([part.get("children") for id, part in filled.items() if id.startswith("card-")])
    assert "尚未采集" in cards
    assert "没有未关闭的预警" in text
    for word in ("正常", "严重", "预警", "关注"):
        assert word not in cards
    assert " 0 " not in cards.replace("目标 0 件", "")
    assert shown.revision == 0


def test_it_sends_only_what_the_browser_draws_itself(server, store):
    """`assets/live.js` draws html, svg and links; any other component belongs in the skeleton of the page."""
    move(store, "on_time")
    body = json.loads(gzip.decompress(server.test_client().get("/live?board=overview&since=0").data))

    def kinds(value):
        if isinstance(value, list):
            return set().union(*map(kinds, value))
        if not isinstance(value, dict) or "namespace" not in value:
            return set()
        return {(value["namespace"], value["type"])} | kinds(value["props"].get("children"))

    found = set().union(*(kinds(props.get("children")) for props in body["set"].values()))
    assert found
    odd = {kind for kind in found if kind[0] not in ("dash_html_components", "dash_svg")}
    assert odd <= {("dash_core_components", "Link")}


@pytest.mark.parametrize("more", ["", "&show=table&units=table", "&grain=month"])
def test_the_page_of_an_indicator_is_live_and_sends_only_what_the_browser_draws_itself(server, store, more):
    number = move(store, "on_time")
    client = server.test_client()
    assert client.get(f"/live?board=indicator/on_time&since={number}{more}").status_code == 204
    number = move(store, "on_time")
    body = json.loads(gzip.decompress(client.get(f"/live?board=indicator/on_time&since={number - 1}{more}").data))
    assert body["revision"] == number
    assert {"ind-strip", "ind-origin", "ind-ways", "as-of"} <= set(body["set"])
    assert kinds_of(body["set"]) <= {"dash_html_components", "dash_svg", "Link"}


@pytest.mark.parametrize("board", ["indicator/none", "indicator/", "indicator/on_time&department=none"])
def test_an_indicator_nobody_knows_has_no_parts(server, store, board):
    move(store, "alerts")
    answer = server.test_client().get(f"/live?board={board}&since=0")
    assert answer.status_code == 200
    assert json.loads(gzip.decompress(answer.data))["set"] == {}


def test_a_page_and_its_live_answer_are_the_same_parts(server, store):
    """The marks in the painted page are those of the live answer, so nothing is drawn again that has not changed."""
    move(store, "on_time")
    with server.test_request_context("/indicator/on_time"):
        flask.g.principal = WHO
        seen = view("/indicator/on_time", {"lang": "zh"})
        with asked() as ask:
            page = _indicator.build(ask, seen, "on_time")
            filled = _indicator.parts(ask, seen, "on_time")
    assert {id for id in filled if f"id='{id}'" in str(page)} == set(filled)


def kinds_of(value) -> set[str]:
    """What components there are: the namespace, of links their type."""
    if isinstance(value, list):
        return set().union(*map(kinds_of, value))
    if not isinstance(value, dict):
        return set()
    if "namespace" not in value:
        return set().union(*map(kinds_of, value.values()))
    link = value["type"] == "Link"
    return {"Link" if link else value["namespace"]} | kinds_of(value["props"].get("children"))
