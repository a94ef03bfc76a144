"""Alerts in words: their mark, what they say, their course, what was sent."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts import kinds, why
from alerts.answers import AlertDetail, AlertEvent, AlertRow, Delivery
from alerts.judge import beyond
from alerts.orders.model import SYSTEM
from alerts.wording import OPERATOR
from dashboards import _format as fmt
from dashboards import _orders
from dashboards._cards import Setting
from dashboards._marks import shape
from dashboards._template import SEVERITY
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics import periods
from metrics.answers import Ask
from metrics.model import TOTAL


def mark(row: AlertRow) -> str:
    return {"source": "down", "held": "watch"}.get(row.kind) or SEVERITY[row.severity]


def severity(row: AlertRow, setting: Setting) -> Component:
    """Mark and word; solid and tinted only while it is open."""
    state, view = mark(row), setting.view
    words = view.t({"source": "alert.data", "held": "alert.held"}.get(row.kind, f"severity.{row.severity}"))
    if not row.open:
        return html.Span([shape("none"), view.t(f"closed.{row.closed or 'recovered'}")], className="st c-none q")
    dress = {"serious": " solid", "off": " tint", "down": " tint"}.get(state, "")
    return html.Span([shape(state), words], className=f"st c-{state}{dress}")


def place(row: AlertRow, setting: Setting) -> str:
    """Whose figure: the region and the department where they are not the whole."""
    lang, said = setting.view.lang, []
    if row.region != TOTAL:
        said.append(name(row.region_name, lang))
    if row.department != TOTAL:
        said.append(name(row.department_name, lang))
    return " ".join(said)


def sentence(row: AlertRow, ask: Ask, setting: Setting) -> str:
    """`达州市 12345按时办结率 87.9%，低于 90%`: what is so, in one line. Of a value that is on the safe side of the limit (it
    recovers, or it is over) the limit is named, and not said to be crossed."""
    view = setting.view
    if row.source:
        source = ask.workspace.sources.get(row.source)
        said = name(source.name, view.lang) if source else row.source
        if row.kind == "held":
            return view.t("alert.doubted" if row.open else "alert.doubted_over", source=said, n=f"{row.value or 0:f}")
        return view.t("alert.silent", source=said)
    what, rule = name(row.indicator_name, view.lang), ask.workspace.rules.get(row.rule)
    if rule is not None and rule.kind == "rank" and row.value is not None and row.threshold is not None:
        words = view.t("alert.rank", name=what, value=f"{row.value:f}", bound=f"{row.threshold:f}")
        return f"{place(row, setting)} {words}".strip()
    figure = amount(row.value, row, ask, setting)
    bound = amount(row.threshold, row, ask, setting)
    if row.value is not None and row.value != row.threshold and round(row.value, 1) == row.threshold:
        figure = amount(row.value, row, ask, setting, places=2)
    if row.threshold is None or row.op not in OPERATOR:
        words = f"{what} {figure}"
    else:
        crossed = row.value is not None and beyond(row.op, row.value, row.threshold)
        key = "alert.crossed" if crossed else "alert.limit"
        words = view.t(key, name=what, value=figure, op=OPERATOR[row.op][view.lang], bound=bound)
    return f"{place(row, setting)} {words}".strip()


def amount(value: Any, row: AlertRow, ask: Ask, setting: Setting, places: int = 1) -> str:
    """A value with its unit; `places` at most, or as many as its indicator keeps."""
    indicator = ask.workspace.indicators.get(row.indicator or "")
    if value is None or indicator is None:
        return fmt.DASH
    rule = ask.workspace.rules.get(row.rule)
    words = fmt.unit(indicator, setting.units, setting.view.lang)
    if rule is not None and rule.kind != "threshold":
        words = kinds.unit(rule, indicator, setting.units).get(setting.view.lang, "")
    exact = max(0, -int(value.normalize().as_tuple().exponent))
    places = min(exact, max(fmt.shown_decimals(indicator), places))
    return f"{fmt.number(value, places)}{words if words == '%' else ' ' + words}"


def handled(row: AlertRow, setting: Setting) -> list[Any]:
    """Who has it: handled by which order, taken on by whom and when, seen by how many, or by nobody."""
    view = setting.view
    if row.handling == "ORDERED":
        return [view.t("alert.ordered", number=_orders.numbered(row.order, view))]
    if row.handling == "DISMISSED":
        when = fmt.when(row.dismissed_at, setting.now, setting.zone, view.lang)
        return [view.t("alert.dismissed", who=row.dismissed_by, when=when), html.Span(f" “{row.reason}”")]
    if row.acknowledged_by:
        when = fmt.when(row.acknowledged_at, setting.now, setting.zone, view.lang)
        return [
            view.t("alert.taken", who=row.acknowledged_by, when=when),
            html.Span(f" “{row.comment}”") if row.comment else None,
        ]
    if row.seen_by:
        return [view.t("alert.seen", n=row.seen_by)]
    return [html.B(view.t("alert.unseen"))] if row.open else [view.t("alert.unseen")]


def marks(row: AlertRow, setting: Setting) -> list[str]:
    """What is so beside its condition: recovering, flapping, silenced, without new data."""
    view = setting.view
    found = [view.t("condition.RECOVERING")] if row.condition == "RECOVERING" else []
    found += [view.t(f"alert.{key}") for key in ("flapping", "silenced") if getattr(row, key)]
    if row.lost is not None:
        found.append(view.t("alert.lost", age=fmt.age(setting.now - row.lost, view.lang)))
    return found


def line(row: AlertRow, ask: Ask, setting: Setting) -> Component:
    """One alert in the inbox: a link to its page."""
    view = setting.view
    said = sentence(row, ask, setting)
    since = view.t(
        "alert.since",
        when=fmt.when(row.since, setting.now, setting.zone, view.lang),
        age=fmt.age(setting.now - row.since, view.lang),
    )
    if not row.open:
        since = view.t("alert.closed_at", when=fmt.when(row.closed_at, setting.now, setting.zone, view.lang))
    return dcc.Link(
        [
            html.Span(severity(row, setting), className="sev"),
            html.Div(
                [
                    html.B(said, className="cut", title=said),
                    html.Span([name(row.rule_name, view.lang), " · ", *handled(row, setting)], className="s2 t12"),
                ],
                className="what",
            ),
            html.Span(
                [since, *[html.Span(f" · {words}") for words in marks(row, setting)]],
                className="k t12 when",
            ),
        ],
        href=view.href(f"/alerts/{row.id}"),
        className=f"in{' bad' if row.open and row.severity == 'serious' else ''}",
    )


def event(one: AlertEvent, row: AlertRow, ask: Ask, setting: Setting) -> Component:
    """One step of its course."""
    view = setting.view
    state = {
        "firing": None,
        "severity_up": None,
        "recovered": "ok",
        "corrected": "ok",
        "recovering": "watch",
        "relapsed": None,
    }.get(one.kind, "none")
    if state is None:
        state = mark(row) if row.source else SEVERITY.get(one.severity or row.severity, "off")
    key = f"step.{one.kind}"
    words = view.t(key) if key in catalogue() else one.kind
    parts: list[Any] = [html.B(words)]
    if one.severity and one.kind in ("firing", "severity_up", "severity_down"):
        parts.append(html.Span(view.t(f"severity.{one.severity}"), className="tag"))
    if one.actor and not one.why.by:  # the reason names them
        parts.append(html.Span(f" {view.t('order.system') if one.actor == SYSTEM else one.actor}"))
    more = []
    if one.value is not None and row.series is not None:
        period = (
            periods.label(row.series.grain, one.period_start, setting.zone, view.lang, setting.now) if one.period_start else ""
        )
        more.append(f"{period} {amount(one.value, row, ask, setting)}".strip())
    more += why.words(one.why, row.series.grain if row.series is not None else None, setting.zone, view.lang)
    if one.text:
        more.append(
            f"“{one.text}”" if one.actor else _called(one.text, ask, view) if one.kind == "escalated" else _why(one.text, view)
        )
    return html.Li(
        [
            shape(state),
            html.Time(fmt.full(one.at, setting.zone, view.lang), className="tm"),
            html.Div([*parts, html.P(" · ".join(more)) if more else None]),
        ]
    )


def _called(text: str, ask: Ask, view: View) -> str:
    """Kept are the key of the route and the number of its step."""
    key, _, step = text.rpartition(" ")
    route = ask.workspace.routes.get(key)
    return view.t("alert.escalated", route=name(route.name, view.lang) if route else key, n=step)


def _why(text: str, view: View) -> str:
    """Of what the product itself wrote: how a source failed is kept as the name of the fault."""
    fault = f"error.{text}"
    return view.t(fault) if fault in catalogue() else text


def _detail(said: str, view: View) -> str:
    """What the other side answered, as it said it; our own word on a replay in the reader's language."""
    return view.t("attempt.replay") if said.startswith("replay:") else said


