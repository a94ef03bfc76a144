"""The units below the place an indicator's page is of, side by side: reading them, their live parts, their panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboards import _charts, _multiples, _passport, _period, _small_figures, _trend
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._live import Parts, put
from dashboards._shell import panel, segments
from dashboards._text import name
from metrics import reading
from metrics.answers import Ask, Card, Unit
from metrics.arrivals import Series
from metrics.model import TOTAL, Indicator

LINES = 18
"""Periods of a small line."""


@dataclass(frozen=True)
class Units:
    ways: Sequence[str]
    """How the figure of this place splits."""
    by: str
    found: Sequence[Unit]
    """Worst first."""

    @property
    def which(self) -> str:
        return "department" if self.by == "department" else "region"


def read(ask: Ask, card: Card, setting: Setting) -> Units | None:
    """The units below the place shown; None where there are not two."""
    look, indicator, series = setting.view, card.indicator, card.series
    ways = [way for way in below(ask, indicator, series) if way]
    if not ways:
        return None
    asked = look.query.get("by", "")
    by = asked if asked in ways else ways[0]
    under, other = (series.department, series.region) if by == "department" else (series.region, series.department)
    sparks = 0 if series.grain == "all" else LINES
    until = _period.ended_by(ask, look)
    found = reading.units(ask, indicator.key, by, under, series.grain, other=other, sparks=sparks, ended_by=until)
    return Units(ways, by, _multiples.worst_first(found, indicator)) if len(found) > 1 else None


def parts(ask: Ask, units: Units, card: Card, setting: Setting) -> Parts:
    """What follows the figures: the wall or the table, its axis in words, and the picture to take away."""
    look, indicator = setting.view, card.indicator
    low, high = _multiples.axis(units.found, indicator)
    words = fmt.unit(indicator, setting.units, look.lang)
    said = look.t("ind.axis", low=f"{low:,.0f}", high=f"{high:,.0f}{words if words == '%' else ''}")
    if indicator.target is not None:
        said += look.t("ind.axis_target", value=_passport.plain(indicator.target))
    draw = _multiples.listing if look.query.get("units") == "table" else _multiples.wall
    return {
        "ind-units": {"children": [draw(units.found, indicator, setting, units.which)]},
        "ind-units-axis": {"children": said},
        "ind-units-take": {"children": [_take(ask, units, card, setting)]},
    }


def panel_of(units: Units, setting: Setting, filled: Parts) -> Component:
    look = setting.view
    as_table = look.query.get("units") == "table"
    switch = segments(
        [(look.t("chart"), look.href(units=None), not as_table), (look.t("table"), look.href(units="table"), as_table)],
        small=True,
    )
    options = [(_multiples.level(way, look), look.href(by=way), way == units.by) for way in units.ways]
    switches = [segments(options, small=True)] if len(units.ways) > 1 else []
    tools = [put(filled, "ind-units-take", html.Span), *switches, switch]
    note = put(filled, "ind-units-axis", html.Span)
    return panel(_title(units, setting), put(filled, "ind-units", html.Div), note=note, tools=tools, className="units")


def _title(units: Units, setting: Setting) -> str:
    look = setting.view
    return look.t("ind.units", n=len(units.found), level=_multiples.level(units.by, look))


def _take(ask: Ask, units: Units, card: Card, setting: Setting) -> Component:
    look, indicator, series = setting.view, card.indicator, card.series
    panels = _multiples.panels(units.found, indicator, setting)
    picture = _small_figures.multiples(panels, indicator.target, rate=indicator.measure.rate)
    return _charts.takeaway(
        "indicator", "units", look, picture=picture, title=f"{name(indicator.name, look.lang)} {_title(units, setting)}",
        lines=_trend.source_lines(ask, indicator, card, setting), sheet="units", drawn=look.query.get("show") != "table",
        query={
            "indicator": indicator.key, "grain": series.grain, "by": units.by, **_trend.where(series), **_trend.then(ask, look),
        },
    )  # fmt: skip


def below(ask: Ask, indicator: Indicator, series: Series) -> list[str]:
    """Which ways this place's figure splits: by department under a department's parent, by the region levels under its region."""
    grain, found = series.grain, []
    regions = ask.workspace.regions
    fixed = [] if series.department == TOTAL else ["department"]
    if series.region != TOTAL:
        fixed.append(regions.get(series.region).level)
    for way in _multiples.ways(indicator, grain):
        if way == "department" and series.department == TOTAL:
            if series.region == TOTAL or _multiples.crosses(indicator, grain, "department", regions.get(series.region).level):
                found.append(way)
        elif way != "department":
            here = regions.get(series.region).level if series.region != TOTAL else None
            if here == way:
                continue
            if series.department == TOTAL or _multiples.crosses(indicator, grain, "department", way):
                found.append(way)
    return found if series.region == TOTAL or series.department == TOTAL else []
