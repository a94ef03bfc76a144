"""A small workspace, and a loopback system that answers what a test tells it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors import _hosts
from collectors._payload import Payload, Want
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator, Measure, Place, Source

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
NAME = {"zh": "名", "en": "name"}


def a_source(type: str, settings: Mapping[str, Any], mapping: Mapping[str, Any] | None = None, **more: Any) -> Source:
    given = {"gives": "records", "department": "hotline", **more}
    return Source(key="cases", name=NAME, type=type, settings=settings, mapping=mapping or CASES, **given)


CASES = {
    "id": "id", "department": "dept", "opened": {"field": "opened"}, "due": {"field": "due"}, "closed": {"field": "closed"},
    "category": "kind", "extra": ["caller"],
}  # fmt: skip
FIGURES = {
    "period": {"field": "day", "format": "%Y-%m-%d"}, "grain": "day", "department": "dept",
    "values": [{"indicator": "visits", "num": "visits"}],
}  # fmt: skip


def a_case(id: int | str, **more: Any) -> dict[str, Any]:
    return {"id": str(id), "dept": "tax", "opened": "2026-03-01T09:00:00", "due": None, "closed": None, "kind": "a", **more}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    places = [Place("_T", NAME, None, "root")]
    departments = Tree([*places, *(Place(one, {"zh": zh, "en": one}, None, "department", code=code) for one, zh, code in (
        ("hotline", "热线办", "D1"), ("tax", "税务局", "D2")))])  # fmt: skip
    regions = Tree([*places, Place("chengdu", {"zh": "成都市", "en": "Chengdu"}, None, "city", code="510100"),
                    Place("chongzhou", {"zh": "崇州市", "en": "Chongzhou"}, "chengdu", "county", code="510184")])  # fmt: skip
    visits = Indicator(
        key="visits", name=NAME, field="f", unit="item", better="higher", grains=("day",), cuts={"day": (("department",),)},
        measure=Measure("observed"), source=None, owner="hotline", basis=NAME, version=1, decimals=1, feeds=("cases",),
    )  # fmt: skip
    return Workspace(
        folder=tmp_path, key="small", name=NAME, zone=ZONE, departments=departments, regions=regions, fields={"f": NAME},
        units={"item": NAME}, sources={}, indicators={"visits": visits}, rules={}, receivers={}, boards={},
    )  # fmt: skip


class Wants:
    """Makes Wants, and records the waits between tries instead of waiting."""

    def __init__(self, base: Path) -> None:
        self.base, self.waits = base, list[float]()

    def __call__(self, **more: Any) -> Want:
        return Want(**{"now": NOW, "base": self.base, "zone": ZONE, "sleep": self.waits.append, **more})


@pytest.fixture
def want(tmp_path: Path) -> Wants:
    return Wants(tmp_path)


def one(payloads: Iterator[Payload]) -> Payload:
    (found,) = payloads
    return found


class System:
    """A departmental system on loopback: `answer(path, headers) -> (status, headers, body)`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.answer: Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]] = lambda path, headers: (404, {}, b"")
        system = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                system.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.do_GET()

            def do_GET(self) -> None:
                system.asked.append((self.path, dict(self.headers)))
                status, headers, body = system.answer(self.path, dict(self.headers))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def says(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        """The same answer to everything; `retry_after` is the header Retry-After."""
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.answer = lambda path, asked: (status, named, data)


@pytest.fixture
def system() -> Iterator[System]:
    made = System()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def every_host_is_well() -> None:
    """A port may be given out again: what an earlier test made of it is forgotten."""
    _hosts.forget_all()
