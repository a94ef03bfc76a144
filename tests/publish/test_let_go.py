"""A figure by hour that is no longer kept is said to be let go of, wherever it is asked for; never that nobody reported it."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import flask
import pytest

from metrics import links, reading, retain
from metrics.answers import Ask
from metrics.arrivals import ObservationIn, Series
from metrics.catalogue.workspace import Retention
from metrics.model import Principal
from publish import _answers, _routes, api
from tests.metrics import small
from tests.metrics.small import DAY, case, put

WHOLE = Principal("w", "Wen", frozenset({"viewer"}))
LATER = DAY + timedelta(days=100)


def made_by_hour():
    known = dict(small.workspace().indicators)
    for key in ("calls", "opened"):
        cuts = {grain: known[key].cuts["day"] for grain in ("day", "hour")}
        known[key] = replace(known[key], grains=("day", "hour"), cuts=cuts)
    return replace(small.workspace(), indicators=known, retention=Retention(None, timedelta(days=60)), clock=LATER)


BY_HOUR = made_by_hour()


@pytest.fixture
def web(store, monkeypatch):
    """Figures by hour of a hundred days ago and of ten, reported and counted of cases."""
    monkeypatch.setattr(small, "workspace", lambda: BY_HOUR)
    for day in (0, 90):
        now = DAY + timedelta(days=day + 2)
        told = [
            ObservationIn("calls", "hour", DAY + timedelta(days=day, hours=h), h + 1, department="a", region="x1")
            for h in range(24)
        ]
        put(store, *told, small.calls(300, day=day), now=now)
        put(store, case(f"k{day}", day=day, closed=1), now=now)
    server = flask.Flask("t")
    for module in (api, _routes):
        module.install(server, store, BY_HOUR)
        monkeypatch.setattr(module, "current", lambda: WHOLE)
    return SimpleNamespace(client=server.test_client(), store=store)


def exported(web, hour, **asked):
    asked = {"indicator": "calls", "grain": "hour", "ended_by": links.text(DAY + timedelta(hours=hour)), **asked}
    answer = web.client.get("/export/trend.csv", query_string=asked)
    return [row for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) if row]


def passport(web, code):
    return web.client.get("/api/v1/passport", query_string={"code": code}).json["item"]


def test_the_passport_of_an_hour_says_that_it_was_let_go_of_and_keeps_what_was_printed(web):
    row = exported(web, 8)[-1]
    before = passport(web, row[-1])
    assert (before["exported"]["value"], before["changed"], before["reproduced"]) == (8, False, True)
    assert retain.retain(web.store, BY_HOUR, LATER).figures
    after = passport(web, row[-1])
    assert (after["exported"]["value"], after["now"]["value"], after["now"]["reason"]) == (8, None, "let go of")
    assert (after["changed"], after["reproduced"]) == (None, None)
    assert [(one["value"], one["revision"]) for one in after["course"]] == [(8, before["exported"]["revision"])]
    assert (after["values"], after["runs"]) == ([], [])


def test_a_figure_by_day_and_a_later_hour_are_as_they_were(web):
    day, hour = exported(web, 26, grain="day")[-1], exported(web, 90 * 24 + 8)[-1]
    retain.retain(web.store, BY_HOUR, LATER)
    for row, value in ((day, 300), (hour, 8)):
        found = passport(web, row[-1])
        assert (found["now"]["value"], found["changed"], found["reproduced"]) == (value, False, True)


def test_an_hour_of_cases_that_was_let_go_of_is_no_zero(web):
    asked = {"indicator": "opened", "ended_by": links.text(DAY + timedelta(hours=10))}
    row = exported(web, 0, **asked)[-1]
    assert row[1] == "1"
    retain.retain(web.store, BY_HOUR, LATER)
    assert {(one["value"], one["status"], one["reason"]) for one in trend(web, "opened")} == {(None, "L", "let go of")}
    found = passport(web, row[-1])
    assert (found["now"]["value"], found["reproduced"]) == (1, True), "the cases stay, and are counted again"


def trend(web, key):
    with web.store.read() as connection:
        ask = Ask(connection, BY_HOUR, WHOLE, LATER)
        found = reading.trend(ask, Series(key, "hour", "_T", "_T"), 12, ended_by=DAY + timedelta(hours=12))
    return [_answers.cell(one) for one in found]


def test_what_is_known_to_be_let_go_of_does_not_go_back(web):
    retain.retain(web.store, BY_HOUR, LATER)
    longer = replace(BY_HOUR, retention=Retention(None, timedelta(days=99)))
    retain.retain(web.store, longer, LATER)
    assert {one["status"] for one in trend(web, "calls")} == {"L"}


def test_nothing_is_said_to_be_let_go_of_before_it_is(web):
    retain.retain(web.store, BY_HOUR, LATER, dry_run=True)
    assert {one["status"] for one in trend(web, "calls")} == {"A"}
