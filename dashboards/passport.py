"""The passport of one number, by the code an export carries or by where the number stands; and the box for a code on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _asof, _certificate, _trend
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._shell import notice, page, panel
from dashboards._site import asked, site
from dashboards._text import name
from dashboards._view import View, view
from metrics import links, periods, reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.passport import Printed, read, shown
from metrics.store import passports

dash.register_page(__name__, path="/passport")
dash.register_page("dashboards.passport_of", path_template="/passport/<code>",
                   layout=lambda code="", **query: layout(**{**query, "code": code}))  # fmt: skip


def layout(**query: Any) -> Component:
    look = view("/passport", query)
    typed = look.query.get("code", "")
    with asked() as ask:
        if typed:
            code = read(typed)
            printed = reading.passport_of(ask, code) if code else None
            if code is None or printed is None:
                return entry(look, typed, look.t("pass.unknown" if code else "pass.wrong"))
            return of_list(ask, printed, code, look) if printed.query else whole(ask, printed, code, look)
        if not look.query.get("indicator"):
            return entry(look)
        found = named(ask, look)
        if found is None:
            return entry(look, "", look.t("pass.no_figure"))
        if not found.said:
            return whole(ask, found, None, look, taken=False)
        # A number that is looked at has a code as well, so that it can be written down.
        codes = passports.keep(site().store, [found], ask.who.user or ask.who.name, datetime.now(UTC))
        with site().store.read() as later:
            return whole(Ask(later, ask.workspace, ask.who, ask.now), found, codes[0], look, taken=False)


def named(ask: Ask, look: View) -> Printed | None:
    """The figure an address names by indicator, place and period."""
    indicator = ask.workspace.indicators.get(look.query["indicator"])
    try:
        given = links.cases({**look.query, "role": "over"})
        # Of a figure that was never stored (a zero) the page it was shown on says as of when.
        revision = given.revision or _asof.known(ask, look).revision
        revision = revision if revision and revision <= reading.head(ask.connection).number else None
    except links.BadQuery:
        return None
    places = given.department in ask.workspace.departments and given.region in ask.workspace.regions
    if indicator is None or not places or given.grain not in indicator.grains:
        return None
    if given.period_start is None and given.grain != "all":
        return None
    start = given.period_start or periods.from_us(0)
    if not 1900 < start.year < 2200 and given.grain != "all":
        return None
    series = Series(indicator.key, given.grain, given.department, given.region)  # type: ignore[arg-type]
    return reading.printed(ask, series, start, revision)


def box(look: View, typed: str = "") -> Component:
    """Where a code from paper is typed."""
    field = dcc.Input(
        id="passport-code", name="code", value=typed, placeholder=look.t("pass.enter_hint"), className="search", maxLength=40,
        autoComplete="off",
    )  # fmt: skip
    return html.Form(
        [
            html.Label([html.Span(look.t("pass.enter"), className="sr"), field], title=look.t("pass.enter")),
            html.Button(look.t("pass.look"), type="submit", className="btn p"),
        ],
        action="/passport",
        method="get",
        className="typed",
    )


def entry(look: View, typed: str = "", fault: str | None = None) -> Component:
    said = html.Div([html.P(look.t("pass.intro")), html.P(html.B(fault), role="alert") if fault else None], className="pad said")
    crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("pass.title"), None)]
    title = look.t("pass.title")
    body = panel(look.t("pass.enter"), [said, html.Div(box(look, typed), className="pad")])
    return page(look, active="definitions", title=title, crumbs=crumbs, children=body)


def whole(ask: Ask, printed: Printed, code: str | None, look: View, *, taken: bool = True) -> Component:
    setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
    one = reading.passport(ask, printed, code)
    title, series = name(one.indicator.name, look.lang), printed.series
    period = periods.label(series.grain, one.cell.period_start, setting.zone, look.lang)
    if series.grain == "all" or one.indicator.measure.stock:
        period = look.t("card.moment", when=fmt.full(one.cell.evaluated_at, setting.zone, look.lang, year=True))
    side = [
        html.H2(look.t("pass.code")) if code else None,
        html.P(html.B(shown(code), id="passport-shown", className="num"), className="code") if code else None,
        html.P(look.t("pass.handed", when=fmt.full(one.made_at, setting.zone, look.lang, year=True)), className="hint ft")
        if one.made_at and taken
        else None,
        html.H2(look.t("pass.checks")),
        _certificate.checks(one, setting),
        html.H2(look.t("ind.definition")),
        _certificate.definition(one, ask, setting),
        html.H2(look.t("def.used")),
        _certificate.used(one, ask, look),
    ]
    main = [
        panel(f"{_trend.place(ask, series, look)} · {period}", _certificate.beside(one, setting, taken=taken)),
        _certificate.course(one, setting),
        _certificate.made_of(one, ask, setting),
        _certificate.runs(one, ask, setting),
    ]
    where = {"department": series.department, "region": series.region}
    return page(
        look, active="definitions", title=look.t("pass.of", name=title), tools=[box(look)], revision=one.cell.revision,
        crumbs=[
            (look.t("menu.overview"), look.href("/")),
            (title, look.href(f"/indicator/{one.indicator.key}", grain=series.grain, **where)),
            (look.t("pass.title"), None),
        ],
        children=html.Div([html.Div(main, className="main"), html.Aside(side, className="pn side")], className="ind"),
    )  # fmt: skip


def of_list(ask: Ask, printed: Printed, code: str, look: View) -> Component:
    """A list of cases: how many there were, and the list itself as it was."""
    setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
    one = reading.case_list(ask, printed, code)
    source = ask.workspace.sources.get(one.query.source)
    known = fmt.full(reading.known_at(ask.connection, printed.revision), setting.zone, look.lang, year=True)
    said = html.Div(
        [
            html.P(html.B(look.t("pass.list_then", n=fmt.number(one.then)), className="num")),
            html.P(look.t("pass.list_again", n=fmt.number(one.again), m=fmt.number(one.now))),
            html.P(look.t("pass.known", revision=printed.revision, when=known), className="s2"),
            html.P(dcc.Link(look.t("pass.list_open"), href=look.href("/cases", **one.parameters), className="btn p")),
        ],
        className="pad said",
    )
    title = f"{look.t('pass.list')}{look.t('list.colon')}{name(source.name, look.lang) if source else one.query.source}"
    body = panel(f"{look.t('pass.code')} {shown(code)}", said) if source else notice(look, "unknown")
    crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("pass.title"), None)]
    return page(look, active="cases", title=title, crumbs=crumbs, children=body, tools=[box(look)], revision=printed.revision)
