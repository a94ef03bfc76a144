"""What a page stands on: the store, the workspace, the settings and the cache of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import flask

from dashboards._view import View
from metrics.answers import Ask
from metrics.catalogue import Workspace


@dataclass(frozen=True)
class Site:
    store: Any
    """`metrics.store.engine.Store`."""
    workspace: Workspace
    settings: Any
    cache: Any
    """A flask_caching.Cache; bytes only."""
    heartbeat: Callable[[Any], datetime | None] = lambda connection: None
    """The worker's last beat by the real clock."""

    def now(self) -> datetime:
        return self.workspace.now(datetime.now(UTC))


def site() -> Site:
    found: Site = flask.current_app.extensions["yuncha"]
    return found


@contextmanager
def asked(seen: View | None = None) -> Iterator[Ask]:
    """A question by whoever sends this request, on one read connection that ends with the block; by what was known at the time
    that the screen `seen` is of."""
    from access import current

    here = site()
    with here.store.read() as connection:
        ask = Ask(connection=connection, workspace=here.workspace, who=current(), now=here.now())
        if seen is not None and seen.query.get("as_of"):
            from dashboards._asof import then

            ask = then(ask, seen)
        yield ask


def present(ask: Ask) -> Ask:
    """The same question of now: alerts, orders and messages have no past to be shown."""
    return ask if ask.revision is None else replace(ask, revision=None, now=site().now())
