"""The whole state of a screen: where it is and what its address says. Links keep the filters, language and theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import flask

from dashboards._text import LANGUAGES, t
from metrics.model import TOTAL

THEMES = ("light", "dark")
FILTERS = ("as_of", "until", "region", "department")
"""Kept on every link; whatever else a page puts in its query belongs to that page alone."""


@dataclass(frozen=True)
class View:
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    lang: str = "zh"
    theme: str = "light"

    @property
    def region(self) -> str:
        return self.query.get("region") or TOTAL

    @property
    def department(self) -> str:
        return self.query.get("department") or TOTAL

    def t(self, key: str, **words: object) -> str:
        return t(key, self.lang, **words)

    def href(self, path: str | None = None, **changes: str | None) -> str:
        """This screen with some of its query changed (None removes), or another path with the filters kept."""
        keep = self.query if path is None else {k: v for k, v in self.query.items() if k in (*FILTERS, "lang", "theme")}
        query = {k: v for k, v in {**keep, **changes}.items() if v and not (k in ("region", "department") and v == TOTAL)}
        return (path or self.path) + (f"?{urlencode(sorted(query.items()))}" if query else "")


def view(path: str, query: Mapping[str, object] | None = None) -> View:
    """The view of this request: the address first, then what this browser chose before (cookies `lang`, `theme`)."""
    asked = {k: str(v) for k, v in (query or {}).items() if v not in (None, "")}
    cookies = flask.request.cookies if flask.has_request_context() else {}
    site = flask.current_app.extensions.get("yuncha") if flask.has_app_context() else None
    languages = tuple(site.workspace.languages) if site is not None else LANGUAGES

    def chosen(key: str, allowed: tuple[str, ...]) -> str:
        return next((v for v in (asked.get(key), cookies.get(key)) if v in allowed), allowed[0])

    return View(path, asked, chosen("lang", languages), chosen("theme", THEMES))


def number(text: str, default: int = 0) -> int:
    """A number an address carries; `default` where it is none, or longer than any the database holds."""
    return int(text) if text.isdecimal() and len(text) < 19 else default
