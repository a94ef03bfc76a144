"""A gateway that sends text messages when an HTTP POST asks it to: names of its fields and the mark of success are settings."""

from __future__ import annotations

import json
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import field_validator

from alerts.channels._http import address, post
from alerts.channels._message import Base, Message, Permanent, Temporary, Uncertain
from alerts.channels._robot import RATE


class Settings(Base):
    url: str
    to: list[str]
    """Telephone numbers."""
    secret: str = ""
    """`env:NAME` or `file:PATH`: sent as a bearer token."""
    form: Literal["json", "form"] = "json"
    numbers: str = "to"
    text: str = "text"
    """Names of the fields that hold the numbers (joined by commas) and the text."""
    more: dict[str, str] = {}
    """Further fields as they are: the signature or the template of the account."""
    most: int = 300
    """Characters of one message."""
    success: dict[str, str] = {}
    """Field of the answer: its value where the gateway has taken the message; without it a 2xx is enough."""
    passing: list[str] = []
    """Values of those fields at which another try can help."""

    _url = field_validator("url")(address)

    @field_validator("to")
    @classmethod
    def _plain(cls, value: list[str]) -> list[str]:
        if not value or any(not one.lstrip("+").isdigit() for one in value):
            raise ValueError("telephone numbers are digits, with + before them or without")
        return value


def send(message: Message, settings: Settings, secret: str | None) -> str:
    """The subject and the link: more does not fit, and less does not help."""
    link = f" {settings.link.rstrip('/')}{message.facts.get('path', '')}" if settings.link else ""
    words = message.subject[: settings.most - len(link)] + link
    fields: dict[str, Any] = {**settings.more, settings.numbers: ",".join(settings.to), settings.text: words}
    is_json = settings.form == "json"
    content = json.dumps(fields, ensure_ascii=False).encode() if is_json else urlencode(fields).encode()
    headers = {"Content-Type": "application/json; charset=utf-8" if is_json else "application/x-www-form-urlencoded"}
    headers |= {"Idempotency-Key": message.id} | ({"Authorization": f"Bearer {secret}"} if secret else {})
    answer = post(settings.url, content, headers)
    for field, wanted in settings.success.items():
        try:
            found = str(json.loads(answer.text)[field])
        except (ValueError, KeyError, TypeError) as fault:
            raise Uncertain(f"an answer without {field}: {answer.words}") from fault
        if found in settings.passing:
            raise Temporary(answer.words, RATE)
        if found != wanted:
            raise Permanent(answer.words)
    return f"{answer.status} {answer.words}".strip()
