"""What changed since a day, a moment or a revision: figures that were said to be something else, and records likewise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _asof, _changes
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._shell import notice, page, panel, picker, segments
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, number, view
from metrics import reading
from metrics.answers import Ask
from metrics.reading import changed

dash.register_page(__name__, path="/changes", title="此后有何变化 · 云察 Yuncha")

AT_ONCE = 50
KINDS = ("figures", "arrived", "records")
"""What was said and is another now; what was missing and came late; cases."""


def layout(**query: Any) -> Component:
    look = view("/changes", query)
    with asked() as ask:
        known = since(ask, look)
        indicator = look.query.get("indicator")
        strange = indicator not in (None, *ask.workspace.indicators)
        if known.revision is None or known.at is None or strange:
            words = None if strange else look.t(f"asof.{known.fault or 'unreadable'}")
            home = (look.t("notice.home"), look.href("/"))
            body = html.Section(notice(look, "unknown", detail=words, action=home), className="pn")
            return page(look, active="", title=look.t("changes.title"), children=body)
        return shown(ask, look, known.revision, fmt.full(known.at, ask.workspace.zone, look.lang, year=True))


def since(ask: Ask, look: View) -> _asof.Known:
    """`?since=`, else the time of knowledge the screens are of, else a week ago (or the first there is)."""
    text = look.query.get("since") or look.query.get("as_of")
    if text:
        return _asof.known(ask, replace(look, query={"as_of": text}))
    newest = reading.head(ask.connection)
    week = reading.as_of(ask.connection, newest.at - timedelta(days=7)) or min(1, newest.number)
    return _asof.Known(week or None, reading.known_at(ask.connection, week) if week else None, "" if week else "before")


def shown(ask: Ask, look: View, revision: int, when: str) -> Component:
    setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
    key = look.query.get("indicator")
    which = look.query["what"] if look.query.get("what") in KINDS else KINDS[0]
    title = look.t("changes.title")
    if which == "records":
        body = _records(ask, look, revision, setting)
    else:
        place = {"department": look.query.get("department"), "region": look.query.get("region")}
        found = changed.figures(ask, revision, [key] if key else [], **place, most=AT_ONCE * 2, arrived=which == "arrived")
        body = [notice(look, "filtered", detail=look.t("changes.none_came" if which == "arrived" else "changes.none"))]
        if found.items:
            body = [_changes.figures(found.items, ask, setting, by_name=key is None)]
        if found.more:
            body.append(html.P(look.t("changes.more"), className="hint ft"))
    options = [(look.t("changes.every"), look.href(indicator=None))]
    options += [(name(one.name, look.lang), look.href(indicator=one.key)) for one in ask.workspace.indicators.values()]
    chosen = name(ask.workspace.indicators[key].name, look.lang) if key else look.t("changes.every")
    tabs = segments([(look.t(f"changes.{one}"), look.href(what=one, offset=None), one == which) for one in KINDS])
    way = [(name(ask.workspace.indicators[key].name, look.lang), look.href(f"/indicator/{key}"))] if key else []
    return page(
        look, active="", title=title, sub=look.t("changes.since", when=when, revision=revision),
        crumbs=[(look.t("menu.overview"), look.href("/")), *way, (title, None)],
        tools=[tabs, *([picker(look.t("changes.of"), chosen, options)] if which != "records" else [])],
        revision=reading.head(ask.connection).number,
        children=panel(look.t(f"changes.{which}"), body, note=look.t(f"changes.{which}_hint")),
    )  # fmt: skip


def _records(ask: Ask, look: View, revision: int, setting: Setting) -> list[Any]:
    offset = number(look.query.get("offset", ""))
    source = look.query.get("source")
    sources = [source] if source in ask.workspace.sources else []
    found = changed.records(ask, revision, sources, look.department, look.region, most=AT_ONCE + 1, offset=min(offset, 10**7))
    if not found:
        return [notice(look, "filtered", detail=look.t("changes.none"))]
    body: list[Any] = [_changes.records(found[:AT_ONCE], ask, setting)]
    ways = []
    if offset:
        newer = str(offset - AT_ONCE) if offset > AT_ONCE else None
        ways.append(dcc.Link(look.t("changes.newer"), href=look.href(offset=newer), className="btn"))
    if len(found) > AT_ONCE:
        ways.append(dcc.Link(look.t("changes.older"), href=look.href(offset=str(offset + AT_ONCE)), className="btn"))
    return [*body, html.Div(ways, className="pad acts")] if ways else body
