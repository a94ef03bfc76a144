"""A new count of the people: the figures per head that rest on it are divided again, as one revision that says why.

A count is data, not a definition: what the figure means has not changed, so it is a correction, judged like any other. What was
known before keeps the count that was known then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from metrics import periods, recompute
from metrics.catalogue.workspace import Workspace
from metrics.indicators import derived
from metrics.ingest import Judge
from metrics.model import Grain, Indicator
from metrics.store import definitions, head, inhabitants
from metrics.store.cells import Place
from metrics.store.engine import Store
from metrics.store.sheet import Sheet
from metrics.values import CellChange, Values


def take_in(store: Store, workspace: Workspace, judges: Sequence[Judge], now: datetime) -> int | None:
    """Write down the counts of this workspace where the database knows others. The revision; None where there is nothing new, and
    for a first file, which is no news: it was so from the beginning."""
    counts = workspace.population.counts if workspace.population is not None else {}
    with store.read() as connection:
        if inhabitants.known(connection) == counts:
            return None
    with store.write() as connection:
        taken = head.lock(connection, now)  # web and worker start together: the second one finds what the first one wrote
        known = inhabitants.known(connection)
        fresh = {place: people for place, people in counts.items() if known.get(place) != people}
        gone = [place for place in known if place not in counts]
        if not fresh and not gone:
            return None
        if not inhabitants.ever(connection):
            inhabitants.store(connection, fresh, (), _source(workspace), 0)
            return None
        inhabitants.store(connection, fresh, gone, _source(workspace), taken.number)
        at = workspace.now(now)
        changes = _again(connection, workspace, min(year for _, year in [*fresh, *gone]), taken.number, at)
        head.confirm(connection, taken, "recompute")
        for judge in judges:
            judge(connection, changes, at)
        head.touch(connection, taken.number, {change.series.indicator for change in changes})
    return taken.number


def _again(connection: Connection, workspace: Workspace, year: int, revision: int, at: datetime) -> list[CellChange]:
    """Figures per head of periods from that year on, by each version of their definition, and what is made of them."""
    sheet, changes = Sheet(connection), list[CellChange]()
    for key, one in workspace.indicators.items():
        for version in [meaning.version for meaning in workspace.versions.get(key, ())] or [one.version]:
            was = workspace.under(key, version)
            indicator = was.indicators[key]
            if indicator.measure.kind != "per_head":
                continue
            for grain in indicator.grains:
                starts = _starts(connection, was, indicator, grain, year, was is workspace)
                changes += _of(sheet, was, indicator, grain, starts, revision, at)
    changes += recompute.follow(sheet, workspace, changes, revision, at)
    sheet.flush()
    return changes


def _of(
    sheet: Sheet, workspace: Workspace, indicator: Indicator, grain: Grain, starts: Sequence[int], revision: int, at: datetime
) -> list[CellChange]:
    made: dict[Place, Values] = derived.figures(sheet, workspace, indicator, grain, starts)
    for place, stood in sheet.known(indicator.key, grain, indicator.version, starts).items():
        if place not in made and stood.num is not None:
            made[place] = Values(None, status="M")  # its people are no longer counted
    return recompute.put(sheet, workspace, indicator, grain, made, revision, at)


def _starts(
    connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, year: int, newest: bool
) -> list[int]:
    """Periods of that year and later ones of which there is a figure, or may be one now that people are counted."""
    found = set(definitions.periods_under(connection, indicator.key, grain, indicator.version))
    if newest:
        (key,) = indicator.measure.inputs
        for version in range(1, workspace.indicators[key].version + 1):
            found |= set(definitions.periods_under(connection, key, grain, version))
    return sorted(
        start for start in found if grain == "all" or periods.local_date(periods.from_us(start), workspace.zone).year >= year
    )


def _source(workspace: Workspace) -> str:
    said = workspace.population.source if workspace.population is not None else {}
    return next((said[one] for one in (*workspace.languages, *said) if said.get(one)), "")
