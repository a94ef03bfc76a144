"""Raising an order: from an alert, with its figures filled in, or by hand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import dash
from dash import Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

import alerts
from access import current, may, policy
from alerts import orders
from alerts.answers import AlertRow
from alerts.orders.desk import ANSWER_DAYS, RECOVER_DAYS, SIGN_DAYS
from dashboards import _alerts, _order_figure
from dashboards._cards import Setting
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import number, view
from metrics.answers import Ask
from metrics.model import TOTAL
from metrics.store import scope

dash.register_page(__name__, path="/raise")


def layout(**query: Any) -> Component:
    look = view("/raise", query)
    crumbs = [(look.t("menu.orders"), look.href("/orders")), (look.t("order.raise"), None)]
    with asked() as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        which = number(look.query.get("alert", ""))
        detail = alerts.one(ask, which) if which else None
        if not may("supervise"):
            body: Any = html.Section(notice(look, "denied", action=(look.t("menu.orders"), look.href("/orders"))), className="pn")
        elif which and detail is None:
            body = html.Section(notice(look, "unknown", action=(look.t("menu.alerts"), look.href("/alerts"))), className="pn")
        else:
            body = panel(look.t("order.raise"), form(ask, detail.row if detail else None, setting), className="raise")
        return page(look, active="orders", title=look.t("order.raise"), crumbs=crumbs, children=body)


def form(ask: Ask, row: AlertRow | None, setting: Setting) -> Component:
    look, lang = setting.view, setting.view.lang
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    places = [p for p in ask.workspace.departments.children(TOTAL) if within.departments is None or p.id in within.departments]
    options = [{"label": name(p.name, lang), "value": p.id} for p in places]
    lead = row.department if row and row.department != TOTAL else owner(ask, row)
    if lead not in [p.id for p in places]:
        lead = places[0].id if len(places) == 1 else None

    def field(words: str, part: Any) -> Component:
        return html.Label([html.Span(words), part])

    def days(key: str, value: int) -> Component:
        return field(look.t(f"order.days.{key}"), dcc.Input(id=f"raise-{key}", type="number", min=1, max=250, value=value))

    title = _alerts.sentence(row, ask, setting) if row else ""
    grounds = (
        dcc.Link(f"{name(row.rule_name, lang)} #{row.id}", href=look.href(f"/alerts/{row.id}"), className="lk") if row else None
    )
    return html.Div(
        [
            html.P([look.t("order.basis"), " ", grounds]) if grounds else None,
            field(
                look.t("order.title"),
                dcc.Input(id="raise-title", value=title, type="text", maxLength=200, placeholder=look.t("order.title_hint")),
            ),
            html.Fieldset(
                [html.Legend(look.t("order.lead")), dcc.RadioItems(options=options, value=lead, id="raise-lead", inline=True)]
            ),
            html.Fieldset(
                [
                    html.Legend(look.t("order.assisting")),
                    dcc.Checklist(options=options, value=[], id="raise-assisting", inline=True),
                ]
            ),
            None if row else _order_figure.fields(ask, setting, look.query.get("indicator", "")),
            html.Div([days("sign", SIGN_DAYS), days("answer", ANSWER_DAYS), days("recover", RECOVER_DAYS)], className="three"),
            field(look.t("order.text"), dcc.Textarea(id="raise-text", rows=3, maxLength=4000)),
            html.Div(
                [
                    html.Button(look.t("order.issue"), id="raise-do", type="button", n_clicks=0, className="btn p"),
                    " ",
                    html.Button(look.t("order.keep"), id="raise-keep", type="button", n_clicks=0, className="btn"),
                ]
            ),
            html.P(id="raise-said", className="refusal", role="alert"),
            dcc.Location(id="raise-to"),
            dcc.Store(id="raise-of", data=hidden(row, lang)),
        ],
        className="form",
    )


def hidden(row: AlertRow | None, lang: str) -> dict[str, Any]:
    """What the form sends besides; its key is made when it is opened, so that a double click is one order."""
    place = {"alert": row.id, "region": row.region} if row else {"alert": 0, "region": TOTAL}
    return {**place, "lang": lang, "key": secrets.token_hex(16)}


def owner(ask: Ask, row: AlertRow | None) -> str:
    indicator = ask.workspace.indicators.get(row.indicator or "") if row else None
    rule = ask.workspace.rules.get(row.rule) if row else None
    return (rule.owner if rule and rule.owner else indicator.owner if indicator else "") or ""


@callback(
    Output("raise-said", "children"),
    Output("raise-to", "href"),
    Input("raise-do", "n_clicks"),
    Input("raise-keep", "n_clicks"),
    State("raise-of", "data"),
    State("raise-title", "value"),
    State("raise-lead", "value"),
    State("raise-assisting", "value"),
    State("raise-text", "value"),
    State("raise-sign", "value"),
    State("raise-answer", "value"),
    State("raise-recover", "value"),
    *[State(f"raise-{key}", "value", allow_optional=True) for key in _order_figure.FIELDS],
    prevent_initial_call=True,
)
@policy("supervise")
def issue(
    clicks: int,
    kept: int,
    of: dict[str, Any],
    title: str | None,
    lead: str | None,
    assisting: list[str] | None,
    text: str | None,
    sign: int | None,
    answer: int | None,
    recover: int | None,
    *figure: Any,
) -> Any:
    """Issued, or kept as a draft, and its page opened; a refusal in words."""
    if not clicks and not kept:
        return no_update, no_update
    here, look = site(), view("/raise", {"lang": str(of.get("lang", ""))})
    episode = number(str(of.get("alert", ""))) or None
    named = {} if episode else _order_figure.given(dict(zip(_order_figure.FIELDS, figure, strict=False)))
    draft = orders.Draft(
        **{"region": _region(of), **named},
        title=title or "",
        lead=lead or "",
        text=text or "",
        episode=episode,
        assisting=[str(one) for one in assisting or []],
        sign_days=sign or 0,
        answer_days=answer or 0,
        recover_days=recover or 0,
        key=str(of.get("key") or "")[:36],
    )
    try:
        with here.store.write() as connection:
            at_once = ctx.triggered_id != "raise-keep"
            id = orders.raise_order(connection, here.workspace, current(), draft, here.now(), issue=at_once)
    except orders.Refused as fault:
        return look.t(f"order.refused.{fault}"), no_update
    except (alerts.NotFound, alerts.NotAllowed):
        return look.t("order.refused.not_yours"), no_update
    return "", look.href(f"/orders/{id}")


def _region(of: Mapping[str, Any]) -> str:
    region = str(of.get("region") or TOTAL)
    return region if region in site().workspace.regions else TOTAL
