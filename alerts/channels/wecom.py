"""企业微信 WeCom: a group robot. https://developer.work.weixin.qq.com/document/path/91770"""

from __future__ import annotations

from urllib.parse import quote

from pydantic import field_validator

from alerts.channels._http import address
from alerts.channels._message import Base, Message
from alerts.channels._robot import RATE, tell, text

MOST = 2048
PASSING = {45009: RATE, -1: None}


class Settings(Base):
    base: str = "https://qyapi.weixin.qq.com"
    """Of a private deployment: its own address."""
    token: str
    """`env:NAME` or `file:PATH`: the robot's key."""

    _base = field_validator("base")(address)


def send(message: Message, settings: Settings, secret: str | None) -> str:
    url = f"{settings.base.rstrip('/')}/cgi-bin/webhook/send?key={quote(settings.token, safe='')}"
    return tell(url, {"msgtype": "text", "text": {"content": text(message, MOST)}}, "errcode", "errmsg", PASSING)
