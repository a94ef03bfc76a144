"""Deciding between two sources: a ruling is stored, its periods are chosen again and judged, all in one transaction.

Where those are so many figures that all who write would wait for them, the ruling is stored with a wake row, and the worker
chooses and judges bit by bit; until it has done so they are shown as being recomputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from metrics import again, periods
from metrics.arrivals import RevisionKind, Series
from metrics.catalogue.workspace import Workspace
from metrics.ingest import Judge
from metrics.model import MAX, Principal
from metrics.store import head, observations, rulings, scope, wakes
from metrics.store import series as series_store
from metrics.store.engine import Store
from metrics.store.rulings import Ruled

WAKE = "ruling"
"""Kind of the wake rows of rulings not carried out yet; the key is indicator|id of the ruling|first period left."""


class NotRuled(ValueError):
    """A ruling that cannot stand: what is wrong in words, and the `key` of a sentence: source, reason, span, gone."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


@dataclass(frozen=True)
class Decision:
    """Which source's figure stands for a series, from the period of `first` to that of `last` (None: from now on)."""

    series: Series
    source: str
    first: datetime
    last: datetime | None
    reason: str
    everywhere: bool = False
    """The same for every series of the indicator and grain, those that come later too: who has the authority changes from a
    date. What was ruled for one series stands for that one."""


def decide(
    store: Store,
    workspace: Workspace,
    decision: Decision,
    judges: Sequence[Judge],
    now: datetime,
    actor: str,
    kind: RevisionKind = "ruling",
) -> tuple[int, int]:
    """(id of the ruling, revision). NotRuled where it cannot stand, or has no reason."""
    chosen = decision.series
    indicator = workspace.indicators.get(chosen.indicator)
    if indicator is None or len(indicator.feeds) < 2:
        raise NotRuled("source", f"{chosen.indicator} is not reported by two sources")
    if decision.source not in indicator.feeds:
        said = f"{decision.source} does not report {chosen.indicator}; its sources: {', '.join(indicator.feeds)}"
        raise NotRuled("source", said)
    if not decision.reason.strip():
        raise NotRuled("reason", "a ruling needs a reason")
    first = periods.to_us(periods.bounds(chosen.grain, decision.first, workspace.zone)[0])
    last = MAX if decision.last is None else periods.to_us(periods.bounds(chosen.grain, decision.last, workspace.zone)[0])
    if last < first:
        raise NotRuled("span", "the last period lies before the first")
    with store.write() as connection:
        known = series_store.ids(connection, chosen.indicator, chosen.grain)
        series_id = known.get((chosen.department, chosen.region, chosen.dims))
        if series_id is None:
            raise NotRuled("gone", "no source has ever reported this series")
        taken = head.take(connection, now, kind, actor)
        feed = series_store.ensure_feeds(connection, [series_id], decision.source, taken.number)[0][series_id]
        reason = decision.reason.strip()
        made = rulings.add(connection, series_id, first, last, feed, reason, actor, taken.number, decision.everywhere)
        _carry_out(connection, workspace, made, first, taken, judges, workspace.now(now))
    return made, taken.number


def withdraw(store: Store, workspace: Workspace, id: int, judges: Sequence[Judge], now: datetime, actor: str, reason: str) -> int:
    """Take a ruling back: it stays in the history, its periods are chosen without it. The revision; NotRuled if not in force."""
    if not reason.strip():
        raise NotRuled("reason", "taking a ruling back needs a reason")
    with store.write() as connection:
        found = rulings.one(connection, id)
        if found is None or found.known_to != MAX:
            raise NotRuled("gone", f"ruling {id} is not in force")
        taken = head.take(connection, now, "ruling", actor)
        rulings.withdraw(connection, id, taken.number, actor, reason.strip())
        _carry_out(connection, workspace, id, found.first, taken, judges, workspace.now(now))
    return taken.number


def carry_on(
    store: Store, workspace: Workspace, judges: Sequence[Judge], now: datetime, *, epoch: int | None = None
) -> int | None:
    """The next bit of what rulings left to the worker, as a revision of its own; None where nothing is left."""
    with again.taking(store, workspace, WAKE, now, epoch) as left:
        if left is None:
            return None
        connection, taken, key = left
        _, id, first = key.split("|")
        found = rulings.one(connection, int(id))
        if found is None or found.indicator not in workspace.indicators:
            return None
        head.confirm(connection, taken, "ruling", found.ended_by or found.actor)
        _carry_out(connection, workspace, found.id, int(first), taken, judges, workspace.now(now), bit=True)
    return taken.number


def waiting(connection: Connection) -> set[int]:
    """Ids of the rulings the worker has not carried out yet."""
    return {int(key.split("|")[1]) for _, key in wakes.pending(connection, (WAKE,))}


def history(connection: Connection, workspace: Workspace, who: Principal, revision: int | None = None) -> list[Ruled]:
    """Every ruling the asker may read, newest first, those taken back too; as they stood at a revision."""
    found = rulings.every(connection, scope.of(who, workspace.departments, workspace.regions))
    if revision is None:
        return found
    known = [one for one in found if one.known_from <= revision]
    return [replace(one, known_to=MAX, ended_by="", ended_reason="") if one.known_to > revision else one for one in known]


def _carry_out(
    connection: Connection,
    workspace: Workspace,
    id: int,
    first: int,
    taken: head.Revision,
    judges: Sequence[Judge],
    at: datetime,
    bit: bool = False,
) -> None:
    """Choose the periods of a ruling from `first` on again and judge them; of many (bit: as many as may be at once) leave the
    others, oldest first, to the worker."""
    found = rulings.one(connection, id)
    assert found is not None
    starts = observations.periods_of(connection, found.indicator, found.grain, first, found.last)
    many = again.periods_at_once(connection, found.indicator, found.grain)
    some = starts[:many] if bit else starts if len(starts) <= many else []
    if len(some) < len(starts):
        wakes.put(connection, WAKE, f"{found.indicator}|{id}|{starts[len(some)]}", at)
    changes = again.sums(connection, workspace, found.indicator, found.grain, some, taken.number, judges, at)
    head.touch(connection, taken.number, {found.indicator, "sources", *(change.series.indicator for change in changes)})
