"""How the payload of each Run that brought something began: what a passport shows of the raw data. Personal fields are masked
before they come here, and it is let go after a while; the hash of the whole payload stays on the Run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select

from metrics.periods import from_us, to_us
from metrics.store.engine import to_json
from metrics.store.payloads import Kept
from metrics.tables_of_sources import excerpt

KEPT = timedelta(days=400)
"""A year and a bit, so that a figure of the same month last year still has its payload's beginning."""


_LET_GO = delete(excerpt).where(excerpt.c.source == bindparam("of"), excerpt.c.at < bindparam("before", type_=BigInteger))
_ADD = insert(excerpt)


def keep(connection: Connection, source: str, made: Kept) -> None:
    connection.execute(_LET_GO, {"of": source, "before": to_us(made.at - KEPT)})
    values = {"columns": to_json(list(made.columns)), "rows": to_json(list(made.rows))}
    connection.execute(_ADD, {"run_id": made.run_id, "source": source, "at": to_us(made.at), **values})


def of_runs(connection: Connection, run_ids: Iterable[int]) -> dict[int, Kept]:
    found = connection.execute(select(excerpt).where(excerpt.c.run_id.in_(list(run_ids))))
    return {row.run_id: Kept(row.run_id, from_us(row.at), json.loads(row.columns), json.loads(row.rows)) for row in found}
