"""The frame every page stands in: header with menu, demo mark, data time, language, theme and person; crumbs; title bar."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html, page_container
from dash.development.base_component import Component
from flask import request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from dashboards import _asof, _late, _period
from dashboards._format import full
from dashboards._frame import header, phone_bar, trail
from dashboards._live import Parts, marks
from dashboards._marks import shape
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, view
from metrics.model import TOTAL, Place

__all__ = ["View", "notice", "page", "panel", "picker", "view"]

log = logging.getLogger("yuncha.dashboards")


def page(
    view: View,
    *,
    active: str,
    title: str,
    children: Any,
    sub: Any = None,
    crumbs: Sequence[tuple[str, str | None]] = (),
    tools: Sequence[Component] = (),
    summary: Component | None = None,
    board: str | None = None,
    revision: int = 0,
    as_of: datetime | None = None,
    as_of_words: Any = None,
    badge: str | None = None,
    parts: Parts | None = None,
    wide: bool = False,
    until: datetime | None = None,
) -> Component:
    """A whole page. `active` is a menu key; `crumbs` are (words, href or None) from the top; `tools` stand right of the title.

    `board` makes the page live: the name `/live?board=` knows it by; `revision` is the newest one these figures hold.
    `as_of` is the newest time of the data; without it the workspace's now. `as_of_words` and `badge` (open alerts, read here
    when not given) are parts a live page gives itself; `parts` are all of them, as they stand in `children`.
    `until` is given where a past period is shown: the page says so and stands still. So does a page of what was known before.
    """
    here = site()
    badge = _open_alerts() if badge is None else badge
    with asked() as ask:
        knows = _asof.known(ask, view)
        box, known = _asof.box(view, ask, knows), _asof.note(view, ask, knows)
    shown = knows.at or as_of or here.now()
    revision = knows.revision or revision
    board = board if until is None and not view.query.get("as_of") else None
    query = urlencode(sorted(view.query.items()))
    live = {"data-board": board, "data-since": str(revision), "data-query": query} if board else {}
    live |= {"data-token": secrets.token_hex(6)} if board else {}
    if board and (poll := getattr(here.settings, "poll_ms", None)):
        live["data-poll"] = str(poll)
    if board and parts:
        live["data-marks"] = json.dumps(marks(parts), separators=(",", ":"))
    return dmc.MantineProvider(
        html.Div(
            [
                html.A(view.t("app.skip"), href="#main", className="skip"),
                header(view, active, shown, as_of_words, badge),
                html.Div(
                    id="stall",
                    className="stall",
                    role="status",
                    **{
                        "data-stalled": view.t("app.stalled", when=full(shown, here.workspace.zone, view.lang)),
                        "data-offline": view.t("app.offline"),
                    },
                ),
                _late.banner(view),
                html.Main(
                    [
                        trail(view, crumbs) if crumbs else None,
                        html.Div(
                            [
                                html.H1(title),
                                html.Span(sub, className="sub", title=sub if isinstance(sub, str) else None) if sub else None,
                                summary,
                                html.I(className="sp"),
                                *tools,
                                box,
                            ],
                            className="bar",
                        ),
                        known,
                        _period.note(view, until, here.workspace.zone) if until is not None else None,
                        html.Div(children, className="body"),
                    ],
                    id="main",
                    className="wrap wide" if wide else "wrap",
                    tabIndex="-1",
                ),
                html.Footer(
                    (f"{view.t('app.demo')}·" if here.workspace.demo else "")
                    + view.t(
                        "app.source_line",
                        name=name(here.workspace.name, view.lang),
                        revision=revision,
                        when=full(shown, here.workspace.zone, view.lang),
                    ),
                    className="print-line",
                ),
                phone_bar(view, active, badge),
            ],
            id="page",
            className="page",
            lang="zh-CN" if view.lang == "zh" else "en",
            **{"data-lang": view.lang, "data-view-theme": view.theme},
            **live,
        ),
        forceColorScheme=view.theme,
        withGlobalClasses=False,
        theme={"fontFamily": "var(--font)", "primaryColor": "blue", "defaultRadius": "4px"},
    )


def _open_alerts() -> str:
    """How many alerts are open for this person; nothing where there are none."""
    from alerts import counts

    with asked() as ask:
        return str(counts(ask).open or "")


def panel(
    title: Any, children: Any, *, note: Any = None, tools: Sequence[Any] = (), id: str | None = None, className: str = ""
) -> Component:
    """A white panel with one heading line; nothing boxed stands inside another."""
    head = html.Div(
        [
            html.H2(title, title=title if isinstance(title, str) else None),
            html.Span(note, className="m") if note else None,
            html.I(className="sp"),
            *tools,
        ],
        className="ph",
    )
    return html.Section(
        [head, *(children if isinstance(children, list) else [children])],
        className=f"pn {className}".strip(),
        **({"id": id} if id else {}),
    )


def picker(label: str, chosen: str, options: Sequence[tuple[str, str]], *, id: str | None = None) -> Component:
    """A choice among links (words, href): works without a callback, by keyboard, and in a new tab."""
    return html.Details(
        [
            html.Summary([html.Em(label) if label else None, chosen], title=f"{label} {chosen}".strip()),
            html.Div(
                [dcc.Link(words, href=href, className="on" if words == chosen else "") for words, href in options],
                className="menu",
            ),
        ],
        className="sel",
        **({"id": id} if id else {}),
    )


def place_picker(view: View, which: str, places: Sequence[Place], root: Place, total: str | None = None) -> Component:
    """The picker of a region or department: which of `places` the numbers are of, or the whole."""
    chosen = view.query.get(which, TOTAL)
    everything = total or name(root.name, view.lang)
    words = next((name(p.name, view.lang) for p in places if p.id == chosen), everything)
    options = [(everything, view.href(**{which: None})), *[(name(p.name, view.lang), view.href(**{which: p.id})) for p in places]]
    return picker(view.t(f"filter.{which}"), words, options)


def segments(options: Sequence[tuple[Any, str, bool]], small: bool = False) -> Component:
    """A few choices side by side: (words, href, chosen)."""
    links = [dcc.Link(words, href=href, className="on" if on else "") for words, href, on in options]
    return html.Div(links, className="seg s" if small else "seg")


def notice(
    view: View, kind: str, *, detail: str | None = None, action: tuple[str, str] | None = None, **words: object
) -> Component:
    """A designed state: empty, filtered, error, denied, unknown, stale, loading: what is so and what to do."""
    hint = detail or (view.t(f"notice.{kind}_hint", **words) if kind != "loading" else None)
    mark = {"error": "down", "stale": "stale", "denied": "paused"}.get(kind)
    head = view.t(f"notice.{kind}", **(words if kind == "stale" else {}))
    return html.Div(
        [
            html.B([shape(mark) if mark else None, head]),
            html.P(hint) if hint else None,
            dcc.Link(action[0], href=action[1], className="btn") if action else None,
        ],
        className=f"ps ps-{kind}",
    )


def guarded(layout: Callable[..., Any]) -> Callable[..., Any]:
    """A page that fails says so in its frame, with a number found in the log; one that is not for this person says that."""

    @wraps(layout)
    def drawn(*given: Any, **query: Any) -> Any:
        try:
            return layout(*given, **query) if _known(query) else _instead("unknown")
        except HTTPException as error:
            if error.code not in (401, 403):
                raise
            return _instead("denied")
        except Exception:
            number = f"E-{secrets.randbelow(10**6):06d}"
            log.exception("page %s failed (%s)", request.path, number)
            return _instead("error", id=number)

    return drawn


def _known(query: Mapping[str, Any]) -> bool:
    """Whether the places the address names are there: the figures of others would be said to be those of none."""
    trees = {"region": site().workspace.regions, "department": site().workspace.departments}
    return all(not query.get(which) or query[which] in tree for which, tree in trees.items())


def _instead(kind: str, **words: object) -> Component:
    seen = view("/")
    body = html.Section(notice(seen, kind, action=(seen.t("notice.home"), "/"), **words), className="pn")
    return page(seen, active="", title=seen.t(f"notice.{kind}"), badge="", children=body)


def root() -> Component:
    """What Dash draws pages in."""
    return html.Div(page_container)


def index(*, metas: str, title: str, css: str, config: str, scripts: str, app_entry: str, favicon: str, renderer: str) -> str:
    """The document; theme and language stand on it before anything is painted."""
    seen = view(request.path, request.args)
    lang = "zh-CN" if seen.lang == "zh" else "en"
    return f"""<!DOCTYPE html>
<html lang="{lang}" data-theme="{seen.theme}" data-mantine-color-scheme="{seen.theme}">
<head>{metas}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>{favicon}{css}</head>
<body>{app_entry}<footer>{config}{scripts}{renderer}</footer></body>
</html>"""
