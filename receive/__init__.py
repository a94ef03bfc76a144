"""How data comes in that nobody fetches: what departments' systems push and what their people upload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors._take import Door
from metrics.catalogue.workspace import Workspace
from metrics.ingest import Judge
from metrics.store.engine import Store
from receive import push, upload

if TYPE_CHECKING:
    from flask import Flask


def real_clock() -> datetime:
    return datetime.now(UTC)


def install(
    server: Flask, store: Store, workspace: Workspace, judges: Sequence[Judge], clock: Callable[[], datetime] = real_clock
) -> None:
    """`judges`: who judges what comes in, in the same transaction."""
    door = Door(store, workspace, judges)
    push.install(server, door, clock)
    server.register_blueprint(upload.routes(door, clock))
