"""What a dry run shows of what it would store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from metrics.arrivals import Batch, ObservationIn, RecordIn
from metrics.model import Source

SHOWN = 5


def samples(batches: Iterable[Batch], source: Source) -> list[dict[str, Any]]:
    """How much, then the first rows, as JSON can hold them; personal fields are hidden, blank ones left out."""
    batches = list(batches)
    if not batches:
        return []
    records, figures = sum(len(one.records) for one in batches), sum(len(one.observations) for one in batches)
    rows: list[RecordIn | ObservationIn] = []
    for one in batches:
        rows += [*one.records[:SHOWN], *one.observations[:SHOWN]]
    return [{"would store": {"cases": records, "figures": figures}}, *(_plain(row, source) for row in rows[:SHOWN])]


def _plain(row: RecordIn | ObservationIn, source: Source) -> dict[str, Any]:
    found = {
        name: _json(value) for name, value in asdict(row).items() if value not in (None, "", (), {}, "{}", 0) or name == "num"
    }
    if "extra" in found:
        found["extra"] = {name: "***" if name in source.personal else value for name, value in found["extra"].items()}
    return found


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_json(one) for one in value]
    return {name: _json(one) for name, one in value.items()} if isinstance(value, dict) else value
