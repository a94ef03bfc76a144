"""The HTTP systems: hotline, documents, a city's own totals; small, kept connections, no delay."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo import calls
from demo.cases import DOCUMENTS, HOTLINE
from demo.life import LOCAL, Dated, System, dice, utc
from demo.outages import away

Answer = tuple[int, bytes, str]
"""Status, body, content type."""
Query = dict[str, str]
HIDDEN = ("_id", "_updated", "_corrected", "_moments")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer: Callable[[str, str, Query, bytes], Answer]

    def do_GET(self) -> None:
        self._do(b"")

    def do_POST(self) -> None:
        self._do(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _do(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            status, made, kind = type(self).answer(self.command, parts.path, query, body)
        except (ValueError, KeyError) as error:
            status, made, kind = 400, json.dumps({"error": str(error)}).encode(), "application/json"
        tag = '"' + hashlib.sha256(made).hexdigest()[:20] + '"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, made = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(made)))
        self.send_header("ETag", tag)
        if status == 503:
            self.send_header("Retry-After", "60")
        self.end_headers()
        self.wfile.write(made)

    def log_message(self, *_: object) -> None:
        """Quiet: the product's Runs tell what was asked."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked may hang up at any time, as at a stop: that is no fault of ours. Others are told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(port: int, answer: Callable[[str, str, Query, bytes], Answer]) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 in a thread of its own; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"answer": staticmethod(answer)})
    server = _Server(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True).start()
    return server


def hotline(now: Callable[[], datetime]) -> Callable[[str, str, Query, bytes], Answer]:
    """GET /cases?since=&page=&size= : cases by the instant of their last change; also ?open_since=&until= .
    GET /calls and /months : telephone calls by day, cases accepted by month and city, lately; ?since=&until= for an earlier time.
    """

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        moment = now()
        if path not in ("/cases", "/calls", "/months"):
            return _json(404, {"error": "no such path"})
        if path != "/cases":  # the telephones are another machine: they go on when the cases are away
            today = moment.astimezone(LOCAL).date()
            last = min(today, _day(query.get("until")) or today)
            first = _day(query.get("since")) if query.get("until") else None
            if path == "/calls":
                return _json(200, {"days": calls.days(first or last - timedelta(days=1), last, moment)})
            return _json(200, {"months": calls.by_month(first or last - timedelta(days=62), last)})
        if away("hotline", moment):
            return _json(503, {"error": "maintenance"})
        found = _asked(HOTLINE, query, moment, "closed")
        page, size = int(query.get("page", 1)), min(int(query.get("size", 500)), 1000)
        shown = [_shown(case, "id") for case in found[(page - 1) * size : page * size]]
        for case in shown:
            case["state"] = "已办结" if case["closed"] else "在办"
            if case["called_back"] is None:
                case["satisfied"] = None
        return _json(200, {"total": len(found), "page": page, "pages": max(1, -(-len(found) // size)), "cases": shown})

    return answer


def documents(now: Callable[[], datetime], port: Callable[[], int]) -> Callable[[str, str, Query, bytes], Answer]:
    """GET /documents?since=&page=&size= : the same, with a link to the next page."""

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        moment = now()
        if path != "/documents":
            return _json(404, {"error": "no such path"})
        if away("documents", moment):
            return _json(503, {"error": "maintenance"})
        found = _asked(DOCUMENTS, query, moment, "finished")
        page, size = int(query.get("page", 1)), min(int(query.get("size", 500)), 1000)
        following = None
        if page * size < len(found):
            kept = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in query.items() if name != "page")
            following = f"http://127.0.0.1:{port()}/documents?{kept}&page={page + 1}"
        items = [
            {**_shown(case, "doc_no"), "updated": _text(case["_updated"])} for case in found[(page - 1) * size : page * size]
        ]
        return _json(200, {"items": items, "next": following})

    return answer


def totals(now: Callable[[], datetime]) -> Callable[[str, str, Query, bytes], Answer]:
    """GET /totals : Dazhou's own count of cases by month, a little off the hotline's; that of the month before last by mistake
    ten thousand times as large."""

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        moment = now().astimezone(LOCAL)
        if away("totals", moment):
            return _json(503, {"error": "maintenance"})
        months = [row for row in calls.by_month(moment.date() - timedelta(days=95), moment.date()) if row["city"] == "511700"]
        counted = [{**row, "received": _otherwise(row)} for row in months[-3:]]
        if len(counted) > 2:  # entered in 万件 where cases are meant: the door holds it back
            counted[-2]["received"] *= 10_000
        return _json(200, {"months": counted})

    return answer


def _asked(system: System, query: Query, moment: datetime, end: str) -> list[Dated]:
    """`since`: what changed from then on. `open_since`: what was open, closed or due then or later; with `until`, and was
    closed and due before that."""
    if not query.get("open_since"):
        since = utc(query["since"]) if query.get("since") else moment - timedelta(days=45)
        return system.changes(since, moment + timedelta(seconds=1), moment)
    found = system.still(utc(query["open_since"]), moment)
    if not query.get("until"):
        return found
    until = utc(query["until"])
    return [case for case in found if case[end] is not None and case[end] < until and case["due"] < until]


def _otherwise(row: dict[str, Any]) -> int:
    """What the city counts where the hotline counts this."""
    return round(row["received"] * (1 + dice("totals", row["month"]).uniform(0.01, 0.03)))


def _shown(case: Dated, id: str) -> dict[str, Any]:
    made = {name: _text(value) if isinstance(value, datetime) else value for name, value in case.items() if name not in HIDDEN}
    return {id: case["_id"], **made, "updated": _text(case["_updated"]), "rev": int(case["_updated"].timestamp())}


def _day(text: str | None) -> date | None:
    return utc(text).astimezone(LOCAL).date() if text else None


def _text(moment: datetime) -> str:
    return moment.astimezone(LOCAL).isoformat(timespec="seconds")


def _json(status: int, value: object) -> Answer:
    return status, json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8"


def real_now() -> datetime:
    return datetime.now(UTC)
