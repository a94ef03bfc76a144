"""The parts of a passport: the number then and now, its course, what it was made of, its runs with their payloads, the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _passport, _runs
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._marks import shape
from dashboards._passport import facts
from dashboards._shell import notice, panel
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics import links
from metrics.answers import Ask, Cell
from metrics.model import Source
from metrics.reading.course import Stood
from metrics.reading.entered import versions
from metrics.reading.passports import Behind, Passport
from metrics.store.payloads import Kept
from metrics.values import Values, display

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
    mark = "ok" if one.same else "watch"
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
                    html.Span([shape(mark), look.t("pass.same" if one.same else "pass.changed")], className=f"st c-{mark} q"),
                    html.Span(look.t("pass.growing"), className="s2") if not one.cell.settled and not one.same else None,
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
    return [fmt.full(stood.at, setting.zone, look.lang, year=True), value, change, by(stood, look), [f"#{stood.revision} ", mine]]


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
        return panel(look.t("pass.runs"), notice(look, "empty", detail=look.t("pass.no_runs")))
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
    look = setting.view
    lines = [
        html.Li([shape("ok" if good else "watch"), html.Span(words)], className=f"c-{'ok' if good else 'watch'}")
        for good, words in _checks(one, setting, look)
    ]
    return html.Ul(lines, className="checks")


def _checks(one: Passport, setting: Setting, look: View) -> Sequence[tuple[bool, str]]:
    cell, again = one.cell, one.again
    found: list[tuple[bool, str]] = []
    same = (again.num, again.den) == (cell.num, cell.den) or (again.num is None and not cell.num)
    value = _plain(again, one)
    found.append((same, look.t("pass.check.again_ok") if same else look.t("pass.check.again_bad", value=value)))
    stock = one.indicator.measure.stock or cell.series.grain == "all"
    if not stock:
        found.append((cell.settled, look.t("pass.check.settled_ok" if cell.settled else "pass.check.settled_bad")))
    if cell.status == "P":
        found.append((False, look.t("pass.check.final_bad")))
    if one.recomputing:
        found.append((False, f"{look.t('card.recomputing')} · {look.t('card.recomputing_title')}"))
    if cell.want and cell.have is not None:
        whole = cell.have >= cell.want
        key = "pass.check.coverage_ok" if whole else "pass.check.coverage_bad"
        found.append((whole, look.t(key, have=cell.have, want=cell.want)))
    refused = sum(behind.run.counts.get("refused", 0) for behind in one.runs)
    found.append((not refused, look.t("pass.check.rows_bad", n=refused) if refused else look.t("pass.check.rows_ok")))
    mixed = versions(one.entered)
    if len(mixed) > 1:
        found.append((False, look.t("ver.mixed", versions=" + ".join(f"v{version}" for version in mixed))))
    aside = sum(not entry.used for entry in one.entered)
    if aside:
        found.append((False, look.t("pass.check.agree_bad", n=aside)))
    if not one.indicator.measure.from_records and not one.indicator.measure.inputs:
        for doubt in one.doubts:
            words = look.t("pass.check.doubt_bad", words=doubt.words) + f" · {look.t(f'pass.verdict.{doubt.verdict}')}"
            found.append((doubt.verdict in ("released", "settled", "replaced", "resolved"), words))
        if not one.doubts:
            found.append((True, look.t("pass.check.doubt_ok")))
    return found


def _plain(values: Values, one: Passport) -> str:
    value = display(one.indicator, values)
    return fmt.number(value, fmt.shown_decimals(one.indicator)) if value is not None else fmt.DASH


def used(one: Passport, ask: Ask, look: View) -> Component:
    """Boards, rules, indicators and orders that stand on it."""
    from alerts import orders

    workspace, series = ask.workspace, one.cell.series
    lines: list[Component] = []
    for key in one.boards:
        lines.append(html.Li(look.t("def.used.board", name=name(workspace.boards[key].name, look.lang))))
    for key in one.rules:
        lines.append(html.Li(look.t("def.used.rule", name=name(workspace.rules[key].name, look.lang))))
    for key in one.indicators:
        words = name(workspace.indicators[key].name, look.lang)
        lines.append(html.Li(dcc.Link(words, href=look.href(f"/definitions/{key}"))))
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
