"""Who is on duty when: the shifts of every roster, now and to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from access import current, may, policy
from alerts import silencing
from dashboards import _format as fmt
from dashboards import _rules
from dashboards._charts import rows
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, view
from dashboards._when import read, shown
from dashboards.silences import refused
from metrics.answers import Ask

dash.register_page(__name__, path="/roster")

COLUMNS = ("who", "begins", "ends", "by")


def layout(**query: Any) -> Component:
    look = view("/roster", query)
    with asked() as ask:
        now, rosters = datetime.now(UTC), ask.workspace.rosters
        shifts = silencing.shifts(ask.connection, now)
        panels = [roster(key, [one for one in shifts if one.roster == key], ask, look, now) for key in rosters]
        body: Any = panels or html.Section(notice(look, "empty", detail=look.t("roster.none")), className="pn")
        side: list[Any] = [html.H2(look.t("roster.new"))]
        if not rosters or not may("supervise"):
            side.append(html.P(look.t("rule.may_not" if rosters else "roster.none"), className="hint ft"))
        else:
            side.append(form(shifts, ask, look, now))
        return page(
            look,
            active="alerts",
            title=look.t("menu.roster"),
            crumbs=_rules.crumbs(look, "roster"),
            tools=[_rules.beside(look, "roster")],
            children=html.Div([html.Div(body, className="main"), html.Aside(side, className="pn side")], className="ind"),
        )


def roster(key: str, shifts: list[Any], ask: Ask, look: View, now: datetime) -> Component:
    one = ask.workspace.rosters[key]
    lines = []
    for shift in shifts:
        on = html.Span(look.t("roster.on"), className="tag") if shift.begins <= now else None
        when = [fmt.when(at, now, ask.workspace.zone, look.lang) for at in (shift.begins, shift.ends)]
        lines.append([html.Div([person(shift.receiver, ask, look), " ", on]), *when, shift.author])
    head = [(look.t(f"roster.col.{column}"), False) for column in COLUMNS]
    table: Any = html.P(look.t("roster.empty"), className="hint ft")
    if lines:
        table = rows(head, lines, label=name(one.name, look.lang))
    note = look.t("roster.otherwise", who=person(one.otherwise, ask, look)) if one.otherwise else None
    return panel(name(one.name, look.lang), table, note=note)


def person(key: str, ask: Ask, look: View) -> str:
    known = ask.workspace.receivers
    return name(known[key].name, look.lang) if key in known else key


def form(shifts: Any, ask: Ask, look: View, now: datetime) -> Component:
    zone, place = ask.workspace.zone, ask.workspace
    which = [{"value": key, "label": name(one.name, look.lang)} for key, one in place.rosters.items()]
    who = [{"value": key, "label": name(one.name, look.lang)} for key, one in place.receivers.items()]
    begins = (now + timedelta(hours=1)).replace(minute=0)
    times = []
    for key, at in (("begins", begins), ("ends", begins + timedelta(hours=12))):
        box = dcc.Input(id=f"roster-{key}", type="text", value=shown(at, zone), maxLength=20, placeholder="2026-03-01 08:00")
        times.append(html.Label([html.Span(look.t(f"roster.col.{key}"), className="k"), box]))
    first = which[0]["value"]
    label = "#{id} {who} {begins}"
    gone = [
        {"value": one.id, "label": label.format(id=one.id, who=person(one.receiver, ask, look), begins=shown(one.begins, zone))}
        for one in shifts
    ]
    return html.Div(
        [
            choice(look.t("roster.which"), "roster-which", which, value=first),
            choice(look.t("roster.who"), "roster-who", who),
            html.Div(times, className="row"),
            html.Div(html.Button(look.t("roster.put"), id="roster-put", type="button", n_clicks=0, className="btn p")),
            html.Div(
                [
                    choice(look.t("roster.one"), "roster-one", gone),
                    html.Button(look.t("roster.take"), id="roster-take", type="button", n_clicks=0, className="btn"),
                ],
                className="second",
                hidden=not gone,
            ),
            html.Div(id="roster-said", **{"aria-live": "polite"}),
            dcc.Store(id="roster-lang", data=look.lang),
        ],
        className="form rule",
    )


def choice(words: str, id: str, options: Any, **more: Any) -> Component:
    return html.Label([html.Span(words, className="k"), dcc.Dropdown(id=id, options=options, **more)])


@callback(
    Output("roster-said", "children"),
    Input("roster-put", "n_clicks"),
    Input("roster-take", "n_clicks"),
    State("roster-which", "value"),
    State("roster-who", "value"),
    State("roster-begins", "value"),
    State("roster-ends", "value"),
    State("roster-one", "value"),
    State("roster-lang", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def change(put: int, take: int, which: Any, who: Any, begins: Any, ends: Any, one: Any, lang: Any) -> Any:
    if not (put or take):
        return no_update
    here, look, now = site(), view("/roster", {"lang": str(lang or "")}), datetime.now(UTC)
    try:
        with here.store.write() as connection:
            if dash.ctx.triggered_id == "roster-put":
                since, until = read(begins, here.workspace.zone), read(ends, here.workspace.zone)
                silencing.put_on_duty(
                    connection, here.workspace, current(), str(which or ""), str(who or ""), since, until, now
                )  # fmt: skip
            elif str(one or "").isdecimal():
                silencing.take_off_duty(connection, current(), int(one), now)
    except (ValueError, silencing.NotAllowed) as fault:
        return refused(fault, look)
    return html.P([look.t("silence.done"), " ", html.A(look.t("rule.look"), href=look.href(), className="lk")], role="status")
