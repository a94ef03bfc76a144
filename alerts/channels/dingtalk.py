"""钉钉 DingTalk: a group robot. https://open.dingtalk.com/document/robots/custom-robot-access"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from pydantic import field_validator

from alerts.channels._http import address
from alerts.channels._message import Message
from alerts.channels._robot import MOST, RATE, Signed, digest, tell, text

PASSING = {45009: RATE, 130101: RATE, 130102: RATE, -1: None}


class Settings(Signed):
    base: str = "https://oapi.dingtalk.com"

    _base = field_validator("base")(address)


def send(message: Message, settings: Settings, secret: str | None) -> str:
    given = {"access_token": settings.token}
    if settings.sign:
        stamp = str(int(time.time() * 1000))
        given |= {"timestamp": stamp, "sign": signature(stamp, settings.sign)}
    url = f"{settings.base.rstrip('/')}/robot/send?{urlencode(given)}"
    return tell(url, {"msgtype": "text", "text": {"content": text(message, MOST)}}, "errcode", "errmsg", PASSING)


def signature(stamp: str, key: str) -> str:
    """DingTalk signs the stamp and the key with the key."""
    return digest(key, f"{stamp}\n{key}")
