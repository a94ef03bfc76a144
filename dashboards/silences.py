"""Silences: messages kept back for a time, by whom, until when and why. Judging goes on all the while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

import alerts
from access import current, may, policy
from alerts import kinds, rules, silencing
from alerts.answers import AlertRow
from alerts.described import SILENT_NAME
from alerts.silencing import Silence
from dashboards import _format as fmt
from dashboards import _rules
from dashboards._charts import rows
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, number, view
from dashboards._when import read, shown
from metrics.answers import Ask
from metrics.model import TOTAL
from metrics.rulebook import Match

dash.register_page(__name__, path="/silences")

PARTS = ("rule", "department", "region", "level")
COLUMNS = ("what", "begins", "ends", "why", "who", "state")


def layout(**query: Any) -> Component:
    look = view("/silences", query)
    with asked() as ask:
        now = datetime.now(UTC)
        every = silencing.silences(ask.connection)
        lines = [line(one, ask, look, now) for one in every]
        head = [(look.t(f"silence.col.{key}"), False) for key in COLUMNS]
        body: Any = panel(look.t("menu.silences"), rows(head, lines, label=look.t("menu.silences")))
        if not lines:
            body = html.Section(notice(look, "empty", detail=look.t("silence.none")), className="pn")
        which = number(look.query.get("alert", ""))
        detail = alerts.one(ask, which) if which else None
        of = detail.row if detail else None
        mine = form(every, ask, look, now, of) if may("supervise") else html.P(look.t("rule.may_not"), className="hint ft")
        return page(
            look,
            active="alerts",
            title=look.t("menu.silences"),
            crumbs=_rules.crumbs(look, "silences"),
            tools=[_rules.beside(look, "silences")],
            children=html.Div(
                [
                    html.Div([body], className="main"),
                    html.Aside([html.H2(look.t("silence.new")), mine], className="pn side"),
                ],
                className="ind",
            ),
        )


def line(one: Silence, ask: Ask, look: View, now: datetime) -> list[Any]:
    zone = ask.workspace.zone
    who = look.t("rule.two", first=one.author, second=one.second) if one.second else one.author
    state = one.state(now)
    said: Any = look.t(f"silence.state.{state}")
    if one.ended_at is not None:
        said = look.t("silence.ended", who=one.ended_by, when=fmt.when(one.ended_at, now, zone, look.lang))
    dress = "tag" if state in ("on", "waiting") else ""
    return [
        html.Div([f"#{one.id} ", what(one.match, ask, look)], className="wrapped"),
        fmt.when(one.begins, now, zone, look.lang), fmt.when(one.ends, now, zone, look.lang),
        html.Div(f"“{one.reason}”", className="wrapped"), who, html.Span(said, className=dress),
    ]  # fmt: skip


def what(match: Match, ask: Ask, look: View) -> str:
    """Which alerts it means, in words."""
    place = ask.workspace
    built_in = {rules.SILENT: SILENT_NAME}
    said = [name(place.rules[key].name if key in place.rules else built_in.get(key), look.lang) or key for key in match.rules]
    said += [name(place.departments.get(id).name, look.lang) for id in match.departments if id in place.departments]
    said += [name(place.regions.get(id).name, look.lang) for id in match.regions if id in place.regions]
    said += [look.t(f"severity.{level}") for level in match.levels]
    return look.t("list.comma").join(said) or look.t("silence.everything")


def form(every: list[Silence], ask: Ask, look: View, now: datetime, of: AlertRow | None) -> Component:
    """of: the alert it was opened from: its rule and its place stand in it."""
    place, zone = ask.workspace, ask.workspace.zone
    choices = {
        "rule": [(key, name(one.name, look.lang)) for key, one in place.rules.items()],
        "department": [(one.id, name(one.name, look.lang)) for one in place.departments if one.id != TOTAL],
        "region": [(one.id, name(one.name, look.lang)) for one in place.regions if one.id != TOTAL],
        "level": [(key, look.t(f"severity.{key}")) for key in ("reminder", "warning", "serious")],
    }
    given: dict[str, str | None] = {}
    if of is not None:
        given = {"rule": of.rule, "department": of.department, "region": of.region}
        if of.rule not in place.rules:  # one that is built in
            choices["rule"].append((of.rule, name(of.rule_name, look.lang)))
    boxes = []
    for part in PARTS:
        options = [{"value": key, "label": words} for key, words in choices[part]]
        value = given.get(part) if given.get(part) in [key for key, _ in choices[part]] else None
        any_ = look.t("silence.any")
        box = dcc.Dropdown(id=f"silence-{part}", options=options, value=value, placeholder=any_, clearable=True)  # type: ignore[arg-type]
        boxes.append(html.Label([html.Span(look.t(f"silence.{part}"), className="k"), box]))
    times = []
    for key, at in (("begins", now), ("ends", now + timedelta(hours=8))):
        box = dcc.Input(id=f"silence-{key}", type="text", value=shown(at, zone), maxLength=20, placeholder="2026-03-01 08:00")
        times.append(html.Label([html.Span(look.t(f"silence.col.{key}"), className="k"), box]))
    on = [one for one in every if one.state(now) in ("on", "coming", "waiting")]
    return html.Div(
        [
            *boxes,
            html.Div(times, className="row"),
            html.Label(look.t("silence.reason", who=current().name), htmlFor="silence-reason"),
            dcc.Textarea(id="silence-reason", maxLength=1000, rows=2),
            html.P(look.t("silence.long"), className="hint"),
            html.Div(html.Button(look.t("silence.make"), id="silence-make", type="button", n_clicks=0, className="btn p")),
            html.Div(id="silence-said", **{"aria-live": "polite"}),
            *([deciding(on, look)] if on else []),
            dcc.Store(id="silence-lang", data=look.lang),
        ],
        className="form rule",
    )


def deciding(on: list[Silence], look: View) -> Component:
    """End one, or agree to one of somebody else's."""
    options = [{"value": one.id, "label": f"#{one.id} {one.reason[:40]}"} for one in on]
    return html.Div(
        [
            html.Label([html.Span(look.t("silence.one"), className="k"), dcc.Dropdown(id="silence-one", options=options)]),  # type: ignore[arg-type]
            html.Div(
                [
                    html.Button(look.t("silence.end"), id="silence-end", type="button", n_clicks=0, className="btn"),
                    html.Button(look.t("rule.confirm"), id="silence-confirm", type="button", n_clicks=0, className="btn"),
                ],
                className="row",
            ),
            html.Div(id="silence-decided", **{"aria-live": "polite"}),
        ]
    )


