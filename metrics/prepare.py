"""From a case as a source reports it to a row of the store; done before the write phase."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from metrics import periods
from metrics.arrivals import RecordIn
from metrics.catalogue.workspace import Workspace
from metrics.store.engine import to_json

_INSTANTS = ("opened", "due", "closed", "entered")


def row(workspace: Workspace, source: str, record: RecordIn) -> dict[str, Any]:
    """Columns of record_version plus `external_id` and `events` [(kind, microseconds)]; the hash covers all that is reported."""
    values: dict[str, Any] = {
        "external_id": record.external_id,
        "source": source,
        "source_rev": record.source_rev,
        "department_id": record.department,
        "region_id": record.region,
        "category": record.category,
        "state": record.state,
        "withdrawn": False,
        "extra": {name: _plain(value) for name, value in record.extra.items() if value is not None},
        "worked_days": _worked(workspace, record.opened, record.closed),
        "events": sorted(((event.kind, periods.to_us(event.at)) for event in record.events), key=lambda event: event[1]),
    }
    for name in _INSTANTS:
        instant: datetime | None = getattr(record, name)
        values[name] = periods.to_us(instant) if instant is not None else None
        values[f"{name}_day"] = periods.day_ordinal(instant, workspace.zone) if instant is not None else None
    identity = {name: value for name, value in values.items() if name not in ("source_rev", "worked_days")}
    values["hash"] = hashlib.sha256(to_json(identity).encode()).hexdigest()
    return values


def _plain(value: Any) -> str | int | float:
    """One spelling on both engines: text, whole number or fraction; yes and no as words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float) else str(value)


def _worked(workspace: Workspace, opened: datetime | None, closed: datetime | None) -> int | None:
    if opened is None or closed is None or closed < opened:
        return None
    first, last = periods.local_date(opened, workspace.zone), periods.local_date(closed, workspace.zone)
    return workspace.calendar.working_days(first, last)
