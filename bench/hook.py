"""Aim 12: from stored to told. A hundred transitions a second through the door, the worker's own sender beside it, a receiver
in another process.

Seconds by the wall, which is what waiting is; one pair is one second of it. The reference is a bare POST to the same receiver.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from zoneinfo import ZoneInfo

from bench._pairs import line, say
from bench._places import Places
from bench._world import world
from metrics.arrivals import Batch, ObservationIn
from metrics.ingest import ingest
from metrics.rulebook import Level, Receiver, Rule
from metrics.store.runs import RunIn
from settings import Settings
from worker import SENDING, Worker

SECONDS, A_SECOND, AT_ONCE = 8, 100, 10
LEVEL = Level("warning", Decimal(10), Decimal(20))


def receive(told: Connection) -> None:
    """In a process of its own, as receivers are: when each message came, by a clock that all processes share."""
    at: dict[str, float] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            got = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            rule = str((got.get("alert") or {}).get("rule", ""))
            at.setdefault(rule.removesuffix(".r"), time.perf_counter())
            self._answer(b"")

        def do_GET(self) -> None:
            self._answer(json.dumps({key: when for key, when in at.items() if key}).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.send(f"http://127.0.0.1:{server.server_address[1]}/")
    server.serve_forever()


@contextmanager
def receiver() -> Iterator[str]:
    """Its address."""
    mine, its = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=receive, args=(its,), daemon=True)
    process.start()
    try:
        yield mine.recv()
    finally:
        process.kill()
        process.join()


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    with receiver() as url:
        yield _told(places, SECONDS * A_SECOND if scale >= 0.1 else 80, url)


def _told(places: Places, many: int, url: str) -> dict[str, object]:
    plain = world(many)
    rules = [
        Rule(f"{key}.r", {"zh": "r", "en": "r"}, key, "day", (), "<", (LEVEL,), 1, owner="d00",
             receivers=("hook",))
        for key in plain.indicators
    ]  # fmt: skip
    workspace = replace(
        plain, zone=ZoneInfo("UTC"), rules={one.key: one for one in rules},
        indicators={key: replace(one, cuts={"day": ()}, unit="item") for key, one in plain.indicators.items()},
        receivers={"hook": Receiver("hook", {"zh": "h", "en": "h"}, "webhook", {"url": url}, single=True)},
    )  # fmt: skip
    store = places.store()
    worker = Worker(store, workspace, Settings(places.folder, places.folder, store.url))
    worker._beat()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    keys = list(workspace.indicators)

    def put(some: list[str], number: int, day: int, now: datetime) -> None:
        rows = [ObservationIn(key, "day", today - timedelta(days=day), number) for key in some]
        ingest(store, workspace, Batch("figures", (), rows), worker.judges, now, run=RunIn("figures", "collect", now, now, "ok"))

    put(keys, 50, 2, today - timedelta(days=1))  # the rules are in force, and nothing breaches
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(SENDING.total_seconds()):
            worker._send()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    stored: dict[str, float] = {}
    begun = time.perf_counter()
    for spot in range(0, len(keys), AT_ONCE):
        behind = begun + spot / A_SECOND - time.perf_counter()
        if behind > 0:
            time.sleep(behind)
        some = keys[spot : spot + AT_ONCE]
        put(some, 5, 1, datetime.now(UTC))
        stored |= dict.fromkeys(some, time.perf_counter())
    until, at = time.perf_counter() + 60, _came(url)
    while len(at) < len(keys) and time.perf_counter() < until:
        time.sleep(0.02)
        at = _came(url)
    stop.set()
    sender.join()
    took = sorted(at[key] - stored[key] for key in keys if key in at)
    p95 = took[int(len(took) * 0.95)] if len(took) == len(keys) else 1e6
    say(f"12 {len(took)} of {len(keys)} told; median {statistics.median(took or [0]) * 1000:.0f} ms")
    bare = statistics.median(_post(url) for _ in range(50))
    store.close()
    return line(
        f"12 stored to webhook at {A_SECOND}/s, p95, {places.engine}, ms", p95 * 1000 if took else -1, bare * 1000, p95 / bare,
        "<= 300 ms", p95 <= 0.3, SECONDS, len(keys),
    )  # fmt: skip


def _came(url: str) -> dict[str, float]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return dict(json.load(answer))


def _post(url: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, data=b'{"id": "bare"}', method="POST"), timeout=10) as answer:
        answer.read()
    return time.perf_counter() - begun
