"""Passports: what a code that was handed out stands for. A row is written once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from metrics.arrivals import Series
from metrics.passport import Printed, code
from metrics.periods import to_us
from metrics.store.engine import Store, is_sqlite
from metrics.tables import passport
from metrics.values import Values

_VALUES = ("num", "den", "n", "apart", "status", "have", "want")
CHUNK = 500
TRIES = 8


def keep(store: Store, printed: Sequence[Printed], by: str, now: datetime) -> list[str]:
    """The code of each; rows are added only for what has none yet, so that looking again writes nothing."""
    with store.read() as connection:
        codes, fresh = _coded(connection, printed)
    if not fresh:
        return codes
    with store.write() as connection:
        codes, fresh = _coded(connection, printed)
        made: Any = sqlite.insert(passport) if is_sqlite(connection) else postgresql.insert(passport)
        if fresh:
            rows = [_row(one, printed[place], by, now) for one, place in fresh.items()]
            connection.execute(made.on_conflict_do_nothing(), rows)
    return codes


def find(connection: Connection, codes: Iterable[str]) -> dict[str, Printed]:
    wanted, found = list(dict.fromkeys(codes)), {}
    for start in range(0, len(wanted), CHUNK):
        query = select(passport).where(passport.c.code.in_(wanted[start : start + CHUNK]))
        for row in connection.execute(query):
            series = Series(row.indicator, row.grain, row.department_id, row.region_id, row.dims)
            values = Values(*(getattr(row, name) for name in _VALUES))
            found[row.code] = Printed(
                series, row.period_start, row.version, row.revision, row.evaluated_at, values, row.query
            )  # fmt: skip
    return found


def made(connection: Connection, wanted: str) -> tuple[int, str] | None:
    """When (microseconds) and for whom the code was first handed out."""
    row = connection.execute(select(passport.c.made_at, passport.c.made_by).where(passport.c.code == wanted)).first()
    return (row.made_at, row.made_by) if row is not None else None


def _coded(connection: Connection, printed: Sequence[Printed]) -> tuple[list[str], dict[str, int]]:
    """The code of each, and of those that have no row yet code -> place; a code that is another number's is passed over."""
    codes = [code(one) for one in printed]
    known = find(connection, codes)
    fresh: dict[str, int] = {}
    for place, one in enumerate(printed):
        for again in range(1, TRIES):
            if codes[place] not in known or known[codes[place]] == one:
                break
            codes[place] = code(one, again)
            known |= find(connection, [codes[place]])
        if codes[place] not in known:
            fresh[codes[place]] = place
    return codes, fresh


def _row(made_code: str, one: Printed, by: str, now: datetime) -> dict[str, Any]:
    series = one.series
    return {
        "code": made_code, "indicator": series.indicator, "grain": series.grain, "department_id": series.department,
        "region_id": series.region, "dims": series.dims, "period_start": one.period_start, "version": one.version,
        "revision": one.revision, "evaluated_at": one.evaluated_at, "query": one.query, "made_at": to_us(now),
        "made_by": by[:64], **{name: getattr(one.values, name) for name in _VALUES},
    }  # fmt: skip
