"""飞书 Feishu: a group robot. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from pydantic import field_validator

from alerts.channels._http import address
from alerts.channels._message import Message
from alerts.channels._robot import MOST, RATE, Signed, digest, tell, text

PASSING = {45009: RATE, 9499: RATE, 11232: RATE}


class Settings(Signed):
    base: str = "https://open.feishu.cn"

    _base = field_validator("base")(address)


def send(message: Message, settings: Settings, secret: str | None) -> str:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text(message, MOST)}}
    if settings.sign:
        stamp = str(int(time.time()))
        body |= {"timestamp": stamp, "sign": signature(stamp, settings.sign)}
    url = f"{settings.base.rstrip('/')}/open-apis/bot/v2/hook/{quote(settings.token, safe='')}"
    return tell(url, body, "code", "msg", PASSING)


def signature(stamp: str, key: str) -> str:
    """Feishu signs nothing with the stamp and the key together as the key."""
    return digest(f"{stamp}\n{key}", "")
