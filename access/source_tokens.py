"""The token by which a departmental system sends its data: one a source, shown once, kept only hashed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from access import audit, passwords
from access.accounts import CONSOLE
from access.store import source_tokens as rows
from metrics.model import Principal

PREFIX = "yuncha_push_"


def make(connection: Connection, source: str, now: datetime) -> str:
    """A new token; the one before it ends at once."""
    secret = PREFIX + passwords.secret()
    rows.replace(connection, source, passwords.digest(secret), now)
    audit.record(connection, CONSOLE, "source_token", source, "ok", now)
    return secret


def revoke(connection: Connection, source: str, now: datetime) -> bool:
    """False where there was none."""
    there = rows.drop(connection, source)
    audit.record(connection, CONSOLE, "source_revoke", source, "ok" if there else "none", now)
    return there


def made(connection: Connection) -> dict[str, datetime]:
    return rows.made(connection)


def who_sends(connection: Connection, token: str) -> Principal | None:
    """The system a token stands for: it may send data of its own source, and sees nothing."""
    if not token.startswith(PREFIX):
        return None
    source = rows.source_of(connection, passwords.digest(token))
    if source is None:
        return None
    return Principal(user=f"source:{source}", name=source, roles=frozenset({"source"}), departments=(), regions=())
