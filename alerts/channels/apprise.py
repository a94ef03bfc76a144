"""Everything else, by the apprise library: one address of its own kind (mailto://, tgram://, slack://...), kept as a secret.

It tells success by the HTTP status alone; the three Chinese platforms have channels of their own for that.
"""

from __future__ import annotations

from time import monotonic

from alerts.channels._message import Base, Message, Permanent, Temporary, Uncertain

TIMEOUT = 4.0
"""Seconds apprise waits for an answer. It does not say why it failed: sooner it was refused, later it may have been told."""


class Settings(Base):
    secret: str
    """`env:NAME` or `file:PATH`: the address, with its keys in it."""


def send(message: Message, settings: Settings, secret: str | None) -> str:
    try:
        import apprise
    except ImportError as fault:
        raise Permanent("apprise is not installed: pip install apprise") from fault
    told = apprise.Apprise()
    if not told.add(secret or ""):
        raise Permanent("apprise does not know this kind of address")
    begun = monotonic()
    if not told.notify(title=message.subject, body=message.body):
        if monotonic() - begun >= TIMEOUT:
            raise Uncertain("apprise heard no answer in time; its log says more")
        raise Temporary("apprise could not deliver it; its log says more")
    return "told by apprise"
