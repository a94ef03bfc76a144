"""What rules that look at a whole period at once judge in it: places in the peer group, volumes, late entries, conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Connection

from alerts import conflicts, kinds, rules
from alerts.store import figures, states
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.indicators import fold
from metrics.indicators import records as from_records
from metrics.model import MAX, TOTAL, Indicator
from metrics.rulebook import Rule
from metrics.store import cells
from metrics.store import series as series_store
from metrics.store.series import Key
from metrics.values import display, size

V = TypeVar("V")


def figures_of(connection: Connection, rule: Rule) -> list[int]:
    """Periods that were ever judged or could have been: those of which anything is kept."""
    numbers = series_store.ids(connection, rule.indicator, rule.grain)
    return states.periods_of(connection, list(numbers.values()))


def period(connection: Connection, workspace: Workspace, rule: Rule, start: int) -> dict[Key, tuple[Decimal | None, int | None]]:
    """(value, n) of every series the rule means, for one settled period; a value of None is missing."""
    version = workspace.in_force(rule.indicator, rule.grain, start)
    workspace = workspace.under(rule.indicator, version)
    indicator = workspace.indicators[rule.indicator]
    match rule.kind:
        case "rank":
            return _ranks(connection, workspace, rule, indicator, start)
        case "volume":
            return _volumes(connection, workspace, rule, indicator, start)
        case "late_entry":
            return _late(connection, workspace, rule, indicator, start)
        case _:
            apart = conflicts.differences(connection, workspace, indicator, rule.grain, start)
            return {key: (value, None) for key, value in of_rule(workspace, rule, apart).items()}


def _ranks(
    connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, start: int
) -> dict[Key, tuple[Decimal | None, int | None]]:
    """Within each peer group; whoever has fewer than min_n cases is not ranked, and counts as not having reported."""
    known = cells.known(connection, indicator.key, rule.grain, indicator.version, [start])
    least = max(rule.min_n, indicator.min_n)
    groups: dict[tuple[str, str], dict[Key, Decimal | None]] = {}
    for key, values in of_rule(workspace, rule, {place[0]: value for place, value in known.items()}).items():
        n = size(values)
        value = None if n is not None and n < least else display(indicator, values)
        groups.setdefault(peers(workspace, rule, key), {})[key] = value
    found: dict[Key, tuple[Decimal | None, int | None]] = {}
    for group, many in groups.items():
        members = sum(1 for place in _tree(workspace, rule) if (place.peer, place.level) == group)
        ranked = kinds.places(many, indicator.better, max(members, len(many)), indicator.coverage)
        found.update({key: (place, None) for key, place in ranked.items()})
    return found


def peers(workspace: Workspace, rule: Rule, key: Key) -> tuple[str, str]:
    """(peer group, level) of a series."""
    tree, id = (workspace.departments, key[0]) if "department" in rule.cut else (workspace.regions, key[1])
    return (tree.get(id).peer, tree.get(id).level) if id in tree else ("?", "?")


def _volumes(
    connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, start: int
) -> dict[Key, tuple[Decimal | None, int | None]]:
    """How many cases. Of a source of cases, no case is 0 once it has answered after the period; a figure not sent is missing."""
    known = cells.known(connection, indicator.key, rule.grain, indicator.version, [start])
    given = {place[0]: value for place, value in known.items()}
    answered = indicator.measure.from_records and _answered(connection, workspace, rule, indicator, start)
    began = figures.first_periods(connection, rule.indicator, rule.grain)
    numbers = series_store.ids(connection, rule.indicator, rule.grain)
    found: dict[Key, tuple[Decimal | None, int | None]] = {}
    for key in of_rule(workspace, rule, numbers):
        values = given.get(key)
        if values is not None and values.status != "M":
            number = values.num if indicator.measure.kind in ("count", "open", "overdue", "observed") else size(values)
            found[key] = (None if number is None else Decimal(number).scaleb(-indicator.decimals), None)
        else:
            found[key] = (Decimal(0) if answered and began.get(numbers[key], MAX) < start else None, None)
    return found


def _late(
    connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, start: int
) -> dict[Key, tuple[Decimal | None, int | None]]:
    """How many were entered late. That none were is known only once the source has answered after the period: before, it is
    missing.
    """
    answered = _answered(connection, workspace, rule, indicator, start)
    within = rule.within or timedelta(0)
    on = periods.local_date(periods.from_us(start), workspace.zone)
    counted: dict[Key, int] = {}
    span = from_records.span(workspace, rule.grain, start)
    for department, region, category, number in figures.late_entries(connection, indicator.source or "", span, within):
        dims = fold.canonical({"category": category})
        for key in fold.targets(workspace, (rule.cut,), department, region, dims, on):
            counted[key] = counted.get(key, 0) + number
    every = {*series_store.ids(connection, rule.indicator, rule.grain), *counted}
    meant = of_rule(workspace, rule, dict.fromkeys(every))
    return {key: (Decimal(counted.get(key, 0)) if answered else None, None) for key in meant}


def _answered(connection: Connection, workspace: Workspace, rule: Rule, indicator: Indicator, start: int) -> bool:
    end = periods.bounds(rule.grain, periods.from_us(start), workspace.zone)[1]
    return figures.answered_after(connection, indicator.source or "", end)


def of_rule(workspace: Workspace, rule: Rule, given: Mapping[Key, V]) -> dict[Key, V]:
    """Of these series, those the rule means."""
    cut = rules.cutter(workspace)
    return {
        key: value for key, value in given.items() if rules.means(rule, cut(Series(rule.indicator, rule.grain, *key)))
    }  # fmt: skip


def _tree(workspace: Workspace, rule: Rule) -> list:
    tree = workspace.departments if "department" in rule.cut else workspace.regions
    return [place for place in tree if place.id != TOTAL]
