"""A source of cases that answers and has had nothing new for longer than it says it ever is: what it would tell is not known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from metrics.catalogue.workspace import Workspace
from metrics.model import Grain, Indicator
from metrics.periods import to_us
from metrics.plausible import AHEAD
from metrics.status import silent
from metrics.store import runs


def after(
    connection: Connection, workspace: Workspace, indicator: Indicator, now: datetime, by: datetime | None = None
) -> int | None:
    """The newest instant (microseconds) its cases tell of, where periods that begin later are not known; None where they are.
    Of a derived one that of the first of its inputs to fall silent. by: as known then."""
    if not workspace.may_be_quiet:
        return None
    if indicator.measure.inputs:
        parts = (workspace.indicators[key] for key in dict.fromkeys(indicator.measure.inputs))
        found = [at for part in parts if (at := after(connection, workspace, part, now, by)) is not None]
        return min(found, default=None)
    source = workspace.sources.get(indicator.source or "")
    if source is None or source.quiet is None:
        return None
    newest = runs.newest_periods(connection, [source.key], now + AHEAD, by).get(source.key)
    return to_us(newest) if newest is not None and silent(source, newest, now) else None


def unknown(indicator: Indicator, grain: Grain, start: int, since: int | None) -> bool:
    """Whether the figure of a period is not known. A stock is what is known to be open; to date is to the newest there is."""
    return since is not None and start > since and not indicator.measure.stock and grain != "all"
