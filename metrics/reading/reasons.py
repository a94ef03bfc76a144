"""Why a figure changed, where somebody said why: who ruled or released it, its source, or who counted the people."""

from __future__ import annotations

from collections.abc import Collection

from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL
from metrics.store.changed import EVERYWHERE, Reason, Reasons


def why(said: Reasons, workspace: Workspace, series: Series, start: int, revision: int, moment: int) -> str:
    """That of the figure, else of one it is made of, and of no other that moved at the same time; moment: of the revision, in
    microseconds."""
    for indicator, starts in _made_of(workspace, series, start):
        for number in (revision, -moment):
            found = [one for one in said.get((number, indicator), ()) if _of_it(one, workspace, series, starts)]
            if found:
                own = (one for one in found if (one.department, one.region) == (series.department, series.region))
                return next(own, found[0]).text
    counted = said.get((revision, ""), ())
    return counted[0].text if counted else ""


def _made_of(workspace: Workspace, series: Series, start: int) -> list[tuple[str, list[int]]]:
    """The indicator and all it is made of, each with the starts of the periods that enter."""
    asked, found = [(series.indicator, [start])], list[tuple[str, list[int]]]()
    while asked:
        key, starts = asked.pop()
        found.append((key, starts))
        measure = workspace.indicators[key].measure
        if measure.kind == "increase":
            before = [periods.previous(series.grain, periods.from_us(one), workspace.zone) for one in starts]
            starts = [*starts, *(periods.to_us(one) for one in before if one is not None)]
        asked += [(one, starts) for one in measure.inputs]
    return found


def _of_it(one: Reason, workspace: Workspace, series: Series, starts: Collection[int]) -> bool:
    if one.grain != series.grain or not any(one.first <= start <= one.last for start in starts):
        return False
    if one.department == EVERYWHERE:
        return True
    trees = ((workspace.departments, series.department, one.department), (workspace.regions, series.region, one.region))
    return one.dims == series.dims and all(_holds(tree, whole, part) for tree, whole, part in trees)


def _holds(tree: Tree, whole: str, part: str) -> bool:
    return whole in (TOTAL, part) or (part != TOTAL and part in (below(tree, whole) or ()))


def below(tree: Tree, id: str) -> Collection[str] | None:
    """All that ever counted in a place: below it now, or before a move; None: everything."""
    if id == TOTAL:
        return None
    found = set(tree.subtree(id)) if id in tree else {id}
    for place in tree:
        if any(parent in found for parent, _ in place.earlier_parents):
            found |= tree.subtree(place.id)
    return found
