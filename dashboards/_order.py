"""One order in parts: its steps, its clocks, its whole course, what the data says, its facts. Values in, components out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.orders import rounds
from alerts.orders.board import OrderDetail, OrderRow
from alerts.orders.clocks import days_between
from dashboards import _around_chart, _orders
from dashboards import _format as fmt
from dashboards._around import Around, around
from dashboards._cards import Setting
from dashboards._marks import shape
from dashboards._order_course import amount
from dashboards._passport import facts
from dashboards._text import name
from dashboards._view import View
from metrics import periods
from metrics.answers import Ask
from metrics.hours import WorkHours
from metrics.model import TOTAL
from metrics.periods import from_us, to_us

MAIN = ("drafted", "issued", "signed", "answered", "returned", "relapsed", "recovered", "overridden", "withdrawn")
MARKED = ("issued", "answered", "recovered", "relapsed")
"""Steps that are named on the chart."""
PERIODS = 18


def steps(detail: OrderDetail, setting: Setting) -> Component:
    """The way it went, one dot a step, and what is still to come."""
    look, order = setting.view, detail.row.order
    done = [event for event in detail.events if event.kind in MAIN][-8:]
    items = [
        html.Li([html.I(), html.B(look.t(f"order.step.{one.kind}")), html.Span(_orders.when(one.at, setting))], className="d")
        for one in done
    ]
    if order.open:
        items.append(
            html.Li(
                [html.I(), html.B(look.t(f"order.state.{order.state}")), html.Span(_orders.limit(order, setting))], className="c"
            )
        )
        items.append(
            html.Li(
                [html.I(), html.B(look.t("order.step.done")), html.Span(criterion(detail.row, None, setting, short=True))],
                className="nx",
            )
        )
    return html.Section(html.Ol(items, className="stp", style={"--n": str(len(items))}), className="pn")


def clocks(detail: OrderDetail, ask: Ask, setting: Setting) -> Component:
    """Seen, signed, answered, recovered: how long each took in working time, and against which limit."""
    look, row = setting.view, detail.row
    order, hours = row.order, ask.workspace.work_hours
    going = ([None, *rounds.rounds((one.kind, one.at) for one in detail.events)])[-1]
    begun, answering = (going.begun, going.answering) if going else (None, None)

    def cell(key: str, value: str, verdict: Any, under: str, hot: bool = False) -> Component:
        return html.Div(
            [
                html.Span(look.t(f"order.stat.{key}"), className="k t12"),
                html.P([value, verdict]),
                html.Span(under, className="k t11"),
            ],
            className="hot" if hot else "",
        )

    def took(a: int | None, b: int | None) -> str:
        return fmt.DASH if a is None or b is None else worked(from_us(a), from_us(b), hours, look)

    def verdict(late: bool) -> Component:
        mark = "off" if late else "ok"
        return html.Span([shape(mark), look.t("order.stat.late" if late else "order.stat.on_time")], className=f"st c-{mark} q")

    found = []
    if detail.fired_at is not None:
        seen = detail.seen_at
        value = worked(detail.fired_at, seen, hours, look) if seen else look.t("order.stat.not_seen")
        found.append(cell("seen", value, None, fmt.full(detail.fired_at, setting.zone, look.lang)))
    signed_late = order.late_to_sign or (order.state == "ISSUED" and order.light in ("yellow", "red"))
    found.append(
        cell(
            "signed",
            took(order.issued_at, order.signed_at) if order.signed_at else look.t("order.stat.not_yet"),
            verdict(signed_late) if order.signed_at or signed_late else None,
            look.t("order.stat.limit", when=_orders.moment(order.sign_due, setting)),
        )
    )
    answered_late = order.answers_late(to_us(ask.now))
    under = look.t("order.stat.limit", when=_orders.moment(order.answer_due, setting))
    if order.returns:
        under += ("，" if look.lang == "zh" else ", ") + look.t("order.stat.returned", n=order.returns)
    found.append(
        cell(
            "answered",
            took(answering, order.answered_at) if order.answered_at else look.t("order.stat.not_yet"),
            verdict(answered_late) if order.answered_at or answered_late else None,
            under,
        )
    )
    if order.closed == "data":
        mark = html.Span([shape("ok"), look.t("order.stat.recovered_yes")], className="st c-ok q")
        found.append(cell("recovered", took(begun, order.closed_at), mark, _orders.moment(order.closed_at, setting)))
    elif order.closed == "word":
        found.append(cell("recovered", fmt.DASH, None, look.t("order.stat.by_word")))
    else:
        by_figures = row.recovery is not None
        there = by_figures and row.good >= row.k > 0
        mark = (
            html.Span([shape("ok"), look.t("order.stat.in_range")], className="st c-ok q")
            if there
            else html.Span([shape("serious"), look.t("order.stat.recovered_no")], className="st c-serious solid")
        )
        good = look.t("order.stat.good", good=row.good, k=row.k) if by_figures else criterion(row, ask, setting)
        if there and order.state in ("ISSUED", "IN_PROGRESS"):
            good = look.t("order.stat.waits", good=good, state=look.t(f"order.state.{order.state}"))
        value = look.t("order.stat.not_yet")
        found.append(cell("recovered", value, mark if order.open else None, good, order.open and not there))
    return html.Section(found, className="pn mt")


def worked(a: datetime, b: datetime, hours: WorkHours, look: View) -> str:
    """Working days from the day of a to that of b; within a day working hours and minutes."""
    days = days_between(a, b, hours)
    return str(look.t("case.days", n=days)) if days > 0 else fmt.age(hours.between(a, b), look.lang)


def criterion(row: OrderRow, ask: Ask | None, setting: Setting, short: bool = False) -> str:
    look = setting.view
    if row.recovery is None:
        return "" if short else look.t("order.no_figure") if not row.rule else look.t("order.by_alert", k=row.k)
    op = "≤" if row.op.startswith(">") else "≥"
    if short or ask is None:
        return f"{op} {row.recovery.normalize():f} × {row.k}"
    return look.t("order.criterion_words", k=row.k, op=op, bound=amount(row.recovery, row, ask, setting), good=row.good)


def about(detail: OrderDetail, ask: Ask, setting: Setting) -> Component:
    look, row = setting.view, detail.row
    order = row.order
    grounds: Any = look.t("order.by_hand")
    if row.episode:
        grounds = dcc.Link(f"{name(row.rule_name, look.lang)} #{row.episode}", href=look.href(f"/alerts/{row.episode}"))
    due = None
    if order.due is not None:
        what = look.t(f"order.to.{order.state}")
        due = look.t("order.next_words", when=_orders.moment(order.due, setting), what=what)
    flags = [
        look.t("order.suspended", when=_orders.moment(order.suspended_until, setting)) if order.suspended_until else "",
        look.t("order.extended", when=_orders.moment(order.extended_to, setting)) if order.extended_to else "",
        look.t("order.basis_corrected") if order.basis_corrected else "",
    ]
    comma = look.t("list.comma")
    return facts(
        [
            (look.t("order.lead"), name(row.lead_name, look.lang)),
            (look.t("order.assisting"), comma.join(name(one, look.lang) for one in row.assisting) or None),
            (look.t("order.author"), row.author),
            (look.t("order.basis"), grounds),
            (look.t("order.criterion"), criterion(row, ask, setting)),
            (
                look.t("order.relapse"),
                look.t("order.relapsed", n=order.relapses) if order.relapses else look.t("order.relapse_words"),
            ),
            (look.t("order.next"), html.B(due) if due else None),
            (look.t("table.state"), comma.join(flag for flag in flags if flag) or None),
        ]
    )


def figures(detail: OrderDetail, ask: Ask) -> Around:
    """The settled figures from before it was drafted until it was over, else until now: the same for ever once it is over."""
    row, closed = detail.row, detail.row.order.closed_at
    if row.indicator not in ask.workspace.indicators or row.series is None:
        return Around([])
    return around(ask, row.series, row.made_at, from_us(closed) if closed else None, PERIODS)


def data(detail: OrderDetail, found: Around, ask: Ask, setting: Setting) -> tuple[Any, str]:
    """The figure around the order, with what is in range shaded, and when it was issued and answered; and what it is of."""
    look, row = setting.view, detail.row
    indicator = ask.workspace.indicators.get(row.indicator)
    if indicator is None or row.series is None:
        return html.P(criterion(row, ask, setting), className="hint ft"), ""
    cells = found.cells
    before = sum(c.period_end <= row.made_at for c in cells)
    cells = cells[max(0, min(before - PERIODS // 2, len(cells) - PERIODS)) :]
    place = [name(ask.workspace.regions.get(row.series.region).name, look.lang)] if row.series.region != TOTAL else []
    if row.series.department != TOTAL:
        place.append(name(ask.workspace.departments.get(row.series.department).name, look.lang))
    note = " · ".join([*place, name(indicator.name, look.lang)])
    link = dcc.Link(
        name(indicator.name, look.lang),
        className="lk no-print",
        href=look.href(
            f"/indicator/{indicator.key}", grain=row.series.grain, department=row.series.department, region=row.series.region
        ),
    )
    known = [c for c in cells if c.value is not None]
    if len(known) < 2:
        return html.Div([html.P(look.t("map.none"), className="hint ft"), link]), note
    said = [(periods.label(c.series.grain, c.period_start, setting.zone, look.lang, setting.now), c.value) for c in known]
    happened = [(look.t(f"order.step.{one.kind}"), from_us(one.at)) for one in detail.events if one.kind in MARKED]
    label = look.t("list.semi").join(f"{period} {fmt.number(value, 1)}" for period, value in said)
    bounds = _around_chart.Bounds(row.op, row.recovery, row.threshold if row.recovery is not None else None)
    return html.Div(
        [
            _around_chart.drawing(known, bounds, happened, indicator, setting, found.gap),
            html.P(label, className="sr"),
            html.P(look.t("figures.left_out", n=fmt.number(found.left_out)), className="hint") if found.left_out else None,
            html.Div(link, className="hint"),
        ],
        className="says",
    ), note
