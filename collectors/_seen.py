"""The beginning of a payload, as it may be shown to whoever runs the source: no personal value, no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from collectors._auth import redacted
from collectors._errors import Failure, one_line
from collectors._mapping import _personal
from collectors._payload import Payload
from metrics.model import Source
from metrics.store.payloads import Kept

ROWS, COLUMNS = 3, 60
HIDDEN = "…"


def of_payload(source: Source, payload: Payload, secret: str | None, run_id: int, at: datetime) -> Kept:
    """Values of mapped fields that are not personal; of every other column its name only."""
    there = dict.fromkeys(name for row in payload.rows[:50] for name in row)
    columns = list(payload.columns if payload.columns is not None else there)
    told, personal = set(_words(source.mapping)), _personal(source)
    shown = told - personal

    def safe(value: Any) -> str:
        return one_line(redacted(str(value), secret), 60)

    def beginning(row: Mapping[str, Any]) -> dict[str, str]:
        there = [name for name in columns[:COLUMNS] if row.get(name) not in (None, "")]
        return {safe(name): safe(row[name]) if name in shown else HIDDEN for name in there}

    rows = [beginning(row) for row in payload.rows[:ROWS]]
    return Kept(run_id, at, [safe(name) for name in columns[:COLUMNS]], rows)


SENT = frozenset(
    ("id", "indicator", "grain", "period", "department", "region", "category", "state", "opened", "due", "closed", "entered",
     "num", "den", "n", "value", "status", "withdrawn")
)  # fmt: skip
"""Fields of what is sent that every system has and that are nobody's: of all others only the name is shown."""


def of_sent(source: Source, items: Sequence[Any], run_id: int, at: datetime) -> Kept:
    """The first items of what a system sent by itself, or of a form somebody handed in."""
    rows = [dict(item) for item in items[:ROWS] if isinstance(item, Mapping)]
    shown = SENT - set(source.personal)
    names = list(dict.fromkeys(str(name) for row in rows for name in row))[:COLUMNS]

    def safe(name: str, value: Any) -> str:
        return one_line(str(value), 60) if name in shown and not isinstance(value, Mapping | list) else HIDDEN

    found = [
        {one_line(str(name), 60): safe(str(name), value) for name, value in row.items() if value is not None} for row in rows
    ]
    return Kept(run_id, at, [one_line(name, 60) for name in names], found)


def of_failure(source: Source, failure: Failure, secret: str | None, run_id: int, at: datetime) -> Kept | None:
    """How an answer began that was no data at all: a login or an error page. Half of some data is not shown: it may name
    people."""
    text = failure.seen.strip()
    if not text.startswith("<"):
        return None
    return Kept(run_id, at, (), (), one_line(redacted(text, secret), 400))


def _words(mapping: Any) -> Iterator[str]:
    """Every text of a mapping: the names of fields are among them, and a name that is none harms nothing."""
    if isinstance(mapping, str):
        yield mapping
    elif isinstance(mapping, Mapping):
        for name, inner in mapping.items():
            yield str(name)
            yield from _words(inner)
    elif isinstance(mapping, list | tuple):
        for inner in mapping:
            yield from _words(inner)
