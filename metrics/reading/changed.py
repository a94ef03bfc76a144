"""What changed since a revision: settled figures that now are others than they were said to be, and records likewise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from metrics import masking, periods
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import MAX, TOTAL, Grain, Indicator
from metrics.reading import absent, reasons
from metrics.reading.standing import at_revision, first_period, kept
from metrics.recompute import settled_before
from metrics.store import changed as store
from metrics.store import course, scope
from metrics.store import runs as run_store
from metrics.store.course import Taken
from metrics.store.kept import Kept
from metrics.values import Values, display

MOST = 400
"""Figures of one answer."""
PAGE = 4 * MOST
LOOKED = 16 * MOST
"""Figures looked at for one answer: each is summed again from what was known then. Many may have moved and be no others, as where
one place more is to report."""
FIELDS = ("department_id", "region_id", "category", "opened", "due", "closed", "entered", "state", "withdrawn")


@dataclass(frozen=True)
class By:
    """The change that made it so: when, by which way in, by whom, with which Run, and why where somebody said why."""

    revision: int
    at: datetime
    kind: str
    actor: str
    run_id: int | None
    source: str | None
    reason: str = ""


@dataclass(frozen=True)
class Revised:
    """A figure that was `old` at the revision asked about and is `new`; of several changes `by` is the last."""

    series: Series
    period_start: datetime
    version: int
    old: Values | None
    new: Values
    old_value: Decimal | None
    new_value: Decimal | None
    evaluated_at: datetime
    by: By

    @property
    def arrived(self) -> bool:
        """There was none before: it came late, and nothing that had been said was changed."""
        return _missing(self.old)


@dataclass(frozen=True)
class Fields:
    """A record that changed: field -> (old, new), personal ones masked; what lies outside the asker's scope is None."""

    source: str
    external_id: str
    changes: dict[str, tuple[Any, Any]]
    came: bool
    """It came into the asker's scope by this change; `left`: it went out of it."""
    left: bool
    by: By


@dataclass(frozen=True)
class Found:
    items: list[Revised]
    more: bool
    """There may be further ones: only the newest were looked at."""


def figures(
    ask: Ask, since: int, indicators: Collection[str] = (), department: str | None = None, region: str | None = None, *,
    starts: Collection[int] = (), grain: str | None = None, most: int = MOST, stocks: bool = False, arrived: bool | None = False,
) -> Found:  # fmt: skip
    """Figures of periods that were settled at a revision and are others now, the newest change first: each by the definition in
    force for its period. None of figures to date; of a stock those of periods that had ended: in the one that ran it moves all
    the time. stocks: of that one as well.

    arrived: True: those of which there was none then; False: those that had been said; None: both.
    `department`, `region`: of exactly this place; `starts`: of these periods only."""
    then = at_revision(ask, since)
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    spans: dict[store.Figure, tuple[int, int]] = {}
    for one in ask.workspace.indicators.values():
        if indicators and one.key not in indicators:
            continue
        for by in one.grains:
            if by == "all" or grain not in (None, by):
                continue
            low = -MAX if arrived is not False else _first(then, one, by)
            for version, (begin, end) in _in_force(then, one, by, stocks):
                spans[one.key, by, version] = (max(begin, low), end)
    found: list[Revised] = []
    after, looked = None, 0
    while len(found) <= most:
        size = min(PAGE, LOOKED - looked)
        page = store.figures(ask.connection, spans, since, within, size or 1, starts, arrived, (department, region), after)
        if not page or not size:
            return Found(found, bool(page))
        after, looked = page[-1].spot, looked + len(page)
        page.sort(key=lambda one: (-one.revision, -one.period_start, one.indicator, one.grain, one.key))
        for begin in range(0, len(page), MOST):
            some = _differing(ask, then, page[begin : begin + MOST])
            found += [one for one in some if arrived in (None, one.arrived)]
            if len(found) > most:
                break
        if len(page) < size:
            break
    return Found(found[:most], len(found) > most)


def _first(then: Ask, indicator: Indicator, grain: Grain) -> int:
    """Start of the first period of which anything can have been said then: what was made of history since came late."""
    if indicator.measure.inputs:
        parts = [then.workspace.indicators[key] for key in indicator.measure.inputs]
        return max(_first(then, one, grain) for one in parts)
    first = first_period(then, indicator, grain) if indicator.measure.from_records and grain in indicator.grains else -MAX
    return MAX if first is None else first


def _in_force(then: Ask, indicator: Indicator, grain: Grain, running: bool) -> list[tuple[int, tuple[int, int]]]:
    """Each version with the starts of the periods that it is in force for and that were settled then; `running`: of a stock also
    the one that ran."""
    settled, zone = settled_before(then.workspace, indicator, grain, then.now), then.workspace.zone
    if indicator.measure.stock and not running:
        settled = periods.to_us(periods.bounds(grain, then.now, zone)[0])
    meanings = then.workspace.versions.get(indicator.key, ())
    if len(meanings) < 2 or then.alike:
        return [(indicator.version, (-MAX, settled))]
    begins = [-MAX if one.since is None else periods.to_us(datetime.combine(one.since, time(), zone)) for one in meanings]
    ends = [min(begins[place + 1 :], default=MAX) for place in range(len(meanings))]
    spans = [(one.version, (begin, min(end, settled))) for one, begin, end in zip(meanings, begins, ends, strict=True)]
    return [(version, span) for version, span in spans if span[0] < span[1]]


