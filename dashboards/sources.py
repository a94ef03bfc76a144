"""Sources: each departmental system with its state, its last runs, what depends on it; one opened to its Runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

import alerts
from alerts.orders.board import OrderRow
from dashboards import _format as fmt
from dashboards import _impact, _questions, _runs, _steering
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._hints import hint
from dashboards._passport import facts
from dashboards._shell import notice, page, panel
from dashboards._site import asked, present
from dashboards._text import name
from dashboards._view import view
from metrics import reading
from metrics.answers import Ask, RunRow, SourceState

dash.register_page(__name__, path="/sources")
dash.register_page("dashboards.source", path_template="/sources/<key>", layout=lambda key="", **query: layout(key, **query))

RUNS = 60


def layout(key: str = "", **query: Any) -> Component:
    look = view(f"/sources/{key}" if key else "/sources", query)
    with asked(look) as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        states = sorted(reading.sources(ask), key=lambda s: _runs.ORDER.index(s.health))
        chosen = next((s for s in states if s.key == key), None) if key else next(iter(states), None)
        if not states:
            body: Any = html.Section(notice(look, "empty"), className="pn")
        elif chosen is None:
            body = html.Section(notice(look, "unknown", action=(look.t("menu.sources"), look.href("/sources"))), className="pn")
        else:
            standing = _impact.depending(present(ask), states)
            made = list(reading.runs(ask, chosen.key, RUNS))
            body = [
                table(ask, states, chosen, setting, standing, "pn chosen" if key else "pn"),
                one(ask, chosen, made, setting, standing),
            ]
        return page(
            look,
            active="sources",
            title=look.t("menu.sources"),
            summary=summary(states, setting),
            tools=[_questions.beside(look, "sources"), *([] if ask.revision else _steering.hand_in(ask, look))],
            children=body,
            crumbs=[(look.t("menu.overview"), look.href("/")), *trail(chosen if key else None, setting)],
        )


def trail(chosen: SourceState | None, setting: Setting) -> list[tuple[str, str | None]]:
    look = setting.view
    if chosen is None:
        return [(look.t("menu.sources"), None)]
    return [(look.t("menu.sources"), look.href("/sources")), (_runs.title(chosen, setting), None)]


def summary(states: Sequence[SourceState], setting: Setting) -> Component:
    """How many in which state, the bad ones first."""
    counted = Counter(s.health for s in states)
    return html.Span(
        [html.Span([_runs.health(key, setting, plain=True), html.B(str(counted[key]))]) for key in _runs.ORDER if counted[key]],
        className="sum",
    )


def table(
    ask: Ask,
    states: Sequence[SourceState],
    chosen: SourceState,
    setting: Setting,
    standing: Mapping[str, Sequence[OrderRow]],
    dress: str = "pn",
) -> Component:
    """dress: `chosen` where one source was asked for: a phone shows that one alone."""
    look = setting.view
    heads = ("state", "name", "schedule", "last", "strip", "good", "newest", "age", "next", "used")
    numbers = ("good", "newest", "age")
    body = []
    for state in states:
        run = state.last_run
        when = fmt.when(run.ended, setting.now, setting.zone, look.lang) if run else look.t("card.never")
        late = state.health not in ("FRESH", "RETIRED")
        age = fmt.age(state.age_seconds, look.lang)
        cells = [
            html.Td(_runs.health(state, setting)),
            html.Td(dcc.Link(html.B(_runs.title(state, setting)), href=look.href(f"/sources/{state.key}"))),
            html.Td(_runs.schedule(ask.workspace.sources.get(state.key), setting), className="s2"),
            html.Td([f"{when} ", html.Span(look.t(f"outcome.{run.outcome}"), className="s2") if run else None]),
            html.Td(_runs.strip(state.outcomes, setting)),
            html.Td(_runs.succeeded(state.outcomes), className="n"),
            html.Td(fmt.when(state.newest_period, setting.now, setting.zone, look.lang), className="n"),
            html.Td(html.B(age) if late else age, className="n"),
            html.Td(fmt.when(state.next_run, setting.now, setting.zone, look.lang)),
            html.Td(_runs.dependents(state, setting, len(standing[state.key])), className="s2"),
        ]
        body.append(html.Tr(cells, className="on" if state.key == chosen.key else ""))
    head = html.Tr([html.Th(look.t(f"src.col.{key}"), scope="col", className="n" if key in numbers else "") for key in heads])
    lines = [
        dcc.Link(
            [
                html.Div([html.B(_runs.title(s, setting)), _runs.health(s, setting)]),
                html.Div(
                    [
                        html.Span(_runs.schedule(ask.workspace.sources.get(s.key), setting)),
                        html.Span(fmt.age(s.age_seconds, look.lang)),
                    ],
                    className="k",
                ),
                _runs.strip(s.outcomes, setting),
            ],
            href=look.href(f"/sources/{s.key}"),
            className="cl",
        )
        for s in states
    ]
    return html.Section(
        [
            html.Div(
                html.Table([html.Thead(head), html.Tbody(body)], className="tbl tall"), className="scroll desk", tabIndex="0"
            ),
            html.Div(lines, className="narrow"),
        ],
        className=dress,
    )


def one(
    ask: Ask, state: SourceState, runs: Sequence[RunRow], setting: Setting, standing: Mapping[str, Sequence[OrderRow]]
) -> Component:
    """One source: how it is read, its Runs, what waits for it."""
    look = setting.view
    title = _runs.title(state, setting)
    source = ask.workspace.sources.get(state.key)
    owner = name(state.department_name, look.lang)
    good = fmt.when(state.last_success, setting.now, setting.zone, look.lang) if state.last_success else look.t("card.never")
    about = facts(
        [
            (look.t("src.owner"), owner),
            (look.t("src.col.schedule"), _runs.schedule(source, setting)),
            (look.t("src.gives"), look.t(f"src.gives.{source.gives}") if source else None),
            (look.t("src.last_success"), good),
            (look.t("src.max_age"), _runs.span(source.max_age.total_seconds(), setting) if source else None),
            (look.t("src.col.next"), fmt.when(state.next_run, setting.now, setting.zone, look.lang)),
            (look.t("cover.expected"), fmt.when(state.expected, setting.now, setting.zone, look.lang)),
            (look.t("src.reminded"), reminded(ask, state, setting)),
            (look.t("src.filled"), _runs.succeeded(state.filled) if state.filled else None),
        ]
    )
    advised = advice(state, runs, setting)
    return html.Div(
        [
            html.Div(
                [
                    panel(title, [about, html.Div(advised, className="advice") if advised else None]),
                    *([] if ask.revision else [_steering.steer(ask, source, setting), _steering.payloads(ask, source, setting)]),
                ]
            ),
            panel(look.t("src.runs"), listing(runs, setting), note=look.t("src.runs_note", n=len(runs)) if runs else None),
            _impact.panel_of(ask, state, standing[state.key], setting),
        ],
        className="src3",
    )


def advice(state: SourceState, runs: Sequence[RunRow], setting: Setting) -> list[Component] | None:
    """What is wrong and what to do, when something is."""
    look = setting.view
    if state.health in ("FRESH", "RETIRED"):
        return None
    failed = next((r for r in runs if r.outcome == "error"), None) if state.health in ("SOURCE_ERROR", "STALE", "LATE") else None
    parts: list[Component] = [html.P([html.B(look.t("src.what_to_do")), look.t(f"src.advice.{state.health}")])]
    if failed is not None and runs and runs[0].outcome == "error":
        parts.insert(0, html.P(_runs.what(failed, setting)))
        if failed.hint:
            parts.append(html.P(hint(failed.hint, look.lang)))
    return parts


def listing(runs: Sequence[RunRow], setting: Setting) -> Component:
    look = setting.view
    if not runs:
        return notice(look, "empty", detail=look.t("src.no_runs"))
    head = [("when", False), ("run", False), ("kind", False), ("rows", True), ("took", True), ("result", False), ("what", False)]
    lines = []
    for run in runs:
        took = look.t("span.second", n=f"{(run.ended - run.started).total_seconds():.1f}")
        said = [
            _runs.what(run, setting),
            html.Span(f" {hint(run.hint, look.lang)}", className="k") if run.hint and run.outcome == "error" else None,
        ]
        lines.append(
            [
                fmt.when(run.ended, setting.now, setting.zone, look.lang),
                f"#{run.id}",
                look.t(f"kind.{run.kind}") + _by(run, setting),
                fmt.number(_runs.rows_of(run)),
                took,
                _runs.outcome(run, setting),
                html.Div([html.Span(said), _runs.refusals(run, setting)], className="wrapped"),
            ]
        )
    return rows([(look.t(f"run.{key}"), number) for key, number in head], lines, label=look.t("src.runs"), className="runs")


def reminded(ask: Ask, state: SourceState, setting: Setting) -> str | None:
    """When its office was told last what it owes."""
    told = [one for one in alerts.reminders(ask.connection, state.key, 20) if one.at <= ask.now]
    if not told:
        return None
    when = fmt.when(told[0].at, setting.now, setting.zone, setting.view.lang)
    return setting.view.t(f"src.reminder.{told[0].stage}", when=when, n=told[0].owed)


def _by(run: RunRow, setting: Setting) -> str:
    """Who handed it in; a system that sends is the source itself."""
    return f" {setting.view.t('steer.by', who=run.by)}" if run.by and not run.by.startswith("source:") else ""
