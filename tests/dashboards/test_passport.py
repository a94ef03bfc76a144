"""The page of a passport: what a file said, what it is now, and every value between."""

from datetime import timedelta
from types import SimpleNamespace

import dash
import flask
import flask_caching
import pytest

from dashboards._site import Site
from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import ObservationIn, Series
from metrics.model import Principal
from metrics.passport import shown
from metrics.retain import retain
from metrics.ruling import Decision, decide
from metrics.store import passports
from tests.dashboards.made import BEAT
from tests.metrics import small
from tests.publish.test_let_go import BY_HOUR, LATER

WHO = Principal("w", "Wen", frozenset({"viewer"}))


def words(component) -> str:
    if component is None or isinstance(component, (str, int)):
        return str(component or "")
    if isinstance(component, (list, tuple)):
        return " ".join(words(one) for one in component)
    return words(getattr(component, "children", ""))


def named(component, id: str):
    """The component of this id, wherever it is."""
    if getattr(component, "id", None) == id:
        return component
    inside = component if isinstance(component, (list, tuple)) else getattr(component, "children", None)
    many = inside if isinstance(inside, (list, tuple)) else [inside]
    found = (named(one, id) for one in many if one is not None and not isinstance(one, (str, int)))
    return next((one for one in found if one is not None), None)


@pytest.fixture
def opened(store):
    """The page of a code, as a reader in English has it."""

    def page(code: str, workspace=None, **query: str):
        app = flask.Flask("test")
        cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
        app.extensions["yuncha"] = Site(store, workspace or small.workspace(), SimpleNamespace(), cache, lambda connection: BEAT)
        dash.Dash("test", server=app, use_pages=True, pages_folder="")
        from dashboards import passport, values  # noqa: F401  # a page is registered with an application that is there

        with app.test_request_context("/"):
            flask.g.principal = WHO
            return passport.layout(code=code, lang="en", **query)

    return page


def code_of(store, workspace, key: str, grain: str, start, region: str = "_T") -> str:
    with store.read() as connection:
        found = reading.printed(Ask(connection, workspace, WHO, LATER), Series(key, grain, "_T", region), start)
    return shown(passports.keep(store, [found], "w", LATER)[0])


def test_after_three_corrections_the_page_shows_what_was_printed_what_is_now_and_the_course(store, opened):
    small.put(store, small.calls(10, "x1"), small.calls(7, "y1"))
    code = code_of(store, small.workspace(), "calls", "day", small.DAY)
    for hour, more in enumerate((12, 15, 11), 1):
        small.put(store, small.calls(more, "x1"), now=small.NOW + timedelta(hours=hour))
    page = opened(code)
    assert (words(named(page, "passport-then")), words(named(page, "passport-now"))) == ("17 item", "18 item")
    course = words(named(page, "passport-course"))
    assert [value for value in ("17", "19", "22", "18") if f" {value} " in course] == ["17", "19", "22", "18"]
    assert "It changed since" in words(page)
    assert "the same" in words(page), "summed again from what was known then"


def test_a_ruling_stands_in_the_course_with_its_reason(store, opened):
    small.put(store, small.calls(10))
    small.put(store, small.calls(90), source="calls2")
    code = code_of(store, small.workspace(), "calls", "day", small.DAY)
    decision = Decision(Series("calls", "day", "a", "x1"), "calls2", small.DAY, small.DAY, "the other office counted all")
    decide(store, small.workspace(), decision, (), small.NOW + timedelta(hours=1), "boss")
    assert "the other office counted all" in words(named(opened(code), "passport-course"))


def test_an_hour_that_was_let_go_of_is_said_to_be_and_sends_nobody_to_an_administrator(store, opened, monkeypatch):
    monkeypatch.setattr(small, "workspace", lambda: BY_HOUR)
    told = [ObservationIn("calls", "hour", small.DAY + timedelta(hours=h), h + 1, department="a", region="x1") for h in range(3)]
    small.put(store, *told)
    code = code_of(store, BY_HOUR, "calls", "hour", small.DAY + timedelta(hours=1))
    retain(store, BY_HOUR, LATER)
    page = opened(code, BY_HOUR)
    assert words(named(page, "passport-then")) == "2 item"
    assert " 2 " in words(named(page, "passport-course"))
    assert "No longer kept" in words(page)
    assert "administrator" not in words(page)


def test_a_number_that_nobody_reported_is_shown_without_a_code(store, opened):
    small.put(store, small.calls(10))
    where = {"indicator": "calls", "grain": "day", "period": (small.DAY + timedelta(days=1)).isoformat()}
    page = opened("", **where)
    assert named(page, "passport-then") is not None
    assert named(page, "passport-shown") is None
