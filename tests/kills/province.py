"""A departmental system for the kill tests: its cases grow with every question; every accepted one must be found again."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.fixtures.loopback import Loopback

WORKSPACE = Path(__file__).parent / "workspace"
LASTS = 4
"""Questions for which a town's cases stay open: long enough that one lost answer hides nothing."""


def build(folder: Path, towns: int = 0, hook: str = "") -> Path:
    """The workspace, with so many towns: each is alerted of once, and recovers once. hook: where messages go."""
    place = shutil.copytree(WORKSPACE, folder)
    head = place / "workspace.yaml"
    head.write_text(head.read_text("utf-8").replace("http://127.0.0.1:9/hook", hook or "http://127.0.0.1:9/hook"), "utf-8")
    lines = [f"- {{key: t{n}, name: {{zh: 镇{n}, en: T{n}}}, level: city}}\n" for n in range(towns)]
    with (place / "regions.yaml").open("a", encoding="utf-8") as regions:
        regions.writelines(lines)
    return place


class Province:
    """`cases` as the system holds them, by id; `requests` counts first pages asked for; each question moves on to a town."""

    def __init__(self, towns: int = 0) -> None:
        self.cases: dict[str, dict[str, object]] = {}
        self.requests: list[float] = []
        self.growing = True
        self.towns, self.opened, self.closed = towns, set[str](), set[str]()
        self._lock = threading.Lock()
        self._server = Loopback(lambda path: json.dumps(self.answer(parse_qs(urlsplit(path).query))).encode())
        self.url, self.close = self._server.url, self._server.close

    def answer(self, query: dict[str, list[str]]) -> dict[str, object]:
        with self._lock:
            page, size = int(query.get("page", ["1"])[0]), int(query.get("size", ["50"])[0])
            now = datetime.now(UTC)
            if page == 1:
                if self.growing:
                    self._grow(now, len(self.requests))
                self.requests.append(now.timestamp())
            since = query.get("since", [""])[0].replace(" ", "+")
            rows = [
                one
                for one in self.cases.values()
                if not since or str(one["updated"]) >= datetime.fromisoformat(since).astimezone(UTC).isoformat()
            ]
            return {"cases": rows[(page - 1) * size : page * size]}

    def _grow(self, now: datetime, turn: int) -> None:
        """Four new cases in the next town, three elsewhere; those of an earlier town are closed, some elsewhere too."""
        stamp = now.isoformat()
        town = f"t{turn}" if turn < self.towns else "x"
        for place in (*[town] * 4, *"xxx"):
            number = str(len(self.cases) + 1)
            self.cases[number] = {"id": number, "place": place, "opened": stamp, "closed": None, "updated": stamp, "rev": 1}
        done = f"t{turn - LASTS}"
        if town != "x":
            self.opened.add(town)
        if done in self.opened:
            self.closed.add(done)
        for number, one in self.cases.items():
            over = one["place"] == "x" and int(number) % 9 == 0 and int(number) < len(self.cases) - 20
            if one["closed"] is None and (over or one["place"] == done):
                one.update(closed=stamp, updated=stamp, rev=2)
