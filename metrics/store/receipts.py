"""What was answered to a request that carried an Idempotency-Key: the same request again gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from metrics.periods import to_us
from metrics.tables_of_sources import receipt


@dataclass(frozen=True)
class Receipt:
    sha256: str
    """Of what was sent."""
    answer: str


def find(connection: Connection, source: str, key: str) -> Receipt | None:
    row = connection.execute(
        select(receipt.c.sha256, receipt.c.answer).where(receipt.c.source == source, receipt.c.key == key)
    ).one_or_none()
    return None if row is None else Receipt(row.sha256, row.answer)


def keep(connection: Connection, source: str, key: str, made: Receipt, now: datetime) -> None:
    """IntegrityError where another request with this key was faster: then nothing of this one may stay."""
    connection.execute(insert(receipt).values(source=source, key=key, sha256=made.sha256, answer=made.answer, at=to_us(now)))


def forget(connection: Connection, source: str, before: datetime) -> None:
    connection.execute(delete(receipt).where(receipt.c.source == source, receipt.c.at < to_us(before)))
