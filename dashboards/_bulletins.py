"""The pages of bulletins: what was published, a draft of a month, one as it was published with what was corrected since."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from access import current
from dashboards import _bulletin, _changes
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._shell import notice, page, panel, picker
from dashboards._site import asked, present
from dashboards._text import name
from dashboards._view import View, number, view
from metrics import bulletin, periods, reading
from metrics.answers import Ask
from metrics.model import TOTAL
from metrics.reading import bulletins
from metrics.store.bulletins import Bulletin

MONTHS = 6


def layout(**query: Any) -> Component:
    seen = view("/bulletin", query)
    with asked(seen) as ask:
        if seen.query.get("id"):
            found = bulletins.published(ask, number(seen.query["id"]))
            return printed(present(ask), seen, found) if found else unknown(seen)
        if seen.query.get("month"):
            month = read(seen.query["month"], ask)
            if month is None or seen.department not in ask.workspace.departments:
                return unknown(seen)
            return draft(ask, seen, month)
        return listed(ask, seen)


def read(text: str, ask: Ask) -> datetime | None:
    """`2026-10`: the first instant of a month that has ended and of which anything could be known."""
    try:
        start = datetime.strptime(text, "%Y-%m").replace(tzinfo=ask.workspace.zone)
    except ValueError:
        return None
    if not 1900 < start.year < 2200:
        return None
    first, end = periods.bounds("month", start.astimezone(UTC), ask.workspace.zone)
    return first if end <= ask.now else None


def unknown(seen: View) -> Component:
    action = (seen.t("bulletin.title"), "/bulletin")
    body = html.Section(notice(seen, "unknown", action=action), className="pn")
    return page(seen, active="", title=seen.t("bulletin.title"), children=body)


def listed(ask: Ask, seen: View) -> Component:
    """What was published, and the months of which a bulletin can be made."""
    zone, there = ask.workspace.zone, bulletins.every(ask)
    heads = [("month", False), ("who", False), ("edition", False), ("when", False)]
    lines = []
    for one in there:
        said = json.loads(one.content)
        month = periods.label("month", periods.from_us(one.month), zone, seen.lang)
        when = fmt.full(periods.from_us(one.published_at), zone, seen.lang, year=True)
        way = dcc.Link(month, href=seen.href("/bulletin", id=str(one.id), as_of=None))
        lines.append([way, name(said["name"], seen.lang), seen.t("bulletin.edition", n=one.edition), f"{one.name} {when}"])
    words = {"edition": ""}
    table: Any = notice(seen, "empty", detail=seen.t("bulletin.none"))
    if lines:
        titles = [(words.get(key) if key in words else seen.t(f"bulletin.{key}"), flag) for key, flag in heads]
        table = rows([(str(text), flag) for text, flag in titles], lines, label=seen.t("bulletin.title"))
    ways = []
    start = periods.previous("month", periods.bounds("month", ask.now, zone)[0], zone)
    while start is not None and len(ways) < MONTHS:
        month = f"{start.astimezone(zone):%Y-%m}"
        label = periods.label("month", start, zone, seen.lang)
        ways.append(html.Li(dcc.Link(label, href=seen.href("/bulletin", month=month))))
        start = periods.previous("month", start, zone)
    return page(
        seen, active="", title=seen.t("bulletin.title"),
        crumbs=[(seen.t("menu.overview"), seen.href("/")), (seen.t("bulletin.title"), None)],
        children=[panel(seen.t("bulletin.list"), table), panel(seen.t("bulletin.drafts"), html.Ul(ways, className="places"))],
    )  # fmt: skip


def draft(ask: Ask, seen: View, month: datetime) -> Component:
    """The bulletin as it would be published now (or was known then), with the way to publish it."""
    said = bulletins.content(ask, month, seen.department, bulletin.keys(ask.workspace, seen.department))
    known = ask.revision or reading.head(ask.connection).number
    form: Any = None
    if current().has("supervisor") and ask.revision is None:
        data = {"month": f"{month.astimezone(ask.workspace.zone):%Y-%m}", "department": seen.department, "lang": seen.lang}
        form = html.Section(
            [
                html.P(seen.t("bulletin.publish_hint"), className="hint"),
                html.Button(seen.t("bulletin.publish"), id="bulletin-do", type="button", n_clicks=0, className="btn p"),
                html.P(id="bulletin-said", className="refusal", role="alert"),
                dcc.Location(id="bulletin-to"), dcc.Store(id="bulletin-of", data=data),
            ],
            className="pn pad no-print",
        )  # fmt: skip
    return _page(ask, seen, said, known, seen.t("bulletin.draft"), form)


def printed(ask: Ask, seen: View, one: Bulletin) -> Component:
    """As it was published; under it what was corrected since."""
    said, zone = bulletins.as_read(ask, one), ask.workspace.zone
    setting = Setting(seen, ask.now, zone, ask.workspace.units)
    since = bulletins.corrections(ask, one)
    body: Any = html.P(seen.t("bulletin.no_corrections"), className="pad")
    if since:
        hint = html.P(seen.t("bulletin.corrections_hint"), className="pad")  # in full: in the heading's line paper cuts it
        body = [hint, _changes.figures(since, ask, setting)]
    under = panel(seen.t("bulletin.corrections"), body, id="corrected")
    when = fmt.full(periods.from_us(one.published_at), zone, seen.lang, year=True)
    words = f"{seen.t('bulletin.edition', n=one.edition)} · {seen.t('bulletin.published', who=one.name, when=when)}"
    return _page(ask, seen, said, one.revision, words, under)


def _page(ask: Ask, seen: View, said: Any, revision: int, words: str, under: Any) -> Component:
    zone = ask.workspace.zone
    paper = _bulletin.Paper(seen, ask.workspace.units, zone, ask.workspace.fields)
    when = fmt.full(reading.known_at(ask.connection, revision), zone, seen.lang, year=True) if revision else fmt.DASH
    tools: list[Component] = []
    if not seen.query.get("id"):
        departments = ask.workspace.departments
        options = [(name(ask.workspace.name, seen.lang), seen.href(department=None))]
        options += [(name(one.name, seen.lang), seen.href(department=one.id)) for one in departments.children(TOTAL)]
        tools.append(picker(seen.t("bulletin.who"), name(said["name"], seen.lang), options))
    tools.append(html.Button(seen.t("bulletin.print"), type="button", className="btn", **{"data-print": "1"}))
    main = html.Div(_bulletin.body(said, paper), className="bulletin", id="bulletin")
    return page(
        seen, active="", title=_bulletin.title(said, paper), sub=words, tools=tools, revision=revision,
        crumbs=[
            (seen.t("menu.overview"), seen.href("/")), (seen.t("bulletin.title"), "/bulletin"),
            (_bulletin.title(said, paper), None),
        ],
        children=[html.P(seen.t("bulletin.known", when=when, revision=revision), className="known"), main, under],
    )  # fmt: skip
