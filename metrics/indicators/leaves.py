"""Which of the reported series are summed into the levels above: nothing is counted twice."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass

from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.indicators.fold import NO_DIMS
from metrics.model import TOTAL, Grain, Indicator
from metrics.store.series import Key

Cut = tuple[bool, bool, str]
"""Told by office, by place, and by which other dimensions."""


@dataclass(frozen=True)
class Leaves:
    """The finest of the series reported of an indicator and grain by a period."""

    finest: Sequence[Key]
    parts: Mapping[Key, frozenset[Key]]
    """A place that is reported beside places within it -> these."""

    @property
    def every(self) -> Sequence[Key]:
        return [*self.finest, *self.parts]

    def of(self, told: Container[Key]) -> Sequence[Key]:
        """What is summed in a period of which these have a figure: where only the whole has one, it stands for its parts."""
        if not self.parts:
            return self.finest
        alone = [key for key, parts in self.parts.items() if key in told and not any(part in told for part in parts)]
        instead = {part for key in alone for part in self.parts[key]}
        return [key for key in (*self.finest, *alone) if key not in instead]


class Growing:
    """Of one indicator and grain. `since`: the series ever reported, and the first period each was reported of."""

    def __init__(self, workspace: Workspace, indicator: Indicator, grain: Grain, since: Mapping[Key, int]) -> None:
        self.workspace, self.indicator, self.grain, self.since = workspace, indicator, grain, since
        self._begun = sorted(since.values())
        self._made: dict[int, Leaves] = {}

    def at(self, start: int) -> Leaves:
        """Of the series reported by a period, for it or for one before; with the places that are to report and had not."""
        many = bisect_right(self._begun, start)
        if many not in self._made:
            everybody = many == len(self._begun)
            self._made[many] = self._of(self.since if everybody else [k for k, begun in self.since.items() if begun <= start])
        return self._made[many]

    def _of(self, reported: Collection[Key]) -> Leaves:
        found = leaves(self.workspace, reported)
        if not self.indicator.want:
            return found
        offices = _told(self.workspace.departments, {key[0] for key in found.every})
        places = _told(self.workspace.regions, {key[1] for key in found.every})
        to_report = wanted(self.workspace, self.indicator, self.grain)
        silent = [key for key in to_report if not (places(key[1]) or offices(key[0]))]
        return Leaves([*found.finest, *silent], found.parts)


def _told(tree: Tree, reported: Collection[str]) -> Callable[[str], bool]:
    """Of a place: whether it is reported, a part of it, or a whole that it lies in."""
    mine = {id for id in reported if id != TOTAL and id in tree}
    above = {one for id in mine for one in tree.ancestors(id)} | mine
    return lambda id: id != TOTAL and (id in above or not mine.isdisjoint(tree.ancestors(id)))


def wanted(workspace: Workspace, indicator: Indicator, grain: Grain) -> list[Key]:
    """The places that are to report: those named, or all of the finest cut."""
    offices, places = workspace.departments, workspace.regions
    if indicator.want != ("all",):
        return [(TOTAL, id, NO_DIMS) if id in places else (id, TOTAL, NO_DIMS) for id in indicator.want]
    cuts = {cut[0] for cut in indicator.cuts.get(grain, ()) if len(cut) == 1}
    levels = [places.at_level(level) for level in places.levels() if level in cuts]
    if levels:
        finest = max(levels, key=lambda some: len(places.ancestors(some[0].id)))
        return [(TOTAL, place.id, NO_DIMS) for place in finest]
    return [(place.id, TOTAL, NO_DIMS) for place in offices.at_level("department")] if "department" in cuts else []


def leaves(workspace: Workspace, reported: Collection[Key]) -> Leaves:
    """The series given by the most dimensions: totals a source sends beside its parts are not summed with them, nor is a city
    beside its counties, nor is what is told by office with the same told by place. Of two breakdowns as fine as each other the
    one by more series is summed; a place that has only the other, or none, is told by that."""
    by_cut: dict[Cut, list[Key]] = defaultdict(list)
    for key in reported:
        department, region, dims = key
        by_cut[department != TOTAL, region != TOTAL, "" if dims == NO_DIMS else ",".join(sorted(json.loads(dims)))].append(key)
    if not by_cut:
        return Leaves([], {})
    finest, *others = sorted(by_cut, key=lambda cut: (-_number(cut), -len(by_cut[cut]), cut))
    found = by_cut[finest]
    for cut in others:
        if cut[:2] == finest[:2]:
            covered = _covered(workspace, found)
            found = [*found, *(key for key in by_cut[cut] if not covered(key))]
    parts = _parts(workspace, found)
    return Leaves([key for key in found if key not in parts], parts) if parts else Leaves(found, {})


def _number(cut: Cut) -> int:
    return cut[0] + cut[1] + len(cut[2].split(",") if cut[2] else ())


def _covered(workspace: Workspace, found: Collection[Key]) -> Callable[[Key], bool]:
    """Whether a place, or one that holds it, is told by these."""
    places = {key[:2] for key in found}
    offices, regions = workspace.departments, workspace.regions
    return lambda key: any((office, region) in places for office in _up(offices, key[0]) for region in _up(regions, key[1]))


def _up(tree: Tree, id: str) -> list[str]:
    return [id, *(tree.ancestors(id) if id in tree else ())]


def _parts(workspace: Workspace, keys: Sequence[Key]) -> dict[Key, frozenset[Key]]:
    offices, places = workspace.departments.parents, workspace.regions.parents
    if not offices and not places:
        return {}
    wide = [key for key in keys if key[1] in places or key[0] in offices]
    found = {whole: frozenset(key for key in keys if _within(workspace, key, whole)) for whole in wide}
    return {whole: parts for whole, parts in found.items() if parts}


def _within(workspace: Workspace, part: Key, whole: Key) -> bool:
    if part == whole or whole[2] not in (part[2], NO_DIMS):
        return False
    return _in(workspace.departments, part[0], whole[0]) and _in(workspace.regions, part[1], whole[1])


def _in(tree: Tree, part: str, whole: str) -> bool:
    return part == whole or (part in tree and whole in tree.ancestors(part))
