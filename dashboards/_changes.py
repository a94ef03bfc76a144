"""What changed since, in words: the rows of figures and of records, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _trend
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._hints import reason
from dashboards._marks import shape
from dashboards._text import catalogue, name
from metrics import links, periods
from metrics.answers import Ask
from metrics.comparing import compare
from metrics.model import Indicator
from metrics.reading.changed import By, Fields, Revised

PLAIN = {"department": "filter.department", "region": "filter.region"}


def figures(found: Sequence[Revised], ask: Ask, setting: Setting, *, place: bool = True, by_name: bool = True) -> Component:
    """One row a figure: what, where, of when, old and new, by how much, when, by whom, why."""
    look = setting.view
    heads = [("of", False)] * by_name + [("place", False)] * place
    heads += [("period", False), ("old", True), ("new", True), ("by_much", True), ("when", False), ("who", False), ("why", False)]
    lines = []
    for one in found:
        indicator = ask.workspace.under(one.series.indicator, one.version).indicators[one.series.indicator]
        where = {"department": one.series.department, "region": one.series.region, "grain": one.series.grain}
        title = name(indicator.name, look.lang)
        way = dcc.Link(title, href=look.href(f"/indicator/{indicator.key}", as_of=None, **where), title=title)
        period = periods.label(one.series.grain, one.period_start, setting.zone, look.lang, setting.now)
        lines.append(
            [
                *([way] if by_name else []), *([_trend.place(ask, one.series, look)] if place else []), period,
                _figure(one.old_value, one.old, indicator, setting), html.B(_figure(one.new_value, one.new, indicator, setting)),
                _change(one, indicator, setting), fmt.when(one.by.at, setting.now, setting.zone, look.lang),
                who(one.by, ask, setting), reason(one.by.reason, look.lang) or fmt.DASH,
            ]
        )  # fmt: skip
    titles = [(look.t(f"changes.{key}"), number) for key, number in heads]
    return rows(titles, lines, label=look.t("changes.figures"), className="cards")


def records(found: Sequence[Fields], ask: Ask, setting: Setting) -> Component:
    """One row a change of a record: which fields, old and new, when and by whom."""
    look = setting.view
    lines = []
    for one in found:
        source = ask.workspace.sources[one.source]
        way = dcc.Link(one.external_id, href=look.href("/case", as_of=None, source=one.source, id=one.external_id))
        said = [
            html.Li([f"{_field(key, one.source, ask, setting)} ", *_both(key, pair, one.source, ask, setting)])
            for key, pair in one.changes.items()
        ]
        said = said or [html.Li(look.t("changes.course"), className="s2")]
        gone = look.t("changes.left") if one.left else look.t("changes.came") if one.came else None
        lines.append(
            [
                one.external_id if one.left else way, name(source.name, look.lang), [html.Ul(said, className="plainlist"), gone],
                fmt.when(one.by.at, setting.now, setting.zone, look.lang), who(one.by, ask, setting),
            ]
        )  # fmt: skip
    heads = ("record", "source", "fields", "when", "who")
    return rows([(look.t(f"changes.{key}"), False) for key in heads], lines, label=look.t("changes.records"))


def who(by: By, ask: Ask, setting: Setting) -> Any:
    """The person, or the source and its Run; and by which way in."""
    look = setting.view
    way = look.t(f"kind.{by.kind}") if f"kind.{by.kind}" in catalogue() else by.kind
    if by.source is not None and by.source in ask.workspace.sources:
        title = name(ask.workspace.sources[by.source].name, look.lang)
        link = dcc.Link(title, href=look.href(f"/sources/{by.source}", as_of=None), title=title)
        return [link, html.Span(f" {way} #{by.run_id}" + (f" {by.actor}" if by.actor else ""), className="s2")]
    return f"{by.actor} {way}".strip()


def _figure(value: Any, values: Any, indicator: Indicator, setting: Setting) -> Any:
    """The value with what it was made of; why there is none."""
    look = setting.view
    if value is None:
        nothing = values is not None and values.status == "N"
        mark = "due" if nothing else "nrep"
        return html.Span([shape(mark), look.t(f"state.{mark}")], className=f"st c-{mark} q")
    words = fmt.unit(indicator, setting.units, look.lang)
    figure = fmt.number(value, fmt.shown_decimals(indicator), look.lang) + (words if words == "%" else f" {words}")
    if values is None:
        return figure
    if not indicator.measure.rate and indicator.measure.amounts and values.n is not None:
        figure += f" (n={values.n:,})"
    if indicator.measure.rate and values.num is not None and values.den is not None:
        figure += f" ({fmt.number(fmt.count(indicator, values.num))}/{fmt.number(fmt.count(indicator, values.den))})"
    return figure


def _change(one: Revised, indicator: Indicator, setting: Setting) -> str:
    """In points for a rate, in per cent for an amount: as every change is said."""
    if one.old is None or one.old_value is None or one.new_value is None or one.old_value == one.new_value:
        return fmt.DASH
    found = compare(indicator, one.new, one.old).change
    return fmt.change(found, fmt.shown_decimals(indicator), setting.view.lang)


def _field(key: str, source: str, ask: Ask, setting: Setting) -> str:
    look, labels = setting.view, ask.workspace.sources[source].labels
    if key in PLAIN and PLAIN[key] in catalogue():
        return look.t(PLAIN[key])
    found = labels.get(f"field.{key}") or labels.get(key)
    if found:
        return name(found, look.lang)
    return look.t(f"changes.field.{key}") if f"changes.field.{key}" in catalogue() else key


def _both(key: str, pair: tuple[Any, Any], source: str, ask: Ask, setting: Setting) -> list[Any]:
    old, new = (_value(key, one, source, ask, setting) for one in pair)
    return [html.Span(old, className="s2"), " → ", html.B(new)]


def _value(key: str, value: Any, source: str, ask: Ask, setting: Setting) -> str:
    if value is None or value == "":
        return fmt.DASH
    if isinstance(value, datetime):
        return fmt.when(value, setting.now, setting.zone, setting.view.lang)
    if isinstance(value, bool):
        return setting.view.t("values.yes") if value else fmt.DASH
    if found := ask.workspace.sources[source].labels.get(str(value)):
        return name(found, setting.view.lang)
    tree = {"department": ask.workspace.departments, "region": ask.workspace.regions}.get(key)
    if tree is not None and value in tree:
        return name(tree.get(value).name, setting.view.lang)
    if isinstance(value, str) and "T" in value:
        try:
            return fmt.when(links.instant(value), setting.now, setting.zone, setting.view.lang)
        except links.BadQuery:
            pass
    return str(value)[:200]