def _differing(ask: Ask, then: Ask, moved: Sequence[store.Moved]) -> list[Revised]:
    were: dict[tuple[str, str, Any, int], Kept] = {}
    for key, grain in dict.fromkeys((one.indicator, one.grain) for one in moved):
        mine = [one for one in moved if (one.indicator, one.grain) == (key, grain)]
        indicator, starts = ask.workspace.indicators[key], sorted({one.period_start for one in mine})
        places = list(dict.fromkeys(one.key for one in mine))
        for row in kept(then, indicator, grain, starts, places):  # type: ignore[arg-type]
            were[key, grain, row.key, row.period_start] = row
    by = _causes(ask, {one.revision for one in moved})
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    why = store.reasons(ask.connection, by, (periods.to_us(one.at) for one in by.values()), within)
    found = []
    blank: dict[tuple[str, str], Callable[[Series, Sequence[int]], dict[int, Values]]] = {}
    for one in moved:
        indicator = ask.workspace.under(one.indicator, one.version).indicators[one.indicator]
        series = Series(one.indicator, one.grain, *one.key)  # type: ignore[arg-type]
        was = were.get((one.indicator, one.grain, one.key, one.period_start))
        old, said = was.values if was else None, indicator
        if was is not None and was.version != one.version:
            said = ask.workspace.under(one.indicator, was.version).indicators[one.indicator]
        if old is None and indicator.measure.from_records:
            figure = (one.indicator, one.grain)
            if figure not in blank:
                blank[figure] = absent.of_many(then, indicator, series.grain)
            old = blank[figure](series, [one.period_start])[one.period_start]
        if _same(old, one.values):
            continue
        cause = by[one.revision]
        found.append(
            Revised(
                series, periods.from_us(one.period_start), one.version, old, one.values,
                display(said, old) if old is not None else None, display(indicator, one.values),
                periods.from_us(one.evaluated_at), _told(ask, cause, series, one.period_start, why),
            )
        )  # fmt: skip
    return found


def _missing(values: Values | None) -> bool:
    return values is None or (values.num is None and values.status in ("M", "L"))


def _same(old: Values | None, new: Values) -> bool:
    if old is None or _missing(old):
        return _missing(new)
    return (old.num, old.den, old.n, old.apart, old.status) == (new.num, new.den, new.n, new.apart, new.status)


def records(
    ask: Ask, since: int, sources: Collection[str] = (), department: str = TOTAL, region: str = TOTAL, *, most: int = 100,
    offset: int = 0, external_id: str | None = None,
) -> list[Fields]:  # fmt: skip
    """Records that changed after a revision, the newest change first; new records are no change."""
    ws = ask.workspace
    given = [key for key, one in ws.sources.items() if one.gives == "records" and (not sources or key in sources)]
    within = scope.of(ask.who, ws.departments, ws.regions)
    departments = None if department == TOTAL else ws.departments.subtree(department)
    regions = None if region == TOTAL else ws.regions.subtree(region)
    rows = store.records(ask.connection, given, since, within, most, offset, departments, regions, external_id)
    by = _causes(ask, {row.revision for row in rows})
    return [
        Fields(row.source, row.external_id, _changes(ask, row), row.old is None, row.new is None, by[row.revision])
        for row in rows
    ]


def _changes(ask: Ask, row: store.Versions) -> dict[str, tuple[Any, Any]]:
    old, new = _shown(ask, row.source, row.old), _shown(ask, row.source, row.new)
    if row.old is None or row.new is None:  # only where it lies: the rest of the other side is not the asker's to know
        return {key: (old.get(key), new.get(key)) for key in ("department", "region")}
    plain = {**_plain(row.old), **_plain(row.new)}
    changed = [key for key in plain if _plain(row.old).get(key) != _plain(row.new).get(key)]
    return {key: (old.get(key), new.get(key)) for key in changed}


def _plain(version: Any) -> dict[str, Any]:
    if version is None:
        return {}
    return {name.removesuffix("_id"): getattr(version, name) for name in FIELDS} | dict(version.extra)


def _shown(ask: Ask, source: str, version: Any) -> dict[str, Any]:
    if version is None:
        return {}
    found = _plain(version) | masking.masked(ask.workspace.sources[source], version.extra, whole=False)
    for name in ("opened", "due", "closed", "entered"):
        found[name] = periods.from_us(found[name]) if found[name] is not None else None
    return found


def _causes(ask: Ask, revisions: Collection[int]) -> dict[int, By]:
    taken = course.taken(ask.connection, sorted(revisions))
    return {number: _by(ask, one) for number, one in taken.items()}


def _by(ask: Ask, one: Taken) -> By:
    run = run_store.one(ask.connection, one.run_id) if one.run_id is not None else None
    return By(one.number, periods.from_us(one.at), one.kind, one.actor, one.run_id, run.source if run else None)


def _told(ask: Ask, by: By, series: Series, start: int, why: store.Reasons) -> By:
    """With the reason, which may have been given for a figure that this one is made of."""
    reason = reasons.why(why, ask.workspace, series, start, by.revision, periods.to_us(by.at))
    return By(by.revision, by.at, by.kind, by.actor, by.run_id, by.source, reason)
