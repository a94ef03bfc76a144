"""From leaves to every level: a province's figure is the sum over its leaves, never the mean of its cities."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Cut
from metrics.store.series import Key
from metrics.store.sums import Leaf

NO_DIMS = "{}"
WHOLE: Key = (TOTAL, TOTAL, NO_DIMS)


class Above(dict[Leaf, tuple[Key, ...]]):
    """Leaf (department, region, and what `dims` makes a text of dimensions of) -> the cells it counts in, worked out when it is
    first asked for."""

    def __init__(self, tree: Tree, places: Tree, cuts: tuple[Cut, ...], on: date | None, dims: Callable[[str], str]) -> None:
        super().__init__()
        self._asked = tree, places, cuts
        self._on, self._dims = on, dims

    def __missing__(self, leaf: Leaf) -> tuple[Key, ...]:
        department, region, third = leaf
        found = self[leaf] = _targets(*self._asked, department, region, self._dims(third), self._on)
        return found


def above(workspace: Workspace, cuts: tuple[Cut, ...], on: date | None, dims: Callable[[str], str]) -> Above:
    """As `targets`, for the many leaves of a period: the same table is handed out again. dims: `of_category` for leaves of cases,
    `as_they_are` for series."""
    moving = workspace.departments.moved or workspace.regions.moved
    return _above(workspace.departments, workspace.regions, cuts, on if moving else None, dims)


def as_they_are(dims: str) -> str:
    return dims


_above = lru_cache(maxsize=512)(Above)


def targets(
    workspace: Workspace, cuts: tuple[Cut, ...], department: str, region: str, dims: str, on: date | None
) -> tuple[Key, ...]:
    """The cells a leaf counts in: the total, and for each cut the units above it in force on that day."""
    moving = workspace.departments.moved or workspace.regions.moved
    return _targets(workspace.departments, workspace.regions, cuts, department, region, dims, on if moving else None)


@lru_cache(maxsize=262_144)
def _targets(
    tree: Tree, places: Tree, cuts: tuple[Cut, ...], department: str, region: str, dims: str, on: date | None
) -> tuple[Key, ...]:
    found: dict[Key, None] = {WHOLE: None}
    for cut in cuts:
        if not cut:
            continue
        departments: tuple[str, ...] = (TOTAL,)
        regions: tuple[str, ...] = (TOTAL,)
        kept = NO_DIMS
        for name in cut:
            if name == "department":
                departments = _with_ancestors(tree, department, on)
            elif name in _levels(places):
                above = places.up_to(region, name, on) if region in places else None
                regions = (above,) if above is not None else ()
        names = [name for name in cut if name != "department" and name not in _levels(places)]
        if names:
            known: dict[str, Any] = json.loads(dims)
            if any(name not in known for name in names):
                continue
            kept = canonical({name: known[name] for name in names})
        for one in departments:
            for other in regions:
                found[one, other, kept] = None
    return tuple(found)


def there(workspace: Workspace, leaf: Key, on: date | None) -> bool:
    """Whether the places of a leaf are valid on that day: who is not there yet, or no longer, is not missing."""
    return workspace.departments.valid(leaf[0], on) and workspace.regions.valid(leaf[1], on)


def canonical(dims: dict[str, Any]) -> str:
    """One text for the same dimensions."""
    return json.dumps(dims, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=65_536)
def of_category(category: str) -> str:
    return canonical({"category": category})


@lru_cache(maxsize=16)
def _levels(regions: Tree) -> frozenset[str]:
    return frozenset(regions.levels())


def _with_ancestors(departments: Tree, department: str, on: date | None) -> tuple[str, ...]:
    if department == TOTAL or department not in departments:
        return ()
    return (department, *(one for one in departments.ancestors(department, on) if one != TOTAL))
