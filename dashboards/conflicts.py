"""Sources that disagree: both figures, for how long, and who ruled which one stands, why, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component
from flask import abort

import alerts
from access import current, may, policy, record
from dashboards import _format as fmt
from dashboards import _questions
from dashboards._charts import rows
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._view import View, view
from metrics import periods, reading, ruling
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import MAX
from metrics.reading.conflicts import Conflict, may_rule
from metrics.ruling import Decision, NotRuled
from metrics.store.rulings import Ruled

dash.register_page(__name__, path="/conflicts")

MOST = 100
COLUMNS = ("what", "period", "told", "difference", "tolerance", "age", "ruling")
HISTORY = ("what", "source", "span", "why", "who", "state")


def layout(**query: Any) -> Component:
    look = view("/conflicts", query)
    with asked(look) as ask:
        every = reading.conflicts(ask)
        found = ruling.history(ask.connection, ask.workspace, ask.who, ask.revision)
        waiting = sum(one.ruled is None for one in every)
        asked_for = look.query.get("one")
        chosen = next((one for one in every if asked_for in (None, key(one))), None)
        gone = [html.P(look.t("conflicts.refused.gone"), className="hint ft", role="status")] if asked_for else []
        aside = side(chosen, found, ask, look) if chosen else gone
        head = [(look.t(f"conflicts.col.{column}"), column in ("difference", "tolerance")) for column in COLUMNS]
        lines = [line(one, ask, look) for one in every[:MOST]]
        listed: Any = rows(head, lines, label=look.t("menu.conflicts"), className="cards")
        if not lines:
            listed = notice(look, "empty", detail=look.t("conflicts.none"))
        titles = [(look.t(f"conflicts.col.{column}"), False) for column in HISTORY]
        undone = ruling.waiting(ask.connection)
        ruled = [past(one, one.id in undone, ask, look) for one in found[:MOST]]
        kept: Any = rows(titles, ruled, label=look.t("conflicts.history"), className="cards")
        if not found:
            kept = notice(look, "empty", detail=look.t("conflicts.no_rulings"))
        return page(
            look,
            active="sources",
            title=look.t("menu.conflicts"),
            sub=look.t("conflicts.open", n=waiting),
            crumbs=_questions.crumbs(look, "conflicts"),
            tools=[_questions.beside(look, "conflicts")],
            children=html.Div(
                [
                    html.Div(
                        [
                            panel(look.t("menu.conflicts"), [_questions.lead(look, "conflicts"), listed]),
                            panel(look.t("conflicts.history"), kept),
                        ],
                        className="main",
                    ),
                    html.Aside(aside, className="pn side") if aside else None,
                ],
                className="ind",
            ),
        )


def key(one: Conflict) -> str:
    series = one.series
    start = periods.to_us(one.period_start)
    return "~".join((series.indicator, series.grain, series.department, series.region, str(start), series.dims))


def line(one: Conflict, ask: Ask, look: View) -> list[Any]:
    told = [
        html.Div(
            [
                f"{_questions.source(told.source, ask, look)} ",
                html.B(_questions.amount(told.value, one.indicator, ask, look)),
                " ",
                html.Span(look.t("conflicts.stands"), className="tag") if told.stands else None,
            ],
            className="told",
        )
        for told in one.told
    ]
    difference, tolerance = (_questions.amount(value, one.indicator, ask, look) for value in (one.difference, one.tolerance))
    said: Any = dcc.Link(look.t("conflicts.rule"), href=look.href(one=key(one)), className="lk")
    if one.ruled is not None:
        said = [html.Span(f"{look.t('conflicts.ruled')} "), html.Span(f"{one.ruled.actor} “{one.ruled.reason}”", className="k")]
    what = dcc.Link(_questions.what(one.series, ask, look), href=_questions.values(one.series, one.period_start, look))
    return [
        html.Div(what, className="wrapped"), _questions.period(one.series, one.period_start, ask, look),
        html.Div(told, className="wrapped"), difference, tolerance, fmt.age(ask.now - one.since, look.lang),
        html.Div(said, className="wrapped"),
    ]  # fmt: skip


def past(one: Ruled, waiting: bool, ask: Ask, look: View) -> list[Any]:
    """A line of the history; `waiting`: its figures are still being summed again."""
    series = Series(one.indicator, one.grain, *one.key)  # type: ignore[arg-type]
    first = _questions.period(series, periods.from_us(one.first), ask, look)
    span = look.t("conflicts.always", first=first)
    if one.last != MAX:
        last = _questions.period(series, periods.from_us(one.last), ask, look)
        span = look.t("conflicts.only" if last == first else "conflicts.span", first=first, last=last)
    what = _questions.what(series, ask, look)
    every = [" ", html.Span(look.t("conflicts.for_all"), className="tag")] if one.everywhere else []
    zone = ask.workspace.zone
    state: Any = html.Span(look.t("conflicts.in_force"), className="tag")
    if one.known_to != MAX:
        when = fmt.when(reading.known_at(ask.connection, one.known_to), ask.now, zone, look.lang)
        state = look.t("conflicts.ended", who=one.ended_by, when=when, why=one.ended_reason)
    if waiting:
        state = [state, " ", html.Span(look.t("card.recomputing"), className="tag late", title=look.t("card.recomputing_title"))]
    when = fmt.when(reading.known_at(ask.connection, one.known_from), ask.now, zone, look.lang)
    return [
        html.Div([what, *every], className="wrapped"), _questions.source(one.source, ask, look), span,
        html.Div(f"“{one.reason}”", className="wrapped"), f"{one.actor} {when}", html.Div(state, className="wrapped"),
    ]  # fmt: skip


def side(one: Conflict, found: Sequence[Ruled], ask: Ask, look: View) -> list[Component]:
    """The form of the chosen conflict, for whoever may rule on it."""
    title = look.t(
        "conflicts.of",
        what=_questions.what(one.series, ask, look),
        period=_questions.period(one.series, one.period_start, ask, look),
    )
    head = html.H2(title)
    if ask.revision is not None:
        return [head, html.P(look.t("asof.read_only"), className="hint ft")]
    if not (may("supervise") and one.mine):
        return [head, html.P(look.t("conflicts.may_not"), className="hint ft")]
    options = [
        {
            "label": look.t(
                "conflicts.option",
                source=_questions.source(told.source, ask, look),
                value=_questions.amount(told.value, one.indicator, ask, look),
            ),
            "value": told.source,
        }
        for told in one.told
    ]
    day = f"{one.period_start.astimezone(ask.workspace.zone):%Y-%m-%d}"
    boxes = []
    for which in ("from", "to"):
        box = dcc.Input(
            id=f"conflict-{which}", type="text", value=day, maxLength=10, placeholder="2026-03-01", autoComplete="off"
        )
        boxes.append(html.Label([html.Span(look.t(f"conflicts.{which}"), className="k"), box]))
    undo = []
    if one.ruled is not None:
        undo = [
            html.P(look.t("conflicts.undo_hint"), className="hint"),
            html.Button(look.t("conflicts.undo"), id="conflict-undo", type="button", n_clicks=0, className="btn"),
        ]
    return [
        head,
        html.Div(
            [
                html.Fieldset(
                    [
                        html.Legend(look.t("conflicts.choose")),
                        dcc.RadioItems(
                            id="conflict-source",
                            options=options,  # type: ignore[arg-type]
                            value=one.ruled.source if one.ruled else None,
                        ),
                    ]
                ),
                *boxes,
                dcc.Checklist(
                    id="conflict-everywhere", options=[{"value": "yes", "label": look.t("conflicts.everywhere")}], value=[]
                ),
                html.Label(look.t("conflicts.reason", who=current().name), htmlFor="conflict-reason"),
                dcc.Textarea(id="conflict-reason", maxLength=1000, rows=3),
                html.Button(look.t("conflicts.do"), id="conflict-rule", type="button", n_clicks=0, className="btn p"),
                *undo,
                html.Div(id="conflict-said", **{"aria-live": "polite"}),
                html.Div(id="conflict-undone", **{"aria-live": "polite"}),
                dcc.Store(id="conflict-of", data={"one": key(one), "id": one.ruled.id if one.ruled else 0, "lang": look.lang}),
            ],
            className="form",
        ),
    ]


@callback(
    Output("conflict-said", "children"),
    Input("conflict-rule", "n_clicks"),
    State("conflict-of", "data"),
    State("conflict-source", "value"),
    State("conflict-from", "value"),
    State("conflict-to", "value"),
    State("conflict-everywhere", "value"),
    State("conflict-reason", "value"),
    prevent_initial_call=True,
)
@policy("supervise")
def rule(clicks: int | None, of: Any, source: Any, first: Any, last: Any, everywhere: Any, reason: Any) -> Any:
    if not clicks:
        return no_update
    look, here, who = _look(of), site(), current()
    series, start = _series(of)
    if not may_rule(who, here.workspace, series):
        abort(403)
    try:
        begin, end = (_day(text) for text in (first, last))
        decision = Decision(series, str(source or ""), begin or start, end, str(reason or ""), bool(everywhere))
        now = datetime.now(UTC)
        judges = (alerts.evaluate(here.workspace),)
        id, _ = ruling.decide(here.store, here.workspace, decision, judges, now, who.name or who.user or "")
    except NotRuled as fault:
        return _questions.refused(look, f"conflicts.refused.{fault.key}")
    with here.store.write() as connection:
        record(connection, who.user, "ruling", f"ruling:{id}", "ok", now)
    return _questions.done(look, "conflicts.done", "/conflicts")


@callback(
    Output("conflict-undone", "children"),
    Input("conflict-undo", "n_clicks"),
    State("conflict-of", "data"),
    State("conflict-reason", "value"),
    prevent_initial_call=True,
)
@policy("supervise")
def undo(clicks: int | None, of: Any, reason: Any) -> Any:
    if not clicks:
        return no_update
    look, here, who = _look(of), site(), current()
    series, _ = _series(of)
    id = of.get("id") if isinstance(of, dict) else None
    with here.store.read() as connection:
        mine = {one.id for one in ruling.history(connection, here.workspace, who)}
    if not may_rule(who, here.workspace, series) or id not in mine:
        abort(403)
    try:
        now = datetime.now(UTC)
        judges = (alerts.evaluate(here.workspace),)
        ruling.withdraw(here.store, here.workspace, int(id), judges, now, who.name or who.user or "", str(reason or ""))
    except NotRuled as fault:
        return _questions.refused(look, f"conflicts.refused.{fault.key}")
    with here.store.write() as connection:
        record(connection, who.user, "ruling_taken_back", f"ruling:{id}", "ok", now)
    return _questions.done(look, "conflicts.undone", "/conflicts")


def _look(of: Any) -> View:
    return view("/conflicts", {"lang": str(of.get("lang") or "") if isinstance(of, dict) else ""})


def _series(of: Any) -> tuple[Series, datetime]:
    """What the form is about; 400 where it is none of ours."""
    parts = str(of.get("one") if isinstance(of, dict) else "").split("~", 5)
    workspace = site().workspace
    if len(parts) != 6 or parts[0] not in workspace.indicators or parts[1] not in workspace.indicators[parts[0]].grains:
        abort(400)
    if not parts[4].isdecimal() or len(parts[4]) > 18:
        abort(400)
    series = Series(parts[0], parts[1], parts[2], parts[3], parts[5])  # type: ignore[arg-type]
    return series, periods.from_us(int(parts[4]))


def _day(text: Any) -> datetime | None:
    """The first instant of a local day; None for a blank. NotRuled for anything else."""
    if not str(text or "").strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(str(text).strip()), time(), site().workspace.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotRuled("span", "not a day") from None
