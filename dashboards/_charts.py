"""A chart in a page: the graph, its picture and its sheets to take away, and the same as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import flask
from dash import MATCH, ClientsideFunction, Input, Output, clientside_callback, dcc, html
from dash.development.base_component import Component

from dashboards import _template as look
from dashboards._figures import Figure
from dashboards._view import View


def register(page: str) -> None:
    """The painting of a page's graphs, in the browser; called once by each page that has some."""
    clientside_callback(
        ClientsideFunction("charts", "paint"),
        Output({"graph": page, "at": MATCH}, "figure"),
        Input({"figure": page, "at": MATCH}, "data"),
    )


def chart(page: str, at: str, figure: Figure, view: View, *, height: int, label: str, hidden: bool = False) -> Component:
    """The graph `at` of a page; `label` says in a sentence what it shows, for those who do not see it."""
    blank = {"data": [], "layout": look.layout(xaxis={"visible": False}, yaxis={"visible": False})}
    blank["layout"]["font"] = blank["layout"]["hoverlabel"] = {}
    graph = dcc.Graph(
        id={"graph": page, "at": at},
        figure=blank,
        config=look.config(view.lang),
        responsive=True,
        style={"height": f"{height}px"},
    )
    store = dcc.Store(id={"figure": page, "at": at}, data=figure)
    picture = html.Div(graph, role="img", **{"aria-label": label})
    return html.Div([store, picture], className="chart", hidden=hidden, style={"minHeight": f"{height}px"})


def element(page: str, at: str) -> str:
    """The id of a graph's element in the document."""
    return json.dumps({"at": at, "graph": page}, separators=(",", ":"))


def takeaway(
    page: str,
    at: str,
    view: View,
    *,
    title: str,
    lines: Sequence[str],
    sheet: str,
    query: Mapping[str, str | None],
    picture: Figure | None = None,
    drawn: bool = True,
) -> Component:
    """PNG of the graph `at` or of `picture` (made in the browser, where a graph is `drawn`), CSV and XLSX of what it shows."""
    asked = urlencode({key: value for key, value in sorted({**query, "lang": view.lang}.items()) if value})
    shows = {"data-png": element(page, at)}
    if picture:
        shows = {"data-figure": json.dumps(picture, ensure_ascii=False, allow_nan=False)}
    button = html.Button(
        "PNG",
        type="button",
        title=view.t("export.png"),
        **{
            **shows,
            "data-title": title,
            "data-lines": "\n".join(lines),
            "data-file": f"{file_name(title)}.png",
            "data-code": f"/export/{sheet}.code?{asked}",
            "data-code-words": view.t("pass.title"),
        },
    )
    sheets = [
        html.A(kind.upper(), href=f"/export/{sheet}.{kind}?{asked}", download="", title=view.t(f"export.{kind}"))
        for kind in kinds(sheet)
    ]
    return html.Span(
        [button if drawn else None, *sheets],
        className="take",
        role="group",
        **{"aria-label": view.t("export.label")},
    )


def kinds(sheet: str) -> list[str]:
    """The formats the product can give this sheet in: a link appears with the route it leads to."""
    if not flask.has_app_context():
        return []
    there = {rule.rule for rule in flask.current_app.url_map.iter_rules() if rule.rule.startswith("/export/")}
    return [kind for kind in ("csv", "xlsx") if f"/export/{sheet}.{kind}" in there or any("<" in rule for rule in there)]


def file_name(title: str) -> str:
    """A title as a file name on any system."""
    return re.sub(r'[\\/:*?"<>|\s]+', "_", title).strip("_")[:100]


def rows(head: Sequence[tuple[str, bool]], lines: Sequence[Sequence[Any]], *, label: str, className: str = "") -> Component:
    """A plain table; the flag of a column says that it holds numbers. With the class `cards` each line is a card on a phone,
    where the heads of the columns stand before the cells: they are told to the style sheet."""
    told = [{"data-head": words} if "cards" in className else {} for words, _ in head]
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(words, scope="col", className="n" if number else "") for words, number in head])),
                html.Tbody(
                    [
                        html.Tr([html.Td(cell, className="n" if head[i][1] else "", **told[i]) for i, cell in enumerate(line)])
                        for line in lines
                    ]
                ),
            ],
            className="tbl",
            **{"aria-label": label},
        ),
        className=f"scroll {className}".strip(),
        tabIndex="0",
    )
