"""One alert: what is so, its course, who was told, and taking it on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

import alerts
from access import current, may, policy
from alerts import orders
from alerts.answers import AlertDetail
from dashboards import _alert_figure, _alerts, _given, _orders
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._passport import facts
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, number, view
from metrics.answers import Ask
from metrics.model import TOTAL

dash.register_page(__name__, path_template="/alerts/<id>")

AGAIN = (0, 1, 2, 7)
"""Days after which whoever was told is reminded of what is taken on and still open; 0: never."""


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
        figure = _alert_figure.around(detail, ask, setting)
    looked(which, ask.now)
    return shown(ask, detail, setting, crumbs, figure)


def looked(id: int, now: datetime) -> None:
    """A signed-in person opened it: kept once. That it cannot be kept is no reason not to show the page."""
    who = current()
    if who.user is None:
        return
    here = site()
    with here.store.write() as connection:
        alerts.seen(connection, here.workspace, who, id, now)


def shown(ask: Ask, detail: AlertDetail, setting: Setting, crumbs: list[Any], figure: Component | None) -> Component:
    look, row = setting.view, detail.row
    course = html.Ol([_alerts.event(one, row, ask, setting) for one in detail.events], className="tl first")
    sent = rows(
        [(look.t(f"delivery.col.{key}"), False) for key in ("when", "receiver", "channel", "state", "detail")],
        [_alerts.delivery(one, setting) for one in detail.deliveries],
        label=look.t("delivery.title"),
    )
    none = html.P(look.t("delivery.none"), className="hint ft")
    return page(
        look,
        active="alerts",
        title=_alerts.sentence(row, ask, setting),
        summary=html.Span(_alerts.severity(row, setting), className="sum"),
        crumbs=[*crumbs, (f"#{row.id}", None)],
        children=html.Div(
            [
                html.Div(
                    [
                        figure,
                        panel(look.t("alert.course"), course),
                        panel(look.t("delivery.title"), sent if detail.deliveries else none),
                    ],
                    className="main",
                ),
                html.Aside(
                    [
                        html.H2(look.t("alert.about")),
                        about(ask, detail, setting),
                        html.H2(look.t("alert.handling")),
                        html.Div(taking(detail, setting), id="alert-handling", className="said"),
                    ],
                    className="pn side",
                ),
            ],
            className="ind",
        ),
    )


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
    end = row.closed_at or setting.now
    return facts(
        [
            (look.t("alert.of"), link),
            (
                look.t("menu.held"),
                dcc.Link(look.t("alert.doubted_look"), href=look.href("/held")) if row.kind == "held" else None,
            ),
            (look.t("alert.where"), _alerts.place(row, setting) or name(ask.workspace.regions.get(TOTAL).name, look.lang)),
            (look.t("alert.rule"), f"{name(row.rule_name, look.lang)} v{detail.rule_version}"),
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


def taking(detail: AlertDetail, setting: Setting, refused: str = "") -> list[Any]:
    """Who has looked and who has it; a form for whoever may take it on."""
    look, row = setting.view, detail.row
    order = ordered(detail, setting)
    seen = look.t("list.comma").join(f"{s.name} {fmt.when(s.at, setting.now, setting.zone, look.lang)}" for s in detail.seen)
    found: list[Any] = [
        facts(
            [
                (look.t("alert.seen_by"), seen or html.B(look.t("alert.unseen"))),
                (look.t("alert.taken_by"), taken(detail, setting)),
                (look.t("order.of_alert"), order),
            ]
        )
    ]
    who = current()
    if row.acknowledged_by or not row.open:
        return found
    if not may("acknowledge", who):
        return [*found, html.P(look.t("alert.may_not"), className="hint")]
    choices = [{"label": look.t(f"alert.again.{days}"), "value": days} for days in AGAIN]
    form = html.Div(
        [
            html.Label(look.t("alert.comment", who=who.name), htmlFor="alert-comment"),
            dcc.Textarea(id="alert-comment", maxLength=2000, rows=3, placeholder=look.t("alert.comment_hint")),
            html.Fieldset(
                [
                    html.Legend(look.t("alert.again")),
                    dcc.RadioItems(choices, 0, id="alert-again", inline=True),
                ]
            ),
            html.Div(html.Button(look.t("alert.take"), id="alert-take", type="button", n_clicks=0, className="btn p")),
            html.P(refused, className="refusal", role="alert") if refused else None,
            dcc.Store(id="alert-id", data={"id": row.id, "version": row.version, "lang": look.lang}),
        ],
        className="form",
    )
    return [*found, form]


def ordered(detail: AlertDetail, setting: Setting) -> Any:
    """The order it is handled by; else, for a supervisor, the way to raise one."""
    look, row = setting.view, detail.row
    with asked() as ask:
        found = orders.of_episode(ask, row.id)
    if found is not None:
        words = [_orders.number(found, setting), " ", _orders.light(found.order, setting)]
        return dcc.Link(words, href=look.href(f"/orders/{found.id}"))
    if row.open and may("supervise"):
        return dcc.Link(look.t("order.raise"), href=look.href("/raise", alert=str(row.id)), className="btn p", id="alert-raise")
    return None


def taken(detail: AlertDetail, setting: Setting) -> Any:
    row, look = detail.row, setting.view
    if not row.acknowledged_by:
        return None
    when = fmt.when(row.acknowledged_at, setting.now, setting.zone, look.lang)
    return [html.B(row.acknowledged_by), f" {when}", html.P(f"“{row.comment}”") if row.comment else None]


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
    later = timedelta(days=days) if days in AGAIN and days else None
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
    return again(id, look, refused)


def again(id: int, look: View, refused: str) -> Any:
    with asked() as ask:
        detail = alerts.one(ask, id)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return notice(look, "unknown") if detail is None else taking(detail, setting, refused)
