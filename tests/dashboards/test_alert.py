"""The page of one alert is shown whatever becomes of the note that somebody looked."""

from dataclasses import replace
from types import SimpleNamespace

import dash
import flask
import flask_caching
import pytest

from dashboards._site import Site
from tests.alerts.orders.test_desk import CHIEF, Office
from tests.alerts.small import DAY, START
from tests.dashboards import made

OTHER = replace(CHIEF, user="u9", name="Other")


@pytest.fixture
def opened(store):
    """The words of the page of alert 1, to somebody."""
    office = Office(store)
    office.alert()
    app = flask.Flask("test")
    cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    app.extensions["yuncha"] = Site(store, replace(office.workspace, clock=START + 3 * DAY), SimpleNamespace(), cache)
    dash.Dash("test", server=app, use_pages=True, pages_folder="")
    from dashboards import alert  # a page is registered with an application that is there

    def open_(who):
        with app.test_request_context("/alerts/1"):
            flask.g.principal = who
            return made.words(alert.layout("1", lang="en"))

    return open_


def test_it_is_shown_though_nothing_may_be_written(store, opened):
    store.refuse("its definitions contradict what was accepted")
    assert "nobody has looked" in opened(CHIEF)


def test_it_writes_at_the_first_look_of_a_person_only(store, opened, caplog):
    opened(CHIEF)
    assert "Chief" in opened(OTHER)
    store.refuse("its definitions contradict what was accepted")
    opened(CHIEF)
    opened(OTHER)
    assert "could not be written" not in caplog.text
    opened(replace(OTHER, user="u10"))
    assert "could not be written" in caplog.text
