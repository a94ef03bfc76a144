"""The high-water mark: what changed after the newest change seen, less an overlap for what was committed late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from collectors._errors import Failure
from collectors._parse import Unreadable, as_utc, instants
from collectors._settings import Duration, Settings

OVERLAP = timedelta(minutes=10)


class Since(Settings):
    field: str
    """Of a row: when it was last changed."""
    format: str = "iso"
    """How the source writes that, and wants to be asked."""
    overlap: Duration = OVERLAP
    full_every: Duration | None = None
    """How often everything is asked for, whatever the mark says."""


def begin(declared: Since, mark: Mapping[str, Any], now: datetime) -> datetime | None:
    """From when on to ask; None for everything."""
    if "since" not in mark:
        return None
    if declared.full_every is not None and now - datetime.fromisoformat(mark["full"]) >= declared.full_every:
        return None
    return datetime.fromisoformat(mark["since"]) - declared.overlap


def newest(declared: Since, rows: Iterable[Mapping[str, Any]], zone: tzinfo, now: datetime) -> datetime | None:
    """The newest change among rows. One with a date ahead of now does not move the mark past what is still to come."""
    parse, found = instants(declared.format, zone), None
    for row in rows:
        value = row.get(declared.field)
        if value is None:
            continue
        try:
            at = as_utc(value, zone) if isinstance(value, datetime) else parse(str(value))
        except Unreadable:
            continue  # the mapping refuses the row by name if it needs the field
        if at is not None and (found is None or at > found):
            found = at
    return min(found, now) if found is not None else None


def patch(mark: Mapping[str, Any], began: datetime | None, seen: datetime | None, now: datetime) -> dict[str, Any]:
    """The mark's new `since` and, where everything was asked for, `full`."""
    made: dict[str, Any] = {} if began is not None else {"full": now.isoformat()}
    before = mark.get("since")
    if seen is not None and (before is None or seen > datetime.fromisoformat(before)):
        made["since"] = seen.isoformat()
    return made


def written(at: datetime, form: str, zone: tzinfo) -> str:
    """An instant as the source writes it."""
    if form == "iso":
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if form in ("epoch", "epoch_ms"):
        return str(int(at.timestamp() * (1000 if form == "epoch_ms" else 1)))
    if form == "excel":
        raise Failure("settings", "a mark cannot be asked for as a spreadsheet's day number", "declare another format")
    return at.astimezone(zone).strftime(form)
