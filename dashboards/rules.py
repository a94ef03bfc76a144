"""The rules: what is watched, how it stands, who changed what and why; one rule with its form and its dry run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from access import current, may, policy
from alerts import editing
from dashboards import _rules
from dashboards._charts import rows
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, view

dash.register_page(__name__, path="/rules")
dash.register_page("dashboards.rule", path_template="/rules/<key>", layout=lambda key="", **query: one(key, **query))

SEVERITIES = ("reminder", "warning", "serious")
LATELY = timedelta(days=30)
FIELDS = [State(f"rule-{severity}-{which}", "value") for severity in SEVERITIES for which in ("when", "until")]


def layout(**query: Any) -> Component:
    look = view("/rules", query)
    with asked() as ask:
        fired = editing.fired(ask.connection, ask.now - LATELY)
        waiting = {row.rule for row in editing.proposals(ask.connection)}
        lines = []
        for key, rule in ask.workspace.rules.items():
            now = editing.in_force(ask.connection, ask.workspace, key)
            open_, lately = fired.get(key, (0, 0))
            mark = html.Span(look.t("rule.waits"), className="tag") if key in waiting else None
            indicator = ask.workspace.indicators[rule.indicator]
            lines.append(
                [
                    html.Div([dcc.Link(name(rule.name, look.lang), href=look.href(f"/rules/{key}"), className="lk"), mark]),
                    name(indicator.name, look.lang),
                    html.Div(_rules.levels(now, ask, look)),
                    _rules.when_met(now, look),
                    str(open_ or ""),
                    str(lately or ""),
                ]
            )
        head = [(look.t(f"rule.col.{key}"), key in ("open", "lately")) for key in _rules.COLUMNS]
        body: Any = panel(look.t("menu.rules"), rows(head, lines, label=look.t("menu.rules")))
        if not lines:
            body = html.Section(notice(look, "empty", detail=look.t("rule.none")), className="pn")
        return page(
            look,
            active="alerts",
            title=look.t("menu.rules"),
            sub=look.t("rule.count", n=len(lines)),
            crumbs=_rules.crumbs(look, "rules"),
            tools=[_rules.beside(look, "rules")],
            children=body,
        )


def one(key: str = "", **query: Any) -> Component:
    look = view(f"/rules/{key}", query)
    with asked() as ask:
        rule = ask.workspace.rules.get(key)
        crumbs = [*_rules.crumbs(look, "rules", link=True)]
        if rule is None:
            body: Any = html.Section(notice(look, "unknown", action=(look.t("menu.rules"), look.href("/rules"))), className="pn")
            return page(look, active="alerts", title=look.t("menu.rules"), crumbs=crumbs, children=body)
        now = editing.in_force(ask.connection, ask.workspace, key)
        history = editing.history(ask.connection, ask.workspace, key)
        proposed = editing.proposals(ask.connection, key)
        left = [panel(look.t("rule.versions"), _rules.versions(history, ask, look))]
        if proposed:
            left.insert(0, panel(look.t("rule.proposed"), _rules.proposal(proposed[0], now, ask, look), id="rule-proposal"))
        side = [
            html.H2(look.t("rule.now")),
            _rules.about(now, ask, look),
            html.H2(look.t("rule.change")),
            _rules.form(now, look) if may("supervise") else html.P(look.t("rule.may_not"), className="hint ft"),
        ]
        return page(
            look,
            active="alerts",
            title=name(rule.name, look.lang),
            crumbs=[*crumbs, (name(rule.name, look.lang), None)],
            children=html.Div([html.Div(left, className="main"), html.Aside(side, className="pn side")], className="ind"),
        )


@callback(
    Output("rule-trial", "children"),
    Output("rule-draft", "data"),
    Output("rule-again", "disabled"),
    Input("rule-try", "n_clicks"),
    Input("rule-again", "n_intervals"),
    *FIELDS,
    State("rule-m", "value"),
    State("rule-n", "value"),
    State("rule-recover", "value"),
    State("rule-paused", "value"),
    State("rule-draft", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def try_on(clicks: int, ticks: int, *given: Any) -> Any:
    """A new draft, or the next step of its dry run: how often it would have fired, and for whom."""
    kept = given[-1] or {}
    look = view(f"/rules/{kept.get('rule', '')}", {"lang": kept.get("lang", "")})
    here, who, now = site(), current(), datetime.now(UTC)
    if str(kept.get("rule")) not in here.workspace.rules:
        return no_update
    try:
        if ctx.triggered_id == "rule-again":
            if kept.get("id") is None:
                return no_update
        else:
            proposal = _rules.read(given[:6], *given[6:10])
            with here.store.write() as connection:
                kept = {**kept, "id": editing.draft(connection, here.workspace, who, kept["rule"], proposal, now)}
        trial = editing.try_on(here.store, here.workspace, who, int(kept["id"]), now)
    except (editing.Invalid, editing.NotAllowed) as fault:
        return _rules.refused(fault, look), {**kept, "id": None}, True
    with asked() as ask:
        return _rules.trial(trial, ask, look, saving=True), kept, trial.finished


@callback(
    Output("rule-saved", "children"),
    Input("rule-save", "n_clicks"),
    State("rule-reason", "value"),
    State("rule-draft", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def save(clicks: int, reason: str | None, kept: dict[str, Any] | None) -> Any:
    """The draft with its reason: in force at once, or waiting for a second person."""
    if not clicks or not kept or kept.get("id") is None:
        return no_update
    look = view(f"/rules/{kept.get('rule', '')}", {"lang": kept.get("lang", "")})
    here = site()
    try:
        with here.store.write() as connection:
            state = editing.save(connection, here.workspace, current(), int(kept["id"]), reason or "", datetime.now(UTC))
    except (editing.Invalid, editing.NotAllowed) as fault:
        return _rules.refused(fault, look)
    return again(look, f"rule.saved_{state}")


@callback(
    Output("rule-decided", "children"),
    Input("rule-confirm", "n_clicks"),
    Input("rule-refuse", "n_clicks"),
    State("rule-edit", "data"),
    prevent_initial_call=True,
)
@policy("supervise")
def decide(confirm: int, refuse: int, kept: dict[str, Any] | None) -> Any:
    """A second person agrees, or somebody refuses."""
    if not kept or not (confirm or refuse):
        return no_update
    look = view(f"/rules/{kept.get('rule', '')}", {"lang": kept.get("lang", "")})
    here, who, now = site(), current(), datetime.now(UTC)
    try:
        with here.store.write() as connection:
            if ctx.triggered_id == "rule-confirm":
                done = editing.confirm(connection, here.workspace, who, int(kept["id"]), now)
                word = "rule.saved_active"
            else:
                done, word = editing.refuse(connection, who, int(kept["id"]), now), "rule.saved_refused"
    except (editing.Invalid, editing.NotAllowed) as fault:
        return _rules.refused(fault, look)
    return again(look, word if done else "rule.gone")


def again(look: View, key: str) -> Component:
    """What became of it, and the page as it is now."""
    link = html.A(look.t("rule.look"), href=look.href(), className="lk")
    return html.P([look.t(key), " ", link], className="done", role="status")
