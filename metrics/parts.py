"""What a reported figure is made of, where the same source reports its parts: the nearest places below it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.store.series import Key


def parts(workspace: Workspace, whole: Key, family: Collection[Key], on: date | None) -> list[Key]:
    """Of the series reported, those that together make up `whole`: below it in the tree in force on that day, with none between.

    A series below by region has its department, one below by department its region; which of the two splits it is decided by
    which is reported, regions first.
    """
    department, region, dims = whole
    by_region = {key[1]: key for key in family if key[0] == department and key[2] == dims and key[1] != region}
    by_department = {key[0]: key for key in family if key[1] == region and key[2] == dims and key[0] != department}
    return _below(workspace.regions, region, by_region, on) or _below(workspace.departments, department, by_department, on)


def _below(tree: Tree, top: str, there: dict[str, Key], on: date | None) -> list[Key]:
    found = []
    for id, key in there.items():
        above = tree.ancestors(id, on) if id in tree else ()
        between = above[: above.index(top)] if top in above else None
        if between is not None and not any(one in there for one in between):
            found.append(key)
    return sorted(found)


def wholes(workspace: Workspace, given: Collection[Key], family: Collection[Key], on: date | None) -> set[Key]:
    """Of the series reported, those that may be made up of one of `given`, or are one of them."""
    found: set[Key] = set()
    for department, region, dims in given:
        over = [(department, one, dims) for one in _over(workspace.regions, region, on)]
        found |= {*over, *((one, region, dims) for one in _over(workspace.departments, department, on))}
    return {*found, *given}.intersection(family)


def _over(tree: Tree, id: str, on: date | None) -> list[str]:
    return tree.ancestors(id, on) if id in tree else []


def depth(workspace: Workspace, department: str, region: str) -> int:
    """Parts lie deeper than what they are parts of."""
    return len(workspace.departments.ancestors(department)) + len(workspace.regions.ancestors(region))
