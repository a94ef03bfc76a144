"""A departmental system for the kill tests: its cases grow with every question; every accepted one must be found again."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Province:
    """`cases` as the system holds them, by id; `requests` counts first pages asked for."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, object]] = {}
        self.requests: list[float] = []
        self.growing = True
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = json.dumps(outer.answer(parse_qs(urlsplit(self.path).query))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, query: dict[str, list[str]]) -> dict[str, object]:
        with self._lock:
            page, size = int(query.get("page", ["1"])[0]), int(query.get("size", ["50"])[0])
            now = datetime.now(UTC)
            if page == 1:
                self.requests.append(now.timestamp())
                if self.growing:
                    self._grow(now)
            since = query.get("since", [""])[0].replace(" ", "+")
            rows = [
                one
                for one in self.cases.values()
                if not since or str(one["updated"]) >= datetime.fromisoformat(since).astimezone(UTC).isoformat()
            ]
            return {"cases": rows[(page - 1) * size : page * size]}

    def _grow(self, now: datetime) -> None:
        """Seven new cases; an older one is closed, another changes again."""
        stamp = now.isoformat()
        for _ in range(7):
            number = str(len(self.cases) + 1)
            self.cases[number] = {"id": number, "opened": stamp, "closed": None, "updated": stamp, "rev": 1}
        for number in range(1, len(self.cases) + 1, 9):
            one = self.cases[str(number)]
            if one["closed"] is None and number < len(self.cases) - 20:
                one.update(closed=stamp, updated=stamp, rev=2)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
