"""A stranger who means harm: no address of the API or of an export fails, whatever stands in it, and none says more for it."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import flask
import pytest

from access import sessions
from metrics import reading
from metrics.answers import Ask
from metrics.model import Principal
from metrics.store.engine import Store
from publish import _routes, api
from publish.openapi import PARAMETERS
from tests.metrics import small

NASTY = (
    "%00", "a%00b", "%ED%A0%80", "%FF%FE", "%E2%80%AE", quote("😀" * 50), quote("ｏｐｅｎｅｄ"), quote("²"), quote("٣"),
    quote("Ⅷ"),
    quote("' OR '1'='1"), quote('"; DROP TABLE record; --'), quote("x1' UNION SELECT 1--"), "%25", "_", quote("\\"),
    quote("%_\\%"),
    "-1", "0", "1", "9" * 9, "9" * 18, "9" * 19, "9" * 200, "1e309", "NaN", "null", "None", "true", "[]", "{}",
    quote("${jndi:x}"),
    quote("../../etc/passwd"), quote("<script>alert(1)</script>"), quote("{{7*7}}"), quote("=1+1"),
    "%0d%0aX:%20y", "%20", "", "_T",
    "x1", "a", "cases", "calls", "opened", "on_time", "share", "median", "day", "all", "month", "caller",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "1900-01-01T00:00:00Z", "2199-12-31T00:00:00Z",
    "2026-03-02T00:00:00+08:00", "2026-03-02T00:00:00%2B08:00", "2026-03-02T00:00:00%2B23:59", "2026-W10-1T00:00:00Z",
    "2026-03-02T24:00:00Z", "2026-02-30T00:00:00Z", "-2026-03-02T00:00:00Z",
)  # fmt: skip
BASE = {
    "indicators": "", "observations": "indicator=on_time", "values": "indicator=calls&period=2026-03-01T16:00:00Z",
    "records": "source=cases", "sources": "", "runs": "source=cases", "alerts": "",
}  # fmt: skip
EXPORTS = {"trend": "indicator=calls", "units": "indicator=on_time&by=city&grain=day", "cases": "source=cases"}
IN_EXPORTS = (
    "indicator", "grain", "department", "region", "by", "source", "role", "period", "category", "state", "search", "sort", "rev",
    "at", "lang",
)  # fmt: skip
PEOPLE = (
    Principal("w", "w", frozenset({"viewer"})), Principal("c", "c", frozenset({"viewer"}), regions=("x",)),
    Principal("n", "n", frozenset({"viewer"}), departments=(), regions=()),
    Principal("g", "g", frozenset({"viewer"}), departments=("gone",), regions=("gone",)),
)  # fmt: skip
SOME = 300
Get = Callable[..., Any]


@pytest.fixture
def get(store: Store, monkeypatch: pytest.MonkeyPatch) -> Get:
    small.put(store, *[small.case(f"x-{n}", closed=1, extra={"caller": "王小明"}, category="'") for n in range(3)])
    small.put(store, small.case("y-0", region="y1", department="b"), small.calls(10), small.calls(7, region="y1"))
    workspace = small.workspace()
    sources = {**workspace.sources, "cases": replace(workspace.sources["cases"], personal=("caller",))}
    server = flask.Flask("t")
    server.testing = False  # what fails is a 500, as it is for a stranger
    api.install(server, store, replace(workspace, sources=sources, clock=small.NOW))
    _routes.install(server, store, replace(workspace, sources=sources, clock=small.NOW))
    client = server.test_client()

    def ask(path: str, who: Principal = PEOPLE[0]) -> Any:
        for module in (api, _routes):
            monkeypatch.setattr(module, "current", lambda: who)
        return client.get(path)

    return ask


def addresses() -> Iterator[str]:
    for path, base in BASE.items():
        for name, text in itertools.product((*(one[0] for one in PARAMETERS[path]), "%00", "nothing"), NASTY):
            given = "&".join(one for one in base.split("&") if one and not one.startswith(f"{name}="))
            yield f"/api/v1/{path}?{given}&{name}={text}"
    for what, base in EXPORTS.items():
        for name, text in itertools.product((*IN_EXPORTS, "nothing"), NASTY):
            given = "&".join(one for one in base.split("&") if one and not one.startswith(f"{name}="))
            yield f"/export/{what}.csv?{given}&{name}={text}"
    for text in NASTY:
        yield f"/api/v1/indicators/{text}"
        yield f"/export/{text}.{text}"


def test_nothing_makes_it_fail(get: Get) -> None:
    """Some of the addresses by a printed seed, all of them in `make soak`; and always those with what no database takes."""
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    print(f"seed {seed}: repeat with YUNCHA_SEED={seed}")
    everything = list(addresses())
    some = everything if os.environ.get("YUNCHA_SOAK") else random.Random(seed).sample(everything, SOME)
    for address in [*some, *(one for one in everything if one.endswith("=a%00b"))]:
        answer = get(address)
        assert answer.status_code in (200, 400, 404), address
        answer.get_data()  # a long list is read while it leaves
        if address.startswith("/api/") and answer.status_code != 200:
            error = answer.json["error"]
            assert (error["code"], error["message"] != "") == (answer.status_code, True), address
        if "a%00b" in address and "nothing" not in address:
            assert answer.status_code in (400, 404), address


def test_nobody_reads_beyond_their_scope_by_any_address(get: Get) -> None:
    dice = random.Random(1)
    for who in PEOPLE[1:]:
        for address in dice.sample(list(addresses()), 150):
            said = get(address, who).get_data(as_text=True)
            assert "y-0" not in said, (who.name, address)
            assert "王小明" not in said, (who.name, address)
    for what in ("trend.csv?indicator=opened", "units.csv?indicator=opened&by=city"):
        assert get(f"/export/{what}&grain=day&region=y", PEOPLE[1]).status_code == 404
        assert get(f"/export/{what}&grain=day", PEOPLE[1]).status_code == 200
        assert get(f"/export/{what}&grain=day", PEOPLE[3]).status_code == 404


def test_no_filter_is_silently_left_out(get: Get) -> None:
    for asked in ("category=a&category=b", f"category={'a' * 201}", "category=%0a", "search=%1b"):
        assert get(f"/api/v1/records?source=cases&{asked}").status_code == 400, asked
        assert get(f"/export/cases.csv?source=cases&{asked}").status_code == 404, asked
    assert get("/export/units.csv?indicator=opened&by=planet&grain=day").status_code == 404
    assert get("/api/v1/records?source=cases&rev=0").status_code == 400
    assert get("/api/v1/records?source=cases&rev=999").status_code == 400


def test_signs_of_a_search_are_only_signs(get: Get) -> None:
    """In a search as in an exact filter: no wildcard, no quote ends anything."""
    for search, total in (("%25", 0), ("_", 0), (quote("\\"), 0), (quote("'"), 3), (quote("x-"), 3), (quote("X-"), 3), ("", 4)):
        assert get(f"/api/v1/records?source=cases&search={search}").json["total"] == total, search
    assert get(f"/api/v1/records?source=cases&category={quote(chr(39))}").json["total"] == 3
    assert get(f"/api/v1/records?source=cases&category={quote(chr(39) + ' OR 1=1--')}").json["total"] == 0


def test_a_name_no_database_takes_signs_nobody_in(store: Store) -> None:
    for name in ("a\x00b", "\x00", "\ud800"):
        assert sessions.log_in(store, name, "x\x00y", "::1", small.NOW) is None


def test_a_case_by_an_impossible_id_is_none(store: Store) -> None:
    with store.read() as connection:
        ask = Ask(connection, small.workspace(), PEOPLE[0], small.NOW)
        assert [reading.case(ask, "cases", id) for id in ("\x00", "x-0\x00", "' OR 1=1", "x" * 5_000)] == [None] * 4
