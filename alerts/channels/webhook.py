"""An HTTP POST of JSON, signed, with an idempotency key, so that a receiver can tell a repeat and a forgery."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx
from pydantic import field_validator

from alerts.channels._message import DEADLINE, Base, Message, Permanent, Temporary

LONGEST_WAIT = 3600.0
PASSING = (408, 425, 429)


class Settings(Base):
    url: str
    secret: str = ""
    """`env:NAME` or `file:PATH`: the key of the signature."""

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        if httpx.URL(value).scheme not in ("http", "https") or not httpx.URL(value).host:
            raise ValueError("a webhook is an http or https address")
        return value


def send(message: Message, settings: Settings, secret: str | None) -> str:
    """A 2xx answer means told. Redirects are not followed."""
    content = json.dumps(
        {
            "id": message.id, "subject": message.subject, "body": message.body, "repeated": message.repeated,
            "language": message.language, "created_at": message.created_at.isoformat(), "alert": dict(message.facts),
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.id, "User-Agent": "yuncha"}
    if secret:
        headers |= sign(content, secret, datetime.now(UTC))
    status, said, after = _post(settings.url, content, headers)
    if 200 <= status < 300:
        return f"{status} {said}".strip()
    if status in PASSING or status >= 500:
        raise Temporary(f"{status} {said}", after)
    raise Permanent(f"{status} {said}")


def sign(content: bytes, secret: str, at: datetime) -> dict[str, str]:
    """HMAC-SHA256 over "timestamp.body"; the receiver refuses old timestamps."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return {"X-Yuncha-Timestamp": stamp, "X-Yuncha-Signature": f"sha256={digest}"}


def _post(url: str, content: bytes, headers: dict[str, str]) -> tuple[int, str, float | None]:
    """Status, the first words of the answer, and how long the other side asks us to wait."""
    until = monotonic() + DEADLINE
    try:
        with httpx.Client(timeout=DEADLINE / 3, follow_redirects=False, trust_env=False) as client:  # noqa: SIM117
            with client.stream("POST", url, content=content, headers=headers) as answer:
                said = b""
                for part in answer.iter_bytes(256):
                    said += part
                    if len(said) >= 256 or monotonic() > until:
                        break
                words = " ".join(said[:256].decode(errors="replace").split())
                return answer.status_code, words, _wait(answer.headers.get("Retry-After"))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
        raise Temporary(f"no connection: {fault}") from fault
    except httpx.HTTPError as fault:
        # The request was on its way: it may have arrived. The key lets the receiver drop the repeat.
        raise Temporary(f"no answer: {type(fault).__name__} {fault}", perhaps=True) from fault


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
