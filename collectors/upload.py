"""An office without a system: its people fill in a workbook made for it and hand it in on a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from collectors._errors import Failure
from collectors._payload import Payload, Want
from collectors._settings import Duration, Settings
from metrics.model import Source


class SETTINGS(Settings):
    due: Duration = timedelta(days=5)
    """After the end of a period: by then its figures are to be handed in."""
    remind: Duration = timedelta(days=3)
    """Before that: when the office is reminded of what it owes; again on the last day, and once more after it."""
    periods: int = 3
    """How many ended periods the workbook offers."""
    regions: str = ""
    """A level of the regions (`city`): one line for each of them, where the indicator is cut by it."""


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """Nothing is fetched. Failure always."""
    raise Failure("settings", f"{source.key} is handed in by people; there is nothing to fetch", "look at /upload instead")
    yield
