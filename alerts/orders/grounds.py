"""What an order stands on: an alert, a figure named by hand, or nothing that can be counted. Its columns in `work_order`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from alerts.handling import NotFound
from alerts.inbox import holds
from alerts.orders.model import Refused
from alerts.store import episodes
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Indicator, Principal
from metrics.store import scope
from metrics.store import series as series_store

if TYPE_CHECKING:
    from alerts.orders.desk import Draft

PERIODS = {"minute5": 12, "hour": 12, "day": 3, "week": 2}
"""Settled periods in range that close an order, by grain; one for anything coarser."""
MOST_PERIODS = 60
LARGEST = Decimal(10) ** 15


def of(connection: Connection, workspace: Workspace, who: Principal, draft: Draft) -> dict[str, Any]:
    """Raises NotFound (an alert out of scope) and Refused (an alert that is over, a figure that is not there or has no bound)."""
    k = draft.k
    if k is not None and not 1 <= k <= MOST_PERIODS:
        raise Refused("periods")
    none: dict[str, Any] = {
        "episode_id": None, "rule": "", "series_id": 0, "source": "", "indicator": "", "op": "", "threshold": None,
        "recovery": None, "k": k or 1,
    }  # fmt: skip
    if draft.episode is not None:
        return none | _alert(connection, workspace, who, draft, draft.episode)
    if not draft.indicator:
        return none
    indicator = workspace.indicators.get(draft.indicator)
    if indicator is None:
        raise Refused("figure")
    grain = draft.grain if draft.grain in indicator.grains else indicator.grains[0]
    op, bound = _bound(indicator, draft)
    return none | {
        "series_id": _series(connection, workspace, who, indicator, grain, draft), "indicator": indicator.key, "op": op,
        "threshold": str(bound), "recovery": str(bound), "k": k or PERIODS.get(grain, 1),
    }  # fmt: skip


def _alert(connection: Connection, workspace: Workspace, who: Principal, draft: Draft, episode: int) -> dict[str, Any]:
    row = episodes.by_id(connection, episode)
    if row is None or not holds(connection, workspace, who, episode):
        raise NotFound(f"no alert {episode}")
    if row.closed_at is not None:
        raise Refused("alert")
    rule = workspace.rules.get(row.rule)
    found = {"episode_id": row.id, "rule": row.rule, "series_id": row.series_id, "source": row.source, "op": row.op}
    if rule is not None and rule.levels:
        found |= {"indicator": rule.indicator, "threshold": row.threshold, "recovery": str(rule.levels[0].recovery)}
        found["k"] = draft.k or PERIODS.get(rule.grain, 1)
    return found


def _bound(indicator: Indicator, draft: Draft) -> tuple[str, Decimal]:
    """What counts as a breach; in range is the other side, with the bound itself."""
    bound = draft.threshold if draft.threshold is not None else indicator.target
    op = draft.op or {"higher": "<", "lower": ">"}.get(indicator.better, "")
    if op not in ("<", ">") or bound is None or not bound.is_finite() or abs(bound) > LARGEST:
        raise Refused("bound")
    return op, bound


def _series(connection: Connection, workspace: Workspace, who: Principal, indicator: Indicator, grain: str, draft: Draft) -> int:
    """Of the place named; where none is, of the lead, else of the whole of its region."""
    numbers = series_store.ids(connection, indicator.key, grain)  # type: ignore[arg-type]
    named = [draft.department] if draft.department else [draft.lead, TOTAL]
    for department in named:
        found = numbers.get((department, draft.region, "{}"))
        if found is not None and scope.of(who, workspace.departments, workspace.regions).holds(department, draft.region):
            return found
    raise Refused("figure")
