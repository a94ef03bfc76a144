"""From leaves to every level: a province's figure is the sum over its leaves, never the mean of its cities."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Cut
from metrics.store.series import Key

NO_DIMS = "{}"
WHOLE: Key = (TOTAL, TOTAL, NO_DIMS)


def targets(workspace: Workspace, cuts: Iterable[Cut], department: str, region: str, dims: str, on: date | None) -> list[Key]:
    """The cells a leaf counts in: the total, and for each cut the units above it in force on that day."""
    found: dict[Key, None] = {WHOLE: None}
    for cut in cuts:
        if not cut:
            continue
        departments: tuple[str, ...] = (TOTAL,)
        regions: tuple[str, ...] = (TOTAL,)
        kept = NO_DIMS
        for name in cut:
            if name == "department":
                departments = _with_ancestors(workspace, department, on)
            elif name in _levels(workspace.regions):
                above = _above(workspace.regions, region, name, on)
                regions = (above,) if above is not None else ()
        names = [name for name in cut if name != "department" and name not in _levels(workspace.regions)]
        if names:
            known: dict[str, Any] = json.loads(dims)
            if any(name not in known for name in names):
                continue
            kept = canonical({name: known[name] for name in names})
        for one in departments:
            for other in regions:
                found[one, other, kept] = None
    return list(found)


def canonical(dims: dict[str, Any]) -> str:
    """One text for the same dimensions."""
    return json.dumps(dims, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=16)
def _levels(regions: Tree) -> frozenset[str]:
    return frozenset(regions.levels())


@lru_cache(maxsize=65_536)
def _above(regions: Tree, region: str, level: str, on: date | None) -> str | None:
    return regions.up_to(region, level, on) if region in regions else None


def _with_ancestors(workspace: Workspace, department: str, on: date | None) -> tuple[str, ...]:
    if department == TOTAL or department not in workspace.departments:
        return ()
    return (department, *(one for one in workspace.departments.ancestors(department, on) if one != TOTAL))
