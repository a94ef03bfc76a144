"""The demo province's orders: the supervision office raises some from alerts, departments sign and answer, some late, some never.

What becomes of an order is decided by its number, so that after six weeks there is one in every state: closed by data, by word,
withdrawn, returned, still unsigned, still a draft. They use what the product offers to anybody (`alerts.orders`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import alerts
from alerts import orders
from alerts.answers import AlertRow
from alerts.orders.board import OrderRow
from demo.life import LOCAL, dice, working
from metrics.answers import Ask
from metrics.arrivals import RevisionKind
from metrics.catalogue import Workspace
from metrics.model import TOTAL, Principal
from metrics.periods import from_us
from metrics.store.engine import Store

CHIEF = Principal("demo.zhou", "周敏（省督查室）", frozenset({"supervisor"}))
MOST_OPEN, A_WEEK = 9, 4
NAMES = ("何琳", "刘强", "邓娟", "罗斌", "蒲英", "杨帆", "税华", "兰茜")
STYLES = ("good", "returned", "word", "good", "unsigned", "good", "unanswered", "withdrawn", "word", "draft", "late", "good")
"""By word twice: one of them may be opened again by a relapse."""
CAUSES = {
    "capacity": ("窗口轮岗，经办力量不足。", "已增派 4 人，超期件每日清零，周五前完成。"),
    "process": ("转办环节多，平均签收 1.9 个工作日。", "签收改为 4 小时提醒，由专人盯办。"),
    "coordination": ("涉及两个部门会办，责任未厘清。", "已明确牵头单位，建立日会商。"),
    "system": ("系统升级后接口超时。", "已回退版本，补录积压件。"),
}
DEMANDS = (
    "请查明原因，限期恢复，并逐件说明超期情况。",
    "请制定措施，明确责任人和恢复日期。",
    "请在答复期限内报送原因、措施和预计恢复日期。",
)


def act(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind = "person") -> int:
    """What has been done about orders by `now` and had not been done before: how many steps. In working hours only."""
    local = now.astimezone(LOCAL)
    if not working(local.date()) or not 8.5 <= local.hour + local.minute / 60 < 18:
        return 0
    with store.read() as connection:
        ask = Ask(connection, workspace, CHIEF, now)
        known = list(orders.board(ask, states_=None, limit=500))
        running = [row for row in known if row.order.open]
        recent = [row for row in known if now - row.made_at < timedelta(days=7)]
        wanted: list[AlertRow] = []
        if len(running) < MOST_OPEN and len(recent) < A_WEEK:
            had = {row.episode for row in known}
            taken = {(row.rule, row.series) for row in running}
            wanted = [
                row for row in alerts.inbox(ask, limit=100)
                if _grave(row, workspace, now) and row.id not in had and (row.rule, row.series) not in taken
            ]  # fmt: skip
    steps = sum(_tend(store, workspace, row, now, kind) for row in running)
    if wanted:
        steps += _raise(store, workspace, wanted[0], len(known), now, kind)
    return steps


def _grave(row: AlertRow, workspace: Workspace, now: datetime) -> bool:
    """Worth an order: a figure that has stood beyond its bound for a while and that nobody has an order for."""
    if row.kind != "threshold" or row.series is None or row.handling == "ORDERED" or row.severity == "reminder":
        return False
    return now - row.fired_at > timedelta(hours=3) and _lead(row, workspace) is not None


def _lead(row: AlertRow, workspace: Workspace) -> str | None:
    indicator = workspace.indicators.get(row.indicator or "")
    lead = row.department if row.department != TOTAL else indicator.owner if indicator else ""
    return lead if lead in workspace.departments and lead != TOTAL else None


def _raise(store: Store, workspace: Workspace, row: AlertRow, before: int, now: datetime, kind: RevisionKind) -> int:
    lead = _lead(row, workspace)
    assert lead is not None
    place = workspace.regions.get(row.region).name["zh"] if row.region != TOTAL else ""
    who = workspace.departments.get(lead).name["zh"]
    below = "低于" if row.op.startswith("<") else "高于"
    bound = f"{row.threshold.normalize():f}" if row.threshold is not None else "界线"
    title = f"{place or who}{row.indicator_name['zh']}{below}{bound}{'%' if row.unit == 'percent' else ''}"
    draft = orders.Draft(
        title=title,
        lead=lead,
        text=DEMANDS[before % len(DEMANDS)],
        episode=row.id,
        region=row.region,
        answer_days=4,
        recover_days=10,
    )
    try:
        with store.write() as connection:
            issue = STYLES[before % len(STYLES)] != "draft"
            orders.raise_order(connection, workspace, CHIEF, draft, now, issue=issue, kind=kind)
    except orders.Refused:
        return 0
    return 1


def _tend(store: Store, workspace: Workspace, row: OrderRow, now: datetime, kind: RevisionKind) -> int:
    """The next step of one order, if its time has come."""
    number, order = int(row.number.partition("-")[2]), row.order
    style, roll = STYLES[(number - 1) % len(STYLES)], dice("order", row.number)
    name = f"{roll.choice(NAMES)}（{row.lead_name['zh']}）"
    clerk = Principal(f"demo.{row.lead}"[:60], name, frozenset({"staff"}), departments=(row.lead,))
    sign, answer = roll.uniform(2, 20), roll.uniform(20, 60) * (2.5 if style == "late" else 1)
    cause = roll.choice(sorted(CAUSES))

    def since(us: int | None) -> float:
        return (now - from_us(us)).total_seconds() / 3600 if us is not None else 0.0

    step: tuple[Principal, str, str] | None = None
    if style == "withdrawn" and since(order.issued_at) > 26:
        step = (CHIEF, "withdrawn", "与另一督办事项重复，合并办理。")
    elif style == "word" and order.state == "IN_PROGRESS" and not order.relapses and since(order.signed_at) > 8:
        step = (CHIEF, "overridden", "规则界线本周调整，经督查室核实情况属实，人工办结。")
    elif order.state == "ISSUED" and style != "unsigned" and since(order.issued_at) > sign:
        step = (clerk, "signed", "")
    elif order.state == "IN_PROGRESS" and style != "unanswered":
        begun = max(order.signed_at or 0, order.since or 0)
        if since(begun) > answer * (0.5 if order.returns else 1):
            words = "已高度重视，正在整改。" if style == "returned" and not order.returns else "".join(CAUSES[cause])
            step = (clerk, "answered", words)
    elif order.state == "AWAITING_EVIDENCE" and style == "returned" and not order.returns and since(order.answered_at) > 3:
        step = (CHIEF, "returned", "未说明原因和数据，请当日补正。")
    if step is None:
        return 0
    who, what, text = step
    given = {"cause": cause, "expected": (now + timedelta(days=9)).astimezone(LOCAL).date()}
    try:
        with store.write() as connection:
            orders.step(connection, workspace, who, row.id, what, now, text, given, revision_kind=kind)
    except orders.Refused:
        return 0
    return 1
