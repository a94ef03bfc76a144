"""Lists of cases that were taken away: what a code stands for, and how many a list held then and holds now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from metrics import links, periods
from metrics.answers import Ask, CaseQuery
from metrics.arrivals import Series
from metrics.model import Grain
from metrics.passport import Printed
from metrics.reading.cases import count
from metrics.store import scope
from metrics.values import Values

_DEPARTMENTS, _REGIONS = "counted_departments", "counted_regions"
"""Of a list: the places it was counted over, where whoever took it away does not see all of what was asked."""


@dataclass(frozen=True)
class CaseList:
    """A list of cases that was taken away: which, how many there were, and how many it would hold as known now."""

    code: str
    query: CaseQuery
    parameters: Mapping[str, str]
    then: int
    again: int
    now: int


def of_list(ask: Ask, query: CaseQuery, grain: Grain, version: int, total: int) -> Printed:
    """What the code of a list stands for. A list holds what whoever takes it away may see: how many that are is for those only
    who may see all the places it was counted over."""
    series = Series(query.indicator or "", grain, query.department, query.region)
    trees = ask.workspace.departments, ask.workspace.regions
    counted = {
        _DEPARTMENTS: scope.within(query.department, ask.who.departments, trees[0]),
        _REGIONS: scope.within(query.region, ask.who.regions, trees[1]),
    }
    places = {key: ",".join(found) for key, found in counted.items() if found}
    start = periods.to_us(query.period_start) if query.period_start else 0
    at = periods.to_us(query.evaluated_at) if query.evaluated_at else 0
    said = urlencode({**links.of_cases(query), **places})
    return Printed(series, start, version, query.revision or 0, at, Values(None, n=total), said)


def counted_over(one: Printed) -> list[tuple[str, str]]:
    """The places (department, region) whose cases the list held."""
    given, series = links.parameters(one.query), one.series
    departments, regions = _named(given, _DEPARTMENTS, series.department), _named(given, _REGIONS, series.region)
    return [(department, region) for department in departments for region in regions]


def case_list(ask: Ask, one: Printed, code: str) -> CaseList:
    query = links.cases(links.parameters(one.query))
    return CaseList(
        code, query, links.of_cases(query), one.values.n or 0, count(ask, query), count(ask, replace(query, revision=None))
    )


def _named(given: Mapping[str, str], key: str, own: str) -> list[str]:
    return given[key].split(",") if key in given else [own]
