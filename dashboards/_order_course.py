"""The whole course of an order: its steps, who was told, the figures that came meanwhile, its papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts import kinds
from alerts.answers import Delivery
from alerts.orders.board import OrderDetail, OrderRow
from alerts.orders.evidence import in_range
from alerts.orders.model import SYSTEM, Event
from dashboards import _format as fmt
from dashboards import _orders
from dashboards._around import Around
from dashboards._cards import Setting
from dashboards._marks import shape
from dashboards._text import catalogue, name
from metrics import periods
from metrics.answers import Ask, Cell
from metrics.periods import from_us

MOMENT = timedelta(microseconds=1)


def course(detail: OrderDetail, figures: Around, ask: Ask, setting: Setting) -> Component:
    """Every step, message, figure and paper in order, in print too; of figures that are too many it says how many more."""
    found: list[tuple[datetime, int, Component]] = []
    at = detail.row.made_at
    for one in detail.events:
        at = max(at, from_us(one.at))  # steps keep their own order, whatever a clock said
        found.append((at, 0, event(one, detail, ask, setting)))
    for made, many in groupby(detail.messages, key=lambda message: message.created_at):
        found.append((made, 1, told_to(made, list(many), setting)))
    indicator = ask.workspace.indicators.get(detail.row.indicator)
    if figures.gap is not None and indicator is not None:
        known = figures.gap + indicator.settle_delay + MOMENT  # after the last of those before it
        found.append((known, 2, more(figures.left_out, known, detail, setting)))
    found += values(detail, figures.cells, [when for when, _, _ in found], ask, setting)
    return html.Ol([item for _, _, item in sorted(found, key=lambda entry: entry[:2])], className="tl first")


def told_to(made: datetime, messages: Sequence[Delivery], setting: Setting) -> Component:
    """Who was told at one instant, and whether it arrived."""
    look = setting.view
    said = look.t("list.semi").join(
        f"{name(one.receiver_name, look.lang)} {look.t(f'delivery.{one.state}')}" + (f" {one.error}" if one.error else "")
        for one in messages
    )
    key = f"order.told.{messages[0].kind}"
    words = look.t(key if key in catalogue() else "order.told.alert")
    return html.Li(
        [
            shape("none"),
            html.Time(fmt.full(made, setting.zone, look.lang), className="tm"),
            html.Div([html.B(look.t("delivery.title")), html.Span(f" {words}"), html.P(said)]),
        ],
        className="aside",
    )


def more(left_out: int, known: datetime, detail: OrderDetail, setting: Setting) -> Component:
    """In place of figures that are not listed: how many, and where they are."""
    look, row = setting.view, detail.row
    said: Any = look.t("figures.left_out", n=fmt.number(left_out))
    if row.series is not None:
        place = {"grain": row.series.grain, "department": row.series.department, "region": row.series.region}
        said = dcc.Link(said, href=look.href(f"/indicator/{row.indicator}", **place), className="lk")
    when = html.Time(fmt.full(known, setting.zone, look.lang), className="tm")
    return html.Li([shape("none"), when, html.Div([html.B(look.t("order.figures")), html.P(said)])], className="aside")


def values(
    detail: OrderDetail, cells: Sequence[Cell], steps: Sequence[datetime], ask: Ask, setting: Setting
) -> list[tuple[datetime, int, Component]]:
    """The settled figures since it was drafted, those between two other entries in one."""
    look, row = setting.view, detail.row
    indicator = ask.workspace.indicators.get(row.indicator)
    if indicator is None or row.recovery is None:
        return []
    end = from_us(detail.row.order.closed_at) if detail.row.order.closed_at else ask.now
    known = [(c.period_end + indicator.settle_delay, c) for c in cells if c.value is not None]
    known = [(at, c) for at, c in known if row.made_at <= at <= end]
    found = []
    for _, many in groupby(known, key=lambda one: sum(step <= one[0] for step in steps)):
        mine = list(many)
        said = look.t("list.comma").join(
            f"{periods.label(c.series.grain, c.period_start, setting.zone, look.lang, setting.now)} "
            f"{amount(c.value, row, ask, setting)}{'' if in_range(row.op, c.value, row.recovery) else ' ▲'}"
            for _, c in mine
        )
        item = html.Li(
            [
                shape("ok" if in_range(row.op, mine[-1][1].value, row.recovery) else "off"),
                html.Time(fmt.full(mine[-1][0], setting.zone, look.lang), className="tm"),
                html.Div([html.B(look.t("order.figures")), html.P(said)]),
            ],
            className="aside",
        )
        found.append((mine[-1][0], 2, item))
    return found


def event(one: Event, detail: OrderDetail, ask: Ask, setting: Setting) -> Component:
    look = setting.view
    mark: Any = shape(
        {"recovered": "ok", "relapsed": "serious", "joined": "off", "basis_corrected": "watch"}.get(one.kind, "none")
    )
    if one.kind == "light":
        mark = _orders.lamp(str(one.data.get("light", "")))
    who = look.t("order.system") if one.actor == SYSTEM else one.name
    said = told(one, detail, ask, setting)
    papers = [
        html.A(
            f"{p.name} ({max(1, p.size // 1024)} KB)",
            href=f"/orders/{detail.row.id}/papers/{p.id}",
            className="lk",
            download=p.name,
            title=f"SHA-256 {p.sha256}",
        )
        for p in detail.papers
        if p.event_seq == one.seq
    ]
    return html.Li(
        [
            mark,
            html.Time(fmt.full(from_us(one.at), setting.zone, look.lang), className="tm"),
            html.Div(
                [
                    html.B(look.t(f"order.step.{one.kind}")),
                    html.Span(f" {who}"),
                    html.P(one.text) if one.text else None,
                    html.P(said) if said else None,
                    html.P([f"{look.t('order.papers')}: ", *papers]) if papers else None,
                ]
            ),
        ]
    )


def told(one: Event, detail: OrderDetail, ask: Ask, setting: Setting) -> str:
    """What the step itself says beside its words: limits, days, values."""
    look, data = setting.view, one.data

    def day(key: str) -> str:
        return _orders.moment(data.get(key), setting)

    match one.kind:
        case "edited":
            given = {key: data[f"{key}_days"] for key in ("sign", "answer", "recover")}
            return look.t("order.said.edited", title=data["title"], **given)
        case "issued":
            return look.t("order.said.limits", sign=day("sign_due"), answer=day("answer_due"))
        case "signed" | "returned":
            return look.t("order.said.answer_due", answer=day("answer_due"))
        case "answered":
            cause = look.t(f"order.cause.{data.get('cause', 'other')}")
            expected = fmt.day(from_us(int(data["expected"])), setting.zone, look.lang)
            return look.t("order.said.expected", cause=cause, day=expected)
        case "extended":
            return look.t("order.said.to", day=day("to"))
        case "suspended":
            return look.t("order.said.until", day=day("until"))
        case "recovered" if data.get("value") is not None:
            value = amount(Decimal(str(data["value"])), detail.row, ask, setting)
            if "periods" not in data:
                return look.t("order.said.recovered_alert", k=detail.row.k, value=value)
            return look.t("order.said.recovered", n=data["periods"], value=value)
        case "joined" | "relapsed" if data.get("value") is not None:
            return look.t("order.said.alert", value=amount(Decimal(str(data["value"])), detail.row, ask, setting))
        case "light":
            return look.t("order.said.light", light=look.t(f"order.light.{data.get('light') or 'none'}"), due=day("due"))
    return ""


def amount(value: Decimal, row: OrderRow, ask: Ask, setting: Setting) -> str:
    """A figure, or what the rule judges in its place, with its unit."""
    indicator, rule = ask.workspace.indicators.get(row.indicator), ask.workspace.rules.get(row.rule)
    if indicator is None:
        return fmt.number(value, 1)
    words, places = fmt.unit(indicator, setting.units, setting.view.lang), fmt.shown_decimals(indicator)
    if rule is not None and rule.kind != "threshold":
        words = kinds.unit(rule, indicator, setting.units).get(setting.view.lang, "")
        places = min(places, max(0, -int(value.normalize().as_tuple().exponent)))
    return f"{fmt.number(value, places)}{words if words == '%' else ' ' + words}"
