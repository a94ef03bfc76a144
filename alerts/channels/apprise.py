"""Everything else, by the apprise library: one address of its own kind (mailto://, tgram://, slack://...), kept as a secret.

It tells success by the HTTP status alone; the three Chinese platforms have channels of their own for that.
"""

from __future__ import annotations

from alerts.channels._message import Base, Message, Permanent, Temporary


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
    if not told.notify(title=message.subject, body=message.body):
        raise Temporary("apprise could not deliver it; its log says more", perhaps=True)
    return "told by apprise"
