"""Rules on two sources that disagree: the difference nobody has decided on. What a person has ruled is no difference any more."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from alerts.store import figures
from metrics import periods
from metrics.catalogue import Workspace
from metrics.indicators import observed
from metrics.model import Grain, Indicator
from metrics.rulebook import Rule
from metrics.store import observations, rulings, wakes
from metrics.store.series import Key
from metrics.values import display

SEEN = "rule_seen"
"""Kind of the wake rows that say up to which answer of its sources, or ruling, a rule on conflicts has looked."""


def differences(
    connection: Connection, workspace: Workspace, indicator: Indicator, grain: Grain, start: int
) -> dict[Key, Decimal | None]:
    """The widest difference between two sources; 0 where a person has ruled; one source alone says nothing."""
    told: dict[Key, list[Decimal]] = {}
    for row in observed.told(connection, workspace, indicator, grain, [start], None):
        value = display(workspace.meant(indicator.key, row.version), row.values)
        if value is not None:
            told.setdefault(row.key, []).append(value)
    ruled = rulings.in_force(connection, indicator.key, grain)

    def apart(key: Key, values: list[Decimal]) -> Decimal | None:
        if len(values) < 2:
            return None
        return Decimal(0) if rulings.covering(ruled, key, start) else max(values) - min(values)

    return {key: apart(key, values) for key, values in told.items()}


def look(connection: Connection, workspace: Workspace, rule: Rule, at: datetime, wake: str) -> None:
    """A second source and a ruling move no figure that is judged: what came since the last look is found by Runs and rulings."""
    indicator = workspace.indicators[rule.indicator]
    seen = wakes.pending(connection, (SEEN,)).get((SEEN, rule.key))
    since = 0 if seen is None else periods.to_us(seen)
    newest = figures.newest_answer(connection, indicator.feeds)
    starts: set[int] = set()
    if newest > since:
        starts.update(figures.reported_since(connection, indicator.key, rule.grain, since))
    for one in rulings.kept(connection, indicator.key, rule.grain):
        for number in (one.known_from, one.known_to):
            moved = rulings.moved_at(connection, number)
            if moved is not None and moved >= since:
                newest = max(newest, moved + 1)
                starts.update(observations.periods_of(connection, indicator.key, rule.grain, one.first, one.last))
    if newest <= since:
        return
    for start in sorted(starts):
        wakes.put(connection, wake, f"{rule.key}|{start}", at)
    wakes.put(connection, SEEN, rule.key, periods.from_us(newest))
