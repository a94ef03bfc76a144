"""The parts of a passport: the number then and now, its course, what it was made of, its runs with their payloads, the checks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _passport, _runs
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._hints import reason
from dashboards._marks import shape
from dashboards._passport import facts
from dashboards._shell import notice, panel
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics import links
from metrics.answers import Ask, Cell
from metrics.model import Source
from metrics.reading.checks import Check
from metrics.reading.checks import checks as reading_checks
from metrics.reading.course import Stood
from metrics.reading.passports import Behind, Passport
from metrics.store.payloads import Kept

SHOWN = 12
CELLS = 10


def figure(cell: Cell, one: Passport, setting: Setting) -> str:
    words = fmt.unit(one.indicator, setting.units, setting.view.lang)
    if cell.value is None:
        return fmt.DASH
    number = fmt.number(cell.value, fmt.shown_decimals(one.indicator), setting.view.lang)
    return f"{number}{words if words == '%' else f' {words}'}"


def beside(one: Passport, setting: Setting, *, taken: bool) -> Component:
    """The number as it was taken away, and as it stands now."""
    look = setting.view
    then = fmt.full(one.cell.evaluated_at, setting.zone, look.lang, year=True)
    known = fmt.full(one.revision_at, setting.zone, look.lang, year=True) if one.revision_at else fmt.DASH
    mark, words = ("ok", "pass.same") if one.same else ("watch", "pass.changed")
    if one.let_go:
        mark, words = "none", "pass.let_go"
    return html.Div(
        [
            html.Div(
                [
                    html.Span(look.t("pass.then" if taken else "pass.then_shown"), className="k"),
                    html.B(figure(one.cell, one, setting), id="passport-then", className="num"),
                    html.Span(look.t("pass.known", revision=one.cell.revision, when=known), className="s2"),
                    html.Span(look.t("pass.evaluated", when=then), className="s2"),
                ]
            ),
            html.Div(
                [
                    html.Span(look.t("pass.now"), className="k"),
                    html.B(figure(one.now, one, setting), id="passport-now", className="num"),
                    html.Span([shape(mark), look.t(words)], className=f"st c-{mark} q"),
                    html.Span(look.t("pass.growing"), className="s2") if not one.cell.settled and one.same is False else None,
                ]
            ),
        ],
        className="then-now",
    )


def course(one: Passport, setting: Setting) -> Component:
    look = setting.view
    heads = ("when", "value", "change", "by", "revision")
    table = rows(
        [(look.t(f"pass.col.{key}"), key in ("value", "change")) for key in heads],
        [_stood(stood, before, one, setting) for stood, before in zip(one.course.stood, [None, *one.course.stood], strict=False)],
        label=look.t("pass.course"),
    )
    skipped = html.P(look.t("pass.skipped", n=one.course.skipped), className="hint ft") if one.course.skipped else None
    return panel(look.t("pass.course"), [table, skipped], note=look.t("pass.course_note"), id="passport-course")


def _stood(stood: Stood, before: Stood | None, one: Passport, setting: Setting) -> list[Any]:
    look = setting.view
    places = fmt.shown_decimals(one.indicator) + (1 if one.indicator.unit == "percent" else 0)
    value: Any = fmt.number(stood.value, places) if stood.value is not None else fmt.DASH
    if stood.values.den is not None and one.indicator.measure.rate and stood.value is not None:
        parts = f"{_passport.amount(stood.values.num, one.indicator)} ÷ {fmt.number(fmt.count(one.indicator, stood.values.den))}"
        value = [html.Span(f"{parts} = ", className="s2"), value]
    change = fmt.DASH
    if before is not None and stood.value is not None and before.value is not None and stood.value != before.value:
        amount = stood.value - before.value
        change = f"{'+' if amount >= 0 else fmt.MINUS}{fmt.number(abs(amount), places)}"
    mine = html.Span(look.t("pass.this"), className="tag") if stood.revision == one.cell.revision else None
    who: Any = by(stood, look)
    if stood.reason:
        who = [who, html.Br(), html.Span(reason(stood.reason, look.lang), className="s2")]
    return [fmt.full(stood.at, setting.zone, look.lang, year=True), value, change, who, [f"#{stood.revision} ", mine]]


def by(stood: Stood, look: View) -> str:
    kind = look.t(f"kind.{stood.kind}") if f"kind.{stood.kind}" in catalogue() else stood.kind
    said = [kind, stood.actor if not stood.actor.startswith("source:") else ""]
    said += [look.t("pass.run", run=stood.run_id)] if stood.run_id else []
    return " · ".join(one for one in said if one)


def made_of(one: Passport, ask: Ask, setting: Setting) -> Component:
    """The values with their runs, or the cases by role; each list opens as it was."""
    look = setting.view
    if one.cases is not None:
        buttons = [
            dcc.Link(
                look.t(f"open.{role}" if one.indicator.measure.rate else "open.cases", n=fmt.number(count)),
                href=look.href("/cases", **links.of_cases(links.behind(one.cell, one.indicator, role))),
                className="btn",
            )
            for role, count in one.counted.items()
            if count
        ]
        return panel(look.t("pass.cases"), html.Div(buttons or fmt.DASH, className="acts pad"))
    if one.let_go:
        return panel(look.t("pass.entered"), html.P(look.t("pass.let_go_all"), className="hint ft"))
    from dashboards import values

    heads = ("of", "place", "value", "num", "den", "source", "run", "revision", "used")
    lines = [values.line(entry, ask, setting) for entry in one.entered[:SHOWN]]
    body: list[Any] = [
        rows(
            [(look.t("values.of_" if key == "of" else f"values.{key}"), key in ("value", "num", "den")) for key in heads],
            lines,
            label=look.t("pass.entered"),
        )
        if lines
        else html.P(look.t("values.none"), className="hint ft")
    ]
    total = values.arithmetic(one.indicator, [entry for entry in one.entered if entry.used], setting)
    body.append(html.P([look.t("values.sum"), html.B(total)], className="hint ft"))
    query = links.of_cases(links.behind(one.cell, one.indicator, "over"))
    href = look.href("/values", **{key: value for key, value in query.items() if key not in ("source", "role")})
    more = [dcc.Link(look.t("pass.entered_all", n=len(one.entered)), href=href)] if len(one.entered) > SHOWN else []
    return panel(look.t("pass.entered"), body, tools=more)


def runs(one: Passport, ask: Ask, setting: Setting) -> Component:
    look = setting.view
    if not one.runs:
        return panel(
            look.t("pass.runs"), notice(look, "empty", detail=look.t("pass.let_go_all" if one.let_go else "pass.no_runs"))
        )
    return panel(look.t("pass.runs"), [_run(behind, ask, setting, first=n == 0) for n, behind in enumerate(one.runs)])


def _run(behind: Behind, ask: Ask, setting: Setting, *, first: bool) -> Component:
    look, run = setting.view, behind.run
    source = ask.workspace.sources.get(run.source)
    cases = [look.t("pass.run_cases", n=fmt.number(behind.cases))] if behind.cases is not None else []
    said = " · ".join([fmt.full(run.ended, setting.zone, look.lang, year=True), look.t(f"outcome.{run.outcome}"), *cases])
    return html.Details(
        [
            html.Summary([html.B(look.t("pass.run", run=run.id)), html.Span(f" {said}", className="s2")]),
            facts(
                [
                    (look.t("from.source"), _source(source, run.source, look)),
                    (look.t("pass.hash"), f"sha256 {run.payload_hash}" if run.payload_hash else look.t("pass.no_hash")),
                    (look.t("from.run"), _runs.what(run, setting)),
                ]
            ),
            _payload(behind.excerpt, behind.withheld, look),
        ],
        className="run",
        open=first,
    )


def _source(source: Source | None, key: str, look: View) -> Any:
    return dcc.Link(name(source.name, look.lang), href=look.href(f"/sources/{key}")) if source else key


def _payload(kept: Kept | None, withheld: bool, look: View) -> Component:
    if kept is None:
        return html.P(look.t("pass.withheld" if withheld else "pass.no_excerpt"), className="hint ft")
    columns = [column for column in kept.columns if any(row.get(column) not in (None, "") for row in kept.rows)][:CELLS]
    columns = columns or list(kept.columns)[:CELLS]
    table = rows(
        [(column, False) for column in columns], [[str(row.get(column, "")) for column in columns] for row in kept.rows],
        label=look.t("pass.excerpt"),
    )  # fmt: skip
    return html.Div([html.H3(look.t("pass.excerpt"), className="k t11 sub3"), table], className="payload")


def checks(one: Passport, setting: Setting) -> Component:
    """Each check with its mark: what was looked at, and what came of it."""
    lines = [
        html.Li(
            [shape("ok" if check.passed else "watch"), html.Span(_said(check, one, setting))],
            className=f"c-{'ok' if check.passed else 'watch'}",
        )
        for check in reading_checks(one)
    ]
    return html.Ul(lines, className="checks")


def _said(check: Check, one: Passport, setting: Setting) -> str:
    look = setting.view
    said = dict(check.said)
    if check.what == "versions":
        return look.t("ver.mixed", **said)
    if check.what == "doubt" and said:
        verdict = look.t(f"pass.verdict.{said['verdict']}")
        return f"{look.t('pass.check.doubt_bad', words=said['words'])} · {verdict}"
    if check.what == "recomputing":
        return f"{look.t('card.recomputing')} · {look.t('card.recomputing_title')}"
    if check.what == "late":
        said = {"when": fmt.full(check.said["when"], setting.zone, look.lang)}
    if check.what == "again":
        value = check.said["value"]
        plain = fmt.number(value, fmt.shown_decimals(one.indicator)) if isinstance(value, Decimal) else fmt.DASH
        said = {"value": plain}
    return look.t(f"pass.check.{check.what}_{'ok' if check.passed else 'bad'}", **said)


def used(one: Passport, ask: Ask, look: View) -> Component:
    """Boards, rules, indicators, alerts and orders that stand on it."""
    from alerts import inbox_of, orders

    workspace, series = ask.workspace, one.cell.series
    lines: list[Component] = []
    for key in one.boards:
        lines.append(html.Li(look.t("def.used.board", name=name(workspace.boards[key].name, look.lang))))
    for key in one.rules:
        lines.append(html.Li(look.t("def.used.rule", name=name(workspace.rules[key].name, look.lang))))
    for key in one.indicators:
        words = name(workspace.indicators[key].name, look.lang)
        lines.append(html.Li(dcc.Link(words, href=look.href(f"/definitions/{key}"))))
    for alert in inbox_of(ask, series)[:SHOWN]:
        when = fmt.full(alert.fired_at, ask.workspace.zone, look.lang, year=True)
        title = look.t("pass.used.alert", name=name(alert.rule_name, look.lang), when=when)
        lines.append(html.Li(dcc.Link(title, href=look.href(f"/alerts/{alert.id}"))))
    for order in orders.of_series(ask, series.indicator, series.department, series.region)[:SHOWN]:
        title = look.t("pass.used.order", name=order.title)
        lines.append(html.Li(dcc.Link(title, href=look.href(f"/orders/{order.id}"))))
    return html.Ul(lines or [html.Li(look.t("def.unused"), className="k")], className="plain")


def definition(one: Passport, ask: Ask, setting: Setting) -> Component:
    look = setting.view
    return html.Div(
        [
            _passport.definition(one.indicator, ask.workspace, setting),
            html.P(html.B(_passport.arithmetic(one.cell, one.indicator, setting)), className="hint ft"),
            html.P(
                dcc.Link(look.t("card.definition", name=name(one.indicator.name, look.lang)),
                         href=look.href(f"/definitions/{one.indicator.key}")),
                className="hint ft",
            ),
        ]
    )  # fmt: skip
