"""Messages that do not arrive are themselves told: to the administrator, once an outage, and again each day it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from alerts import outbox as letters
from alerts.delivered import LATE
from alerts.message import Facts
from alerts.stamp import Stamp
from alerts.store import outbox
from alerts.telling import ADMINISTRATOR, Letter
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us

KIND = "unsent"
AGAIN, CALM = timedelta(days=1), timedelta(hours=1)
"""While it lasts it is told once a day; outages that follow each other closer than an hour are one."""


def watch(connection: Connection, workspace: Workspace, now: datetime) -> bool:
    """Tell the administrator of messages that were tried in vain and wait for over five minutes. Whether that was told."""
    late = outbox.failing(connection, to_us(now - LATE), but=KIND)
    if not late or ADMINISTRATOR not in workspace.receivers:
        return False
    since = min(oldest for _, _, oldest in late)
    last = outbox.last_of_kind(connection, KIND)
    told = None if last is None else from_us(last)
    if told is not None and now - told < (CALM if from_us(since) > told else AGAIN):
        return False
    facts = _facts(workspace, late, from_us(since), now)
    letters.tell(connection, workspace, facts, [Letter(ADMINISTRATOR, to_us(now), KIND)], -to_us(now), Stamp(0, now, False))
    return True


def _facts(workspace: Workspace, late: list[tuple[str, int, int]], since: datetime, now: datetime) -> Facts:
    number = sum(many for _, many, _ in late)
    names = [workspace.receivers[key].name if key in workspace.receivers else {"zh": key, "en": key} for key, _, _ in late]
    return Facts(
        kind=KIND, severity="serious", rule="", rule_name={"zh": "通知超过五分钟未送达", "en": "Not delivered for five minutes"},
        matter={"zh": "未送达的通知", "en": "Messages not delivered"},
        place={"zh": "、".join(one["zh"] for one in names), "en": ", ".join(one["en"] for one in names)}, episode=0, source="",
        since=since, fired_at=since, at=now, value=Decimal(number), before=None, threshold=None, op="",
        unit={"zh": "条", "en": "messages" if number != 1 else "message"}, rate=False, period_start=None, period_end=None,
        grain=None, by_correction=False, demo=workspace.demo, path="/alerts",
    )  # fmt: skip
