"""What a page stands on: the store, the workspace, the settings and the cache of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import flask

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
def asked() -> Iterator[Ask]:
    """A question by whoever sends this request, on one read connection that ends with the block."""
    from access import current

    here = site()
    with here.store.read() as connection:
        yield Ask(connection=connection, workspace=here.workspace, who=current(), now=here.now())
