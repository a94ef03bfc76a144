"""The one token of each source that sends by itself, hashed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from access.store.tables import source_token
from metrics.periods import from_us, to_us


def replace(connection: Connection, source: str, hash: str, now: datetime) -> None:
    """The one before it, if there was one, is worth nothing from now on."""
    drop(connection, source)
    connection.execute(insert(source_token).values(source=source, hash=hash, made=to_us(now)))


def drop(connection: Connection, source: str) -> bool:
    return connection.execute(delete(source_token).where(source_token.c.source == source)).rowcount == 1


def source_of(connection: Connection, hash: str) -> str | None:
    return connection.execute(select(source_token.c.source).where(source_token.c.hash == hash)).scalar_one_or_none()


def made(connection: Connection) -> dict[str, datetime]:
    """Source -> when its token was made."""
    rows = connection.execute(select(source_token.c.source, source_token.c.made).order_by(source_token.c.source))
    return {source: from_us(at) for source, at in rows}
