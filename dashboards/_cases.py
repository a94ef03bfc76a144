"""The parts of a list of cases: its words, chips, facets, columns and rows; nothing here asks the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _case
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._text import name
from metrics import links, periods
from metrics.answers import Ask, CasePage, CaseQuery, CaseRow
from metrics.model import TOTAL, Source

FACETS = ("category", "region", "department", "state")
SHOWN = 7
SORTS = {
    "id": "external_id",
    "category": "category",
    "opened": "opened",
    "due": "due",
    "closed": "closed",
    "state": "state",
    "worked": "worked_days",
}

OWN = (
    "source", "indicator", "role", "grain", "period", "department", "region", "category", "state", "search", "sort", "rev", "at",
    "version",
)  # fmt: skip


def read(given: Mapping[str, str], ask: Ask) -> CaseQuery:
    """The query of the address; of no indicator it has neither period nor role. An unknown name is a bad query."""
    first = next(s.key for s in ask.workspace.sources.values() if s.gives == "records")
    own = {key: value for key, value in given.items() if key in OWN}
    indicator = ask.workspace.indicators.get(own.get("indicator", ""))
    if own.get("indicator") and (indicator is None or not indicator.measure.from_records):
        raise links.BadQuery(f"indicator: {own['indicator'][:40]}")
    if indicator is None:
        own = {k: v for k, v in own.items() if k not in ("period", "role", "grain")}
    try:
        query = links.cases(own, (indicator.source if indicator else None) or first)
    except OverflowError as fault:
        raise links.BadQuery("period: no instant") from fault
    source = ask.workspace.sources.get(query.source)
    if source is None or source.gives != "records":
        raise links.BadQuery(f"source: {query.source[:40]}")
    if indicator is not None and query.source != indicator.source:
        raise links.BadQuery(f"source: {query.source[:40]}")
    if indicator is not None and query.grain not in (None, *indicator.grains):
        raise links.BadQuery(f"grain: {str(query.grain)[:20]}")
    if any(at is not None and not 1900 < at.year < 2200 for at in (query.period_start, query.evaluated_at)):
        raise links.BadQuery("period: no year of ours")
    for key, tree in (("department", ask.workspace.departments), ("region", ask.workspace.regions)):
        if getattr(query, key) not in tree:
            raise links.BadQuery(f"{key}: {getattr(query, key)[:40]}")
    if ask.revision is not None and query.revision is None:
        query = replace(query, revision=ask.revision, evaluated_at=ask.now)
    return query


def title(ask: Ask, query: CaseQuery, source: Source, total: int, setting: Setting) -> str:
    view = setting.view
    if query.indicator and query.indicator in ask.workspace.indicators:
        indicator = ask.workspace.indicators[query.indicator]
        return view.t(
            "cases.behind", indicator=name(indicator.name, view.lang), role=role(query, ask, setting), n=fmt.number(total)
        )
    return view.t("cases.title", source=name(source.name, view.lang), n=fmt.number(total))


def role(query: CaseQuery, ask: Ask, setting: Setting) -> str:
    return setting.view.t(f"cases.role.{query.role}")


def chips(ask: Ask, query: CaseQuery, source: Source, setting: Setting) -> Component:
    """Every condition in force, each a link that takes it away."""
    view, lang = setting.view, setting.view.lang
    found: list[tuple[str, str]] = []
    pinned = {"rev": None, "at": None}
    if query.indicator in ask.workspace.indicators:
        words = name(ask.workspace.indicators[query.indicator].name, lang)
        away = {"indicator": None, "role": None, "grain": None, "period": None, **pinned}
        found.append((f"{words} · {role(query, ask, setting)}", view.href(**away)))
        if query.period_start is not None and query.grain:
            label = periods.label(query.grain, query.period_start, setting.zone, lang)  # type: ignore[arg-type]
            found.append((label, view.href(**away)))
    places = (("department", ask.workspace.departments, query.department), ("region", ask.workspace.regions, query.region))
    for key, tree, value in places:
        if value != TOTAL:
            found.append((_case.place(tree, value, lang), view.href(**{key: None})))
    if query.category is not None:
        found.append((query.category, view.href(category=None)))
    if query.state is not None:
        found.append((_case.label(source, f"state.{query.state}", query.state, lang), view.href(state=None)))
    if query.search:
        found.append((f"“{query.search}”", view.href(search=None)))
    items = [dcc.Link([words, html.Span("✕", **{"aria-hidden": "true"})], href=href, className="chip") for words, href in found]
    if found:
        items.append(dcc.Link(view.t("filter.clear"), href=f"/cases?source={source.key}", className="lk"))
    return html.Div(items, className="chips")


def facets(ask: Ask, page: CasePage, query: CaseQuery, source: Source, setting: Setting) -> Component:
    """Counts by category, place and state of the same query; choosing one narrows the list."""
    view, groups = setting.view, []
    for key in FACETS:
        counts = page.facets.get(key, ())
        if len(counts) < 2:
            continue
        most = max(n for _, n in counts)
        lines = [_line(ask, key, value, n, most, source, setting) for value, n in counts[:SHOWN]]
        rest = counts[SHOWN:]
        if rest:
            words = view.t("cases.others", n=len(rest))
            more = fmt.number(sum(n for _, n in rest))
            lines.append(html.Div([html.Span(words, className="k cut", title=words), html.I(), html.B(more)]))
        heading = view.t("table.state" if key == "state" else f"filter.{key}" if key != "category" else "case.category")
        groups.append(html.Div([html.H3(heading), *lines], className="fc"))
    note = html.P(view.t("cases.sum", n=fmt.number(page.total)), className="hint fc") if groups else None
    return html.Section([*groups, note], className="pn facets")


def _line(ask: Ask, key: str, value: str, n: int, most: int, source: Source, setting: Setting) -> Component:
    view = setting.view
    words = facet_name(ask, key, value, source, setting)
    bar = html.I(html.I(style={"width": f"{max(n / most * 100, 2):.0f}%"}), className="fbar")
    parts = [html.Span(words, className="cut", title=words), bar, html.B(fmt.number(n))]
    return dcc.Link(parts, href=view.href(**{key: value})) if value else html.Div(parts)


def facet_name(ask: Ask, key: str, value: str, source: Source, setting: Setting) -> str:
    lang = setting.view.lang
    if not value:
        return setting.view.t("cases.blank")
    if key in ("region", "department"):
        return _case.place(ask.workspace.regions if key == "region" else ask.workspace.departments, value, lang)
    return _case.label(source, f"{key}.{value}", value, lang)


def columns(source: Source, page: CasePage, setting: Setting) -> list[dict[str, Any]]:
    """The columns of the grid; sorting is the server's, so each has the field the server sorts by."""
    view = setting.view
    about = any(_case.subject(row, source) not in (row.category, row.external_id) for row in page.rows[:20])
    fixed = {"cellRenderer": "CaseText", "sortable": False}

    def when(field: str) -> dict[str, Any]:
        words = _case.term(field, source, view)
        return {"field": field, "headerName": words, "width": 112, "type": "rightAligned", "cellRenderer": "CaseText"}

    subject = {"field": "subject", "headerName": view.t("case.subject"), "minWidth": 132, "flex": 3, **fixed}
    return [
        {"field": "id", "headerName": view.t("cases.id"), "cellRenderer": "CaseLink", "width": 122, "pinned": "left"},
        {"field": "state", "headerName": view.t("table.state"), "cellRenderer": "CaseState", "width": 112},
        {"field": "category", "headerName": view.t("case.category"), "width": 96, "cellRenderer": "CaseText"},
        *([subject] if about else []),
        {"field": "department", "headerName": view.t("filter.department"), "minWidth": 104, "flex": 2, **fixed},
        when("due"),
        when("closed"),
        when("opened"),
        {"field": "worked", "headerName": view.t("case.worked_days"), "width": 88, "type": "rightAligned"},
        {"field": "region", "headerName": view.t("filter.region"), "width": 90, **fixed},
    ]


