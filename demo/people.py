"""The demo province's people: they look at alerts and take them on, some late, some never. `act` is called after each step.

They use what the product offers to anybody (`alerts.inbox`, `alerts.seen`, `alerts.acknowledge`), as the persons they are. What a
person does with an alert is decided by the seed and by the alert itself, so there is nothing to remember between two calls.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import alerts
from alerts.answers import AlertRow
from demo import bulletin, deciding, offices, supervision
from demo.life import LOCAL, at, dice, working
from metrics.answers import Ask
from metrics.arrivals import RevisionKind
from metrics.catalogue import Workspace
from metrics.model import Principal
from metrics.store.engine import Store

SUPERVISION = Principal("demo.zhou", "周敏（省督查室）", frozenset({"supervisor"}))
DEPUTY = Principal("demo.tang", "唐建国（省督查室）", frozenset({"supervisor"}))
HOTLINE = Principal("demo.luo", "罗娟（12345热线中心）", frozenset({"staff"}))
OPERATOR = Principal("demo.he", "何俊（政务云运维）", frozenset({"administrator"}))

WORDS = {
    "source": (
        "机房搬迁，对方预计今晚恢复。",
        "已改用备用地址，仍无响应，继续跟进。",
        "已联系该系统厂商，正在恢复。",
        "对方在升级，已要求完成后报告。",
        "网络正常，接口无响应，已报修。",
    ),
    "cloud": (
        "数据库连接数用尽，已扩容。",
        "发布新版本所致，已回退。",
        "已通知运维重启，正在观察。",
        "与昨日同一系统，要求厂商今日内说明原因。",
    ),
    "hotline": (
        "承办单位人手不足，已请市里协调。",
        "多为供水类诉求，已约住建部门会商。",
        "不满意件逐件回访，三日内报结果。",
        "已电话催办，要求三日内办结超期件。",
        "已请承办单位逐件说明原因。",
        "本周例会点名，下周复查。",
        "已转市热线核实。",
    ),
    "other": (
        "涉及跨处室会签，已请厅办督促。",
        "已列入本月督查通报。",
        "已发函催办，本周五前反馈。",
        "已联系牵头处室，责任人已明确。",
        "核实中，明日报告。",
    ),
}
NEVER = {"serious": 0.03, "warning": 0.1, "reminder": 0.25}
"""How often nobody ever looks, by severity."""
HOURS = {"serious": 2.0, "warning": 7.0, "reminder": 16.0}
"""The mean time to a first look."""


@dataclass(frozen=True)
class Course:
    """What will be done with one alert; None: never."""

    who: Principal
    looks: datetime | None
    takes: datetime | None
    comment: str


def act(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind = "person") -> int:
    """What people have done by `now` and had not done before: how many steps. `kind` (`replay`, `person`) marks the revisions."""
    steps = attend(store, workspace, now, kind) + supervision.act(store, workspace, now, kind)
    steps += deciding.act(store, workspace, now, "replay" if kind == "replay" else "ruling")
    return steps + offices.act(store, workspace, now, kind) + bulletin.act(store, workspace, now, kind)


def attend(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind = "person") -> int:
    """Look at alerts and take them on."""
    with store.read() as connection:
        waiting = list(alerts.inbox(Ask(connection, workspace, SUPERVISION, now), handling="NEW", limit=200))
    steps = 0
    for row in waiting:
        plan = course(row)
        if plan.looks is not None and plan.looks <= now and not row.seen_by:
            with store.write() as connection:
                steps += alerts.seen(connection, workspace, plan.who, row.id, now, kind=kind)
        if plan.takes is not None and plan.takes <= now:
            with store.write() as connection:
                steps += alerts.acknowledge(connection, workspace, plan.who, row.id, plan.comment, now, kind=kind).first
    return steps


def course(row: AlertRow) -> Course:
    """Decided by the rule, the series or source, and the instant it fired."""
    series = row.series
    about = (series.grain, series.department, series.region) if series else (row.source,)
    roll = dice("person", row.rule, *about, f"{row.fired_at:%Y-%m-%dT%H:%M}")
    who, words = _reader(row, roll)
    if roll.random() < NEVER[row.worst]:
        return Course(who, None, None, "")
    if row.kind == "source":  # operations have a night shift
        looks = row.fired_at + timedelta(hours=roll.uniform(0.1, 3))
        return Course(who, looks, looks + timedelta(hours=roll.uniform(0.1, 2)), roll.choice(WORDS[words]))
    looks = at_work(row.fired_at + timedelta(hours=0.2 + roll.expovariate(1 / HOURS[row.worst])))
    takes = at_work(looks + timedelta(hours=roll.uniform(0.05, 5))) if roll.random() < 0.8 else None
    return Course(who, looks, takes, roll.choice(WORDS[words]))


def _reader(row: AlertRow, roll: random.Random) -> tuple[Principal, str]:
    if row.kind == "source":
        return OPERATOR, "source"
    if row.field == "cloud":
        return OPERATOR, "cloud"
    hotline = (row.indicator or "").startswith(("hotline", "call"))
    who = HOTLINE if hotline and roll.random() < 0.6 else roll.choice((SUPERVISION, DEPUTY))
    return who, "hotline" if hotline else "other"


def at_work(moment: datetime) -> datetime:
    """The moment itself in working hours, else soon after the next day of work begins."""
    local = moment.astimezone(LOCAL)
    day, late = local.date(), 0.0
    if working(day) and 8.5 <= (hour := local.hour + local.minute / 60) < 18:
        return moment
    if not working(day) or hour >= 18:
        day += timedelta(days=1)
    while not working(day):
        day += timedelta(days=1)
    late = dice("morning", moment.isoformat()).uniform(0.1, 1.5)
    return at(day, (8.5 + late) * 3600)
