"""The marks of figures: who is missing in them, who stands in for whom, which versions one sum holds, what came late."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from metrics import periods
from metrics.answers import Ask, Cell
from metrics.model import Grain, Indicator, Text
from metrics.reading.coverage import Coverage, reported
from metrics.reading.standing import in_force


def marked(ask: Ask, cells: Sequence[Cell]) -> list[Cell]:
    """The same figures, in their order, with their marks, at `ask.revision`. What is counted from cases has none of these.

    One question for each version of each indicator and grain, however many periods and places. The figures are in the asker's
    scope, and so is all that they are made of.
    """
    found = list(cells)
    alike: dict[tuple[str, Grain, int], list[int]] = {}
    for spot, cell in enumerate(cells):
        alike.setdefault((cell.series.indicator, cell.series.grain, cell.version), []).append(spot)
    for (key, grain, version), spots in alike.items():
        there = replace(ask, workspace=ask.workspace.under(key, version))
        indicator = there.workspace.indicators[key]
        starts = sorted({periods.to_us(cells[spot].period_start) for spot in spots})
        incomplete = {periods.to_us(cells[spot].period_start) for spot in spots if _incomplete(cells[spot])}
        parts = _parts(there, indicator, grain, starts, incomplete)
        for spot in spots if parts else ():
            found[spot] = _marked(cells[spot], indicator, parts)
    return found


def _incomplete(cell: Cell) -> bool:
    return cell.have is not None and cell.want is not None and cell.have < cell.want


def _parts(
    ask: Ask, indicator: Indicator, grain: Grain, starts: Sequence[int], incomplete: Set[int]
) -> list[tuple[frozenset[int], Coverage]]:
    """What sources report of it, itself or what it is made of, each by the version in force for its periods."""
    if not indicator.measure.inputs:
        return [(frozenset(starts), Coverage(ask, one, grain, starts, incomplete)) for one in reported(ask, indicator)]
    found = []
    for part in reported(ask, indicator):
        for version, some in in_force(ask, part, grain, starts).items():
            there = replace(ask, workspace=ask.workspace.under(part.key, version))
            found.append(
                (frozenset(some), Coverage(there, there.workspace.indicators[part.key], grain, some, incomplete & set(some)))
            )
    return found


def _marked(cell: Cell, indicator: Indicator, parts: Sequence[tuple[frozenset[int], Coverage]]) -> Cell:
    start = periods.to_us(cell.period_start)
    mine = [covering for starts, covering in parts if start in starts]
    missing: list[Text] = []
    if _incomplete(cell):
        for covering in mine:
            missing += [name for name in covering.missing(cell.series, start) if name not in missing]
    late = [at for covering in mine if (at := covering.late(cell.series, start)) is not None]
    stand_ins = {source for covering in mine for source in covering.stand_ins(cell.series, start)}
    versions = mine[0].versions(cell.series, start) if mine and not indicator.measure.inputs else set()
    return replace(
        cell, missing=tuple(missing), stand_ins=tuple(sorted(stand_ins)), late=max(late, default=None),
        mixed=tuple(sorted(versions)) if len(versions) > 1 else (),
    )  # fmt: skip
