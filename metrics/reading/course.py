"""The course of one figure: what it was said to be, from first to last, and by which Run or person it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from metrics import periods, silent
from metrics.answers import Ask
from metrics.asof import figures_as_of
from metrics.indicators import records as from_records
from metrics.model import Indicator
from metrics.passport import Printed
from metrics.reading.absent import absent
from metrics.reading.entered import leaves_of
from metrics.reading.reasons import below, why
from metrics.store import course as store
from metrics.store import head, inhabitants
from metrics.store.changed import reasons as reasons_of
from metrics.store.course import Taken
from metrics.store.scope import Scope
from metrics.values import Values, display

EARLIER, LATER = 4, 10
"""How many revisions before and after the printed one are summed again; where there are more, those in between are passed
over, and the course says so."""
MISSING = Values(None, status="M")


@dataclass(frozen=True)
class Stood:
    """What the figure was from this revision on."""

    revision: int
    at: datetime
    kind: str
    """By which way in (`collect`, `push`, `ruling` ...)."""
    actor: str
    run_id: int | None
    values: Values
    value: Decimal | None
    reason: str = ""
    """Why, where somebody said why."""


@dataclass(frozen=True)
class Course:
    stood: list[Stood]
    """Oldest first; each differs from the one before."""
    skipped: int
    """Revisions that were not looked at."""


def course(ask: Ask, printed: Printed, moved: int | None = None) -> Course:
    """Every earlier and later value, as far as it is known: of a stock at its own moment, of all else when it was said.

    moved: the revision at which the figure came to what it is now, where that is known."""
    numbers = sorted(_numbers(ask, ask.workspace.indicators[printed.series.indicator], printed, printed.period_start))
    before = [one for one in numbers if one < printed.revision]
    after = [one for one in numbers if one > printed.revision]
    if moved is not None:  # the figure as it stands has not changed since
        after = [*(one for one in after if one < moved), *([moved] if moved > printed.revision else [])]
    looked = sorted({*_some(before, EARLIER), printed.revision, *_some(after, LATER)})
    known = store.taken(ask.connection, looked)
    found: list[Stood] = []
    for number in looked:
        values = as_of(ask, printed, number)
        if (found and found[-1].values == values) or number not in known:
            continue
        if not found and values == MISSING:
            continue
        found.append(_stood(ask, printed, known[number], values))
    return Course(_with_reasons(ask, printed, found), len(set(numbers) - set(looked)))


def _with_reasons(ask: Ask, printed: Printed, found: list[Stood]) -> list[Stood]:
    """As said of the places the figure is made of, and of no other that moved at the same time."""
    series, workspace = printed.series, ask.workspace
    places = (below(workspace.departments, series.department), below(workspace.regions, series.region))
    within = Scope(*(frozenset(one) if one is not None else None for one in places))
    instants = [periods.to_us(one.at) for one in found]
    said = reasons_of(ask.connection, [one.revision for one in found], instants, within)
    return [
        replace(one, reason=why(said, workspace, series, printed.period_start, one.revision, at))
        for one, at in zip(found, instants, strict=True)
    ]


def printed_alone(ask: Ask, printed: Printed) -> Course:
    """Of what was let go of: what stands on the paper is all that is known."""
    known = store.taken(ask.connection, [printed.revision])
    return Course([_stood(ask, printed, one, printed.values) for one in known.values()], 0)


def _some(numbers: list[int], most: int) -> list[int]:
    """The first and the newest ones."""
    return numbers if len(numbers) <= most else [numbers[0], *numbers[1 - most :]]


def as_of(ask: Ask, printed: Printed, revision: int) -> Values:
    """The figure summed again from what was known at a revision."""
    if revision < 1:
        return MISSING
    series, start = printed.series, printed.period_start
    indicator = ask.workspace.indicators[series.indicator]
    own = revision == printed.revision or indicator.measure.stock
    known = head.instant(ask.connection, revision)
    at = periods.from_us(printed.evaluated_at) if own else ask.workspace.now(known)
    since = silent.after(ask.connection, ask.workspace, indicator, at, known)
    if silent.unknown(indicator, series.grain, start, since):
        return MISSING
    made = figures_as_of(ask.connection, ask.workspace, series.indicator, series.grain, [start], revision, at)
    values = made.get(((series.department, series.region, series.dims), start), MISSING)
    if values.num is None and values.status == "M":  # no row, but a zero where the source had answered by then
        return absent(replace(ask, revision=revision, now=at), indicator, series, [start])[start]
    return values


def _stood(ask: Ask, printed: Printed, taken: Taken, values: Values) -> Stood:
    value = display(ask.workspace.indicators[printed.series.indicator], values)
    return Stood(taken.number, periods.from_us(taken.at), taken.kind, taken.actor, taken.run_id, values, value)


def _numbers(ask: Ask, indicator: Indicator, printed: Printed, start: int) -> set[int]:
    series, measure = printed.series, indicator.measure
    key = (series.department, series.region, series.dims)
    if measure.inputs:
        starts = [start]
        if measure.kind == "increase":
            earlier = periods.previous(series.grain, periods.from_us(start), ask.workspace.zone)
            starts += [periods.to_us(earlier)] if earlier is not None else []
        parts = [ask.workspace.indicators[one] for one in dict.fromkeys(measure.inputs)]
        counted = set(inhabitants.revisions(ask.connection)) if measure.kind == "per_head" else set()
        return counted | {number for part in parts for one in starts for number in _numbers(ask, part, printed, one)}
    if not measure.from_records:
        keys = [key, *leaves_of(ask, indicator, series.grain, key, start)]
        return store.of_reported(ask.connection, indicator.key, series.grain, keys, start)
    if measure.stock:
        return store.of_topic(ask.connection, indicator.key, printed.revision, 4 * LATER)
    return store.of_records(
        ask.connection, indicator.source or "", sorted(from_records.anchors(indicator)), from_records.at_event(indicator),
        from_records.span(ask.workspace, series.grain, start), below(ask.workspace.departments, series.department),
        below(ask.workspace.regions, series.region), _settled(ask, printed, start),
    )  # fmt: skip


def _settled(ask: Ask, printed: Printed, start: int) -> int:
    """The newest revision before the period had ended: what came while it ran is growth and no correction."""
    end = periods.bounds(printed.series.grain, periods.from_us(start), ask.workspace.zone)[1] if start else None
    return min(printed.revision, head.as_of(ask.connection, end)) if end is not None else printed.revision
