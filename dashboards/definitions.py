"""The registry of indicators: every definition, searchable; one opened with all it says and who uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _multiples, _passport, _versions
from dashboards._cards import Setting
from dashboards._formula import formula
from dashboards._passport import facts
from dashboards._shell import notice, page, panel, segments
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, view
from metrics import reading
from metrics.answers import Ask
from metrics.model import Indicator

dash.register_page(__name__, path="/definitions")
dash.register_page("dashboards.definition", path_template="/definitions/<key>", layout=lambda key="", **query: one(key, **query))


def layout(**query: Any) -> Component:
    look = view("/definitions", query)
    with asked(look) as ask:
        ask = reading.defined(ask)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        every = list(ask.workspace.indicators.values())
        wanted = look.query.get("search", "")
        field = look.query.get("field")
        found = [i for i in every if matches(i, ask, look, wanted) and field in (None, i.field)]
        options = [(look.t("def.every"), look.href(field=None), field is None)]
        options += [(name(text, look.lang), look.href(field=key), field == key) for key, text in ask.workspace.fields.items()]
        body: Any = registry(ask, found, setting)
        if not found:
            body = html.Section(notice(look, "filtered", action=(look.t("filter.clear"), "/definitions")), className="pn")
        box = dcc.Input(
            id="definitions-search",
            type="search",
            value=wanted,
            debounce=True,
            placeholder=look.t("def.search"),
            className="search",
            maxLength=100,
        )
        return page(
            look,
            active="definitions",
            title=look.t("menu.definitions"),
            sub=look.t("def.count", n=len(found), all=len(every)),
            crumbs=[(look.t("menu.overview"), look.href("/")), (look.t("menu.definitions"), None)],
            tools=[
                dcc.Link(look.t("pass.title"), href=look.href("/passport"), className="btn"),
                segments(options),
                html.Label([html.Span(look.t("def.search"), className="sr"), box]),
            ],
            children=[dcc.Location(id="definitions-url", refresh="callback-nav"), body],
        )


def matches(indicator: Indicator, ask: Ask, look: View, wanted: str) -> bool:
    """All words of the search stand somewhere in its key, names, formula, owner or basis."""
    source = ask.workspace.sources.get(indicator.source or "")
    text = " ".join(
        [
            indicator.key,
            *indicator.name.values(),
            *indicator.basis.values(),
            *(indicator.made_of or {}).values(),
            _passport.owner(indicator, ask.workspace, look),
            formula(indicator, ask.workspace.indicators, source, look.lang, ask.workspace.population),
        ]
    ).casefold()
    return all(word in text for word in wanted.casefold().split())


def registry(ask: Ask, found: Sequence[Indicator], setting: Setting) -> Component:
    """A table by field of work; on a narrow screen the same as lines."""
    look, workspace = setting.view, ask.workspace
    heads = ("name", "formula", "target", "bands", "grains", "owner", "version")
    body: list[Component] = []
    lines: list[Component] = []
    fields = [*workspace.fields, *sorted({i.field for i in found} - set(workspace.fields))]
    for key in fields:
        group = [i for i in found if i.field == key]
        if not group:
            continue
        title = name(workspace.fields.get(key), look.lang) or key
        body.append(html.Tr(html.Th(title, colSpan=len(heads), scope="colgroup", className="group")))
        lines.append(html.H3(title, className="group"))
        for indicator in group:
            href = look.href(f"/definitions/{indicator.key}", search=None)
            source = workspace.sources.get(indicator.source or "")
            said = formula(indicator, workspace.indicators, source, look.lang, workspace.population)
            target = _passport.target(indicator, setting)
            owner = _passport.owner(indicator, workspace, look)
            body.append(
                html.Tr(
                    [
                        html.Td(
                            [
                                dcc.Link(html.B(name(indicator.name, look.lang)), href=href),
                                html.Div(indicator.key, className="k t11"),
                            ]
                        ),
                        html.Td(html.Div(said, className="wrapped")),
                        html.Td(html.Div(target, className="wrapped short")),
                        html.Td(_passport.bands(indicator, look) or fmt.DASH),
                        html.Td(look.t("list.comma").join(look.t(f"grain.{g}") for g in indicator.grains)),
                        html.Td(html.Div(owner, className="wrapped short")),
                        html.Td(f"v{indicator.version}"),
                    ]
                )
            )
            lines.append(
                dcc.Link(
                    [
                        html.Div([html.B(name(indicator.name, look.lang)), html.Span(f"v{indicator.version}", className="k")]),
                        html.Div([html.Span(said, className="cut", title=said), html.Span(target)], className="k"),
                    ],
                    href=href,
                    className="cl",
                )
            )
    head = html.Tr([html.Th(look.t(f"def.{key}"), scope="col") for key in heads])
    table = html.Table([html.Thead(head), html.Tbody(body)], className="tbl reg")
    return html.Section(
        [html.Div(table, className="scroll desk", tabIndex="0"), html.Div(lines, className="narrow")], className="pn"
    )


def one(key: str = "", **query: Any) -> Component:
    """One definition whole."""
    look = view(f"/definitions/{key}", query)
    with asked(look) as ask:
        ask = reading.defined(ask)
        indicator = ask.workspace.indicators.get(key)
        crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("menu.definitions"), look.href("/definitions"))]
        if indicator is None:
            body = html.Section(
                notice(look, "unknown", action=(look.t("menu.definitions"), look.href("/definitions"))), className="pn"
            )
            return page(look, active="definitions", title=look.t("menu.definitions"), crumbs=crumbs, children=body)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        title = name(indicator.name, look.lang)
        return page(
            look,
            active="definitions",
            title=title,
            sub=f"{indicator.key} · v{indicator.version}",
            crumbs=[*crumbs, (title, None)],
            tools=[dcc.Link(look.t("def.open"), href=look.href(f"/indicator/{key}"), className="btn p")],
            children=html.Div(
                [
                    html.Div(
                        [
                            panel(
                                look.t("ind.definition"),
                                _passport.definition(indicator, ask.workspace, setting),
                                className="wide",
                            ),
                            panel(look.t("def.technical"), technical(indicator, ask, setting), className="wide"),
                            _versions.history(ask.workspace.versions.get(key, ()), look),
                        ],
                        className="main",
                    ),
                    html.Aside(
                        [
                            html.H2(look.t("def.feeds")),
                            feeds(indicator, ask, look),
                            html.H2(look.t("def.used")),
                            *used(indicator, ask, look),
                        ],
                        className="pn side",
                    ),
                ],
                className="ind",
            ),
        )


def technical(indicator: Indicator, ask: Ask, setting: Setting) -> Component:
    """When it settles, how it splits, which attribute it takes, where it is written."""
    look = setting.view
    splits = [
        f"{look.t(f'grain.{grain}')}{look.t('list.colon')}"
        + look.t("list.comma").join(" × ".join(dimension(part, look) for part in cut) for cut in cuts if cut)
        for grain, cuts in indicator.cuts.items()
        if any(cuts)
    ]
    settle = indicator.settle_delay.total_seconds()
    beside = ask.workspace.indicators.get(indicator.beside or "")
    return facts(
        [
            (look.t("def.field"), name(ask.workspace.fields.get(indicator.field), look.lang) or indicator.field),
            (look.t("def.unit"), fmt.unit(indicator, setting.units, look.lang)),
            (look.t("def.splits"), [html.Div(line) for line in splits] or look.t("def.no_splits")),
            (
                look.t("def.settles"),
                look.t("def.settles_after", span=fmt.age(settle, look.lang)) if settle else look.t("def.settles_at_end"),
            ),
            (look.t("def.attribute"), look.t(f"def.attribute.{indicator.attribute}") if indicator.measure.from_records else None),
            (look.t("def.beside"), link(beside, look) if beside else None),
            (look.t("def.file"), f"{indicator.file}:{indicator.line}" if indicator.file else None),
        ]
    )


def dimension(part: str, look: View) -> str:
    return _multiples.level(part, look)


def link(indicator: Indicator, look: View) -> Component:
    return dcc.Link(name(indicator.name, look.lang), href=look.href(f"/definitions/{indicator.key}"))


def feeds(indicator: Indicator, ask: Ask, look: View) -> Component:
    """The sources it reads, the authoritative first; a derived one reads through what it is made of."""
    lines = [
        html.Li(dcc.Link(name(ask.workspace.sources[key].name, look.lang), href=look.href(f"/sources/{key}")))
        for key in _passport.feed_keys(indicator, ask.workspace)
        if key in ask.workspace.sources
    ]
    lines += [
        html.Li([look.t("def.from"), link(ask.workspace.indicators[key], look)])
        for key in indicator.measure.inputs
        if key in ask.workspace.indicators
    ]
    return html.Ul(lines, className="plain")


def used(indicator: Indicator, ask: Ask, look: View) -> list[Component]:
    """Boards, rules and other indicators that stand on it."""
    workspace = ask.workspace
    boards = [name(b.name, look.lang) for b in workspace.boards.values() if indicator.key in (*b.cards, b.map, b.rank)]
    rules = [name(r.name, look.lang) for r in workspace.rules.values() if r.indicator == indicator.key]
    above = [i for i in workspace.indicators.values() if indicator.key in i.measure.inputs]
    lines: list[Component] = [html.Li(look.t("def.used.board", name=words)) for words in boards]
    lines += [html.Li(look.t("def.used.rule", name=words)) for words in rules]
    lines += [html.Li(link(i, look)) for i in above]
    return [html.Ul(lines or [html.Li(look.t("def.unused"), className="k")], className="plain")]


clientside_callback(
    ClientsideFunction("cases", "search"),
    Output("definitions-url", "href"),
    Input("definitions-search", "value"),
    prevent_initial_call=True,
)
