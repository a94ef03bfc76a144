"""Deciding between two sources: a ruling is stored, its periods are chosen again and judged, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from metrics import periods, recompute
from metrics.arrivals import RevisionKind, Series
from metrics.catalogue.workspace import Workspace
from metrics.ingest import Judge
from metrics.model import MAX, Principal
from metrics.store import head, observations, rulings, scope
from metrics.store import series as series_store
from metrics.store.engine import Store
from metrics.store.rulings import Ruled


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
        feed = series_store.ensure_feeds(connection, [series_id], decision.source, taken.number)[series_id]
        reason = decision.reason.strip()
        made = rulings.add(connection, series_id, first, last, feed, reason, actor, taken.number, decision.everywhere)
        _choose_again(connection, workspace, chosen, first, last, taken, judges, workspace.now(now))
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
        series = Series(found.indicator, found.grain, *found.key)  # type: ignore[arg-type]
        _choose_again(connection, workspace, series, found.first, found.last, taken, judges, workspace.now(now))
    return taken.number


def history(connection: Connection, workspace: Workspace, who: Principal) -> list[Ruled]:
    """Every ruling the asker may read, newest first, those taken back too."""
    return rulings.every(connection, scope.of(who, workspace.departments, workspace.regions))


def _choose_again(
    connection: Connection,
    workspace: Workspace,
    series: Series,
    first: int,
    last: int,
    taken: head.Revision,
    judges: Sequence[Judge],
    at: datetime,
) -> None:
    starts = observations.periods_of(connection, series.indicator, series.grain, first, last)
    reported: dict[tuple[str, str], list[int]] = {(series.indicator, series.grain): starts}
    changes = recompute.after(connection, workspace, "", (), reported, taken.number, at)
    for judge in judges:
        judge(connection, changes, at)
    head.touch(connection, taken.number, {series.indicator, "sources", *(change.series.indicator for change in changes)})
