"""Lists of cases: a grid that pages and sorts on the server, facets that add up, one case opened beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import dash
import dash_ag_grid as dag
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update
from dash.development.base_component import Component
from werkzeug.exceptions import BadRequest

from access import policy
from dashboards import _case, _cases, _facets, _given
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import kinds
from dashboards._shell import notice, page, picker
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, number, view
from metrics import links, reading
from metrics.answers import Ask, CaseQuery
from metrics.model import Source

dash.register_page(__name__, path="/cases")

BLOCK = 60


def layout(**query: Any) -> Component:
    look = view("/cases", query)
    with asked(look) as ask:
        sources = [s for s in ask.workspace.sources.values() if s.gives == "records"]
        if not sources:
            return page(
                look, active="cases", title=look.t("menu.cases"), children=notice(look, "empty", detail=look.t("cases.none"))
            )
        try:
            asking = _cases.read(look.query, ask)
        except links.BadQuery as fault:
            bad = notice(look, "error", detail=look.t("cases.bad", why=fault), action=(look.t("filter.clear"), "/cases"))
            return page(look, active="cases", title=look.t("menu.cases"), children=bad)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return shown(ask, asking, sources, setting)


def shown(ask: Ask, query: CaseQuery, sources: list[Source], setting: Setting) -> Component:
    look = setting.view
    source = ask.workspace.sources[query.source]
    given = look.query.get("offset", "")
    offset = number(given)
    found = reading.cases(ask, query, offset, BLOCK, facets=False)
    found = replace(found, facets=_facets.counted(ask, query))
    asked_for = links.of_cases(query)
    opened = look.query.get("open")
    case = reading.case(ask, source.key, opened) if opened else None
    indicator = ask.workspace.indicators.get(query.indicator or "")
    crumbs: list[tuple[str, str | None]] = [(look.t("menu.overview"), look.href("/"))]
    if indicator is not None:
        crumbs.append((name(indicator.name, look.lang), look.href(f"/indicator/{indicator.key}", period=None)))
    crumbs.append((look.t("menu.cases"), None))
    sub = None
    if query.revision and query.evaluated_at:
        when = fmt.when(query.evaluated_at, setting.now, setting.zone, look.lang)
        sub = look.t("cases.as_card", revision=query.revision, when=when)
    body: Any = html.Div(
        [
            _cases.facets(ask, found, query, source, setting),
            html.Section(grid(found, source, setting), className="pn cases-grid"),
            html.Aside(
                _case.side(case, ask, source, setting) if case else _cases.waiting(setting), id="cases-side", className="pn"
            ),
        ],
        className="cases",
    )
    if found.total == 0:
        filtered = set(asked_for) - {"source", "sort"}
        action = (look.t("filter.clear"), f"/cases?source={source.key}")
        state = notice(look, "filtered", action=action) if filtered else notice(look, "empty")
        body = html.Section(state, className="pn")
    return page(
        look,
        active="cases",
        title=_cases.title(ask, query, source, found.total, setting),
        sub=sub,
        crumbs=crumbs,
        tools=tools(source, sources, asked_for, look),
        children=[
            dcc.Store(id="cases-query", data={**asked_for, **_given.kept(look.query, "as_of"), "lang": look.lang}),
            dcc.Location(id="cases-url", refresh="callback-nav"),
            html.Div([_cases.chips(ask, query, source, setting), search(query, look)], className="fl"),
            body,
            _cases.phone_list(ask, found, source, setting, offset, BLOCK) if found.total else None,
        ],
        revision=query.revision or 0,
    )


def tools(source: Source, sources: list[Source], asked_for: Mapping[str, str], look: View) -> list[Component]:
    found: list[Component] = []
    if len(sources) > 1:
        options = [(name(s.name, look.lang), look.href("/cases", source=s.key)) for s in sources]
        found.append(picker(look.t("cases.source"), name(source.name, look.lang), options))
    given = urlencode({**asked_for, "lang": look.lang})
    for kind in kinds("cases"):
        words = look.t("cases.export", kind=kind.upper())
        found.append(html.A(words, href=f"/export/cases.{kind}?{given}", download="", className="btn"))
    return found


def search(query: CaseQuery, look: View) -> Component:
    box = dcc.Input(
        id="cases-search",
        type="search",
        value=query.search,
        debounce=True,
        placeholder=look.t("cases.search"),
        className="search",
        maxLength=100,
    )
    return html.Label([html.Span(look.t("cases.search"), className="sr"), box])


def grid(found: Any, source: Source, setting: Setting) -> list[Component]:
    return [
        dag.AgGrid(
            id="cases-grid",
            rowModelType="infinite",
            columnDefs=_cases.columns(source, found, setting),
            defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "suppressHeaderMenuButton": True},
            getRowId="params.data.id",
            dashGridOptions={
                "rowHeight": 34,
                "headerHeight": 32,
                "cacheBlockSize": BLOCK,
                "maxBlocksInCache": 20,
                "infiniteInitialRowCount": min(found.total, BLOCK),
                "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
                "suppressCellFocus": False,
            },
            style={"height": "100%", "width": "100%"},
            dangerously_allow_code=False,
        )
    ]


@callback(Output("cases-grid", "getRowsResponse"), Input("cases-grid", "getRowsRequest"), State("cases-query", "data"))
@policy("view")
def rows(request: dict[str, Any] | None, given: dict[str, str]) -> Any:
    """The rows of one block of the grid."""
    if not request:
        return no_update
    wanted, own = _given.mapping(request), _given.query(given)
    start, end = _given.whole(wanted.get("startRow")), _given.whole(wanted.get("endRow"))
    sort = _cases.sorting(_given.rows(wanted.get("sortModel")), own.get("sort", ""))
    look = view("/cases", own)
    with asked() as ask:
        try:
            query = _cases.read({**own, "sort": sort}, ask)
        except links.BadQuery as fault:
            raise BadRequest(str(fault)) from fault
        found = reading.cases(ask, query, start, max(1, min(end - start, 200)), facets=False)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        source = ask.workspace.sources[query.source]
        return {"rowData": [_cases.record(ask, row, source, setting) for row in found.rows], "rowCount": found.total}


@callback(
    Output("cases-side", "children"),
    Input("cases-grid", "selectedRows"),
    State("cases-query", "data"),
    prevent_initial_call=True,
)
@policy("view")
def opened(selected: list[dict[str, Any]] | None, given: dict[str, str]) -> Any:
    """The chosen case beside the list."""
    chosen, own = _given.rows(selected), _given.query(given)
    if not chosen:
        return no_update
    look = view("/cases", own)
    with asked(look) as ask:
        source = ask.workspace.sources.get(own.get("source", ""))
        case = reading.case(ask, source.key, _given.text(chosen[0].get("id"))) if source else None
        if case is None or source is None:
            return notice(look, "unknown", detail=look.t("case.unknown"))
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return _case.side(case, ask, source, setting)


clientside_callback(
    ClientsideFunction("cases", "search"),
    Output("cases-url", "href"),
    Input("cases-search", "value"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("cases", "remember"),
    Output("cases-side", "title"),
    Input("cases-grid", "selectedRows"),
    prevent_initial_call=True,
)
