"""Reading a board: the figures, alerts and sources one page shows, read once on one connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.answers import AlertCounts, AlertRow
from alerts.orders.board import OrderCounts
from alerts.orders.scores import Score
from dashboards import _period
from dashboards._cards import Setting
from dashboards._site import present
from dashboards._view import View
from metrics.answers import Ask, Card, SourceState, Unit
from metrics.catalogue import Workspace
from metrics.model import TOTAL, Board, Indicator

ALERTS = 6
"""How many alerts the list on the overview holds."""


@dataclass(frozen=True)
class Inbox:
    rows: Sequence[AlertRow]
    total: int
    counts: AlertCounts
    serious: Sequence[AlertRow]
    """Serious ones nobody has taken."""
    orders: OrderCounts | None = None
    scores: Sequence[Score] = ()


def setting(ask: Ask, view: View) -> Setting:
    past = _period.ended_by(ask, view) is not None
    return Setting(view=view, now=ask.now, zone=ask.workspace.zone, units=ask.workspace.units, past=past)


def cards(ask: Ask, view: View, keys: Iterable[str], department: str | None = None, region: str | None = None) -> list[Card]:
    """The cards of these indicators for the place the view names, or else for the whole of the asker's scope; one that has no
    figure for such a place is left out: nothing of it is missing."""
    from metrics import reading

    where = (department or view.department, region or view.region)
    place = [None if one == TOTAL else one for one in where]
    shown = [asked or own for asked, own in zip(place, reading.opening(ask), strict=True)]
    fitting = [key for key in keys if fits(ask.workspace.indicators[key], ask.workspace, *shown)]
    ended_by = _period.ended_by(ask, view)
    return [reading.card(ask, key, *place, ended_by=ended_by) for key in fitting]


def fits(indicator: Indicator, workspace: Workspace, department: str, region: str) -> bool:
    """Whether any grain of the indicator is split in a way that gives this place a figure."""
    needed = set()
    if department != TOTAL:
        needed.add("department")
    if region != TOTAL and region in workspace.regions:
        needed.add(workspace.regions.get(region).level)
    return not needed or any(set(cut) == needed for cuts in indicator.cuts.values() for cut in cuts)


def inbox(
    ask: Ask, limit: int = ALERTS, department: str | None = None, region: str | None = None, field: str | None = None
) -> Inbox:
    """The first alerts of a place or field; the counts are of everything this person may see."""
    from alerts import counts, inbox, orders

    ask = present(ask)
    found = inbox(ask, limit=limit, department=department, region=region, field=field)
    serious = inbox(ask, severity="serious", handling="NEW", limit=50)
    return Inbox(found.rows, found.total, counts(ask), serious.rows, orders.counts(ask))


def sources(ask: Ask) -> Sequence[SourceState]:
    from metrics import reading

    return reading.sources(ask)


def units(ask: Ask, view: View, key: str, level: str, under: str = TOTAL) -> Sequence[Unit]:
    from metrics import reading

    return reading.units(ask, key, level, under, ended_by=_period.ended_by(ask, view))


def meant(ask: Ask, key: str, units: Sequence[Unit]) -> Indicator:
    """What the figures of units are said by: the definition they were made by, which need not be the newest."""
    version = next((unit.cell.version for unit in units if unit.cell is not None), ask.workspace.indicators[key].version)
    return ask.workspace.meant(key, version)


def first_board(workspace: Workspace) -> Board:
    return workspace.boards.get("overview") or next(iter(workspace.boards.values()))


def levels(workspace: Workspace, under: str = TOTAL) -> str | None:
    """The region level right below a place."""
    return next((child.level for child in workspace.regions.children(under)), None)
