"""Who asks is part of the question: the rows a Principal may read, as SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_

from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Principal
from metrics.store import places
from metrics.tables import record_place, series


@dataclass(frozen=True)
class Scope:
    """Ids in scope; None is everything. A series is readable where its department and its region both lie in it."""

    departments: frozenset[str] | None
    regions: frozenset[str] | None

    def series(self) -> list[ColumnElement[bool]]:
        return self._within(series.c.department_id, series.c.region_id)

    def records(self, event: str | None = None) -> list[ColumnElement[bool]]:
        """By where they are; an `event` named: by where they were at it, as a figure of that event counts them."""
        return self._within(places.of("department_id", event), places.of("region_id", event))

    def records_or_events(self, events: Collection[str]) -> list[ColumnElement[bool]]:
        """By where they are, or where one of these events of theirs stays."""
        now = self.records()
        if not now or not events:
            return now
        stays = places.stays(events, self._within(record_place.c.department_id, record_place.c.region_id))
        return [or_(and_(*now), stays)]

    def asked(self) -> dict[str, list[str]]:
        """What `clauses` ask for."""
        found = {"departments": self.departments, "regions": self.regions}
        return {name: sorted(some) for name, some in found.items() if some is not None}

    def holds(self, department: str, region: str) -> bool:
        return (self.departments is None or department in self.departments) and (self.regions is None or region in self.regions)

    def _within(self, department: Any, region: Any) -> list[ColumnElement[bool]]:
        clauses: list[ColumnElement[bool]] = []
        if self.departments is not None:
            clauses.append(department.in_(sorted(self.departments)))
        if self.regions is not None:
            clauses.append(region.in_(sorted(self.regions)))
        return clauses


WHOLE = Scope(None, None)


def of(who: Principal, departments: Tree, regions: Tree) -> Scope:
    return Scope(_below(who.departments, departments), _below(who.regions, regions))


def clauses(departments: bool, regions: bool) -> list[ColumnElement[bool]]:
    """Of a statement that is built once: the series of a scope of some departments, of some regions, by `Scope.asked`."""
    named = ((departments, series.c.department_id, "departments"), (regions, series.c.region_id, "regions"))
    return [column.in_(bindparam(name, expanding=True)) for only, column, name in named if only]


def within(asked: str, roots: tuple[str, ...], tree: Tree) -> list[str]:
    """What of a place lies in a scope: none where the whole of it does, else the roots below it."""
    if TOTAL in roots or any(root in tree and asked in tree.subtree(root) for root in roots):
        return []
    inside = tree.subtree(asked)
    return sorted(root for root in roots if root in inside)


def _below(roots: tuple[str, ...], tree: Tree) -> frozenset[str] | None:
    if TOTAL in roots:
        return None
    return frozenset().union(*(tree.subtree(root) for root in roots if root in tree))
