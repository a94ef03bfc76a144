"""Posting to another system: one deadline for all, no redirects, its first words kept, and how long it asks us to wait."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from time import monotonic

import httpx

import wire
from alerts.channels._message import DEADLINE, Permanent, Temporary, Uncertain

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
    url = httpx.URL(value)
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
    backend = wire.Backend(monotonic() + DEADLINE)
    transport = httpx.HTTPTransport(verify=_trust(), trust_env=False)
    # httpx has no door for a network backend; httpcore, under it, does.
    transport._pool._network_backend = backend  # type: ignore[attr-defined]
    try:
        with httpx.Client(transport=transport, timeout=DEADLINE / 3, follow_redirects=False, trust_env=False) as client:  # noqa: SIM117
            with client.stream("POST", url, content=content, headers={"User-Agent": "yuncha", **headers}) as answer:
                said = b""
                for part in answer.iter_bytes(256):
                    said += part
                    if len(said) >= MOST:
                        break
                text = said[:MOST].decode(errors="replace")
                return Answer(answer.status_code, text, _wait(answer.headers.get("Retry-After")))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
        raise Temporary(f"no connection: {fault}") from fault
    except httpx.HTTPError as fault:
        # The request was on its way: it may have arrived.
        raise Temporary(f"no answer: {type(fault).__name__} {fault}", perhaps=True) from fault


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
