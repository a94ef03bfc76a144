"""The demo province on its figures: the supervision office rules where Dazhou counts otherwise; the newest month still waits.

They use what the product offers to anybody (`metrics.ruling`), as the persons they are.
"""

from __future__ import annotations

from datetime import datetime

import alerts
from metrics import reading, ruling
from metrics.answers import Ask
from metrics.arrivals import RevisionKind
from metrics.catalogue import Workspace
from metrics.model import Principal
from metrics.ruling import Decision
from metrics.store.engine import Store

CHIEF = Principal("demo.zhou", "周敏（省督查室）", frozenset({"supervisor"}))
WHY = "以省热线系统月报为准：达州自报数含电话回访件和重复件，已请其按统一口径报送。"


def act(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind = "ruling") -> int:
    """Rules on every open conflict but that of the newest month: how many. At any hour: months are filled in at night, too."""
    with store.read() as connection:
        found = reading.conflicts(Ask(connection, workspace, CHIEF, now))
    newest = max((one.period_start for one in found), default=now)
    waiting = [one for one in found if one.ruled is None and one.period_start < newest]
    for one in waiting:
        decision = Decision(one.series, one.told[0].source, one.period_start, one.period_start, WHY)
        ruling.decide(store, workspace, decision, (alerts.evaluate(workspace),), now, CHIEF.name, kind)
    return len(waiting)
