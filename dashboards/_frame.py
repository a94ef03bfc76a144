"""What stands around every page: the header with its menu, the bar of a phone, the crumbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards._format import full
from dashboards._marks import logo
from dashboards._site import site
from dashboards._text import name
from dashboards._view import View
from metrics.model import TOTAL

MENU = (
    ("overview", "/"),
    ("fields", "/field"),
    ("departments", "/department"),
    ("regions", "/region"),
    ("cases", "/cases"),
    ("alerts", "/alerts"),
    ("orders", "/orders"),
    ("sources", "/sources"),
    ("definitions", "/definitions"),
)
PHONE_MENU = ("overview", "alerts", "cases")


def header(view: View, active: str, shown: datetime, words: Any, badge: str) -> Component:
    here = site()
    ws = here.workspace
    other = "en" if view.lang == "zh" else "zh"
    dark = view.theme == "dark"
    return html.Header(
        [
            dcc.Link([logo(), view.t("app.name"), html.Small(name(ws.name, view.lang))], href=view.href("/"), className="logo"),
            html.Nav(
                [_entry(view, key, path, active, badge) for key, path in MENU if _has(key)],
                className="nav",
                **{"aria-label": view.t("menu.label")},
            ),
            html.Div(className="sp"),
            html.Span(view.t("app.demo"), className="demo") if ws.demo else None,
            html.Div(
                [
                    html.Span(
                        words
                        or [
                            html.Span(view.t("app.as_of", when=full(shown, ws.zone, view.lang)), className="long"),
                            html.Span(view.t("app.as_of_short", when=full(shown, ws.zone, view.lang)), className="short"),
                        ],
                        id="as-of",
                        className="live",
                    ),
                    html.A(
                        view.t("app.language"),
                        href=view.href(lang=other),
                        className="tool",
                        lang=other,
                        title=view.t("app.language_title"),
                    ),
                    html.A(
                        view.t("app.light" if dark else "app.dark"),
                        href=view.href(theme="light" if dark else "dark"),
                        className="tool",
                    ),
                    _person(view),
                ],
                className="hm",
            ),
        ],
        className="hd",
    )


def _entry(view: View, key: str, path: str, active: str, badge: str, prefix: str = "nav") -> Component:
    words: list[Any] = [view.t(f"menu.{key}")]
    if key == "alerts":
        words.append(html.I(badge, id=f"{prefix}-alerts"))
    on = {"className": "on", "aria-current": "page"} if key == active else {}
    return html.Span(
        dcc.Link(words, href=view.href(path), className=on.get("className", "")), **{"aria-current": "page"} if on else {}
    )


def _has(key: str) -> bool:
    """An entry appears with what it leads to."""
    if key == "regions":
        return bool(site().workspace.regions.children(TOTAL))
    return True


def _person(view: View) -> Component:
    from access import current

    who = current()
    if who.user is None:
        return html.A(view.t("app.sign_in"), href="/login", className="tool")
    return html.A(who.name, href="/account", className="tool who", title=who.name)


def phone_bar(view: View, active: str, badge: str) -> Component:
    rest = [(key, path) for key, path in MENU if key not in PHONE_MENU and _has(key)]
    return html.Nav(
        [
            *[_entry(view, key, path, active, badge, "bar") for key, path in MENU if key in PHONE_MENU],
            html.Details(
                [
                    html.Summary(view.t("app.more"), className="on" if active in dict(rest) else ""),
                    html.Div(
                        [dcc.Link(view.t(f"menu.{key}"), href=view.href(path)) for key, path in rest]
                        + [
                            html.A(view.t("app.language"), href=view.href(lang="en" if view.lang == "zh" else "zh")),
                            html.A(
                                view.t("app.light" if view.theme == "dark" else "app.dark"),
                                href=view.href(theme="light" if view.theme == "dark" else "dark"),
                            ),
                        ],
                        className="more",
                    ),
                ],
            ),
        ],
        className="phone-bar",
        **{"aria-label": view.t("menu.label")},
    )


def trail(view: View, crumbs: Sequence[tuple[str, str | None]]) -> Component:
    items = [
        html.Li(dcc.Link(words, href=href) if href else html.Span(words, **{"aria-current": "page"})) for words, href in crumbs
    ]
    return html.Nav(html.Ol(items), className="crumbs", **{"aria-label": view.t("crumb.label")})
