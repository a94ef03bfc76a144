"""An HTTP POST of JSON, signed, with an idempotency key, so that a receiver can tell a repeat and a forgery."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

from pydantic import field_validator

from alerts.channels._http import address, post
from alerts.channels._message import Base, Message


class Settings(Base):
    url: str
    secret: str = ""
    """`env:NAME` or `file:PATH`: the key of the signature."""

    _url = field_validator("url")(address)


def send(message: Message, settings: Settings, secret: str | None) -> str:
    """A 2xx answer means told."""
    content = json.dumps(
        {
            "id": message.id, "subject": message.subject, "body": message.body, "repeated": message.repeated,
            "language": message.language, "created_at": message.created_at.isoformat(), "alert": dict(message.facts),
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.id}
    if secret:
        headers |= sign(content, secret, datetime.now(UTC))
    answer = post(settings.url, content, headers, knows_repeats=True)
    return f"{answer.status} {answer.words}".strip()


def sign(content: bytes, secret: str, at: datetime) -> dict[str, str]:
    """HMAC-SHA256 over "timestamp.body"; the receiver refuses old timestamps."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return {"X-Yuncha-Timestamp": stamp, "X-Yuncha-Signature": f"sha256={digest}"}
