"""Which of the reported series are summed into the levels above: nothing is counted twice."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass

from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.indicators.fold import NO_DIMS
from metrics.model import TOTAL
from metrics.store.series import Key


@dataclass(frozen=True)
class Leaves:
    """The finest of the series ever reported of an indicator and grain."""

    finest: Sequence[Key]
    parts: Mapping[Key, frozenset[Key]]
    """A place that is reported beside places within it -> these."""

    @property
    def every(self) -> Sequence[Key]:
        return [*self.finest, *self.parts]

    def of(self, reported: Container[Key]) -> Sequence[Key]:
        """What is summed in a period of which these are reported: where only the whole is told, it stands for its parts."""
        if not self.parts:
            return self.finest
        alone = [key for key, parts in self.parts.items() if key in reported and not any(part in reported for part in parts)]
        instead = {part for key in alone for part in self.parts[key]}
        return [key for key in (*self.finest, *alone) if key not in instead]


def leaves(workspace: Workspace, reported: Collection[Key]) -> Leaves:
    """The series given by the most dimensions: totals a source sends beside its parts are not summed with them, nor is a city
    beside its counties."""
    by_number: dict[int, list[Key]] = defaultdict(list)
    for key in reported:
        department, region, dims = key
        given = len(json.loads(dims)) if dims != NO_DIMS else 0
        by_number[(department != TOTAL) + (region != TOTAL) + given].append(key)
    if not by_number:
        return Leaves([], {})
    finest = by_number[max(by_number)]
    parts = _parts(workspace, finest)
    return Leaves([key for key in finest if key not in parts], parts) if parts else Leaves(finest, {})


def _parts(workspace: Workspace, keys: Sequence[Key]) -> dict[Key, frozenset[Key]]:
    offices, places = workspace.departments.parents, workspace.regions.parents
    if not offices and not places:
        return {}
    wide = [key for key in keys if key[1] in places or key[0] in offices]
    found = {whole: frozenset(key for key in keys if _within(workspace, key, whole)) for whole in wide}
    return {whole: parts for whole, parts in found.items() if parts}


def _within(workspace: Workspace, part: Key, whole: Key) -> bool:
    if part == whole or part[2] != whole[2]:
        return False
    return _in(workspace.departments, part[0], whole[0]) and _in(workspace.regions, part[1], whole[1])


def _in(tree: Tree, part: str, whole: str) -> bool:
    return part == whole or (part in tree and whole in tree.ancestors(part))
