"""Cases: lists that reconcile with the figure they stand behind, and one case with its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row

from metrics import masking, periods
from metrics.answers import Ask, Case, CasePage, CaseQuery, CaseRow
from metrics.indicators import records as from_records
from metrics.links import CONTROL
from metrics.model import TOTAL, Indicator, Part
from metrics.reading.standing import in_force
from metrics.store import cases as case_store
from metrics.store import places, predicates, scope
from metrics.tables import record_version as rv


def cases(ask: Ask, query: CaseQuery, offset: int = 0, limit: int = 50, *, facets: bool = True) -> CasePage:
    """A page of the list and, unless not wanted, the counts of its facets; personal fields are masked in every list."""
    at = query.evaluated_at or ask.now
    wanted = _clauses(ask, query, at)
    total, rows = case_store.page(ask.connection, wanted, query.sort, offset, limit)
    counted = case_store.facets(ask.connection, wanted, _event(ask, query)) if facets else {}
    return CasePage(total, [_row(ask, row, at, whole=False) for row in rows], counted)


def facets(ask: Ask, query: CaseQuery) -> dict[str, list[tuple[str, int]]]:
    """How the cases of the whole list spread over each facet."""
    return case_store.facets(ask.connection, _clauses(ask, query, query.evaluated_at or ask.now), _event(ask, query))


def count(ask: Ask, query: CaseQuery) -> int:
    return case_store.page(ask.connection, _clauses(ask, query, query.evaluated_at or ask.now), query.sort, 0, 1)[0]


def runs_behind(ask: Ask, query: CaseQuery, limit: int) -> list[tuple[int, int]]:
    """Which Runs brought the cases of a list as they stood: (run, how many of them), most first."""
    return case_store.runs(ask.connection, _clauses(ask, query, query.evaluated_at or ask.now), limit)


def case(ask: Ask, source: str, external_id: str) -> Case | None:
    """One case; None where there is none or it lies outside the asker's scope: now and, where a figure counts it by where it
    was at an event, then too."""
    if source not in ask.workspace.sources or CONTROL.search(external_id):
        return None
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    versions = case_store.versions(ask.connection, source, external_id, _reach(ask, source, within), ask.revision)
    if not versions:
        return None
    newest = versions[-1]
    owner = ask.workspace.sources[source].department
    whole = masking.may_see_whole(ask.who, owner, newest.department_id, newest.region_id, ask.workspace)
    events = [(kind, periods.from_us(at)) for kind, at in case_store.events(ask.connection, newest.record_id, ask.revision)]
    rows = [_row(ask, row, ask.now, whole) for row in versions]
    return Case(rows[-1], events, rows, whole)


def _reach(ask: Ask, source: str, within: scope.Scope) -> list[ColumnElement[bool]]:
    """Who sees a figure sees the cases it counts: also those that have moved on since the event."""
    counting = [one for one in from_records.over(ask.workspace, source) if from_records.at_event(one)]
    return within.records_or_events({event for one in counting for event in from_records.anchors(one)})


def _definition(ask: Ask, query: CaseQuery) -> Indicator | None:
    """What the figure before the list counts, by the version of the definition it was made by."""
    if query.indicator is None:
        return None
    version, indicator = query.version, ask.workspace.indicators[query.indicator]
    if version is None and query.period_start is not None:
        known = replace(ask, revision=query.revision or ask.revision)
        grain: Any = query.grain or indicator.grains[0]
        version = next(iter(in_force(known, indicator, grain, [periods.to_us(query.period_start)])))
    return ask.workspace.under(query.indicator, version or indicator.version).indicators[query.indicator]


def _event(ask: Ask, query: CaseQuery) -> str | None:
    """By whose event the cases of the list are counted; None: by where they are."""
    indicator = _definition(ask, query)
    if indicator is None or not from_records.at_event(indicator):
        return None
    measure = indicator.measure
    part = measure.apart if query.role == "apart" and measure.apart is not None else measure.over
    return part.anchor if part is not None else None


def _clauses(ask: Ask, query: CaseQuery, at: datetime) -> list[ColumnElement[bool]]:
    """The cases of a list, as whoever asks may see them."""
    return [rv.c.source == query.source, *narrowed(ask, query, at)]


def narrowed(ask: Ask, query: CaseQuery, at: datetime) -> list[ColumnElement[bool]]:
    """Which cases of its source a list holds, as whoever asks may see them."""
    workspace, event = ask.workspace, _event(ask, query)
    found = seen(ask, query)
    on = None
    indicator = _definition(ask, query)
    if indicator is not None:
        start = periods.to_us(query.period_start) if query.period_start is not None else 0
        grain: Any = query.grain or indicator.grains[0]
        if grain != "all" and query.period_start is not None:
            on = periods.local_date(query.period_start, workspace.zone)
        found.append(_behind(ask, indicator, query.role, grain, start, at))
    if query.department != TOTAL:
        found.append(places.of("department_id", event).in_(sorted(workspace.departments.subtree(query.department, on))))
    if query.region != TOTAL:
        found.append(places.of("region_id", event).in_(sorted(workspace.regions.subtree(query.region, on))))
    if query.category is not None:
        found.append(rv.c.category == query.category)
    if query.state is not None:
        found.append(rv.c.state == query.state)
    if query.search:
        found.append(case_store.matching(query.search))
    return found


def seen(ask: Ask, query: CaseQuery) -> list[ColumnElement[bool]]:
    """What is known at the revision of a list and lies within the scope of whoever asks."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    return [predicates.visible(query.revision or ask.revision), *within.records(_event(ask, query))]


def _behind(ask: Ask, indicator: Indicator, role: str, grain: Any, start: int, at: datetime) -> ColumnElement[bool]:
    """The records a figure counts: the same clauses that counted them."""
    measure = indicator.measure
    span = from_records.span(ask.workspace, grain, start)
    assert measure.over is not None
    if measure.stock:
        stands = predicates.open_at if measure.kind == "open" else predicates.overdue_at
        return stands(periods.to_us(at)) & predicates.behind(measure.over, predicates.EVERYTHING, at)
    if role == "apart" and measure.apart is not None:
        return predicates.behind(measure.apart, span, at)
    everyone = predicates.behind(from_records.counted(measure), span, at)
    if role in ("of", "missed") and measure.of is not None:
        met = predicates.behind(Part(None, measure.of.conditions), span, at)
        return everyone & met if role == "of" else everyone & ~met
    return everyone


def _row(ask: Ask, row: Row[Any], at: datetime, whole: bool) -> CaseRow:
    moment = periods.to_us(at)
    source = ask.workspace.sources[row.source]
    return CaseRow(
        source=row.source, external_id=row.external_id, department=row.department_id, region=row.region_id,
        category=row.category, state=row.state, opened=_instant(row.opened), due=_instant(row.due),
        closed=_instant(row.closed), entered=_instant(row.entered), worked_days=row.worked_days,
        overdue=row.due is not None and row.due < (row.closed if row.closed is not None and row.closed <= moment else moment),
        suspect=row.opened is not None and row.closed is not None and row.closed < row.opened,
        extra=masking.masked(source, row.extra, whole), run_id=row.run_id, known_from=row.known_from,
    )  # fmt: skip


def _instant(us: int | None) -> datetime | None:
    return periods.from_us(us) if us is not None else None
