"""The log: for demos, for trying rules out, and as the last resort."""

from __future__ import annotations

import logging

from alerts.channels._message import Base, Message

log = logging.getLogger("yuncha.alerts")


class Settings(Base):
    pass


def send(message: Message, settings: Settings, secret: str | None) -> str:
    log.info("%s %s", message.id, message.subject)
    return ""
