"""Where everything is, from the environment: HOST, PORT, WORKSPACE, DATA, DATABASE_URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    workspace: Path
    data: Path
    """Where this workspace's state is kept: database, secret key."""
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8050
    public_url: str | None = None
    lease: timedelta = timedelta(seconds=15)
    """How long a worker that says nothing keeps the lead."""
    idle: timedelta = timedelta(seconds=30)
    """How long a process that is frozen within a transaction keeps all others out, on PostgreSQL."""
    tick: timedelta = timedelta(seconds=1)
    poll_ms: int = 1000
    """How often an open page asks for news."""
    collectors: int = 8
    """Sources collected at the same time."""
    after_step: str = ""
    """`module:function` called as (store, workspace, now, kind) after each step of a replay, and now and then when live."""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings with the defaults filled in; ValueError with a sentence for what cannot be read."""
    given = os.environ if environment is None else environment
    workspace = Path(given.get("WORKSPACE") or ROOT / "workspaces" / "sichuan").resolve()
    data = Path(given.get("DATA") or ROOT / "data").resolve() / workspace.name
    port = given.get("PORT") or "8050"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"PORT is {port!r}; it must be a number from 1 to 65535")
    scale = float(given.get("YUNCHA_TIME_SCALE") or 1)
    return Settings(
        workspace=workspace,
        data=data,
        database_url=given.get("DATABASE_URL") or f"sqlite:///{data / 'yuncha.db'}",
        host=given.get("HOST") or "127.0.0.1",
        port=int(port),
        public_url=given.get("PUBLIC_URL") or None,
        lease=timedelta(seconds=15 / scale),
        idle=timedelta(seconds=30 / scale),
        tick=timedelta(seconds=1 / scale),
        poll_ms=int(given.get("YUNCHA_POLL_MS") or 1000),
        after_step=given.get("YUNCHA_AFTER_STEP") or "",
    )
