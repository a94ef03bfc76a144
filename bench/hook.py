"""Aim 12: from stored to told. A hundred transitions a second through the door, a sender beside it, a receiver on loopback.

Seconds by the wall, which is what waiting is; one pair is one second of it. The reference is a bare POST to the same receiver.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import alerts
from bench._pairs import line, say
from bench._places import Places
from bench._world import world
from metrics.arrivals import Batch, ObservationIn
from metrics.ingest import ingest
from metrics.rulebook import Level, Receiver, Rule
from metrics.store.runs import RunIn
from worker import SENDING

SECONDS, A_SECOND, AT_ONCE = 8, 100, 10
LEVEL = Level("warning", Decimal(10), Decimal(20))


class Told:
    """A receiver that notes when each message came."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                got = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                rule = str((got.get("alert") or {}).get("rule", ""))
                outer.at.setdefault(rule.removesuffix(".r"), time.perf_counter())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


def lines(places: Places, scale: float) -> Iterator[dict[str, object]]:
    many = SECONDS * A_SECOND if scale >= 0.1 else 80
    receiver = Told()
    plain = world(many)
    rules = [
        Rule(f"{key}.r", {"zh": "r", "en": "r"}, key, "day", (), "<", (LEVEL,), 1, owner="d00",
             receivers=("hook",))
        for key in plain.indicators
    ]  # fmt: skip
    workspace = replace(
        plain, zone=ZoneInfo("UTC"), rules={one.key: one for one in rules},
        indicators={key: replace(one, cuts={"day": ()}, unit="item") for key, one in plain.indicators.items()},
        receivers={"hook": Receiver("hook", {"zh": "h", "en": "h"}, "webhook", {"url": receiver.url}, single=True)},
    )  # fmt: skip
    store, judges = places.store(), (alerts.evaluate(workspace),)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    keys = list(workspace.indicators)

    def put(some: list[str], number: int, day: int, now: datetime) -> None:
        rows = [ObservationIn(key, "day", today - timedelta(days=day), number) for key in some]
        ingest(store, workspace, Batch("figures", (), rows), judges, now, run=RunIn("figures", "collect", now, now, "ok"))

    put(keys, 50, 2, today - timedelta(days=1))  # the rules are in force, and nothing breaches
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(SENDING.total_seconds()):
            alerts.send_due(store, workspace, datetime.now(UTC))

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
    until = time.perf_counter() + 60
    while len(receiver.at) < len(keys) and time.perf_counter() < until:
        time.sleep(0.02)
    stop.set()
    sender.join()
    took = sorted(receiver.at[key] - stored[key] for key in keys if key in receiver.at)
    p95 = took[int(len(took) * 0.95)] if len(took) == len(keys) else 1e6
    say(f"12 {len(took)} of {len(keys)} told; median {statistics.median(took or [0]) * 1000:.0f} ms")
    bare = statistics.median(_post(receiver.url) for _ in range(50))
    yield line(
        f"12 stored to webhook at {A_SECOND}/s, p95, {places.engine}, ms", p95 * 1000 if took else -1, bare * 1000, p95 / bare,
        "<= 300 ms", p95 <= 0.3, SECONDS, len(keys),
    )  # fmt: skip
    receiver.server.shutdown()
    store.close()


def _post(url: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, data=b'{"id": "bare"}', method="POST"), timeout=10) as answer:
        answer.read()
    return time.perf_counter() - begun
