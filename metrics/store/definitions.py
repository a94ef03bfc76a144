"""Versions of definitions as this database knows them: what each means, from when, since which revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from metrics.tables import chosen, definition, series


@dataclass(frozen=True, slots=True)
class Known:
    hash: str
    from_period: int
    reason: str
    revision: int


def known(connection: Connection) -> dict[tuple[str, int], Known]:
    rows = connection.execute(select(definition))
    return {(row.indicator, row.version): Known(row.meaning_hash, row.from_period, row.reason, row.revision) for row in rows}


def newest_at(connection: Connection, indicator: str, revision: int) -> int | None:
    """The newest version of an indicator that was accepted by a revision."""
    query = select(func.max(definition.c.version)).where(definition.c.indicator == indicator, definition.c.revision <= revision)
    return connection.execute(query).scalar()


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(insert(definition), list(rows))


def periods_under(connection: Connection, indicator: str, grain: str, version: int) -> list[int]:
    """Starts of the periods of which there is a figure by a version, oldest first."""
    query = select(chosen.c.period_start).join(series, series.c.id == chosen.c.series_id).distinct()
    query = query.where(series.c.indicator == indicator, series.c.grain == grain, chosen.c.version == version)
    return sorted(connection.execute(query).scalars())
