"""Posting to another system: one deadline for all, no redirects, its first words kept, and how long it asks us to wait."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from time import monotonic
from urllib.parse import unquote_to_bytes

import httpcore
import httpx

import wire
from alerts.channels._message import DEADLINE, Permanent, Temporary, Uncertain

FAULTS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
LONGEST_WAIT = 3600.0
PASSING = (408, 425, 429)
MOST = 4096
"""Bytes of an answer that are read."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    after: float | None
    """Seconds the other side asks us to wait."""

    @property
    def words(self) -> str:
        return " ".join(self.text[:256].split())


def address(value: str) -> str:
    """For a validator: an http or https address."""
    url = _url(value)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("an http or https address is wanted")
    return value


def post(url: str, content: bytes, headers: Mapping[str, str], *, knows_repeats: bool = False) -> Answer:
    """The answer of a 2xx; Temporary or Permanent for every other. Redirects are not followed.

    knows_repeats: whether the other side can tell a repeat by its id; else no answer in time is Uncertain.
    """
    try:
        found = _post(url, content, headers)
    except Temporary as fault:
        if fault.perhaps and not knows_repeats:
            raise Uncertain(fault.detail) from fault
        raise
    if 200 <= found.status < 300:
        return found
    if found.status in PASSING or found.status >= 500:
        raise Temporary(f"{found.status} {found.words}", found.after)
    raise Permanent(f"{found.status} {found.words}")


def _post(url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """By httpcore, which httpx stands on: a message needs no cookies, redirects or proxies, and a third of the work."""
    to, more = _target(url)
    sent = [("User-Agent", "yuncha"), ("Accept", "*/*"), *more.items(), *headers.items()]
    steps = dict.fromkeys(("connect", "read", "write", "pool"), DEADLINE / 3)
    try:
        with (
            _connection(to.origin) as connection,
            connection.stream("POST", to, headers=sent, content=content, extensions={"timeout": steps}) as answer,
        ):
            said = b""
            for part in answer.iter_stream():
                said += part
                if len(said) >= MOST:
                    break
            after = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
            return Answer(answer.status, said[:MOST].decode(errors="replace"), _wait(after.decode(errors="replace")))
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
        raise Temporary(f"no connection: {fault}") from fault
    except FAULTS as fault:
        # The request was on its way: it may have arrived.
        raise Temporary(f"no answer: {type(fault).__name__} {fault}", perhaps=True) from fault


_Kept = dict[str, tuple[httpcore.HTTPConnection, wire.Backend]]
_kept: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Iterator[None]:
    """Within it, and in this thread, an address that is told much is called once: its connection is used again."""
    kept: _Kept = {}
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for connection, _ in kept.values():
            connection.close()


@contextmanager
def _connection(origin: httpcore.Origin) -> Iterator[httpcore.HTTPConnection]:
    """One that has a whole deadline before it; closed at the end, unless it is kept and the other side keeps it too."""
    kept = _kept.get()
    known = None if kept is None else kept.pop(str(origin), None)
    if known and known[0].is_idle() and not known[0].has_expired():
        connection, ends = known
    else:
        if known:
            known[0].close()
        ends = wire.Backend()
        connection = httpcore.HTTPConnection(origin, _trust(), network_backend=ends)
    ends.deadline = monotonic() + DEADLINE
    try:
        yield connection
    finally:
        if kept is None or connection.is_closed() or not connection.is_idle():
            connection.close()
        else:
            kept[str(origin)] = connection, ends


_url = cache(httpx.URL)


@cache
def _target(url: str) -> tuple[httpcore.URL, dict[str, str]]:
    """The address as it goes over the wire, and what its user and password become."""
    one = _url(url)
    to = httpcore.URL(scheme=one.raw_scheme, host=one.raw_host, port=one.port, target=one.raw_path)
    headers = {"Host": one.netloc.decode()}
    if one.userinfo:
        headers["Authorization"] = f"Basic {b64encode(unquote_to_bytes(one.userinfo)).decode()}"
    return to, headers


@cache
def _trust() -> ssl.SSLContext:
    """Made once: it takes longer than the message."""
    return httpx.create_ssl_context(trust_env=False)


def _wait(given: str | None) -> float | None:
    """Retry-After in seconds, from seconds or a date; at most an hour."""
    if not given:
        return None
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
