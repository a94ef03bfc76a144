"""Dash pages: one file, one page; a file that begins with `_` is a part of pages, not a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any


def install(
    app: Any,
    store: Any,
    workspace: Any,
    settings: Any,
    cache: Any,
    heartbeat: Callable[[Any], datetime | None] = lambda connection: None,
) -> None:
    """Joins the pages to what they stand on. `app` was made with `use_pages=True, pages_folder="dashboards"`.

    `heartbeat(connection)` is the worker's last beat by the real clock; `cache` a flask_caching.Cache on the same server.
    """
    from dash import page_registry

    from dashboards import _live, _shell
    from dashboards._site import Site

    app.server.extensions["yuncha"] = Site(store, workspace, settings, cache, heartbeat)
    app.layout = _shell.root
    for page in page_registry.values():
        if callable(page["layout"]):
            page["layout"] = _shell.guarded(page["layout"])
    app.interpolate_index = _shell.index
    _live.install(app.server)
