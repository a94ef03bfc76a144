"""Instants as people write them: local time of the workspace, to the minute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M"


def read(text: Any, zone: ZoneInfo) -> datetime:
    """ValueError where it is none."""
    return datetime.strptime(str(text or "").strip().replace("T", " ")[:16], FORMAT).replace(tzinfo=zone).astimezone(UTC)


def shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime(FORMAT)
