"""A Flask server with what pages stand on: a real store and the Boston workspace, empty; whoever asks is a viewer."""

from types import SimpleNamespace

import flask
import flask_caching
import pytest

from dashboards import _live
from dashboards._site import Site
from tests.dashboards.made import BEAT, WHO


@pytest.fixture
def server(store, loaded):
    app = flask.Flask("test")
    cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    app.extensions["yuncha"] = Site(store, loaded("boston311"), SimpleNamespace(), cache, lambda connection: BEAT)

    @app.before_request
    def principal() -> None:
        flask.g.principal = app.config.get("WHO", WHO)

    _live.install(app)
    return app
