"""The one door in: storing, judging and the outbox are one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from metrics import adding, again, crash, doubting, gone, periods, prepare, recompute
from metrics.arrivals import Batch, ObservationIn, RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.model import Grain
from metrics.store import doubts, head, leases, observations, records, retention, runs
from metrics.store.engine import Store
from metrics.store.runs import RunIn
from metrics.values import Changed

Judge = Callable[[Connection, Changed, datetime], None]
Beside = Callable[[Connection, "Ingested"], None]
Groups = dict[tuple[str, Grain], list[ObservationIn]]
MAX_ROWS = 50_000
"""Of one unit: more come as several units, each whole."""


@dataclass(frozen=True)
class Ingested:
    run_id: int
    revision: int | None
    """None: the same payload again; nothing was changed, nothing judged."""
    counts: Mapping[str, int]


class TooLarge(ValueError):
    """A unit of more than MAX_ROWS rows."""


def ingest(
    store: Store,
    workspace: Workspace,
    batch: Batch,
    judges: Sequence[Judge],
    now: datetime,
    *,
    run: RunIn,
    kind: RevisionKind = "collect",
    actor: str = "",
    epoch: int | None = None,
    beside: Beside | None = None,
) -> Ingested:
    """Store one unit whole, as one revision, or not at all; recompute the figures it touches and have them judged.

    now: aware UTC, the time of knowledge; in a workspace with a fixed clock figures are evaluated at that clock.
    judges: called on the same connection with what changed; `()` says on purpose that nobody judges.
    epoch: of the leader's lease, for scheduled writes; a write of an older epoch raises `leases.Fenced`.
    beside: called last in the same transaction, changed or not: what it writes is kept together with the data, or neither is.
    """
    if len(batch.records) + len(batch.observations) > MAX_ROWS:
        raise TooLarge(f"{len(batch.records) + len(batch.observations)} rows in one unit; at most {MAX_ROWS}")
    at = workspace.now(now)
    rows = [prepare.row(workspace, batch.source, one) for one in batch.records]
    groups: Groups = defaultdict(list)
    for one in batch.observations:
        groups[one.indicator, one.grain].append(one)
    crash.point("after_fetch")
    with store.write() as connection:
        following = head.lock(connection, now)
        if epoch is not None:
            leases.fence(connection, epoch)
        run_id = runs.add(connection, run)
        known = periods.to_us(workspace.now(following.at))
        stored = records.store(connection, batch.source, rows, following.number, known, run_id, batch.complete)
        groups, past = _still_kept(connection, workspace, groups)
        doubted: dict[str, int] = defaultdict(int)
        doubted["superseded"] += past
        doubted["held"] += len(stored.lacking)
        asked = _asked(connection, batch)
        sifted = {
            (key, grain): doubting.sift(connection, workspace, batch.source, key, grain, many, now, (key, grain) in asked)
            for (key, grain), many in groups.items()
        }
        reported: dict[tuple[str, str], observations.Stored] = {}
        for kept in _by_version(workspace, {pair: found.kept for pair, found in sifted.items()}):
            for pair, made in observations.store(connection, batch.source, kept, following.number, run_id).items():
                reported[pair] = _both(reported[pair], made) if pair in reported else made
        news = bool(stored.changed) or any(made.periods for made in reported.values())
        if batch.complete:
            news = gone.look(connection, workspace, batch.source, stored, following.number, run_id, now) or news
        for (key, grain), found in sifted.items():
            indicator = workspace.indicators[key]
            doubting.keep(connection, workspace, batch.source, indicator, grain, found, following.number, run_id, now)
            news = news or bool(found.doubted or found.replaced)
            doubted["held"] += found.waiting
            doubted["superseded"] += found.superseded
            doubted["noted"] += sum(not why.held for _, why in found.doubted)
        for (key, grain), many in groups.items():
            made = reported.get((key, grain), observations.NOTHING)
            asking = adding.of(batch.source, workspace.indicators[key], grain, many, sifted[key, grain], made.touched)
            if asking is not None:
                added, let_go = adding.settle(connection, workspace, asking, following.number, run_id, now)
                reported[key, grain] = replace(made, periods=made.periods | frozenset(let_go))
                doubted["noted"] += len(added.noted)
                doubted["let_go"] += len(added.let_go)
                news = news or added.news
        counts = _counts(run.counts, stored, list(reported.values()), doubted)
        outcome = run.outcome
        if not news:
            runs.finish(connection, run_id, counts, "unchanged" if outcome == "ok" else outcome)
            done = Ingested(run_id, None, counts)
            if beside is not None:
                beside(connection, done)
            return done
        head.confirm(connection, following, kind, actor, run_id)
        crash.point("in_transaction")
        wider = again.at_once(connection, {pair: made.again for pair, made in reported.items() if made.again}, at)
        moving = {pair: made.periods | wider.get(pair, frozenset()) for pair, made in reported.items() if made.periods}
        given = (connection, workspace, batch.source, stored.changed, moving, following.number, at)
        changes = recompute.after(*given, filling=kind == "backfill")
        for judge in judges:
            judge(connection, changes, at)
        keys = {change.series.indicator for change in changes}
        head.touch(connection, following.number, {*keys, "sources", f"records:{batch.source}"})
        runs.finish(connection, run_id, counts, outcome)
        done = Ingested(run_id, following.number, counts)
        if beside is not None:
            beside(connection, done)
    crash.point("after_commit")
    return done


def _still_kept(connection: Connection, workspace: Workspace, groups: Groups) -> tuple[Groups, int]:
    """Without the figures of periods that were let go of, and how many: one alone would pass for the sum of all."""
    grains = {grain for _, grain in groups}
    since = {grain: retention.let_go_before(connection, workspace.key, grain) for grain in grains}
    if not any(since.values()):
        return groups, 0
    many = sum(len(rows) for rows in groups.values())
    found = {pair: [one for one in rows if periods.to_us(one.period_start) >= since[pair[1]]] for pair, rows in groups.items()}
    return {pair: rows for pair, rows in found.items() if rows}, many - sum(len(rows) for rows in found.values())


def _asked(connection: Connection, batch: Batch) -> set[tuple[str, str]]:
    """Of which indicators and grains a figure of these periods was doubted before."""
    starts = [one.period_start for one in batch.observations]
    return doubts.asked(connection, batch.source, periods.to_us(min(starts)), periods.to_us(max(starts))) if starts else set()


def _by_version(
    workspace: Workspace, rows: Mapping[tuple[str, Grain], Sequence[ObservationIn]]
) -> list[dict[tuple[str, str], tuple[int, Sequence[ObservationIn]]]]:
    """What is stored together: each figure under the version of its definition that is in force for its period."""
    found: dict[int, dict[tuple[str, str], tuple[int, Sequence[ObservationIn]]]] = defaultdict(dict)
    for (key, grain), many in rows.items():
        newest = workspace.indicators[key].version
        if len(workspace.versions.get(key, ())) < 2 or grain == "all":
            found[0][key, grain] = (newest, many)
            continue
        split: dict[int, list[ObservationIn]] = defaultdict(list)
        for one in many:
            split[workspace.in_force(key, grain, periods.to_us(one.period_start))].append(one)
        for version, some in split.items():
            found[newest - version][key, grain] = (version, some)
    return list(found.values()) or [{}]


def _both(one: observations.Stored, other: observations.Stored) -> observations.Stored:
    periods = one.periods | other.periods
    return observations.Stored(
        periods, (one.again | other.again) - periods, one.changed + other.changed, one.unchanged + other.unchanged,
        one.superseded + other.superseded, one.corrected + other.corrected,
    )  # fmt: skip


def note(store: Store, run: RunIn, now: datetime, kind: RevisionKind = "collect") -> int:
    """Write a Run that brought no data (the source failed, or had nothing new); screens hear of it when the outcome turns."""
    with store.write() as connection:
        before = runs.last(connection, run.source, 1)
        turned = not before or (before[0].outcome in runs.GOOD) != (run.outcome in runs.GOOD)
        run_id = runs.add(connection, run)
        if turned:
            taken = head.take(connection, now, kind)
            head.touch(connection, taken.number, ["sources"])
    return run_id


def _counts(
    given: Mapping[str, int], stored: records.Stored, reported: Sequence[observations.Stored], doubted: Mapping[str, int]
) -> dict[str, int]:
    counts = {
        **doubted,
        "records_new": sum(old is None for old, _ in stored.changed),
        "records_changed": sum(old is not None for old, _ in stored.changed) - stored.withdrawn,
        "records_withdrawn": stored.withdrawn,
        "observations_new": sum(one.changed - one.corrected for one in reported),
        "corrected": sum(one.corrected for one in reported),
        "unchanged": stored.unchanged + sum(one.unchanged for one in reported),
        "superseded": stored.superseded + doubted.get("superseded", 0) + sum(one.superseded for one in reported),
    }
    return {**given, **{name: number for name, number in counts.items() if number}}
