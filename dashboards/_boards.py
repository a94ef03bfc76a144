"""The panels of boards: counts by state, what needs you now, ranking, alerts, sources. Pure: values in, components out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.answers import AlertCounts, AlertRow
from alerts.orders.board import OrderCounts
from dashboards import _format as fmt
from dashboards._cards import Setting, frame
from dashboards._marks import BAD_FIRST, shape, status, to_target
from dashboards._text import name
from metrics.answers import Card, SourceState, Unit
from metrics.model import TOTAL, Indicator

SEVERITY = {"serious": "serious", "warning": "off", "reminder": "watch"}
"""A level of an alert is the band it is named after."""
LOST = ("SOURCE_ERROR", "NEVER")
TARDY = ("LATE", "STALE")
HEALTH = {
    "FRESH": "ok", "LATE": "stale", "STALE": "stale", "NEVER": "nrep", "SOURCE_ERROR": "down", "SUSPECT": "watch",
    "PAUSED": "paused", "RETIRED": "paused",
}  # fmt: skip
UNRANKED = ("due", "few", "nrep", "none", "stale", "down", "paused")


def tally(cards: Iterable[Card], setting: Setting) -> list[Component]:
    """How many cards stand in each state, the worst first; states nobody is in are left out."""
    states = [card.state for card in cards]
    view = setting.view
    if not states:
        return []
    out = [html.Span(view.t("board.count", n=len(states)), className="k")]
    for state in BAD_FIRST:
        if count := states.count(state):
            out.append(html.Span([shape(state), view.t(f"state.{state}"), " ", html.B(str(count), className="num")]))
    return out


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
        where = _names((_place(row, view.lang) for row in serious), view.lang)
        hint = view.t("attention.oldest", age=oldest, where=where)
        href = view.href("/alerts", severity="serious", handling="NEW")
        items.append(_item("serious", len(serious), view.t("attention.serious"), hint, href, " s1"))
    rest = counts.unacknowledged - len(serious)
    if rest > 0:
        hint = view.t("attention.rest_hint", n=counts.open)
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
        hint = view.t("attention.lost_hint", n=touched, where=_names((name(s.name, view.lang) for s in lost), view.lang))
        items.append(_item("down", len(lost), head, hint, view.href("/sources")))
    elif late:
        hint = _names((name(s.name, view.lang) for s in late), view.lang)
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


def _names(names: Iterable[str], lang: str, most: int = 2) -> str:
    found = list(dict.fromkeys(n for n in names if n))
    text = ("、" if lang == "zh" else ", ").join(found[:most])
    return text + ("…" if len(found) > most else "")


def _place(row: AlertRow, lang: str) -> str:
    if row.series is not None and row.series.region != TOTAL:
        return name(row.region_name, lang)
    if row.series is not None and row.series.department != TOTAL:
        return name(row.department_name, lang)
    return name(row.indicator_name, lang)


def columns(cards: Sequence[Card], setting: Setting, fields: Mapping[str, Mapping[str, str]], totals: Mapping[str, int],
            most: int | None = 2) -> Component:  # fmt: skip
    """The cards by field, one column a field; with one or two fields the cards of each stand side by side."""
    view = setting.view
    groups = {key: [c for c in cards if c.indicator.field == key] for key in fields}
    groups = {key: found for key, found in groups.items() if found}
    if len(groups) < 3:
        return _side_by_side(cards, setting, {key: fields[key] for key in groups}, totals)
    panels = []
    for key, found in groups.items():
        more = dcc.Link(view.t("board.more", n=totals.get(key, len(found))), href=view.href(f"/field/{key}"), className="k t11")
        head = html.Div(
            [html.B(name(fields[key], view.lang), title=name(fields[key], view.lang)), html.I(className="sp"), more],
            className="fh",
        )
        shown = [frame(card, setting) for card in (found if most is None else found[:most])]
        panels.append(html.Section([head, html.Div(shown, className="stack")], className="pn"))
    return html.Div(panels, className=f"fields f{len(groups)}")


def _side_by_side(
    cards: Sequence[Card], setting: Setting, fields: Mapping[str, Mapping[str, str]], totals: Mapping[str, int]
) -> Component:
    """The cards of one or two fields in one panel, in as few rows as are level."""
    view = setting.view
    links: list[Any] = []
    for key, text in fields.items():
        links.append(html.B(name(text, view.lang)))
        links.append(dcc.Link(view.t("board.more", n=totals.get(key, 0)), href=view.href(f"/field/{key}"), className="k t11"))
    shown = [frame(card, setting) for card in sorted(cards, key=lambda card: list(fields).index(card.indicator.field))]
    rows = -(-len(shown) // 5)
    grid = html.Div(shown, className="grid level", style={"--cols": str(-(-len(shown) // max(rows, 1)) or 1)})
    return html.Div(html.Section([html.Div(links, className="fh"), grid], className="pn"), className="fields wide")


def ranking(
    units: Sequence[Unit], indicator: Indicator, setting: Setting, *, base: str = "/department", limit: int = 9, own: str = ""
) -> list[Any]:
    """The units of one peer group, best first, each with its way to the target; who cannot be ranked stands apart, with why."""
    view = setting.view
    ranked = sorted((u for u in units if u.rank is not None), key=lambda u: (u.rank or 0, name(u.place.name, view.lang)))
    apart = [u for u in units if u.rank is None]
    values = [float(u.cell.value) for u in ranked if u.cell is not None and u.cell.value is not None]
    target = indicator.target
    bounds = values + ([float(target)] if target is not None else [])
    low, high = (min(bounds), max(bounds)) if bounds else (0.0, 1.0)
    rate = indicator.measure.rate
    head = html.Tr(
        [
            html.Th(view.t("rank.place"), className="n"),
            html.Th(view.t("rank.unit")),
            html.Th(_scale(indicator, setting), className="wide-only"),
            html.Th("", className="n"),
            html.Th(view.t("rank.share") if rate else "", className="n wide-only"),
            html.Th(view.t("rank.state")),
        ]
    )
    ties = [u.rank for u in ranked]
    cut = len(ranked) > limit + 1
    shown = [*ranked[: limit - 4], None, *ranked[-3:]] if cut else ranked
    rows: list[Any] = []
    for u in shown:
        if u is None:
            text = view.t("more.between", n=len(ranked) - limit + 1)
            rows.append(html.Tr(html.Td(dcc.Link(text, href=view.href(base)), colSpan=6, className="between")))
            continue
        cell = u.cell
        value = cell.value if cell else None
        share = ""
        if cell is not None and rate and cell.num is not None and cell.den is not None:
            share = f"{fmt.number(fmt.count(indicator, cell.num))}/{fmt.number(fmt.count(indicator, cell.den))}"
        words = fmt.unit(indicator, setting.units, view.lang)
        figure = fmt.number(value, fmt.shown_decimals(indicator), view.lang) + (words if words == "%" else "")
        title = name(u.place.name, view.lang)
        rows.append(
            html.Tr(
                className="own" if u.place.id == own else "",
                children=[
                    html.Td(f"{u.rank}{'=' if ties.count(u.rank) > 1 else ''}", className="n rank"),
                    html.Td(dcc.Link(title, href=view.href(f"{base}/{u.place.id}")), className="who", title=title),
                    html.Td(to_target(value, target, low, high, u.state, 132 if limit < 12 else 240), className="wide-only"),
                    html.Td(html.B(figure, className="num"), className="n"),
                    html.Td(share, className="n s2 wide-only"),
                    html.Td(status(u.state, view.lang)),
                ],
            )
        )
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="rk") if ranked else None
    if table is None:
        note = [html.B(view.t("rank.nothing")), html.P(view.t("rank.nothing_hint"))]
        return [html.Div(note, className="ps"), _apart(apart, indicator, setting)]
    return [table, _apart(apart, indicator, setting)]


def _scale(indicator: Indicator, setting: Setting) -> str:
    if indicator.target is None:
        return ""
    words = fmt.unit(indicator, setting.units, setting.view.lang)
    figure = fmt.number(indicator.target, max(0, -int(indicator.target.normalize().as_tuple().exponent)), setting.view.lang)
    return setting.view.t("rank.scale", target=figure + (words if words == "%" else f" {words}"))


def _apart(units: Sequence[Unit], indicator: Indicator, setting: Setting) -> Component | None:
    view = setting.view
    rows: list[Any] = []
    for state in UNRANKED:
        found = [u for u in units if u.state == state]
        if found:
            word = view.t(f"state.{state}") + (f" (n<{indicator.min_n})" if state == "few" else "")
            names = _names((name(u.place.name, view.lang) for u in found), view.lang, 4)
            rows += [shape(state), html.Span(f"{word} {len(found)}"), html.Span(names, className="cut", title=names)]
    if not rows:
        return None
    return html.Div([html.B(view.t("rank.apart")), html.Div(rows, className="why")], className="apart")


def alert_list(rows: Sequence[AlertRow], total: int, setting: Setting) -> list[Any]:
    view = setting.view
    if not rows:
        text = [html.B(view.t("alerts.none")), html.P(view.t("alerts.none_hint"))]
        return [html.Div(text, className="ps")]
    out: list[Any] = [_alert(row, setting) for row in rows]
    if total > len(rows):
        out.append(dcc.Link(view.t("more.alerts", n=total - len(rows)), href=view.href("/alerts"), className="al-more lk"))
    return out


def _alert(row: AlertRow, setting: Setting) -> Component:
    view = setting.view
    loud = row.severity == "serious" and row.handling == "NEW"
    title = alert_title(row, setting)
    mark = "down" if row.kind == "source" else SEVERITY[row.severity]
    severity = view.t(f"state.{mark}")
    if row.handling == "ACKED":
        handled: Any = view.t("alerts.acked", who=row.acknowledged_by)
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


def alert_title(row: AlertRow, setting: Setting) -> str:
    """`达州市 12345按时办结率 87.9%，低于90%`"""
    view = setting.view
    if row.kind == "source":
        return view.t("alerts.source", name=name(row.rule_name, view.lang))
    where = _place(row, view.lang)
    what = name(row.indicator_name, view.lang)
    words = "%" if row.unit == "percent" else ""
    head = what if where in ("", what) else f"{where} {what}"
    value = f" {fmt.number(row.value, 1 if words else 0, view.lang)}{words}" if row.value is not None else ""
    if row.threshold is None:
        return head + value
    bound = f"{row.threshold.normalize():f}{words}"
    return head + value + view.t(f"alerts.op.{row.op.strip('=')[0] if row.op else '<'}", bound=bound)


_OP = ("alerts.op.<", "alerts.op.>")


def source_strip(sources: Sequence[SourceState], setting: Setting) -> list[Any]:
    """Each source with its state and the age of its last success; what is late or lost says so in words."""
    view = setting.view
    out: list[Any] = [html.B(view.t("sources.title", n=len(sources)), className="head")]
    order = sorted(sources, key=lambda s: 0 if s.health in LOST else 1 if s.health in TARDY else 2)
    for s in order:
        mark = HEALTH.get(s.health, "none")
        age = fmt.age(setting.now - s.last_success, view.lang) if s.last_success else view.t("sources.never")
        title = name(s.name, view.lang)
        if s.health in LOST or s.health in TARDY:
            late = view.t("sources.lost" if s.health in LOST else "sources.late", age=age)
            words = late if s.last_success else age
            parts = [html.B(title), html.B(words, className=f"c-{mark}")]
        else:
            parts = [html.Span(title), html.Em(age)]
        out.append(
            dcc.Link([shape(mark), *parts], href=view.href(f"/sources/{s.key}"), title=f"{title} {view.t('state.' + mark)} {age}")
        )
    out.append(html.I(className="sp"))
    out.append(dcc.Link(view.t("more.detail"), href=view.href("/sources"), className="lk"))
    return out
