"""`GET /live?board=K&since=R`: what changed on a board, as bytes made once for everybody who sees the same.

A page is a skeleton with parts: `{component id: {prop: value}}`, of html, svg and links only. Its first painting and every
later answer come from the same function, so they cannot disagree. 204 when no topic of the board moved after R;
else 200 with the newest parts.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

from dash.development.base_component import Component
from flask import Flask, Response, request

from dashboards._site import asked, site
from dashboards._view import View, number, view
from metrics.answers import Ask
from metrics.model import Principal

Parts = dict[str, dict[str, Any]]
REFRESH = 60
"""Seconds after which a body is made again though nothing moved: ages, lateness and the last look at a source go on."""


@dataclass(frozen=True)
class Live:
    topics: Callable[[Ask, View, str], frozenset[str]]
    parts: Callable[[Ask, View, str], Parts]


BOARDS: dict[str, Live] = {}
_making = Lock()


def board(key: str, topics: Callable[[Ask, View, str], frozenset[str]]) -> Callable[[Callable[[Ask, View, str], Parts]], Any]:
    """Makes the parts of a page live under `key`; the page gives `key` or `key/argument` as its board."""

    def register(parts: Callable[[Ask, View, str], Parts]) -> Callable[[Ask, View, str], Parts]:
        BOARDS[key] = Live(topics, parts)
        return parts

    return register


def put(parts: Parts, id: str, tag: Callable[..., Component], **fixed: Any) -> Component:
    """A component of the skeleton with its part in it."""
    return tag(id=id, **{**fixed, **parts.get(id, {})})


def encode(body: Any) -> bytes:
    """Compact JSON of parts: component trees as the renderer reads them; NaN is a fault, not a figure."""
    text = json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def marks(parts: Parts) -> dict[str, str]:
    """A short mark of each part: the browser puts in place only what differs from what it shows."""
    return {id: hashlib.blake2s(encode(props), digest_size=5).hexdigest() for id, props in parts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        tree = value.to_plotly_json()
        return {**tree, "props": {k: v for k, v in tree["props"].items() if v is not None or k == "children"}}
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def scope(who: Principal) -> str:
    """Who shares bytes: the same subtrees, the same right to see unmasked, the same permissions; never a name."""
    text = repr((sorted(who.departments), sorted(who.regions), sorted(who.roles), who.permission_version))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answer(key: str, since: int, seen: View, now: datetime) -> Response:
    """The answer to one look."""
    from metrics import reading

    kind, _, argument = key.partition("/")
    live = BOARDS.get(kind)
    if live is None:
        return _headers(Response(status=204), None, None, now)
    with asked(seen) as ask:
        revision = reading.moved(ask.connection, live.topics(ask, seen, argument))
        beat = site().heartbeat(ask.connection)
        data_at = ask.now
        if 0 <= revision <= since:
            return _headers(Response(status=204), data_at, beat, now)
        filters = repr(sorted((k, v) for k, v in seen.query.items() if k != "theme"))
        name = f"live:{key}:{filters}:{scope(ask.who)}:{seen.lang}:{seen.theme}:{revision}:{int(now.timestamp()) // REFRESH}"
        name = hashlib.sha256(name.encode()).hexdigest()
        cache = site().cache
        body = cache.get(name)
        if body is None:
            with _making:
                body = cache.get(name)
                if body is None:
                    parts = live.parts(ask, seen, argument)
                    made = {"revision": revision, "marks": marks(parts), "set": parts}
                    body = gzip.compress(encode(made), 6, mtime=0)
                    cache.set(name, body, timeout=2 * REFRESH)
    response = Response(body, mimetype="application/json")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = f'"{revision}"'
    return _headers(response, data_at, beat, now)


def _headers(response: Response, data_at: datetime | None, beat: datetime | None, now: datetime) -> Response:
    def ms(instant: datetime | None) -> str:
        return str(int(instant.timestamp() * 1000)) if instant else ""

    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Server-Time"] = ms(now)
    response.headers["X-Data-Time"] = ms(data_at)
    response.headers["X-Heartbeat"] = ms(beat)
    if response.status_code == 204:  # each open page is told so each second: nothing is described, nothing compressed
        response.headers.remove("Content-Type")
    return response


def install(server: Flask) -> None:
    from access.policies import policy

    @server.get("/live")
    @policy("view", passive=True)
    def live() -> Response:
        """What moved on one board since a revision."""
        query: Mapping[str, str] = {k: v for k, v in request.args.items() if k not in ("board", "since")}
        raw = request.args.get("since", "")
        since = number(raw, -1)
        return answer(request.args.get("board", ""), since, view(request.args.get("path", "/"), query), datetime.now(UTC))
