"""Figures in question: what was reported and why it is not believed, what stands in its place, who decided and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
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
from dashboards._view import View, number, view
from metrics import reading, verdict
from metrics.answers import Ask
from metrics.reading.held import Held, may_decide, may_see
from metrics.store import doubts
from metrics.store.gone import KIND
from metrics.verdict import NotDecided

dash.register_page(__name__, path="/held")

MOST = 200
"""How many of those that wait are listed, and how many of those that do not."""
COLUMNS = ("what", "period", "value", "good", "why", "source", "age")
DECIDED = ("what", "period", "value", "why", "verdict", "who", "reason")


def layout(**query: Any) -> Component:
    look = view("/held", query)
    with asked(look) as ask:
        named = {
            "active": "sources", "title": look.t("menu.held"), "crumbs": _questions.crumbs(look, "held"),
            "tools": [_questions.beside(look, "held")],
        }  # fmt: skip
        if not may_see(ask.who, ask.workspace):
            denied = notice(look, "denied", action=(look.t("menu.sources"), look.href("/sources")))
            return page(look, children=html.Section(denied, className="pn"), **named)  # type: ignore[arg-type]
        waiting, past = reading.held(ask, waiting=True, limit=MOST), reading.held(ask, waiting=False, limit=MOST)
        waits, done = reading.held_counts(ask)
        head = [(look.t(f"held.col.{column}"), column == "value") for column in COLUMNS]
        listed: Any = rows(head, [line(one, ask, look) for one in waiting], label=look.t("menu.held"), className="cards")
        if not waiting:
            listed = notice(look, "empty", detail=look.t("held.none"))
        titles = [(look.t(f"held.col.{column}"), column == "value") for column in DECIDED]
        lines = [ended(one, ask, look) for one in past]
        table = rows(titles, lines, label=look.t("held.decided"), className="cards")
        decided = panel(look.t("held.decided"), [table, of_all(len(past), done, look)])
        body = [_questions.lead(look, "held"), listed, of_all(len(waiting), waits, look)]
        main = [panel(look.t("menu.held"), body), decided if past else None]
        aside = beside(look.query.get("one"), waiting, ask, look)
        return page(
            look,
            sub=look.t("held.open", n=waits),
            children=html.Div(
                [
                    html.Div(main, className="main"),
                    html.Aside(aside, className="pn side") if aside else None,
                ],
                className="ind",
            ),
            **named,  # type: ignore[arg-type]
        )


def of_all(shown: int, total: int, look: View) -> Component | None:
    """That the list has not all there are, and how many those are."""
    return html.P(look.t("held.first", shown=shown, n=total), className="hint ft") if shown < total else None


def beside(asked_for: str | None, waiting: Sequence[Held], ask: Ask, look: View) -> list[Component]:
    """The figure asked for, listed or not, and no other in its place; where none is asked for, the first that waits."""
    if asked_for is None:
        return side(waiting[0], ask, look) if waiting else []
    one = reading.held_one(ask, number(asked_for))
    return side(one, ask, look) if one is not None else [html.P(look.t("held.not_there"), className="hint ft", role="status")]


def line(one: Held, ask: Ask, look: View) -> list[Any]:
    good: Any = look.t("held.good_none")
    if one.good is not None:
        period = _questions.period(one.series, one.good.period_start, ask, look)
        meant = ask.workspace.meant(one.series.indicator, one.good.version)
        good = look.t("held.good_of", value=_questions.amount(one.good.value, meant, ask, look), period=period)
    if one.kind == KIND:
        good = look.t("held.good_gone")
    tag = html.Span(look.t("held.tag" if one.held else "held.noted"), className="tag late" if one.held else "tag")
    what = dcc.Link(about(one, ask, look), href=look.href(one=str(one.id)), className="lk")
    return [
        html.Div([what, " ", tag], className="wrapped"), _questions.period(one.series, one.period_start, ask, look),
        html.B(value(one, ask, look)), html.Div(good, className="wrapped"),
        html.Div(why(one, ask, look), className="wrapped"), _questions.source(one.source, ask, look),
        fmt.age(ask.now - one.since, look.lang),
    ]  # fmt: skip


def ended(one: Held, ask: Ask, look: View) -> list[Any]:
    when = fmt.when(one.decided_at, ask.now, ask.workspace.zone, look.lang)
    return [
        html.Div(about(one, ask, look), className="wrapped"),
        _questions.period(one.series, one.period_start, ask, look), value(one, ask, look),
        html.Div(why(one, ask, look), className="wrapped"), look.t(f"held.verdict.{one.verdict}"), f"{one.actor} {when}".strip(),
        html.Div(f"“{one.reason}”" if one.reason and one.actor else fmt.DASH, className="wrapped"),
    ]  # fmt: skip


def about(one: Held, ask: Ask, look: View) -> str:
    if one.kind == KIND:
        return look.t("held.cases", source=_questions.source(one.source, ask, look))
    return _questions.what(one.series, ask, look)


def value(one: Held, ask: Ask, look: View) -> str:
    if one.kind == KIND:
        return look.t("held.gone", n=fmt.number(one.value, 0, look.lang))
    return _questions.amount(one.value, one.indicator, ask, look)


def why(one: Held, ask: Ask, look: View) -> str:
    """In plain words, with both figures."""
    words: dict[str, object] = {}
    if one.kind == "bounds":
        how = one.indicator.plausible
        low, high = (how.at_least, how.at_most) if how is not None else (None, None)
        words = {"low": fmt.number(low, 0) if low is not None else "…", "high": fmt.number(high, 0) if high is not None else "…"}
    elif one.kind in ("jump", "parts", "falls"):
        words = {"against": _questions.amount(one.against, one.indicator, ask, look)}
    if one.kind == KIND:
        words = {"n": fmt.number(one.value, 0, look.lang), "of": fmt.number(one.against, 0, look.lang)}
    if one.kind == "jump" and one.against and one.value:
        a, b = abs(one.value), abs(one.against)
        words["times"] = fmt.number(max(a, b) / min(a, b), 0)
    return look.t(f"held.why.{one.kind}", **words)


def side(one: Held, ask: Ask, look: View) -> list[Component]:
    """The form of the chosen figure, for whoever may decide on it."""
    period = _questions.period(one.series, one.period_start, ask, look)
    head = html.H2(look.t("held.of", what=about(one, ask, look), period=period))
    said = html.P(why(one, ask, look), className="hint")
    if one.verdict:
        when = fmt.when(one.decided_at, ask.now, ask.workspace.zone, look.lang)
        how = look.t("held.over", verdict=look.t(f"held.verdict.{one.verdict}"), who=f"{one.actor} {when}".strip())
        return [head, said, html.P(how, className="hint ft", role="status")]
    if ask.revision is not None:
        return [head, said, html.P(look.t("asof.read_only"), className="hint ft")]
    if not (may("question") and one.mine):
        return [head, said, html.P(look.t("held.may_not"), className="hint ft")]
    buttons = ("release", "reject") if one.held else ("settle",)
    explained = "held.explain_gone" if one.kind == KIND else "held.explain" if one.held else "held.explain_noted"
    hidden = [which for which in ("release", "reject", "settle") if which not in buttons]
    return [
        head,
        html.Div(
            [
                html.P(why(one, ask, look)),
                html.P(look.t(explained), className="hint"),
                html.Label(look.t("held.reason", who=current().name), htmlFor="held-why"),
                dcc.Textarea(id="held-why", maxLength=1000, rows=3),
                html.Div([button(which, look) for which in buttons], className="line"),
                html.Div([button(which, look) for which in hidden], style={"display": "none"}),
                html.Div(id="held-said", **{"aria-live": "polite"}),
                dcc.Store(id="held-of", data={"id": one.id, "lang": look.lang}),
            ],
            className="form",
        ),
    ]


def button(which: str, look: View) -> Component:
    return html.Button(
        look.t(f"held.{which}"), id=f"held-{which}", type="button", n_clicks=0, className="btn p" if which == "release" else "btn"
    )


@callback(
    Output("held-said", "children"),
    Input("held-release", "n_clicks"),
    Input("held-reject", "n_clicks"),
    Input("held-settle", "n_clicks"),
    State("held-of", "data"),
    State("held-why", "value"),
    prevent_initial_call=True,
)
@policy("question")
def decide(release: int | None, reject: int | None, settle: int | None, of: Any, reason: Any) -> Any:
    """What the pressed button asks for, in the name of who pressed it."""
    pressed = str(dash.ctx.triggered_id or "").removeprefix("held-")
    if pressed not in ("release", "reject", "settle") or not any((release, reject, settle)) or not isinstance(of, dict):
        return no_update
    look, here, who, now = view("/held", {"lang": str(of.get("lang") or "")}), site(), current(), datetime.now(UTC)
    id, by, words = number(str(of.get("id") or "")), who.name or who.user or "", str(reason or "")
    with here.store.read() as connection:
        one = doubts.one(connection, id)
    if one is None:
        abort(400)
    if not may_decide(who, here.workspace, one):
        abort(403)
    try:
        if pressed == "release":
            verdict.release(here.store, here.workspace, id, (alerts.evaluate(here.workspace),), now, by, words)
        else:
            verdict.reject(here.store, here.workspace, id, now, by, words)
    except NotDecided as fault:
        return _questions.refused(look, f"held.refused.{fault.key}")
    with here.store.write() as connection:
        record(connection, who.user, f"held_{pressed}", f"doubt:{id}", "ok", now)
    return _questions.done(look, f"held.done.{pressed}", "/held")
