"""What needs this person now: the first line of a board, and its list of alerts. Values in, components out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.answers import AlertCounts, AlertRow
from alerts.orders.board import OrderCounts
from dashboards import _alerts, _orders
from dashboards import _format as fmt
from dashboards._boards import LOST, TARDY, names
from dashboards._cards import Setting
from dashboards._marks import shape
from dashboards._template import SEVERITY
from dashboards._text import name
from metrics.answers import Ask, SourceState
from metrics.model import TOTAL


def attention(
    counts: AlertCounts,
    serious: Sequence[AlertRow],
    sources: Sequence[SourceState],
    setting: Setting,
    orders: OrderCounts | None = None,
) -> list[Any]:
    """The first line: what needs this person now, the worst first, each a link; a calm sentence where nothing does."""
    view = setting.view
    items: list[Any] = []
    if serious:
        oldest = fmt.age(setting.now - min(row.fired_at for row in serious), view.lang)
        where = names((_place(row, view.lang) for row in serious), view.lang)
        hint = view.t("attention.oldest", age=oldest, where=where)
        href = view.href("/alerts", severity="serious", handling="NEW")
        items.append(_item("serious", len(serious), view.t("attention.serious"), hint, href, " s1"))
    rest = counts.unacknowledged - len(serious)
    if rest > 0:
        unseen = counts.unattended - sum(row.unattended for row in serious)
        hint = view.t("attention.unseen_hint" if unseen > 0 else "attention.rest_hint", n=counts.open, unseen=unseen)
        items.append(_item("off", rest, view.t("attention.rest"), hint, view.href("/alerts", handling="NEW")))
    if orders is not None and orders.overdue:
        hint = view.t("attention.orders_hint", n=orders.open)
        items.append(_item("serious" if orders.lights.get("red") else "off", orders.overdue, view.t("attention.orders"), hint,
                           view.href("/orders", show="open")))  # fmt: skip
    lost = [s for s in sources if s.health in LOST]
    late = [s for s in sources if s.health in TARDY]
    if lost:
        touched = len({key for s in lost for key in s.indicators})
        head = view.t("attention.lost_late", late=len(late)) if late else view.t("attention.lost")
        hint = view.t("attention.lost_hint", n=touched, where=names((name(s.name, view.lang) for s in lost), view.lang))
        items.append(_item("down", len(lost), head, hint, view.href("/sources")))
    elif late:
        hint = names((name(s.name, view.lang) for s in late), view.lang)
        items.append(_item("stale", len(late), view.t("attention.late"), hint, view.href("/sources")))
    fine = view.t("attention.calm" if not items else "attention.open", n=counts.open)
    hint = view.t("attention.open_hint", serious=counts.serious, warning=counts.warning, reminder=counts.reminder)
    return [
        html.Div([html.B(view.t("attention.title")), html.Span(view.t("attention.order"))], className="l"),
        *items,
        html.Div([html.Span(html.B(fine), title=fine), html.Span(hint, title=hint)], className="since"),
    ]


def _item(state: str, count: int, head: str, hint: str, href: str, extra: str = "") -> Component:
    words = html.Span([html.Div(head, className="w", title=head), html.Div(hint, className="x", title=hint)], className="t")
    return dcc.Link([shape(state), html.Span(str(count), className=f"v num c-{state}"), words], href=href, className=f"i{extra}")


def alert_list(rows: Sequence[AlertRow], total: int, ask: Ask, setting: Setting) -> list[Any]:
    view = setting.view
    if not rows:
        text = [html.B(view.t("alerts.none")), html.P(view.t("alerts.none_hint"))]
        return [html.Div(text, className="ps")]
    out: list[Any] = [_alert(row, ask, setting) for row in rows]
    if total > len(rows):
        out.append(dcc.Link(view.t("more.alerts", n=total - len(rows)), href=view.href("/alerts"), className="al-more lk"))
    return out


def _alert(row: AlertRow, ask: Ask, setting: Setting) -> Component:
    view = setting.view
    loud = row.severity == "serious" and row.handling == "NEW"
    title = _alerts.sentence(row, ask, setting)
    mark = {"source": "down", "held": "watch"}.get(row.kind) or SEVERITY[row.severity]
    severity = view.t("alert.held" if row.kind == "held" else f"state.{mark}")
    if row.handling == "ORDERED":
        handled: Any = view.t("alert.ordered", number=_orders.numbered(row.order, view))
    elif row.handling == "ACKED":
        handled = view.t("alerts.acked", who=row.acknowledged_by)
    elif row.handling == "DISMISSED":
        handled = view.t("alerts.dismissed", who=row.dismissed_by)
    elif row.unattended:
        handled = html.B(view.t("alerts.nobody"))
    else:
        handled = view.t("alerts.seen", n=row.seen_by)
    extra = [" · " if view.lang == "en" else "·", view.t("alerts.recovering")] if row.condition == "RECOVERING" else []
    words = severity + (f" · {handled}" if isinstance(handled, str) else "")
    return dcc.Link(
        [
            shape(mark),
            html.Div(
                [
                    html.Span(html.B(title) if loud else title, className="a cut", title=title),
                    html.Time(fmt.when(row.fired_at, setting.now, setting.zone, view.lang)),
                ]
            ),
            html.Div(
                [
                    html.Span([severity, " · " if view.lang == "en" else "·", handled, *extra], className="b cut", title=words),
                    html.U(view.t("alerts.take")) if row.handling == "NEW" else None,
                ]
            ),
        ],
        href=view.href(f"/alerts/{row.id}"),
        className="al",
    )


def _place(row: AlertRow, lang: str) -> str:
    if row.series is not None and row.series.region != TOTAL:
        return name(row.region_name, lang)
    if row.series is not None and row.series.department != TOTAL:
        return name(row.department_name, lang)
    return name(row.indicator_name, lang)
