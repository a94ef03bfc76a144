"""The supervision office publishes the bulletin of the last month, once the figures of it and of a year before are filled in."""

from __future__ import annotations

from datetime import datetime

from demo.supervision import CHIEF
from metrics import bulletin, periods, reading
from metrics.answers import Ask
from metrics.arrivals import RevisionKind
from metrics.bulletin import NotPublished
from metrics.catalogue import Workspace
from metrics.model import TOTAL
from metrics.reading import bulletins
from metrics.store.engine import Store


def act(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind = "person") -> int:
    """1 where it published, once a month: when the past has been made (`kind` is no longer `replay`) and filled in."""
    if kind == "replay":
        return 0
    month = periods.previous("month", periods.bounds("month", now, workspace.zone)[0], workspace.zone)
    assert month is not None
    with store.read() as connection:
        ask = Ask(connection, workspace, CHIEF, now)
        known = bulletins.every(ask)
        filled = all(_filled(ask, key, month) for key in bulletin.keys(workspace, TOTAL))
    if not filled or any(one.month == periods.to_us(month) for one in known):
        return 0
    try:
        bulletin.publish(store, workspace, CHIEF, month, TOTAL, now)
    except NotPublished:
        return 0
    return 1


def _filled(ask: Ask, key: str, month: datetime) -> bool:
    """Whether its months reach back to the same one of the year before; true of what has no months."""
    if "month" not in ask.workspace.indicators[key].grains:
        return True
    first = reading.first_periods(ask, [key]).get("month")
    before = periods.year_before("month", month, ask.workspace.zone)
    return first is not None and before is not None and first <= before
