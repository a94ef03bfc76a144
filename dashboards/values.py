"""What a figure without cases is made of: the reported values with their feeds and runs, or the figures of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _passport, _trend
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._formula import formula
from dashboards._marks import shape
from dashboards._shell import notice, page, panel
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import View, view
from metrics import links, periods, reading
from metrics.answers import Ask, Cell, Entered
from metrics.arrivals import Series
from metrics.model import POINTS, Indicator

dash.register_page(__name__, path="/values")


def layout(**query: Any) -> Component:
    look = view("/values", query)
    with asked(look) as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        indicator = ask.workspace.indicators.get(look.query.get("indicator", ""))
        try:
            given = links.cases({**look.query, "role": "over"})
        except links.BadQuery as fault:
            return refused(look, look.t("cases.bad", why=fault))
        if given.department not in ask.workspace.departments or given.region not in ask.workspace.regions:
            return refused(look, None)
        if indicator is None or given.period_start is None or given.grain not in indicator.grains:
            return refused(look, None)
        revision = given.revision or ask.revision
        series = Series(indicator.key, given.grain, given.department, given.region)  # type: ignore[arg-type]
        found = reading.entered(replace(ask, revision=revision), series, given.period_start)
        period = periods.label(series.grain, given.period_start, setting.zone, look.lang)
        return shown(ask, indicator, series, found, revision, period, setting)


def refused(look: View, why: str | None) -> Component:
    action = (look.t("menu.definitions"), look.href("/definitions"))
    body = html.Section(notice(look, "unknown", detail=why, action=action), className="pn")
    return page(look, active="definitions", title=look.t("values.title"), children=body)


def shown(
    ask: Ask, indicator: Indicator, series: Series, found: Sequence[Entered], revision: int | None, period: str, setting: Setting
) -> Component:
    look = setting.view
    title = name(indicator.name, look.lang)
    source = ask.workspace.sources.get(indicator.source or "")
    place = _trend.place(ask, series, look)
    used = [one for one in found if one.used and (not one.cell.only_rate or one.cell.series == series)]
    body: Any = html.Section(notice(look, "filtered", detail=look.t("values.none")), className="pn")
    if found:
        said = formula(indicator, ask.workspace.indicators, source, look.lang, ask.workspace.population)
        heads = ("of", "place", "value", "num", "den", "source", "run", "revision", "used")
        numbers = ("value", "num", "den")
        table = rows(
            [(look.t("values.of_" if key == "of" else f"values.{key}"), key in numbers) for key in heads],
            [line(one, ask, setting) for one in found],
            label=look.t("values.title"),
        )
        total = html.P([look.t("values.sum"), html.B(arithmetic(indicator, used, setting))], className="hint ft")
        body = panel(f"{place} · {period}", [table, total], note=said)
    return page(
        look,
        active="fields",
        title=look.t("values.of", name=title),
        sub=look.t("values.at", revision=revision) if revision else None,
        crumbs=[
            (look.t("menu.overview"), look.href("/")),
            (title, look.href(f"/indicator/{indicator.key}", grain=series.grain, period=None)),
            (look.t("values.title"), None),
        ],
        children=body,
        revision=revision or 0,
    )


def line(one: Entered, ask: Ask, setting: Setting) -> list[Any]:
    look, cell = setting.view, one.cell
    part = ask.workspace.indicators[cell.series.indicator]
    words = fmt.unit(part, setting.units, look.lang)
    figure = (
        fmt.DASH
        if cell.value is None
        else fmt.number(cell.value, fmt.shown_decimals(part)) + (words if words == "%" else f" {words}")
    )
    source = ask.workspace.sources.get(one.source or "")
    mark = "nrep" if cell.value is None else "ok" if one.used else "none"
    state: Any = look.t(f"state.{_trend.without(cell)}" if cell.value is None else "values.yes" if one.used else "values.aside")
    if one.used and one.stead and cell.value is not None:
        title = look.t("card.stand_in_title") if one.stead == "stand_in" else None
        state = [state, " ", html.Span(look.t("card.stand_in" if title else "values.ruled"), className="tag", title=title)]
    if cell.only_rate:
        state = [state, " ", html.Span(look.t("card.only_rate"), className="tag", title=look.t("card.only_rate_title"))]
    return [
        of(cell, part, one, setting),
        where(cell, ask, look),
        figure,
        _passport.amount(cell.num, part),
        fmt.number(cell.den),
        dcc.Link(name(source.name, look.lang), href=look.href(f"/sources/{source.key}")) if source else fmt.DASH,
        f"#{one.run_id}" if one.run_id else fmt.DASH,
        f"#{cell.revision}" if cell.revision else fmt.DASH,
        html.Span([shape(mark), *(state if isinstance(state, list) else [state])], className=f"st c-{mark} q"),
    ]


def where(cell: Cell, ask: Ask, look: View) -> str:
    return _trend.place(ask, cell.series, look)


def of(cell: Cell, part: Indicator, one: Entered, setting: Setting) -> Any:
    """The name of what the value is of; an input opens its own cases or values."""
    look = setting.view
    title = name(part.name, look.lang)
    if one.source is not None or cell.value is None or cell.series.indicator == look.query.get("indicator"):
        return title
    given = links.of_cases(links.behind(cell, part, "over"))
    if part.measure.from_records:
        return dcc.Link(title, href=look.href("/cases", **given))
    return dcc.Link(title, href=look.href("/values", **{k: v for k, v in given.items() if k not in ("source", "role")}))


def arithmetic(indicator: Indicator, used: Sequence[Entered], setting: Setting) -> str:
    """The sum of what entered, exactly as the figure was made."""
    look, cells = setting.view, [one.cell for one in used]
    there = [cell for cell in cells if cell.num is not None]
    if not there:
        return fmt.DASH
    parts = [_passport.amount(cell.num, indicator) for cell in there]
    kind = indicator.measure.kind
    if kind == "observed":
        num = sum(cell.num or 0 for cell in there)
        with_den = [cell for cell in there if cell.den is not None]
        if with_den:
            num, den = sum(cell.num or 0 for cell in with_den), sum(cell.den or 0 for cell in with_den)
            ratio = f" = {fmt.number(Decimal(num * 100) / den, 2)}%" if den and indicator.unit == "percent" else ""
            return f"{fmt.number(num)} ÷ {fmt.number(den)}{ratio}"
        return (
            f"{' + '.join(parts)} = {_passport.amount(num, indicator)}"
            if 1 < len(parts) <= 12
            else _passport.amount(num, indicator)
        )
    if len(there) < len(cells):
        return look.t("values.incomplete")
    sign = {"derived_ratio": " ÷ ", "derived_sum": " + "}.get(kind, f" {fmt.MINUS} ")
    ordered = parts[::-1] if kind == "increase" else parts
    if kind == "derived_difference" and indicator.unit == POINTS:
        ordered = [f"{fmt.number(cell.value, indicator.decimals + 1, look.lang)}%" for cell in there]
    if kind in ("per_head", "per_workday"):
        heads = f"{indicator.measure.number:,f}" if indicator.measure.number is not None else ""
        return f"{fmt.number(there[0].value, 0 if there[0].value == there[0].num else 2)} {look.t(f'values.{kind}', p=heads)}"
    return sign.join(ordered)
