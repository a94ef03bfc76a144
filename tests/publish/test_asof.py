"""The read API as of an earlier revision: what was said then is said again, whatever came after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest

from metrics import links
from metrics.model import Principal
from metrics.store.engine import Store
from publish import _routes, api
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
FIGURES = ("on_time", "opened", "median", "calls", "answered", "share")
COMPARED = ("period_start", "value", "num", "den", "n", "apart", "status", "reason")
NO_TIME = (
    "0", "6", "-1", "9" * 19, "1e3", "١", "yesterday", "2026-03-11", "2026-03-11T15:00:00", "0001-01-01T00:00:00Z",
    "2199-01-01T00:00:00Z", "1990-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1 OR 1=1", "\x00", "NaN",
)  # fmt: skip
Get = Callable[..., Any]


@pytest.fixture
def get(store: Store, monkeypatch: pytest.MonkeyPatch) -> Get:
    server = flask.Flask("t")
    api.install(server, store, replace(small.workspace(), clock=small.NOW - timedelta(hours=5)))

    def ask(path: str, who: Principal = WHOLE, status: int = 200, **query: Any) -> Any:
        monkeypatch.setattr(api, "current", lambda: who)
        answer = server.test_client().get(f"/api/v1/{path}", query_string=query or None)
        assert answer.status_code == status, answer.json
        return answer.json

    return ask


def said(get: Get, who: Principal = WHOLE, **query: Any) -> dict[str, Any]:
    """Every figure and every list, without the stamps that tell when it was asked."""
    figures = {
        (key, region): [
            [item[name] for name in COMPARED]
            for item in get("observations", who, indicator=key, region=region, **query)["items"]
        ]
        for key in FIGURES
        for region in ("x", "x1", *(("y", "_T") if who is WHOLE else ()))
    }  # fmt: skip
    cases = get("records", who, source="cases", sort="external_id", **query)
    return {**figures, "cases": [cases["total"], *(row["id"] for row in cases["items"])]}


def history(store: Store) -> None:
    """Cases and figures; corrections, a case that moves away, one that closes; a second source; late rows."""
    first = [small.case(f"x-{n}", region="x1", closed=closed) for n, closed in enumerate((0, 1, None))]
    later = [small.case("x-0", region="y1", closed=9), small.case("x-1", department="b", region="x1", closed=4)]
    steps: list[tuple[Any, ...]] = [
        tuple(first), (small.calls(10), small.calls(7, day=2)), tuple(later), (small.calls(12), small.calls(3, region="y1")),
        (small.case("y-0", region="y1", due=None), small.case("m-0", region="m", day=3, closed=1), small.case("x-2", closed=9)),
    ]  # fmt: skip
    for number, rows in enumerate(steps):
        small.put(store, *rows, now=small.NOW - timedelta(hours=10 - number))
        yield


@pytest.mark.parametrize("who", [WHOLE, CITY], ids=["whole", "city"])
def test_what_was_said_at_every_revision_is_said_again(get: Get, store: Store, who: Principal) -> None:
    then = {}
    for _ in history(store):
        now = get("sources")["revision"]
        then[now] = said(get, who)
    assert len({str(one) for one in then.values()}) == len(then)
    for revision, answer in then.items():
        again = said(get, who, as_of=revision)
        assert {key: strip(value) for key, value in again.items()} == {key: strip(value) for key, value in answer.items()}


def strip(found: list[Any]) -> list[Any]:
    """Without the periods at the end and the beginning of which nothing was known yet."""
    return [one for one in found if not isinstance(one, list) or one[6] != "M"]


def test_an_instant_means_the_newest_revision_that_was_not_later(get: Get, store: Store) -> None:
    list(history(store))
    asked = {"indicator": "opened", "grain": "day"}
    by_number = get("observations", as_of=2, **asked)
    for hours in (9, 8.5):  # the moment of revision 2, and shortly before revision 3
        assert get("observations", as_of=links.text(small.NOW - timedelta(hours=hours)), **asked) == by_number
    assert (by_number["revision"], by_number["items"][0]["revision"]) == (2, 2)
    assert get("observations", as_of="2026-03-11T15:00:00 08:00", **asked)["revision"] == 2  # a plus that was not quoted


def test_a_stock_is_as_it_stood_then(get: Get, store: Store) -> None:
    then = {}
    for _ in history(store):
        newest = get("observations", indicator="overdue", region="x")
        then[newest["revision"]] = [item["num"] for item in newest["items"]]
    assert [answer[-1] for answer in then.values()] == [1, 1, 1, 1, 0]
    for revision, answer in then.items():
        items = get("observations", indicator="overdue", region="x", as_of=revision)["items"]
        assert [item["num"] for item in items] == answer


def test_lists_and_values_are_those_of_then(get: Get, store: Store) -> None:
    list(history(store))
    page = get("records", source="cases", as_of=1, limit=2, sort="external_id")
    rest = get(page["next"].removeprefix("/api/v1/"))
    assert [row["region"] for row in page["items"] + rest["items"]] == ["x1", "x1", "x1"]
    figure = get("observations", indicator="calls", region="x", as_of=2)["items"][0]
    for more in ({"as_of": 2}, {"rev": 2}):
        made_of = get("values", indicator="calls", region="x", period=figure["period_start"], **more)
        assert [one["num"] for one in made_of["items"] if one["used"]] == [10] == [figure["num"]]
        assert made_of["revision"] == 2


def test_it_says_what_cannot_be_asked(get: Get, store: Store) -> None:
    get("observations", indicator="opened", as_of=1, status=400)  # nothing is known yet
    list(history(store))
    for text in NO_TIME:
        for path in ("observations", "values", "records"):
            query = {"records": {"source": "cases"}}.get(path, {"indicator": "calls"})
            more = {"period": links.text(small.DAY)} if path == "values" else {}
            error = get(path, status=400, as_of=text, **query, **more)["error"]
            assert (error["id"], error["message"][:7], bool(error["hint"])) == ("bad_parameter", "as_of: ", True), (text, error)
    for more in ({"rev": 1}, {"at": links.text(small.NOW)}):
        assert get("records", status=400, source="cases", as_of=1, **more)["error"]["message"].startswith("as_of: not together")


def test_an_export_is_of_then_too_and_says_as_of_when_it_knows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    list(history(store))
    server = flask.Flask("t")
    monkeypatch.setattr(_routes, "current", lambda: WHOLE)
    _routes.install(server, store, replace(small.workspace(), clock=small.NOW - timedelta(hours=5)))

    def sheet(more: str) -> str:
        asked = f"/export/trend.csv?indicator=calls&grain=day&region=x&lang=en{more}"
        return server.test_client().get(asked).get_data(as_text=True)

    now, then = sheet(""), sheet("&as_of=2")
    assert "Revision,5" in now
    assert "Revision,2" in then
    assert "As known at,2026-03-11 15:00:00 +0800" in then
    assert (",12," in now, ",10," in now, ",12," in then, ",10," in then) == (True, False, False, True)
    assert server.test_client().get("/export/trend.csv?indicator=calls&as_of=nonsense").status_code == 404


def test_sources_runs_disagreements_and_definitions_of_then_are_given_again(get: Get, store: Store) -> None:
    """What sources told by then, where they disagreed then, the definitions of then; what is known now is in none of them."""
    asked = {"sources": {}, "runs": {"source": "calls"}, "conflicts": {"open": "false"}, "held": {}, "indicators": {}}

    def all_of(**more: Any) -> dict[str, Any]:
        return {path: get(path, **given, **more)["items"] for path, given in asked.items()}

    then = {}
    small.put(store, small.calls(10), now=small.NOW - timedelta(hours=9))
    then[1] = all_of(as_of=1)
    small.put(store, small.calls(12), source="calls2", now=small.NOW - timedelta(hours=8))
    then[2] = all_of(as_of=2)
    small.put(store, small.calls(12), source="calls", now=small.NOW - timedelta(hours=7))
    assert [len(then[number]["conflicts"]) for number in (1, 2)] == [0, 1]
    assert all_of()["conflicts"] == []
    assert {number: all_of(as_of=number) for number in then} == then
    assert [len(then[number]["runs"]) for number in (1, 2)] == [1, 1]
    assert get("indicators/calls", as_of=1)["item"]["version"] == 1
    for path, given in asked.items():
        assert get(path, **given, as_of=1)["revision"] == 1
        get(path, **given, as_of="yesterday", status=400)