def record(ask: Ask, row: CaseRow, source: Source, setting: Setting) -> dict[str, Any]:
    """A row of the grid: everything already in words."""
    view, lang = setting.view, setting.view.lang

    def when(at: Any) -> str:
        return fmt.when(at, setting.now, setting.zone, lang) if at else fmt.DASH

    words = _case.state(row, source, lang)
    if row.overdue:
        words = _case.late(source, view) if row.closed else f"{words}·{view.t('case.overdue')}"
    return {
        "id": row.external_id,
        "href": _case.href(row, setting),
        "category": row.category,
        "subject": _case.subject(row, source),
        "department": _case.place(ask.workspace.departments, row.department, lang),
        "region": _case.place(ask.workspace.regions, row.region, lang),
        "opened": when(row.opened),
        "due": when(row.due),
        "closed": when(row.closed),
        "worked": fmt.DASH if row.worked_days is None else str(row.worked_days),
        "state": words,
        "overdue": bool(row.overdue),
        "open": row.closed is None,
        "suspect": view.t("case.suspect_tag") if row.suspect else "",
    }


def sorting(model: Sequence[Mapping[str, str]] | None, otherwise: str) -> str:
    """The grid's sort as the query's."""
    for one in model or ():
        if isinstance(one.get("colId"), str) and one["colId"] in SORTS:
            return ("-" if one.get("sort") == "desc" else "") + SORTS[one["colId"]]
    return otherwise


def phone_list(ask: Ask, page: CasePage, source: Source, setting: Setting, offset: int, size: int) -> Component:
    """The same list for a narrow screen: lines that link, a page at a time."""
    view = setting.view

    def unit(row: CaseRow) -> str:
        return _case.place(ask.workspace.departments, row.department, view.lang)

    def subject(row: CaseRow) -> Component:
        words = _case.subject(row, source)
        return html.B(words, className="cut", title=words)

    lines = [
        dcc.Link(
            [
                html.Div([subject(row), _case.verdict(row, source, setting)]),
                html.Div(
                    [
                        html.Span(f"{row.external_id} · {unit(row)}", className="cut", title=unit(row)),
                        html.Span(f"{_case.term('due', source, view)} {fmt.when(row.due, setting.now, setting.zone, view.lang)}")
                        if row.due
                        else None,
                    ],
                    className="k",
                ),
            ],
            href=_case.href(row, setting),
            className="cl",
        )
        for row in page.rows
    ]
    last = min(offset + size, page.total)
    turn = html.Div(
        [
            dcc.Link(
                view.t("cases.previous"),
                href=view.href(offset=str(max(offset - size, 0)) if offset > size else None),
                className="btn",
            )
            if offset
            else None,
            html.Span(
                view.t(
                    "cases.shown",
                    **{"from": fmt.number(min(offset + 1, page.total)), "to": fmt.number(last), "n": fmt.number(page.total)},
                )
            ),
            dcc.Link(view.t("cases.next"), href=view.href(offset=str(offset + size)), className="btn")
            if last < page.total
            else None,
        ],
        className="turn",
    )
    return html.Section([*lines, turn], className="pn phone-list")


def waiting(setting: Setting) -> list[Component]:
    view = setting.view
    return [html.Div([html.B(view.t("cases.pick")), html.P(view.t("cases.pick_hint"))], className="ps")]