def delivery(one: Delivery, setting: Setting) -> list[Any]:
    """One message to one receiver, with every attempt."""
    view = setting.view
    mark_, word = {"sent": "ok", "dead": "down", "uncertain": "watch"}.get(one.state, "none"), view.t(f"delivery.{one.state}")
    tries = [
        html.Div(
            f"{fmt.when(a.at, setting.now, setting.zone, view.lang)} {view.t(f'attempt.{a.outcome}')} {_detail(a.detail, view)}",
            className="k t11",
        )
        for a in one.attempts
    ]
    channel = f"channel.{one.channel}"
    return [
        fmt.when(one.sent_at or one.created_at, setting.now, setting.zone, view.lang),
        name(one.receiver_name, view.lang),
        view.t(channel) if channel in catalogue() else one.channel,
        html.Span([shape(mark_), word], className=f"st c-{mark_} q"),
        html.Div([html.Span(one.error, className="s2") if one.error else None, *tries], className="wrapped"),
    ]


def condition(detail: AlertDetail, ask: Ask, setting: Setting) -> str:
    """The rule in words: what it needs to fire, and to recover."""
    view, row = setting.view, detail.row
    if row.source:
        return view.t("alert.doubted_rule" if row.kind == "held" else "alert.silent_rule")
    said = [
        view.t(f"severity.{level.severity}") + f" {row.op} {amount(level.threshold, row, ask, setting)}"
        for level in detail.levels
    ]
    if detail.n > 1:
        said.append(view.t("alert.m_of_n", m=detail.m, n=detail.n))
    if detail.for_seconds:
        said.append(view.t("alert.for", span=fmt.age(float(detail.for_seconds), view.lang)))
    if detail.recover_count > 1:
        said.append(view.t("alert.recover", n=detail.recover_count))
    if detail.min_n:
        said.append(view.t("alert.min_n", n=detail.min_n))
    return view.t("list.semi").join(said)
