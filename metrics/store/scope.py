"""Who asks is part of the question: the rows a Principal may read, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Principal
from metrics.tables import record_version, series


@dataclass(frozen=True)
class Scope:
    """Ids in scope; None is everything. A series is readable where its department and its region both lie in it."""

    departments: frozenset[str] | None
    regions: frozenset[str] | None

    def series(self) -> list[ColumnElement[bool]]:
        return self._within(series.c)

    def records(self) -> list[ColumnElement[bool]]:
        return self._within(record_version.c)

    def holds(self, department: str, region: str) -> bool:
        return (self.departments is None or department in self.departments) and (self.regions is None or region in self.regions)

    def _within(self, columns: Any) -> list[ColumnElement[bool]]:
        clauses: list[ColumnElement[bool]] = []
        if self.departments is not None:
            clauses.append(columns.department_id.in_(sorted(self.departments)))
        if self.regions is not None:
            clauses.append(columns.region_id.in_(sorted(self.regions)))
        return clauses


WHOLE = Scope(None, None)


def of(who: Principal, departments: Tree, regions: Tree) -> Scope:
    return Scope(_below(who.departments, departments), _below(who.regions, regions))


def _below(roots: tuple[str, ...], tree: Tree) -> frozenset[str] | None:
    if TOTAL in roots:
        return None
    return frozenset().union(*(tree.subtree(root) for root in roots if root in tree))
