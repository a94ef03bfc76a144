"""Clocks that stand still: how far a suspension moves the limits, and what they are where it ends earlier than was said. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.orders import clocks
from alerts.orders.model import LIMITS, WorkOrder
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us


def counted(order: WorkOrder, name: str, days: int, now: datetime, workspace: Workspace) -> dict[str, Any]:
    """A limit in working days from now, or from when the clocks go on; and what it is if they go on earlier than was said."""
    hours = workspace.work_hours
    if order.suspended_until is None:
        return {name: to_us(clocks.limit(now, days, hours))}
    data: dict[str, Any] = {name: to_us(clocks.limit(max(now, _last(order.suspended_until)), days, hours))}
    if order.stopped:
        data["stopped"] = {name: to_us(clocks.limit(from_us(order.stopped["at"]), days, hours))}
    return data


def stopped(order: WorkOrder, now: datetime, until: int, workspace: Workspace) -> dict[str, Any]:
    """The limits moved by the working days of a suspension, and as they were before it."""
    before = {name: at for name in LIMITS if (at := getattr(order, name)) is not None}
    days = clocks.days_between(now, _last(until), workspace.work_hours)
    pushed = {name: clocks.shifted(at, days, workspace.work_hours) for name, at in before.items()}
    return {**pushed, "stopped": {"at": to_us(now), **before}}


def going_on(order: WorkOrder, now: datetime, workspace: Workspace) -> dict[str, Any]:
    """What a suspension has moved, moved by the days it really took. Days that were named meanwhile stay as they were named."""
    if order.stopped is None or order.suspended_until is None:
        return {}
    hours, begun = workspace.work_hours, from_us(order.stopped["at"])
    days = clocks.days_between(begun, min(now, _last(order.suspended_until)), hours)
    data = {name: clocks.shifted(at, days, hours) for name, at in order.stopped.items() if name != "at"}
    if data.get("recover_due") is not None and order.state == "AWAITING_EVIDENCE":
        data["recover_due"] = max(data["recover_due"] or 0, order.extended_to or 0)
    return data


def _last(until: int) -> datetime:
    """The last moment of a day's work: where work ends at midnight, its end is of the next day."""
    return from_us(until - 1)
