"""Payloads -> units: what is stored as one revision, whole or not at all, of at most MAX_ROWS rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collectors._errors import Failure
from collectors._mapping import to_batch
from collectors._payload import MAX_ROWS, Payload, merged
from metrics.arrivals import Batch, ObservationIn, RecordIn, Refusal
from metrics.model import Source
from metrics.periods import bounds
from metrics.plausible import AHEAD

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

MIDNIGHT = time(0)
TOGETHER = 10_000
"""Rows of several payloads put into one unit: others wait for the database meanwhile, so it must not take long."""


@dataclass
class Unit:
    """A batch with what its Run tells. `batch` is None where there is nothing to store."""

    batch: Batch | None = None
    patch: Mapping[str, Any] = field(default_factory=dict)
    """JSON merge patch of the place to go on from, valid once the batch is stored."""
    sha: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    failure: Failure | None = None
    good: Payload | None = None
    """The last one that could be taken."""
    bad: Payload | None = None
    """The last one whose rows are not what the mapping describes."""
    newest: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """What is collected, when, and the bounds of a back-fill."""

    source: Source
    workspace: Workspace
    now: datetime
    since: datetime | None = None
    until: datetime | None = None


def units(payloads: Iterable[Payload], asked: Asked, last_sha: str) -> Iterator[Unit]:
    """Payloads are put together until a unit is full or what came is complete. A payload that cannot be taken is left out and
    named; one that depends on it does not move the place to go on from. Always at least one unit."""
    held: list[Payload] = []
    rows, said, waiting, kept = 0, 0, 0, 0
    failure: Failure | None = None
    try:
        for payload in payloads:
            waiting += payload.waiting
            if held and rows + len(payload.rows) > TOGETHER and not asked.source.complete:
                yield from _stored(held, asked)
                said, held, rows, kept = said + 1, [], 0, kept + rows
            held.append(payload)
            rows += len(payload.rows)
            if payload.complete:
                yield from _last(held, asked, last_sha)
                said, held, rows, kept = said + 1, [], 0, kept + rows
    except Failure as caught:
        failure = caught
        if asked.source.complete and not any(one.independent for one in held):
            held = []  # half of everything must not pass for all of it
        kept += sum(len(one.rows) for one in held)
        if kept and not any(one.independent for one in held):
            failure.what += f"; the {kept} rows before it are kept"
    if said and failure is None and not waiting and all(one.unchanged for one in held):
        return
    made = list(_last(held, asked, "" if failure else last_sha)) if held else [Unit()]
    if failure is not None:
        made[-1].failure = made[-1].failure or failure
        if made[-1].batch is None:
            made[-1].sha = ""
    if waiting:
        made[-1].counts["waiting"] = waiting
    yield from made


def _last(held: list[Payload], asked: Asked, last_sha: str) -> Iterator[Unit]:
    """As `_stored`, unless it is what was stored last time."""
    sha = _sha(held)
    if sha and sha == last_sha and not any(one.error for one in held):
        patch: dict[str, Any] = {}
        for one in held:
            patch = merged(patch, one.mark, keep_none=True)
        yield Unit(patch=patch, sha=sha, counts={"rows": sum(len(one.rows) for one in held)})
        return
    yield from _stored(held, asked)


def _sha(held: list[Payload]) -> str:
    shas = [one.sha256 for one in held if one.sha256]
    return shas[0] if len(shas) == 1 else hashlib.sha256("".join(shas).encode()).hexdigest() if shas else ""


def _stored(held: list[Payload], asked: Asked) -> Iterator[Unit]:
    source, zone = asked.source, asked.workspace.zone
    unit = Unit(sha=_sha(held))
    records: dict[str, RecordIn] = {}
    observed: dict[tuple[Any, ...], ObservationIn] = {}
    rows, failures, stuck = 0, [], False
    patch: dict[str, Any] = {}
    for payload in held:
        rows += len(payload.rows) + len(payload.refusals)
        failure = payload.error
        if failure is None and not payload.unchanged:
            try:
                how: dict[str, Any] = {"where": payload.where, "columns": payload.columns, "unsplit": len(payload.refusals)}
                batch, refused = to_batch(source, asked.workspace, payload.rows, asked.now, **how)
                unit.good = payload if payload.rows else unit.good
                unit.refusals += [*payload.refusals, *refused]
                records.update((one.external_id, one) for one in batch.records)
                observed.update((_key(one), one) for one in batch.observations)
            except Failure as caught:
                failure, unit.bad = caught, payload
                if payload.place and payload.place not in caught.what:
                    failure = Failure(caught.kind, f"{payload.place}: {caught.what}", caught.hint)
        if failure is not None:
            failures.append(failure)
            stuck = stuck or not payload.independent
        elif payload.independent or not stuck:
            patch = merged(patch, payload.mark, keep_none=True)
    found_records = [one for one in records.values() if _case_within(one, asked.since, asked.until, zone)]
    found_observed = [one for one in observed.values() if _period_within(one, asked.since, asked.until, zone)]
    complete = source.complete and any(one.complete for one in held) and not failures
    complete = complete and asked.since is None and asked.until is None
    unit.patch, unit.counts = patch, {"rows": rows}
    if unit.refusals:
        unit.counts["refused"] = len(unit.refusals)
    if failures:
        unit.failure = failures[0]
        if len(failures) > 1:
            unit.failure = Failure(failures[0].kind, f"{failures[0].what} (and {len(failures) - 1} more)", failures[0].hint)
        unit.counts["failed"] = len(failures)
    unit.newest = reached(found_records, found_observed, zone, asked.now)
    taken = any(not one.unchanged for one in held) and len(failures) < len(held)
    if taken:
        # A row that was refused is not gone from the source: with refusals nothing may be withdrawn.
        unit.batch = Batch(source.key, found_records, found_observed, complete and not unit.refusals)
    yield from _split(unit)


def _split(unit: Unit) -> Iterator[Unit]:
    """A unit above the limit as several; only the last moves the place, since the others may have to be fetched again."""
    batch = unit.batch
    if batch is None or len(batch.records) + len(batch.observations) <= MAX_ROWS:
        yield unit
        return
    if batch.complete:
        what = f"a complete list of {len(batch.records)} cases, more than {MAX_ROWS}"
        unit.batch, unit.failure, unit.patch = None, Failure("too_large", what, "declare the source as not complete"), {}
        yield unit
        return
    starts = range(0, max(len(batch.records), len(batch.observations)), MAX_ROWS)
    for start in starts:
        end = start + MAX_ROWS
        part = Batch(batch.source, batch.records[start:end], batch.observations[start:end])
        if start == starts[-1]:
            yield replace(unit, batch=part)
        else:
            yield Unit(batch=part, newest=unit.newest, counts={"rows": len(part.records) + len(part.observations)})


def _key(one: ObservationIn) -> tuple[Any, ...]:
    return one.indicator, one.grain, one.period_start, one.department, one.region, one.dims


def _case_within(one: RecordIn, since: datetime | None, until: datetime | None, zone: ZoneInfo) -> bool:
    """Open, or closed or due at `since` or later; closed and due before `until`."""
    if since is None and until is None:
        return True
    settled = None if one.closed is None else max(one.closed, one.due or one.closed)
    if settled is not None and settled.astimezone(zone).time() == MIDNIGHT:
        settled += timedelta(days=1)  # a date without a time: it may be any moment of that day
    if since is not None and settled is not None and settled < since:
        return False
    return until is None or (settled is not None and settled < until)


def _period_within(one: ObservationIn, since: datetime | None, until: datetime | None, zone: ZoneInfo) -> bool:
    """The period ended after `since`; it had ended by `until`."""
    if since is None and until is None:
        return True
    end = bounds(one.grain, one.period_start, zone)[1]
    return (since is None or end > since) and (until is None or end <= until)


def reached(records: Iterable[RecordIn], observed: Iterable[ObservationIn], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Up to when this data tells: the newest instant of a case, the end of the newest period reported (one that runs: now). What
    is yet to come tells nothing of how far the data goes."""
    found: datetime | None = None
    latest = now + AHEAD
    for one in records:
        for at in (one.opened, one.closed, one.entered):
            if at is not None and at <= latest and (found is None or at > found):
                found = at
    for seen in observed:
        if seen.period_start > latest:
            continue
        end = min(bounds(seen.grain, seen.period_start, zone)[1], max(now, seen.period_start))
        if found is None or end > found:
            found = end
    return found
