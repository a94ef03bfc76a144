"""The inbox of alerts: what is open, how bad, since when, who has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

import alerts
from alerts.answers import AlertCounts
from dashboards import _alerts, _rules
from dashboards._cards import Setting
from dashboards._live import Parts, board, put
from dashboards._marks import shape
from dashboards._shell import notice, page, place_picker, segments
from dashboards._site import asked
from dashboards._view import View, number, view
from metrics import reading
from metrics.answers import Ask
from metrics.model import TOTAL

dash.register_page(__name__, path="/alerts")

SIZE = 50
TOPICS = frozenset({"alerts", "sources"})
SEVERITIES = (("serious", "serious"), ("warning", "off"), ("reminder", "watch"))


def layout(**query: Any) -> Component:
    look = view("/alerts", query)
    with asked() as ask:
        filled = made(ask, look)
        return page(
            look,
            active="alerts",
            title=look.t("menu.alerts"),
            summary=put(filled, "alerts-sum", html.Span, className="sum"),
            tools=tools(ask, look),
            crumbs=[(look.t("menu.overview"), look.href("/")), (look.t("menu.alerts"), None)],
            board="alerts",
            badge=filled["nav-alerts"]["children"],
            revision=reading.moved(ask.connection, TOPICS),
            as_of=ask.now,
            parts=filled,
            children=put(filled, "alerts-inbox", html.Section, className="pn inbox"),
        )


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    return TOPICS


@board("alerts", topics)
def made(ask: Ask, look: View, _: str = "") -> Parts:
    """The list and its counts as they stand now."""
    setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
    severity = look.query.get("severity") if look.query.get("severity") in dict(SEVERITIES) else None
    offset = number(look.query.get("offset", ""))
    found = alerts.inbox(
        ask,
        open_only=not everything(look),
        severity=severity,
        handling=unhandled(look),
        limit=SIZE,
        offset=offset,
        department=look.query.get("department"),
        region=look.query.get("region"),
    )
    filtered = bool(severity or unhandled(look) or look.query.get("department") or look.query.get("region"))
    if found.rows:
        listed: list[Any] = [*[_alerts.line(row, ask, setting) for row in found.rows], *turn(found.total, offset, look)]
    elif filtered:
        listed = [notice(look, "filtered", action=(look.t("filter.clear"), "/alerts"))]
    else:
        words = [html.B([shape("ok"), look.t("alert.none")]), html.P(look.t("alert.none_hint"))]
        listed = [html.Div(words, className="ps")]
    counted = alerts.counts(ask)
    open_ = str(counted.open or "")
    return {
        "alerts-sum": {"children": summary(counted, look)},
        "alerts-inbox": {"children": listed},
        "nav-alerts": {"children": open_},
        "bar-alerts": {"children": open_},
    }


def everything(look: View) -> bool:
    return look.query.get("show") == "all"


def unhandled(look: View) -> str | None:
    return "NEW" if look.query.get("handling") == "NEW" else None


def summary(counted: AlertCounts, look: View) -> list[Component]:
    """Open ones by severity, each a filter; how many nobody has looked at."""
    parts: list[Component] = [html.Span([look.t("alert.open"), html.B(str(counted.open))])]
    for key, mark in SEVERITIES:
        if getattr(counted, key):
            chosen = look.query.get("severity") == key
            words = [shape(mark), look.t(f"severity.{key}"), html.B(str(getattr(counted, key)))]
            link = dcc.Link(
                words,
                href=look.href(severity=None if chosen else key, offset=None),
                className=f"st c-{mark} q{' chosen' if chosen else ''}",
            )
            parts.append(html.Span(link))
    if counted.unattended:
        parts.append(html.Span([look.t("alert.unattended"), html.B(str(counted.unattended))]))
    return parts


def tools(ask: Ask, look: View) -> list[Component]:
    found: list[Component] = [_rules.beside(look, "alerts")]
    first = replace(look, query={key: said for key, said in look.query.items() if key != "offset"})
    for which, tree in (("region", ask.workspace.regions), ("department", ask.workspace.departments)):
        if places := tree.children(TOTAL):
            found.append(place_picker(first, which, places, tree.get(TOTAL)))
    found.append(
        segments(
            [
                (look.t("alert.everyone"), look.href(handling=None, offset=None), unhandled(look) is None),
                (look.t("alert.nobody"), look.href(handling="NEW", offset=None), unhandled(look) is not None),
            ]
        )
    )
    found.append(
        segments(
            [
                (look.t("alert.open"), look.href(show=None, offset=None), not everything(look)),
                (look.t("alert.all"), look.href(show="all", offset=None), everything(look)),
            ]
        )
    )
    return found


def turn(total: int, offset: int, look: View) -> list[Component]:
    if total <= SIZE:
        return []
    last = min(offset + SIZE, total)
    back, on = dcc.Link(look.t("cases.previous"), href=look.href(offset=str(max(offset - SIZE, 0))), className="btn"), None
    if last < total:
        on = dcc.Link(look.t("cases.next"), href=look.href(offset=str(offset + SIZE)), className="btn")
    said = look.t("alert.shown", **{"from": offset + 1, "to": last, "n": total})
    return [html.Div([back if offset else None, html.Span(said), on], className="turn")]