@callback(
    Output("silence-said", "children"),
    Input("silence-make", "n_clicks"),
    *[State(f"silence-{part}", "value") for part in PARTS],
    State("silence-begins", "value"),
    State("silence-ends", "value"),
    State("silence-reason", "value"),
    State("silence-lang", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def make(clicks: int, rule: Any, department: Any, region: Any, level: Any, begins: Any, ends: Any, reason: Any, lang: Any) -> Any:
    if not clicks:
        return no_update
    here, look, now = site(), view("/silences", {"lang": str(lang or "")}), datetime.now(UTC)
    given = {"rules": rule, "departments": department, "regions": region, "levels": level}
    named = here.workspace.rules.get(str(rule or ""))
    of_data = bool(rule) and (named is None or named.kind in kinds.ABOUT_DATA)  # what is built in is about data too
    match = Match(**{key: (str(value),) for key, value in given.items() if value}, about="data" if of_data else "")  # type: ignore[arg-type]
    try:
        since, until = read(begins, here.workspace.zone), read(ends, here.workspace.zone)
        with here.store.write() as connection:
            silencing.silence(connection, current(), match, since, until, str(reason or ""), now)
    except (ValueError, silencing.NotAllowed) as fault:
        return refused(fault, look)
    return done(look)


@callback(
    Output("silence-decided", "children"),
    Input("silence-end", "n_clicks"),
    Input("silence-confirm", "n_clicks"),
    State("silence-one", "value"),
    State("silence-lang", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def decide(end: int, confirm: int, which: Any, lang: Any) -> Any:
    if not (end or confirm) or not str(which or "").isdecimal():
        return no_update
    here, look, now = site(), view("/silences", {"lang": str(lang or "")}), datetime.now(UTC)
    act = silencing.end if dash.ctx.triggered_id == "silence-end" else silencing.confirm
    try:
        with here.store.write() as connection:
            met = act(connection, current(), int(which), now)
    except (ValueError, silencing.NotAllowed) as fault:
        return refused(fault, look)
    return done(look) if met else html.P(look.t("rule.gone"), className="hint")


def refused(fault: Exception, look: View) -> Component:
    if isinstance(fault, silencing.NotAllowed):
        key = "rule.second" if "second" in str(fault) else "rule.may_not"
    else:
        key = f"rule.fault.{fault.args[0]}" if isinstance(fault, silencing.Invalid) else "rule.fault.span"
    return html.P(look.t(key), className="refusal", role="alert")


def done(look: View) -> Component:
    return html.P([look.t("silence.done"), " ", html.A(look.t("rule.look"), href=look.href(), className="lk")], role="status")
