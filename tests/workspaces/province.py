"""The demo province for tests: its real systems on free ports, driven by an injected clock."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import alerts
from collectors._run import run_source
from demo.world import World
from metrics.catalogue import Workspace, load
from metrics.store.engine import Store
from metrics.tick import tick

PORTS = 6


@contextmanager
def systems(state: Path, patch: pytest.MonkeyPatch) -> Iterator[World]:
    """The demo's systems on ports nobody uses; the workspace's addresses follow by the environment."""
    prefix = next(one for one in range(210, 320) if _free(one * 100))
    patch.setenv("YUNCHA_DEMO_PORTS", str(prefix))
    patch.setenv("YUNCHA_DEMO_STATE", str(state))
    world = World(state, prefix * 100)
    yield world
    world.close()


def sichuan(workspaces: Path) -> Workspace:
    made, faults = load(workspaces / "sichuan")
    assert made is not None, faults
    return made


def live_through(store: Store, workspace: Workspace, world: World, begin: datetime, steps: int, step: timedelta) -> datetime:
    """Replay: every source at every step, then what time itself brings. The last instant."""
    judges = (alerts.evaluate(workspace),)
    instant = begin
    for number in range(steps):
        instant = begin + number * step
        world.advance(instant)
        for source in workspace.sources.values():
            if not (source.live_only or source.sends):
                run_source(source, workspace, store, instant, judges, kind="replay")
        tick(store, workspace, judges, instant, kind="replay")
    return instant


def _free(base: int) -> bool:
    for number in range(PORTS):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", base + number))
            except OSError:
                return False
    return True
