"""Messages about an order, by the outbox of the alerts: issued, answered and returned, the lights as reminders, and its end.

Told are the desks of the departments that lead and assist, and whoever was told of the alert it stands on, if it stands on one.
Where the lead has no desk, the administrator is told in its place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts import kinds, outbox
from alerts.message import Facts
from alerts.stamp import Stamp
from alerts.store import episodes
from alerts.store.outbox import told_in
from alerts.telling import Letter, known
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL
from metrics.periods import from_us

KINDS = {
    "issued": "order_issued", "returned": "order_returned", "recovered": "order_closed", "overridden": "order_closed",
    "withdrawn": "order_closed", "relapsed": "order_relapsed", "reminded": "order_reminded",
    "answered": "order_answered", "basis_corrected": "order_corrected",
}  # fmt: skip


def tell(
    connection: Connection,
    workspace: Workspace,
    row: Row[Any],
    kind: str,
    light: str,
    event_seq: int,
    now: datetime,
    revision: int,
) -> None:
    """One message to each; in a replay nobody is called. Other kinds of step are told to nobody."""
    told = f"order_{light}" if kind == "light" and light else KINDS.get(kind)
    if told is None:
        return
    episode = episodes.by_id(connection, row.episode_id) if row.episode_id is not None else None
    stamp = Stamp(revision, now, episodes.standing(connection)[1] == "replay")
    mine = {*known(workspace, _desks(workspace, [row.lead])), *_desks(workspace, json.loads(row.assisting))}
    if episode is not None:
        mine |= {receiver for receiver, _ in told_in(connection, episode.id)}
    letters = [Letter(key, stamp.at, f"order:{row.id}") for key in sorted(mine)]
    # Steps of orders and events of alerts are numbered apart: below zero they cannot be taken for each other.
    outbox.tell(connection, workspace, _facts(workspace, row, episode, told, stamp), letters, -event_seq, stamp)


def _desks(workspace: Workspace, departments: Sequence[str]) -> list[str]:
    return [one.key for one in workspace.receivers.values() if one.department in departments]


def _facts(workspace: Workspace, row: Row[Any], episode: Row[Any] | None, kind: str, stamp: Stamp) -> Facts:
    indicator, rule = workspace.indicators.get(row.indicator), workspace.rules.get(row.rule)
    title = {"zh": f"督办单 {row.number} {row.title}", "en": f"Order {row.number} {row.title}"}
    lead = workspace.departments.get(row.lead).name if row.lead in workspace.departments else workspace.name
    place = lead
    if row.region != TOTAL:
        here = row.region in workspace.regions
        place = workspace.regions.get(row.region).name if here else {"zh": row.region, "en": row.region}
    return Facts(
        kind=kind, severity=episode.severity if episode else "", rule=row.rule,
        rule_name=rule.name if rule else title, matter=title, place=place,
        episode=episode.id if episode else 0, order=row.id, source=row.source, since=from_us(row.made_at),
        fired_at=from_us(episode.fired_at if episode else row.made_at), at=stamp.now,
        value=Decimal(episode.value) if episode and episode.value else None, before=None,
        threshold=Decimal(row.threshold) if row.threshold else None, op=row.op,
        unit=kinds.unit(rule, indicator, workspace.units), rate=kinds.rate(rule, indicator),
        period_start=None, period_end=None, grain=None, by_correction=False, demo=workspace.demo, path=f"/orders/{row.id}",
    )  # fmt: skip
