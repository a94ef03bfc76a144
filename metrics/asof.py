"""As known at a revision: every level summed again from what was known then, with the hierarchy in force at the period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from metrics.catalogue.workspace import Workspace
from metrics.indicators import derived, observed, stocks
from metrics.indicators import records as from_records
from metrics.model import Grain, Indicator
from metrics.store import cells, definitions, head, inhabitants
from metrics.store.cells import Place
from metrics.values import Values


def figures_as_of(
    connection: Connection,
    workspace: Workspace,
    key: str,
    grain: Grain,
    starts: Sequence[int],
    revision: int,
    at: datetime | None = None,
) -> dict[Place, Values]:
    """The figures of these periods (starts in microseconds), evaluated at the instant of that revision unless `at` is given; a
    stock of a period that was over by then at the end of it."""
    indicator = workspace.indicators[key]
    if indicator.measure.from_records:
        moment = at or workspace.now(head.instant(connection, revision))
        if indicator.measure.stock:
            found = stocks.figures(connection, workspace, indicator, grain, starts, moment, revision)
        else:
            wanted = {(key, grain): starts}
            made = from_records.figures(connection, workspace, indicator.source or "", wanted, moment, revision)
            found = {place: values for one in made for place, values in one.cells.items()}
        # Where no case ever counted there is no figure, not a zero that others would be derived from.
        kept, zero = cells.known(connection, key, grain, indicator.version, sorted(set(starts))), from_records.zero(indicator)
        return {place: values for place, values in found.items() if place in kept or values != zero}
    if indicator.measure.kind == "observed":
        return dict(observed.figures(connection, workspace, indicator, grain, starts, revision).cells)
    keys = list(dict.fromkeys(indicator.measure.inputs))
    made_of: dict[Place, Values] = {}
    for was, some in derived.by_inputs(as_accepted(connection, workspace, keys, revision), indicator, grain, starts):
        asked = derived.needed(was, indicator, grain, some)
        inputs = [figures_as_of(connection, was, one, grain, asked, revision, at) for one in keys]
        made_of |= derived.combine(as_counted(connection, was, indicator, revision), indicator, grain, some, inputs)
    return made_of


def as_accepted(connection: Connection, workspace: Workspace, keys: Iterable[str], revision: int) -> Workspace:
    """With those versions of these definitions only that were accepted by a revision."""
    for key in keys:
        many = workspace.versions.get(key, ())
        newest = definitions.newest_at(connection, key, revision) if len(many) > 1 else None
        if newest is not None and newest < many[-1].version:
            known = tuple(one for one in many if one.version <= newest)
            workspace = replace(workspace.under(key, newest), versions={**workspace.versions, key: known})
    return workspace


def as_counted(connection: Connection, workspace: Workspace, indicator: Indicator, revision: int) -> Workspace:
    """For a figure per head, with the people as they were counted by a revision."""
    if indicator.measure.kind != "per_head" or workspace.population is None or not inhabitants.ever(connection):
        return workspace
    return replace(workspace, population=replace(workspace.population, counts=inhabitants.known(connection, revision)))
