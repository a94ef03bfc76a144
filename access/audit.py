"""Who did what, where, when, with what result. Each row carries SHA-256(hash of the row before, the row)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from access.store import audit as rows
from access.store.audit import Entry
from metrics.periods import to_us


def record(
    connection: Connection, who: str | None, action: str, object: str, result: str, now: datetime, address: str = ""
) -> None:
    """Adds a row in the caller's transaction, so that what was done and that it was done are kept together.

    `object` names things (an endpoint, a case id), never their contents. On PostgreSQL call it last: it holds the chain's
    head until the transaction ends.
    """
    count, previous = rows.take_head(connection)
    entry = Entry(count + 1, now, (who or "")[:64], action[:32], _line(object, 500), _line(address, 64), result[:16])
    rows.append(connection, replace(entry, hash=chained(previous, entry)))


def chained(previous: str, entry: Entry) -> str:
    row = [entry.id, to_us(entry.at), entry.who, entry.action, entry.object, entry.address, entry.result]
    return hashlib.sha256((previous + json.dumps(row, ensure_ascii=False)).encode()).hexdigest()


def verify(connection: Connection, checkpoint: tuple[int, str] | None = None) -> int | None:
    """The id of the first row that was changed, removed, moved or put in; None when the chain holds.

    A chain cut at its end is found by the head row, and by a checkpoint (count, hash) kept outside the database.
    """
    previous, expected = "", 1
    for entry in rows.entries(connection):
        if entry.id != expected or chained(previous, entry) != entry.hash:
            return expected
        if checkpoint and checkpoint[0] == entry.id and checkpoint[1] != entry.hash:
            return entry.id
        previous, expected = entry.hash, expected + 1
    known = max(rows.head(connection)[0], checkpoint[0] if checkpoint else 0)
    return expected if known >= expected or rows.head(connection)[1] != previous else None


def _line(text: str, limit: int) -> str:
    """One line without control characters, so that a row can be printed as it is."""
    return "".join(c if c.isprintable() else " " for c in text)[:limit]
