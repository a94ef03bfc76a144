"""A person decides on a figure that was doubted: released, it is stored and judged as reported; rejected, it stays out.

Of cases that are gone from a complete collection: released they are withdrawn, rejected they stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from metrics import adding, gone, periods, recompute
from metrics.arrivals import RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.ingest import Judge
from metrics.model import Principal
from metrics.store import doubts, head, observations, scope
from metrics.store.doubts import OPEN, Doubted
from metrics.store.engine import Store
from metrics.store.staging import Figures
from metrics.values import Changed


class NotDecided(ValueError):
    """What cannot be decided: it is not there or not open (`key`: gone), or has no reason (`key`: reason)."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def release(
    store: Store, workspace: Workspace, id: int, judges: Sequence[Judge], now: datetime, actor: str, reason: str,
    kind: RevisionKind = "person",
) -> int:  # fmt: skip
    """Store a held figure as reported, or withdraw what is gone, by a person's word, and judge it. The revision; NotDecided where
    it cannot be."""
    with store.write() as connection:
        taken = head.take(connection, now, kind, actor)
        one = _decided(connection, id, "released", actor, reason, now)
        changes: Changed = ()
        at = workspace.now(now)
        if one.kind == gone.KIND:
            withdrawn = gone.withdraw(connection, one, taken.number, at)
            changes = recompute.after(connection, workspace, one.source, withdrawn, {}, taken.number, at)
        elif one.held:
            figures: Figures = {(one.indicator, one.grain): (one.version, [adding.as_reported(one)])}
            stored = observations.store(connection, one.source, figures, taken.number, one.run_id)
            starts = {start for made in stored.values() for start in made.touched}
            asking = _asking(workspace, one)
            if asking is not None:
                starts |= set(adding.settle(connection, workspace, asking, taken.number, one.run_id, now)[1])
            reported = {(one.indicator, str(one.grain)): starts}
            changes = recompute.after(connection, workspace, one.source, (), reported, taken.number, at)
        if one.held:
            for judge in judges:
                judge(connection, changes, at)
        topics = {one.indicator, "sources", *(change.series.indicator for change in changes)}
        head.touch(connection, taken.number, topics | ({f"records:{one.source}"} if one.kind == gone.KIND else set()))
    return taken.number


def reject(store: Store, workspace: Workspace, id: int, now: datetime, actor: str, reason: str) -> int:
    """The figure is wrong: it stays out, and the same figure sent again stays out too. The revision; NotDecided as above."""
    with store.write() as connection:
        taken = head.take(connection, now, "person", actor)
        one = _decided(connection, id, "rejected", actor, reason, now)
        if one.held:
            asking = _asking(workspace, one)
            if asking is not None:
                adding.note(connection, workspace, asking, taken.number, one.run_id, now)
        head.touch(connection, taken.number, {one.indicator, "sources"})
    return taken.number


def _asking(workspace: Workspace, one: Doubted) -> adding.Asking | None:
    """What stands now may be a part, or a whole, of something."""
    indicator = workspace.indicators.get(one.indicator)
    return adding.Asking(one.source, indicator, one.grain, [one.period_start], [one.key]) if indicator is not None else None


def _decided(connection: Connection, id: int, verdict: str, actor: str, reason: str, now: datetime) -> Doubted:
    """Asked once `head` is taken: what the source or a colleague has said while this waited counts. What was noted is settled."""
    one = doubts.one(connection, id)
    if one is not None and one.verdict == OPEN and not reason.strip():
        raise NotDecided("reason", "a decision needs a reason")
    said = verdict if one is not None and one.held else "settled"
    if one is None or not doubts.decide(connection, [id], said, actor, reason, periods.to_us(now)):
        raise NotDecided("gone", "this figure waits for nobody: it was decided on, or the source has sent another")
    return one


def waiting(connection: Connection, workspace: Workspace, who: Principal) -> list[Doubted]:
    """What waits for somebody's word within the asker's scope, held before noted, then newest first."""
    return doubts.every(connection, scope.of(who, workspace.departments, workspace.regions), waiting=True)
