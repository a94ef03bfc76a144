"""Words that the pages of what people have to decide share: which figure, of which period, by which source."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _trend
from dashboards._shell import segments
from dashboards._text import name
from dashboards._view import View
from metrics import links, periods
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Indicator


def crumbs(look: View, key: str) -> list[tuple[str, str | None]]:
    above: list[tuple[str, str | None]] = [(look.t("menu.overview"), look.href("/"))]
    return [*above, (look.t("menu.sources"), look.href("/sources")), (look.t(f"menu.{key}"), None)]


def beside(look: View, here: str) -> Component:
    """The screens about where figures come from, side by side."""
    screens = ("sources", "conflicts", "held")
    return segments([(look.t(f"menu.{key}"), look.href(f"/{key}"), key == here) for key in screens])


def lead(look: View, key: str) -> Component:
    """What the page is for, whole at every size."""
    return html.Div(html.P(look.t(f"{key}.lead")), className="advice")


def what(series: Series, ask: Ask, look: View) -> str:
    title = name(ask.workspace.indicators[series.indicator].name, look.lang)
    where = _trend.place(ask, series, look)
    return f"{where} {title}"


def period(series: Series, start: datetime, ask: Ask, look: View) -> str:
    return periods.label(series.grain, start, ask.workspace.zone, look.lang, ask.now)


def source(key: str, ask: Ask, look: View) -> str:
    found = ask.workspace.sources.get(key)
    return name(found.name, look.lang) if found is not None else key


def amount(value: Decimal | None, indicator: Indicator, ask: Ask, look: View) -> str:
    """With its unit, exactly; by the definition it was reported under."""
    if value is None:
        return fmt.DASH
    words = fmt.unit(indicator, ask.workspace.units, look.lang)
    return fmt.number(value, fmt.shown_decimals(indicator), look.lang) + (words if words == "%" else f" {words}")


def values(series: Series, start: datetime, look: View) -> str:
    """The page of what this figure is made of."""
    return look.href(
        "/values", indicator=series.indicator, grain=series.grain, period=links.text(start), department=series.department,
        region=series.region,
    )  # fmt: skip


def refused(look: View, key: str) -> Component:
    return html.P(look.t(key), className="refusal", role="alert")


def done(look: View, key: str, path: str) -> Component:
    return html.P([look.t(key), " ", html.A(look.t("rule.look"), href=look.href(path), className="lk")], role="status")
