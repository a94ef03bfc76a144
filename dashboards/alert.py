"""One alert: what is so, its course, who was told, and taking it on."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component
from sqlalchemy.exc import DBAPIError

import alerts
from access import current, policy
from alerts.answers import AlertDetail
from dashboards import _alert_figure, _alerts, _dismissing, _given
from dashboards import _alert_handling as _handling
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._live import Parts, board, put
from dashboards._passport import facts
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, number, view
from metrics import reading
from metrics.answers import Ask
from metrics.model import TOTAL

log = logging.getLogger("yuncha.dashboards")
dash.register_page(__name__, path_template="/alerts/<id>")

TOPICS = frozenset({"alerts", "orders", "sources"})


def layout(id: str = "", **query: Any) -> Component:
    look = view(f"/alerts/{id}", query)
    which = number(id)
    with asked() as ask:
        detail = alerts.one(ask, which)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("menu.alerts"), look.href("/alerts"))]
        if detail is None:
            body = html.Section(notice(look, "unknown", action=(look.t("menu.alerts"), look.href("/alerts"))), className="pn")
            return page(look, active="alerts", title=look.t("menu.alerts"), crumbs=crumbs, children=body)
        shown = page_of(detail, ask, setting, crumbs)
        known = alerts.has_seen(ask.connection, ask.who, which)
    if not known:
        looked(which, ask.now)
    return shown


def looked(id: int, now: datetime) -> None:
    """A signed-in person opened it: kept once. That it cannot be kept is no reason not to show the page."""
    who, here = current(), site()
    if who.user is None:
        return
    try:
        with here.store.write() as connection:
            alerts.seen(connection, here.workspace, who, id, now)
    except DBAPIError:
        log.warning("that %s looked at alert %s could not be written; it is at their next look", who.user, id)


def page_of(detail: AlertDetail, ask: Ask, setting: Setting, crumbs: list[Any]) -> Component:
    look, row, filled = setting.view, detail.row, made(detail, ask, setting)
    board_ = f"alert/{row.id}/{row.indicator or ''}"
    figure = put(filled, "alert-figure", html.Section) if "alert-figure" in filled else None
    acting = html.Div(_handling.forms(detail, ask, setting), id="alert-handling", className="said")
    return page(
        look,
        active="alerts",
        title=put(filled, "alert-title", html.Span),
        summary=put(filled, "alert-sum", html.Span, className="sum"),
        crumbs=[*crumbs, (f"#{row.id}", None)],
        board=board_,
        revision=reading.moved(ask.connection, topics(ask, look, board_.partition("/")[2])),
        as_of=ask.now,
        parts=filled,
        children=html.Div(
            [
                html.Div(
                    [
                        figure,
                        panel(look.t("alert.course"), put(filled, "alert-course", html.Div)),
                        panel(look.t("delivery.title"), put(filled, "alert-sent", html.Div)),
                    ],
                    className="main",
                ),
                html.Aside(
                    [
                        html.H2(look.t("alert.about")),
                        put(filled, "alert-about", html.Div),
                        html.H2(look.t("alert.handling")),
                        put(filled, "alert-handled", html.Div, className="said"),
                        put(filled, "alert-version", html.Div, hidden=True),
                        dcc.Store(id="alert-of", data={"id": row.id, "lang": look.lang}),
                        html.Button(id="alert-anew", type="button", hidden=True, n_clicks=0),
                        html.P(look.t("order.moved"), id="alert-moved", className="refusal", role="status", hidden=True),
                        acting,
                    ],
                    className="pn side",
                ),
            ],
            className="ind",
        ),
    )


def topics(ask: Ask, seen: View, which: str) -> frozenset[str]:
    """which: `id/indicator`: its figure moves too while nothing is judged."""
    return TOPICS | {which.partition("/")[2]} - {""}


@board("alert", topics)
def parts(ask: Ask, seen: View, which: str) -> Parts:
    detail = alerts.one(ask, number(which.partition("/")[0]))
    return {} if detail is None else made(detail, ask, Setting(seen, ask.now, ask.workspace.zone, ask.workspace.units))


def made(detail: AlertDetail, ask: Ask, setting: Setting) -> Parts:
    """What of the page follows the alert; the same for everybody in its scope."""
    look, row = setting.view, detail.row
    sent = rows(
        [(look.t(f"delivery.col.{key}"), False) for key in ("when", "receiver", "channel", "state", "detail")],
        [_alerts.delivery(one, setting) for one in detail.deliveries],
        label=look.t("delivery.title"),
    )
    course = html.Ol([_alerts.event(one, row, ask, setting) for one in detail.events], className="tl first")
    filled: Parts = {
        "alert-title": {"children": _alerts.sentence(row, ask, setting)},
        "alert-sum": {"children": [_alerts.severity(row, setting)]},
        "alert-course": {"children": [course]},
        "alert-sent": {"children": [sent if detail.deliveries else html.P(look.t("delivery.none"), className="hint ft")]},
        "alert-about": {"children": [about(ask, detail, setting)]},
        "alert-handled": {"children": [_handling.handled(detail, ask, setting)]},
        "alert-version": {"children": _handling.stands(row)},
    }
    figure: Any = _alert_figure.around(detail, ask, setting)
    if figure is not None:
        filled["alert-figure"] = {"children": figure.children, "className": figure.className}
    return filled


def about(ask: Ask, detail: AlertDetail, setting: Setting) -> Component:
    look, row = setting.view, detail.row
    series = row.series
    link: Any = None
    if row.indicator and series is not None:
        place = {"department": series.department, "region": series.region}
        given = {k: v for k, v in place.items() if v != TOTAL}
        link = dcc.Link(
            name(row.indicator_name, look.lang), href=look.href(f"/indicator/{row.indicator}", grain=series.grain, **given)
        )
    elif row.source:
        source = ask.workspace.sources.get(row.source)
        link = dcc.Link(name(source.name, look.lang) if source else row.source, href=look.href(f"/sources/{row.source}"))
    owner = ask.workspace.departments.get(detail.owner).name if detail.owner in ask.workspace.departments else None
    since = fmt.full(row.since, setting.zone, look.lang)
    end, both = row.closed_at or setting.now, detail.definitions
    return facts(
        [
            (look.t("alert.of"), link),
            (
                look.t("menu.held"),
                dcc.Link(look.t("alert.doubted_look"), href=look.href("/held")) if row.kind == "held" else None,
            ),
            (look.t("alert.where"), _alerts.place(row, setting) or name(ask.workspace.regions.get(TOTAL).name, look.lang)),
            (look.t("alert.rule"), f"{name(row.rule_name, look.lang)} v{detail.rule_version}"),
            (look.t("alert.definitions"), look.t("alert.both", was=both[0], now=both[1]) if both else None),
            (look.t("alert.condition"), _alerts.condition(detail, ask, setting)),
            (look.t("alert.breach"), look.t("alert.since", when=since, age=fmt.age(end - row.since, look.lang))),
            (look.t("alert.fired"), fmt.full(row.fired_at, setting.zone, look.lang)),
            (
                look.t("table.state"),
                look.t("list.comma").join([look.t(f"condition.{row.condition}"), *_alerts.marks(row, setting)])
                if row.open
                else look.t(f"closed.{row.closed or 'recovered'}"),
            ),
            (look.t("alert.correction"), look.t("alert.by_correction") if row.by_correction else None),
            (look.t("def.owner"), name(owner, look.lang) if owner else detail.owner or None),
        ]
    )


@callback(
    Output("alert-handling", "children"),
    Input("alert-take", "n_clicks"),
    State("alert-comment", "value"),
    State("alert-again", "value"),
    State("alert-id", "data"),
    prevent_initial_call=True,
)
@policy("acknowledge")
def take(clicks: int, comment: str | None, days: int | None, which: dict[str, Any]) -> Any:
    """The signed-in person takes the alert on, with a comment; who was first is said to who came second."""
    if not clicks:
        return no_update
    alert = _given.mapping(which)
    here, refused, id, version = site(), "", _given.whole(alert.get("id")), _given.whole(alert.get("version"))
    look = view(f"/alerts/{id}", {"lang": _given.text(alert.get("lang"))})
    text = _given.text(comment).strip()
    now = here.now()
    later = timedelta(days=days) if days in _handling.AGAIN and days else None
    if not text:
        refused = look.t("alert.comment_missing")
    else:
        try:
            with here.store.write() as connection:
                alerts.acknowledge(connection, here.workspace, current(), id, text, now, version=version, again=later)
        except alerts.Changed:
            refused = look.t("alert.changed")
        except (alerts.NotFound, alerts.NotAllowed):
            refused = look.t("alert.may_not")
    return acting(id, look, refused)


def acting(id: int, look: View, refused: str = "") -> Any:
    with asked() as ask:
        detail = alerts.one(ask, id)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return notice(look, "unknown") if detail is None else _handling.forms(detail, ask, setting, refused)


@callback(
    Output("alert-handling", "children", allow_duplicate=True),
    Input("alert-anew", "n_clicks"),
    State("alert-of", "data"),
    prevent_initial_call=True,
)
@policy("view")
def anew(clicks: int, which: dict[str, Any]) -> Any:
    """Somebody took a step meanwhile, or it is over: what may be done now."""
    if not clicks:
        return no_update
    alert = _given.mapping(which)
    id = _given.whole(alert.get("id"))
    return acting(id, view(f"/alerts/{id}", {"lang": _given.text(alert.get("lang"))}))


@callback(
    Output("alert-dismissed", "children"),
    Input("alert-dismiss", "n_clicks"),
    State("alert-reason", "value"),
    State("alert-dismiss-id", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def dismiss(clicks: int, reason: str | None, which: dict[str, Any]) -> Any:
    """A supervisor says that nothing is to be done about it, and why."""
    if not clicks:
        return no_update
    alert = _given.mapping(which)
    here, id, version = site(), _given.whole(alert.get("id")), _given.whole(alert.get("version"))
    look = view(f"/alerts/{id}", {"lang": _given.text(alert.get("lang"))})
    try:
        with here.store.write() as connection:
            made = alerts.dismiss(connection, here.workspace, current(), id, _given.text(reason), here.now(), version=version)
    except ValueError:
        return _dismissing.refused(look, "alert.reason_missing")
    except alerts.Changed:
        return _dismissing.refused(look, "alert.changed")
    except (alerts.NotFound, alerts.NotAllowed):
        return _dismissing.refused(look, "alert.may_not_dismiss")
    return _dismissing.made(look, made)
