"""钉钉 DingTalk: a group robot. https://open.dingtalk.com/document/robots/custom-robot-access"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import urlencode

from pydantic import field_validator

from alerts.channels._http import address
from alerts.channels._message import Base, Message
from alerts.channels._robot import RATE, tell, text

MOST = 18_000
PASSING = {45009: RATE, 130101: RATE, 130102: RATE, -1: None}


class Settings(Base):
    base: str = "https://oapi.dingtalk.com"
    token: str
    """`env:NAME` or `file:PATH`: the robot's access token."""
    sign: str = ""
    """`env:NAME` or `file:PATH`: the key of the signature, where the robot asks for one."""

    _base = field_validator("base")(address)


def send(message: Message, settings: Settings, secret: str | None) -> str:
    given = {"access_token": settings.token}
    if settings.sign:
        stamp = str(int(time.time() * 1000))
        given |= {"timestamp": stamp, "sign": signature(stamp, settings.sign)}
    url = f"{settings.base.rstrip('/')}/robot/send?{urlencode(given)}"
    return tell(url, {"msgtype": "text", "text": {"content": text(message, MOST)}}, "errcode", "errmsg", PASSING)


def signature(stamp: str, key: str) -> str:
    digest = hmac.new(key.encode(), f"{stamp}\n{key}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
