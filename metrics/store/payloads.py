"""The beginning of the last payload a source gave that could be taken, and of the last that could not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from metrics.periods import from_us, to_us
from metrics.store.engine import to_json
from metrics.tables_of_sources import payload


@dataclass(frozen=True)
class Kept:
    run_id: int
    at: datetime
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    """The first few, personal fields masked."""
    excerpt: str = ""
    """Where it had no rows: how it began."""


def keep(connection: Connection, source: str, good: bool, made: Kept) -> None:
    connection.execute(delete(payload).where(payload.c.source == source, payload.c.good == good))
    values = {"columns": to_json(list(made.columns)), "rows": to_json(list(made.rows)), "excerpt": made.excerpt}
    connection.execute(insert(payload).values(source=source, good=good, run_id=made.run_id, at=to_us(made.at), **values))


def kept(connection: Connection, source: str) -> dict[bool, Kept]:
    """good -> what it was."""
    found = connection.execute(select(payload).where(payload.c.source == source))
    return {
        row.good: Kept(row.run_id, from_us(row.at), json.loads(row.columns), json.loads(row.rows), row.excerpt) for row in found
    }
