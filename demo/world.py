"""The province at one instant: the control port moves it, every system shows it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo import cloud, drops, servers
from demo.life import LOCAL, utc
from demo.outages import away
from demo.servers import Answer, Query

HISTORY = timedelta(days=440)
"""How far back the approvals database and the archives reach."""
RECENT = timedelta(days=140)
"""What the approvals database holds before the systems follow the real clock; longer than a replay and what is open in it."""
FILES = timedelta(days=14)
"""How far back offices have dropped their files one by one; what was before is in one archive of each."""


class World:
    """All systems, moved together. `ports`: name -> port; 0 as the first takes free ones."""

    def __init__(self, state: Path, port: int) -> None:
        self._lock = threading.Lock()
        self._fixed: datetime | None = datetime(2000, 1, 1, tzinfo=UTC)
        self._drawn: datetime | None = None
        self.state = state
        self.permits = drops.open_permits(state / "approvals.db")
        ports = [port + number if port else 0 for number in range(6)]
        made = {
            "control": servers.serve(ports[0], self._control),
            "hotline": servers.serve(ports[1], servers.hotline(self.now)),
            "documents": servers.serve(ports[2], servers.documents(self.now, lambda: self.ports["documents"])),
            "cloud": servers.serve(ports[3], cloud.metrics(self.now)),
            "totals": servers.serve(ports[4], servers.totals(self.now)),
            "host": servers.serve(ports[5], cloud.host_metrics(lambda: self._fixed is None)),
        }
        self._servers = made
        self.ports = {name: server.server_address[1] for name, server in made.items()}

    @property
    def live(self) -> bool:
        """It follows the real clock."""
        return self._fixed is None

    def now(self) -> datetime:
        return self._fixed or datetime.now(UTC)

    def advance(self, to: datetime | None) -> None:
        """Move everything to an instant; None: follow the real clock from now on."""
        with self._lock:
            self._fixed = to
            self._draw(self.now())

    def follow(self) -> None:
        """What the real clock has brought since the last look."""
        if self._fixed is None:
            with self._lock:
                self._draw(self.now())

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        self.permits.close()

    def _draw(self, now: datetime) -> None:
        """Write what happened since the last instant into the database and the folders."""
        since = self._drawn if self._drawn is not None and self._drawn <= now else now - RECENT
        newest = drops.newest(self.permits) if self._drawn is None else None
        if newest:
            since = max(since, datetime.fromisoformat(newest).replace(tzinfo=LOCAL))
        drops.permits(self.permits, since, now)
        if self._fixed is None:  # nobody asks for what is older before that
            drops.old_permits(self.permits, now - HISTORY, now - RECENT, now)
        drops.shut(self.permits, away("approvals", now))
        first = max(since, now - FILES).astimezone(LOCAL).date()
        if self._drawn is None and not list((self.state / "drops").glob("*/*")):
            drops.archive(self.state, first, now - HISTORY)
        day = first
        while day <= now.astimezone(LOCAL).date():
            self._drop(day, now)
            day += timedelta(days=1)
        self._drawn = now

    def _drop(self, day, now: datetime) -> None:  # type: ignore[no-untyped-def]
        table = self.state / "drops" / "disclosure" / f"公开_{day:%Y%m%d}.csv"
        due = not drops.forgotten("disclosure", day)
        if due and not table.exists() and now >= datetime(day.year, day.month, day.day, 6, 30, tzinfo=LOCAL):
            drops.disclosures(table.parent, day)
        matters = self.state / "drops" / "supervision" / f"督办事项_{day:%Y%m%d}.xlsx"
        due = day.weekday() == 0 and not drops.forgotten("supervision", day)
        if due and not matters.exists() and now >= datetime(day.year, day.month, day.day, 7, tzinfo=LOCAL):
            drops.matters(matters.parent, day)

    def _control(self, method: str, path: str, query: Query, body: bytes) -> Answer:
        if path == "/advance" and method == "POST":
            to = json.loads(body)["to"]
            self.advance(None if to == "live" else utc(to))
        said = {"now": self.now().isoformat(), "mode": "live" if self._fixed is None else "fixed"}
        return 200, json.dumps(said).encode(), "application/json"
