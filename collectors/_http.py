"""One request, with deadlines, a limit on what is unpacked, retries where they can help, and no way off the declared host."""

from __future__ import annotations

import logging
import random
import re
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from pydantic import field_validator

from collectors._auth import Auth, forget, signed
from collectors._errors import Failure, one_line
from collectors._hosts import host
from collectors._lines import line_to
from collectors._net import Allow
from collectors._payload import MAX_BYTES, Want
from collectors._settings import Duration, Settings

for talkative in ("httpx", "httpcore"):
    logging.getLogger(talkative).setLevel(logging.WARNING)  # they log addresses and headers, and those may hold a key
TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
BUSY = frozenset({429, 500, 502, 503, 504})


class HttpSettings(Settings):
    url: str
    headers: Mapping[str, str] = {}
    auth: Auth = Auth()
    """How `secret` is sent."""
    allow: Allow = ()
    """Further hosts and ports (`host:port`) that may be asked; and that of `url`, where its name leads into a private network."""
    ca: str | None = None
    """File of the authority that signed the source's certificate, where the machine does not know it."""
    connect: Duration = timedelta(seconds=5)
    read: Duration = timedelta(seconds=10)
    total: Duration = timedelta(seconds=30)
    """Of one page with all its tries."""
    max_bytes: int = MAX_BYTES
    """After decompression."""

    @field_validator("headers")
    @classmethod
    def _no_secret(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name in headers:
            if re.search("auth|cookie|token|secret|api-?key", name, re.IGNORECASE):
                raise ValueError(f"{name} carries a secret: name it as `secret` and say how it is sent as `auth`")
        return headers


@dataclass(frozen=True)
class Answer:
    status: int
    """200 or 304: anything else is a Failure."""
    headers: Mapping[str, str]
    body: bytes
    url: str


def get(source: str, url: str, settings: HttpSettings, want: Want, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to one GET at an address the source may ask, at most three tries."""
    sent = {"Accept-Encoding": "gzip", "User-Agent": "yuncha", **settings.headers, **(headers or {})}
    deadline = time.monotonic() + settings.total.total_seconds()
    asked = _Asked(source, settings, want, deadline)
    if not want.secret:
        return asked.exchange("GET", url, sent)
    for _ in range(2):
        address, more = signed(source, settings.auth, want.secret, url, asked.post)
        try:
            answer = asked.exchange("GET", address, {**sent, **more})
            return replace(answer, url=url)
        except Failure as failure:
            if failure.kind != "permission" or not forget(source, settings.auth, want.secret):
                raise
    raise Failure("permission", f"{_shown(url)}: a fresh token was refused, too", "ask the system's owner which rights it needs")


@dataclass(frozen=True)
class _Asked:
    """What one collection asks of one source, until one deadline."""

    source: str
    settings: HttpSettings
    want: Want
    deadline: float

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """For a token only: its address is declared, and so allowed."""
        return self.exchange("POST", url, {"User-Agent": "yuncha", **headers}, body).body

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        settings = self.settings
        line = line_to(self.source, url, settings, self.want)
        began, asked = time.monotonic(), host(line.backend.host, line.backend.port)
        with line.busy:
            line.backend.deadline = self.deadline
            for tried in range(1, TRIES + 1):
                asked.admit(self.want.now)
                try:
                    with asked.slot(self.deadline - time.monotonic()):
                        answer = _once(line.client, method, url, headers, body, settings, self.want.now)
                    asked.went_well()
                    return answer
                except Failure as failure:
                    wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 4**tried)) if failure.after is None else failure.after
                    last = not failure.retry or tried == TRIES or wait > LONGEST_WAIT
                    if last or time.monotonic() + wait >= self.deadline:
                        asked.went_wrong(failure, self.want.now + timedelta(seconds=time.monotonic() - began))
                        raise
                    asked.left_open()
                    self.want.sleep(wait)
                except BaseException:
                    asked.left_open()
                    raise
        raise AssertionError("not reached")


def _shown(url: str) -> str:
    """An address without its parameters, which may hold a key."""
    return one_line(url.partition("?")[0].partition("#")[0])


def _once(
    client: httpx.Client,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    settings: HttpSettings,
    now: datetime,
) -> Answer:
    shown = _shown(url)
    try:
        with client.stream(method, url, headers=dict(headers), content=body) as response:
            if response.status_code == 304 and method == "GET":
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
