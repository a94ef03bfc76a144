"""The figure an alert is about: how it went before and since, and the cases or values behind the one that was judged last."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.answers import AlertDetail
from dashboards import _around, _around_chart, _passport
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._shell import panel
from dashboards._text import catalogue, name
from metrics import periods
from metrics.answers import Ask

PERIODS = 24
NAMED = ("firing", "severity_up", "acknowledged", "ordered", "recovered", "overdue", "corrected", "rule_changed", "paused")


def around(detail: AlertDetail, ask: Ask, setting: Setting) -> Component | None:
    """None for a silent source: it has no figure."""
    look, row = setting.view, detail.row
    indicator = ask.workspace.indicators.get(row.indicator or "")
    if indicator is None or row.series is None or row.series.grain == "all":
        return None
    found = _around.around(ask, row.series, row.since, row.closed_at, PERIODS)
    cells = found.cells
    behind = next((c for c in reversed(cells) if c.period_start == row.period_start), None)
    before = sum(c.period_end <= row.since for c in cells)
    known = [c for c in cells[max(0, min(before - PERIODS // 2, len(cells) - PERIODS)) :] if c.value is not None]
    ways = html.Div(_passport.ways_in(behind, indicator, look), className="acts")
    if len(known) < 2:
        return panel(look.t("alert.figure"), [html.P(look.t("map.none"), className="hint ft"), ways])
    rule = ask.workspace.rules.get(row.rule)
    plain = rule is not None and rule.kind == "threshold"  # a rank or an age is no value of this figure
    recovery = detail.levels[0].recovery if plain and detail.levels else None
    bounds = _around_chart.Bounds(row.op, recovery, row.threshold if plain else None)
    happened = [(_word(one.kind, look), one.at) for one in detail.events if one.kind in NAMED]
    said = [(periods.label(c.series.grain, c.period_start, setting.zone, look.lang, setting.now), c.value) for c in known]
    label = look.t("list.semi").join(f"{period} {fmt.number(value, 1)}" for period, value in said)
    given = {"grain": row.series.grain, "department": row.series.department, "region": row.series.region}
    href = look.href(f"/indicator/{indicator.key}", **given)
    link = dcc.Link(name(indicator.name, look.lang), href=href, className="lk no-print")
    drawn = [_around_chart.drawing(known, bounds, happened, indicator, setting, found.gap), html.P(label, className="sr")]
    if found.left_out:
        drawn.append(html.P(look.t("figures.left_out", n=fmt.number(found.left_out)), className="hint"))
    return panel(look.t("alert.figure"), [html.Div(drawn, className="says"), ways], tools=[link], className="around")


def _word(kind: str, look: Any) -> str:
    key = f"step.{kind}"
    return str(look.t(key)) if key in catalogue() else kind
