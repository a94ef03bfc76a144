"""What the group robots of WeCom, DingTalk and Feishu share: they answer 200 with a code in the body when they refuse."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from alerts.channels._http import post
from alerts.channels._message import Base, Message, Permanent, Temporary, Uncertain

MOST = 18_000
"""Bytes of a message where a platform takes 20,000."""
RATE = 60.0
"""Seconds to wait at least where a platform says that too much was sent."""


class Signed(Base):
    """Settings of a robot that asks for a signature, or may."""

    token: str
    """`env:NAME` or `file:PATH`: the robot's access token, or the last part of its address."""
    sign: str = ""
    """`env:NAME` or `file:PATH`: the key of the signature, where the robot asks for one."""


def digest(key: str, words: str) -> str:
    """HMAC-SHA256 as these platforms write it."""
    return base64.b64encode(hmac.new(key.encode(), words.encode(), hashlib.sha256).digest()).decode()


def tell(url: str, body: Mapping[str, Any], field: str, words: str, passing: Mapping[int, float | None]) -> str:
    """Post and look at the code in the body: 0 is told; those in `passing` may go better later; any other is a fault of set-up.

    field, words: names of the code and of the platform's own words. passing: code -> seconds to wait at least.
    """
    content = json.dumps(body, ensure_ascii=False).encode()
    answer = post(url, content, {"Content-Type": "application/json; charset=utf-8"})
    try:
        said = json.loads(answer.text)
        code = int(said[field])
    except (ValueError, KeyError, TypeError) as fault:
        raise Uncertain(f"an answer without {field}: {answer.words}") from fault
    if code == 0:
        return f"{field} 0"
    told = f"{code} {said.get(words, '')}".strip()
    if code in passing:
        raise Temporary(told, passing[code])
    raise Permanent(told)


def text(message: Message, most: int) -> str:
    """Subject and body within so many bytes of UTF-8: whole lines go, the last ones (link and number) stay."""
    lines = [message.subject, *message.body.split("\n")]
    if _size(lines) <= most:
        return "\n".join(lines)
    more = "……" if message.language.startswith("zh") else "..."
    tail = [more, *lines[-2:]]
    head: list[str] = []
    for line in lines[:-2]:
        if _size([*head, line, *tail]) > most:
            break
        head.append(line)
    return _cut("\n".join([*head, *tail]), most)


def _size(lines: list[str]) -> int:
    return len("\n".join(lines).encode())


def _cut(words: str, most: int) -> str:
    return words.encode()[:most].decode(errors="ignore")
