"""The inbox of alerts: what is open, how bad, since when, who has it."""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

import alerts
from dashboards import _alerts, _rules
from dashboards._cards import Setting
from dashboards._marks import shape
from dashboards._shell import notice, page, place_picker, segments
from dashboards._site import asked
from dashboards._view import View, number, view
from metrics.answers import Ask
from metrics.model import TOTAL

dash.register_page(__name__, path="/alerts")

SIZE = 50
SEVERITIES = (("serious", "serious"), ("warning", "off"), ("reminder", "watch"))


def layout(**query: Any) -> Component:
    look = view("/alerts", query)
    with asked() as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        severity = look.query.get("severity") if look.query.get("severity") in dict(SEVERITIES) else None
        handling = "NEW" if look.query.get("handling") == "NEW" else None
        everything = look.query.get("show") == "all"
        given = look.query.get("offset", "")
        offset = number(given)
        found = alerts.inbox(
            ask,
            open_only=not everything,
            severity=severity,
            handling=handling,
            limit=SIZE,
            offset=offset,
            department=look.query.get("department"),
            region=look.query.get("region"),
        )
        filtered = bool(severity or handling or look.query.get("department") or look.query.get("region"))
        if found.rows:
            body: Any = html.Section(
                [*[_alerts.line(row, ask, setting) for row in found.rows], turn(found.total, offset, look)], className="pn inbox"
            )
        elif filtered:
            body = html.Section(notice(look, "filtered", action=(look.t("filter.clear"), "/alerts")), className="pn")
        else:
            body = html.Section(
                html.Div([html.B([shape("ok"), look.t("alert.none")]), html.P(look.t("alert.none_hint"))], className="ps"),
                className="pn",
            )
        return page(
            look,
            active="alerts",
            title=look.t("menu.alerts"),
            summary=summary(ask, look),
            tools=tools(ask, look, everything, handling),
            crumbs=[(look.t("menu.overview"), look.href("/")), (look.t("menu.alerts"), None)],
            children=body,
        )


def summary(ask: Ask, look: View) -> Component:
    """Open ones by severity, each a filter; how many nobody has looked at."""
    counted = alerts.counts(ask)
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
    return html.Span(parts, className="sum")


def tools(ask: Ask, look: View, everything: bool, handling: str | None) -> list[Component]:
    found: list[Component] = [_rules.beside(look, "alerts")]
    cities = ask.workspace.regions.children(TOTAL)
    if cities:
        found.append(place_picker(look, "region", cities, ask.workspace.regions.get(TOTAL)))
    found.append(
        segments(
            [
                (look.t("alert.everyone"), look.href(handling=None, offset=None), handling is None),
                (look.t("alert.nobody"), look.href(handling="NEW", offset=None), handling is not None),
            ]
        )
    )
    found.append(
        segments(
            [
                (look.t("alert.open"), look.href(show=None, offset=None), not everything),
                (look.t("alert.all"), look.href(show="all", offset=None), everything),
            ]
        )
    )
    return found


def turn(total: int, offset: int, look: View) -> Component | None:
    if total <= SIZE:
        return None
    last = min(offset + SIZE, total)
    back, on = dcc.Link(look.t("cases.previous"), href=look.href(offset=str(max(offset - SIZE, 0))), className="btn"), None
    if last < total:
        on = dcc.Link(look.t("cases.next"), href=look.href(offset=str(offset + SIZE)), className="btn")
    said = look.t("alert.shown", **{"from": offset + 1, "to": last, "n": total})
    return html.Div([back if offset else None, html.Span(said), on], className="turn")
