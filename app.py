"""The web root: `create_app(settings)`, `server` for a WSGI server, and the one command line. Wiring only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from settings import Settings, from_environment

if TYPE_CHECKING:
    from dash import Dash


def create_app(settings: Settings) -> Dash:
    """The whole web application of one workspace. Raises SystemExit with every fault of the workspace."""
    import flask_caching
    from dash import Dash
    from flask import Flask
    from flask_compress import Compress

    import alerts
    import dashboards
    import receive
    from access import guard
    from access.secret_key import secret_key
    from metrics.store import leases
    from opening import opened
    from publish import _papers, _routes, api, healthz
    from settings import ROOT

    workspace, store = opened(settings)
    server = Flask("yuncha", static_folder=None)
    server.secret_key = secret_key(settings.data)
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    Compress(server)
    cache = flask_caching.Cache(server, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 200})
    dash = Dash(
        "yuncha",
        server=server,
        use_pages=True,
        pages_folder=str(ROOT / "dashboards"),
        assets_folder=str(ROOT / "assets"),
        serve_locally=True,
        enable_mcp=False,
        suppress_callback_exceptions=True,
        update_title=None,  # type: ignore[arg-type]
        title=workspace.name[workspace.languages[0]],
    )
    dashboards.install(dash, store, workspace, settings, cache, leases.heartbeat)
    healthz.install(server, store, workspace, settings.lease)
    _routes.install(server, store, workspace)
    api.install(server, store, workspace)
    _papers.install(server, store, workspace)
    receive.install(server, store, workspace, (alerts.evaluate(workspace),))
    guard.install(server, dash, store, workspace, settings)
    return dash


def __getattr__(name: str) -> Any:
    """`app:server` for a WSGI server, made when it is asked for."""
    if name == "server":
        made = create_app(from_environment()).server
        globals()["server"] = made
        return made
    raise AttributeError(name)


if __name__ == "__main__":
    from commands import main

    sys.exit(main(sys.argv[1:]))
