"""What the read API says of each noun, as plain JSON values. Instants are ISO 8601 in UTC; what is missing is null, never 0."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from metrics import links
from metrics.answers import Ask, CaseRow, Cell, Entered, RunRow, SourceState
from metrics.model import Indicator

REASONS = {
    "M": "not reported", "N": "not applicable", "S": "suppressed", "L": "let go of",
}  # fmt: skip
NOTHING_DUE = "nothing to divide by"

Said = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    return links.text(at) if at is not None else None


def number(value: Decimal | None) -> float | None:
    return float(round(value, 6)) if value is not None else None


def stamp(ask: Ask) -> Said:
    """Of an answer as of an earlier revision: that revision and its instant, in place of now's."""
    return {} if ask.revision is None else {"revision": ask.revision, "evaluated_at": instant(ask.now)}


def indicator(one: Indicator) -> Said:
    return {
        "key": one.key, "name": dict(one.name), "field": one.field, "unit": one.unit, "better": one.better,
        "grains": list(one.grains), "cuts": {grain: [list(cut) for cut in cuts] for grain, cuts in one.cuts.items()},
        "measure": one.measure.kind, "inputs": list(one.measure.inputs), "source": one.source, "feeds": list(one.feeds),
        "owner": one.owner, "basis": dict(one.basis), "version": one.version, "target": number(one.target),
        "bands": {name: number(bound) for name, bound in one.bands.items()}, "beside": one.beside,
        "decimals": one.decimals, "additive": one.adds_up,
    }  # fmt: skip


def cell(one: Cell) -> Said:
    """A figure that is `reading.marked`: who is missing in it, who stands in, which versions it mixes, what came late."""
    return {
        **bare(one), "missing": [dict(name) for name in one.missing], "stand_ins": list(one.stand_ins),
        "mixed": list(one.mixed), "late": instant(one.late),
    }  # fmt: skip


def bare(one: Cell) -> Said:
    """`reason` says why there is no value. `num` and `den` are integers in the indicator's smallest unit."""
    reason = None if one.value is not None else REASONS.get(one.status, NOTHING_DUE)
    known = one.revision > 0
    return {
        "period_start": instant(one.period_start), "period_end": instant(one.period_end), "value": number(one.value),
        "num": one.num, "den": one.den, "n": one.n, "apart": one.apart, "status": one.status, "reason": reason,
        "have": one.have, "want": one.want, "only_rate": one.only_rate, "settled": one.settled, "version": one.version,
        "revision": one.revision if known else None, "evaluated_at": instant(one.evaluated_at) if known else None,
    }  # fmt: skip


def value(one: Entered) -> Said:
    """One value that entered a figure: what came by which source in which run, or another indicator's figure."""
    series = one.cell.series
    about = {"indicator": series.indicator, "department": series.department, "region": series.region}
    return {**about, **bare(one.cell), "source": one.source, "run": one.run_id, "used": one.used}


def record(one: CaseRow) -> Said:
    """A case as in every list: personal fields arrive masked."""
    return {
        "source": one.source, "id": one.external_id, "department": one.department, "region": one.region,
        "category": one.category, "state": one.state, "opened": instant(one.opened), "due": instant(one.due),
        "closed": instant(one.closed), "entered": instant(one.entered), "worked_days": one.worked_days,
        "overdue": one.overdue, "suspect": one.suspect, "extra": dict(one.extra), "run": one.run_id,
        "known_from": one.known_from,
    }  # fmt: skip


def source(one: SourceState) -> Said:
    return {
        "key": one.key, "name": dict(one.name), "type": one.type, "department": one.department, "health": one.health,
        "last_success": instant(one.last_success), "newest_period": instant(one.newest_period),
        "next_run": instant(one.next_run), "age_seconds": one.age_seconds, "outcomes": list(one.outcomes),
        "expected": instant(one.expected),
        "indicators": list(one.indicators), "rules": list(one.rules),
        "last_run": run(one.last_run) if one.last_run is not None else None,
    }  # fmt: skip


def run(one: RunRow) -> Said:
    """One attempt. Of a refused row its place, field and reason, and not its value, which may be a person's."""
    refused = [{key: row[key] for key in ("place", "field", "reason") if key in row} for row in one.refusals]
    return {
        "id": one.id, "source": one.source, "kind": one.kind, "started": instant(one.started), "ended": instant(one.ended),
        "outcome": one.outcome, "counts": dict(one.counts), "error_class": one.error_class, "error": one.error,
        "hint": one.hint, "refusals": refused,
    }  # fmt: skip
