"""One GET, with deadlines, a limit on what is unpacked, retries where they can help, and no way off the declared host."""

from __future__ import annotations

import random
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

import httpx

from collectors._errors import Failure
from collectors._net import Backend, origin
from collectors._payload import MAX_BYTES, Want
from collectors._settings import Duration, Settings

TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
BUSY = frozenset({429, 500, 502, 503, 504})


class Auth(Settings):
    """The header that carries the source's `secret`."""

    header: str = "Authorization"
    scheme: str = "Bearer"


class HttpSettings(Settings):
    url: str
    headers: Mapping[str, str] = {}
    auth: Auth = Auth()
    ca: str | None = None
    """File of the authority that signed the source's certificate, where the machine does not know it."""
    connect: Duration = timedelta(seconds=5)
    read: Duration = timedelta(seconds=10)
    total: Duration = timedelta(seconds=30)
    """Of one page with all its tries."""
    max_bytes: int = MAX_BYTES
    """After decompression."""


@dataclass(frozen=True)
class Answer:
    status: int
    """200 or 304: anything else is a Failure."""
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass
class _Line:
    client: httpx.Client
    backend: Backend
    busy: threading.Lock


_lines: dict[tuple[object, ...], _Line] = {}
_opening = threading.Lock()


def get(source: str, url: str, settings: HttpSettings, want: Want, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to one GET at the source's own address, at most three tries."""
    line = _line(source, url, settings, want)
    sent = {"Accept-Encoding": "gzip", "User-Agent": "yuncha", **settings.headers, **(headers or {})}
    if want.secret:
        sent[settings.auth.header] = f"{settings.auth.scheme} {want.secret}".strip()
    with line.busy:
        line.backend.deadline = deadline = time.monotonic() + settings.total.total_seconds()
        for tried in range(1, TRIES + 1):
            try:
                return _once(line.client, url, sent, settings, want.now)
            except Failure as failure:
                wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 4**tried)) if failure.after is None else failure.after
                if not failure.retry or tried == TRIES or wait > LONGEST_WAIT or time.monotonic() + wait >= deadline:
                    raise
                want.sleep(wait)
    raise AssertionError("not reached")


def _once(client: httpx.Client, url: str, headers: Mapping[str, str], settings: HttpSettings, now: datetime) -> Answer:
    shown = str(httpx.URL(url).copy_with(query=None))
    try:
        with client.stream("GET", url, headers=dict(headers)) as response:
            if response.status_code == 304:
                return Answer(304, response.headers, b"", url)
            if response.status_code != 200:
                raise _refused(response, shown, now)
            return Answer(200, response.headers, _body(response, settings.max_bytes, shown), url)
    except httpx.ConnectTimeout:
        what = f"{shown}: no connection within {settings.connect.total_seconds():g} s"
        raise Failure("timeout", what, "is the system running, and the network open?", retry=True) from None
    except httpx.TimeoutException:
        limits = f"{settings.read.total_seconds():g} s, or not whole within {settings.total.total_seconds():g} s"
        raise Failure("timeout", f"{shown}: no answer within {limits}", "the system is too slow or hangs", retry=True) from None
    except httpx.ConnectError as error:
        raise _no_connection(error, shown) from None
    except httpx.RemoteProtocolError as error:
        if "disconnected" in str(error):
            raise Failure("connect", f"{shown}: the connection was closed", "the system broke off", retry=True) from None
        if "incomplete" in str(error) or "without sending" in str(error):
            raise Failure("truncated", f"{shown}: the answer was cut off", "the system broke off", retry=True) from None
        raise Failure("bad_input", f"{shown}: what came is no HTTP", "is another service on this port?") from None
    except httpx.NetworkError:
        raise Failure("connect", f"{shown}: the connection broke", "look at the network", retry=True) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure("http", f"{shown}: {type(error).__name__}", "look at the system's own log") from None


def _refused(response: httpx.Response, shown: str, now: datetime) -> Failure:
    status, what = response.status_code, f"{shown}: status {response.status_code}"
    if 300 <= status < 400:
        return Failure("blocked", f"{what}, a redirect, which is not followed", "if it is right, put where it leads into `url`")
    if status in (401, 403, 407):
        return Failure("permission", what, "the secret is missing, wrong or has run out")
    if status in (404, 410):
        return Failure("missing", what, "the address has changed")
    after = _retry_after(response.headers.get("retry-after"), now)
    if after is not None and after > LONGEST_WAIT:
        what += f"; it asks to wait {after:.0f} s"
    return Failure("http", what, "the system is in trouble; its owner must look", retry=status in BUSY, after=after)


def _retry_after(value: str | None, now: datetime) -> float | None:
    if not value:
        return None
    if value.strip().isdigit():
        return float(min(int(value.strip()[:9]), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _no_connection(error: httpx.ConnectError, shown: str) -> Failure:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "verify_message", "") or cause.reason or "no agreement"
            what = f"{shown}: not a connection to trust: {reason}"
            return Failure("tls", what, "renew the certificate, or name its authority as `ca`")
        cause = cause.__cause__ or cause.__context__
    return Failure("connect", f"{shown}: no connection", "is the system running, and the network open?", retry=True)


def _body(response: httpx.Response, limit: int, shown: str) -> bytes:
    """At most `limit` bytes once unpacked; a bomb is never unpacked further than that."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Failure("bad_input", f"{shown}: packed as {coding}, which was not asked for", "it must answer plain or as gzip")
    unpack = zlib.decompressobj(47) if coding not in ("identity", "") else None
    made = bytearray()
    try:
        for chunk in response.iter_raw(65_536):
            made += unpack.decompress(chunk, limit + 1 - len(made)) if unpack else chunk
            if len(made) > limit:
                raise Failure("too_large", f"{shown}: more than {limit} bytes", "ask for less at a time, or raise `max_bytes`")
    except zlib.error:
        raise Failure("bad_input", f"{shown}: said to be {coding}, but is not", "the system is broken") from None
    if unpack and not unpack.eof:
        raise Failure("truncated", f"{shown}: the packed answer was cut off", "the system broke off", retry=True)
    return bytes(made)


def _line(source: str, url: str, settings: HttpSettings, want: Want) -> _Line:
    """The source's one client, kept between runs: making one costs more than a whole run of a replay."""
    scheme, host, port = origin(url)
    if (scheme, host, port) != origin(settings.url):
        raise Failure("blocked", f"{host}:{port} is not the source's own address", "only the host and port of `url` are asked")
    key = (source, scheme, host, port, settings.connect, settings.read, settings.ca)
    with _opening:
        if key not in _lines:
            timeout = httpx.Timeout(settings.read.total_seconds(), connect=settings.connect.total_seconds())
            verify = _context(str(want.base / settings.ca) if settings.ca else None) if scheme == "https" else False
            transport = httpx.HTTPTransport(verify=verify, trust_env=False)
            backend = Backend(host, port)
            # httpx has no door for a network backend; httpcore, under it, does.
            transport._pool._network_backend = backend  # type: ignore[attr-defined]
            client = httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)
            _lines[key] = _Line(client, backend, threading.Lock())
        return _lines[key]


@lru_cache
def _context(ca: str | None) -> ssl.SSLContext:
    """Always verifying, TLS 1.2 at least."""
    try:
        made = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise Failure("settings", f"the certificate file {ca} cannot be read", "put `ca` right") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
