"""The connections of a source: one client for each address it may ask, kept between runs."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

import httpx

from collectors._auth import Auth
from collectors._errors import Failure
from collectors._net import Backend, named, origin
from collectors._payload import Want


class Declared(Protocol):
    """What an HTTP source says about its connections."""

    @property
    def url(self) -> str: ...
    @property
    def auth(self) -> Auth: ...
    @property
    def allow(self) -> tuple[str, ...]: ...
    @property
    def ca(self) -> str | None: ...
    @property
    def connect(self) -> timedelta: ...
    @property
    def read(self) -> timedelta: ...


@dataclass
class Line:
    client: httpx.Client
    backend: Backend
    busy: threading.Lock


_lines: dict[tuple[object, ...], Line] = {}
_opening = threading.Lock()


def line_to(source: str, url: str, settings: Declared, want: Want) -> Line:
    """The source's one client for an address: making one costs more than a whole run of a replay. Failure off its addresses."""
    scheme, host, port = origin(url)
    own = origin(settings.url)
    others = named(settings.allow)
    token = origin(settings.auth.token_url) if settings.auth.token_url else own
    if (scheme, host, port) not in (own, token) and (host, port) not in others:
        what = f"{host}:{port} is not the source's own address"
        raise Failure("blocked", what, "only the hosts and ports of `url` and `allow` are asked")
    if own[0] == "https" and scheme != "https":
        raise Failure("blocked", f"{host}:{port} is asked without TLS by a source with it", "put the address right")
    key = (source, scheme, host, port, (host, port) in others, settings.connect, settings.read, settings.ca)
    with _opening:
        if key not in _lines:
            timeout = httpx.Timeout(settings.read.total_seconds(), connect=settings.connect.total_seconds())
            verify = context(str(want.base / settings.ca) if settings.ca else None) if scheme == "https" else False
            transport = httpx.HTTPTransport(verify=verify, trust_env=False)
            backend = Backend(host, port, (host, port) in others)
            # httpx has no door for a network backend; httpcore, under it, does.
            transport._pool._network_backend = backend  # type: ignore[attr-defined]
            client = httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)
            _lines[key] = Line(client, backend, threading.Lock())
        return _lines[key]


@lru_cache
def context(ca: str | None) -> ssl.SSLContext:
    """Always verifying, TLS 1.2 at least."""
    try:
        made = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise Failure("settings", f"the certificate file {ca} cannot be read", "put `ca` right") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
