"""A small town whose systems push: the real guard and routes behind a real HTTP server, over both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

import alerts
import receive
from access import source_tokens
from metrics.catalogue import load
from metrics.catalogue.workspace import Workspace
from metrics.store import runs
from metrics.store.engine import Store
from publish import api
from tests.access.conftest import NOW, Clock, build

TOWN = Path(__file__).parent / "workspace"


@dataclass
class Site:
    """A running server; `post` sends as a source's system does."""

    base: str
    store: Store
    workspace: Workspace
    tokens: dict[str, str]
    audit: Any
    clock: Clock

    def post(self, what: str, *items: Any, source: str, token: str | None = None, key: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens.get(source, '') if token is None else token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        body = more or {"json": {"items": list(items)}}
        return httpx.post(f"{self.base}/api/v1/{what}", params={"source": source}, headers=headers, **body)

    def runs(self, source: str) -> list[Any]:
        with self.store.read() as connection:
            return runs.last(connection, source)


def town() -> Workspace:
    workspace, faults = load(TOWN)
    assert workspace is not None, faults
    return workspace


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    workspace = town()
    with store.write() as connection:
        tokens = {key: source_tokens.make(connection, key, NOW) for key, one in workspace.sources.items() if one.type == "push"}

    def install(server: Any, dash: Any) -> None:
        api.install(server, store, workspace)
        receive.install(server, store, workspace, (alerts.evaluate(workspace),), clock)

    clock = Clock()
    guarded = build(store, clock, before_install=install)
    running = make_server("127.0.0.1", 0, guarded.server, threaded=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{running.port}", store, workspace, tokens, guarded.audit, clock)
    running.shutdown()
    thread.join()
    running.server_close()
