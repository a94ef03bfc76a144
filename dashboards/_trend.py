"""The long line of an indicator: its periods, its bounds, the alerts under it; as a chart, as a table, to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash.development.base_component import Component

from dashboards import _charts, _figures, _passport, _period
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._shell import notice, panel, segments
from dashboards._text import name
from dashboards._view import View
from metrics import links, periods
from metrics.answers import Ask, Card, Cell
from metrics.model import TOTAL, Indicator, Series


def points(cells: Sequence[Cell], indicator: Indicator, setting: Setting) -> list[_figures.Point]:
    """Every period from the first with a figure to the last, a gap where there is none."""
    if not cells:
        return []
    look, zone, grain = setting.view, setting.zone, cells[0].series.grain
    by_start = {cell.period_start: cell for cell in cells}
    starts = [cells[0].period_start] if grain == "all" else periods.starts(grain, min(by_start), cells[-1].period_end, zone)
    found = []
    for start in starts:
        cell = by_start.get(start)
        note = ""
        if cell is not None and cell.value is not None and cell.den is not None:
            note = f"{_passport.amount(cell.num, indicator)} ÷ {fmt.number(cell.den)}"
        if cell is not None and not cell.settled:
            note = look.t("ind.running", when=fmt.when(cell.evaluated_at, setting.now, zone, look.lang)) + (
                f" · {note}" if note else ""
            )
        if cell is None or cell.value is None:
            note = look.t("state.due" if cell is not None and cell.den == 0 else "state.nrep")
        at = start.astimezone(zone).replace(tzinfo=None)
        label = periods.label(grain, start, zone, look.lang, setting.now)
        found.append(_figures.Point(at, label, cell.value if cell else None, note, cell is not None and not cell.settled))
    first = next((i for i, point in enumerate(found) if point.value is not None), 0)
    return found[first:]


def moment(cell: Cell | None, setting: Setting) -> str:
    if cell is None:
        return fmt.DASH
    if cell.series.grain == "all" or (cell.period_end > setting.now and cell.settled):
        return setting.view.t("card.moment", when=fmt.full(cell.evaluated_at, setting.zone, setting.view.lang))
    return periods.label(cell.series.grain, cell.period_start, setting.zone, setting.view.lang)


def trend_panel(ask: Ask, indicator: Indicator, card: Card, cells: Sequence[Cell], series: Series, setting: Setting) -> Component:
    look = setting.view
    line = points(cells, indicator, setting)
    words = fmt.unit(indicator, setting.units, look.lang)
    places = fmt.shown_decimals(indicator)
    title = look.t("ind.trend", n=len(line), grain=look.t(f"grain.n.{series.grain}"))
    as_table = look.query.get("show") == "table"
    switch = segments(
        [(look.t("chart"), look.href(show=None), not as_table), (look.t("table"), look.href(show="table"), as_table)], small=True
    )
    if not any(p.value is not None for p in line):
        return panel(title, notice(look, "empty"))
    sentence = ""
    last = card.cell
    if last is not None and last.value is not None and series.grain == card.series.grain:
        sentence = f"{moment(last, setting)} {fmt.number(last.value, places)}{words if words == '%' else ''}"
    marks = alert_marks(ask, series, setting)
    drawn = _figures.trend(
        line,
        bounds(indicator, look),
        state=card.state,
        unit=words if words == "%" else f" {words}",
        rate=indicator.unit == "percent",
        decimals=places,
        marks=marks,
        lane=look.t("menu.alerts"),
        last_text=sentence,
        beyond=look.t("ind.beyond"),
    )
    full = f"{name(indicator.name, look.lang)} {title} {place(ask, series, look)}"
    take = _charts.takeaway(
        "indicator", "trend", look, title=full, lines=source_lines(ask, indicator, card, setting), sheet="trend",
        drawn=not as_table,
        query={"indicator": indicator.key, "grain": series.grain, **where(series), **then(ask, look)},
    )  # fmt: skip
    body: Any
    if as_table:
        head = [(look.t("filter.period"), False), (f"{look.t('table.value')} {words}", True), (look.t("table.note"), False)]
        body = _charts.rows(
            head, [list(r.values()) for r in _figures.table(line, decimals=places)], label=title, className="tall"
        )
    else:
        body = _charts.chart("indicator", "trend", drawn, look, height=340, label=f"{full}. {sentence}")
    note = look.t("ind.trend_note") if any(p.value is None for p in line) else None
    return panel(title, body, note=note, tools=[take, switch], className="trend")


def bounds(indicator: Indicator, look: View) -> list[_figures.Bound]:
    """The target and the thresholds, in words beside their lines."""
    found = []
    if indicator.target is not None:
        found.append(_figures.Bound(indicator.target, f"<b>{look.t('card.target', value=_passport.plain(indicator.target))}</b>"))
    for key in _passport.BANDS:
        bound = indicator.bands.get(key)
        if bound is not None and bound != indicator.target:
            found.append(_figures.Bound(bound, f"{look.t('state.' + key)} {_passport.plain(bound)}", key))
    return found


def alert_marks(ask: Ask, series: Series, setting: Setting) -> list[_figures.Mark]:
    """When a rule fired on this figure of this place, by whatever grain it is judged."""
    try:
        from alerts import inbox
    except ImportError:
        return []
    look = setting.view
    found = inbox(ask, indicator=series.indicator, open_only=False, limit=200).rows
    return [
        _figures.Mark(
            row.fired_at.astimezone(setting.zone).replace(tzinfo=None),
            row.worst,
            f"{name(row.rule_name, look.lang)}<br>{fmt.full(row.fired_at, setting.zone, look.lang)}",
        )
        for row in found
        if row.series is not None and (row.series.department, row.series.region) == (series.department, series.region)
    ]


def where(series: Series) -> dict[str, str]:
    """The place of a series as the parameters of a URL."""
    found = {"department": series.department, "region": series.region}
    return {key: value for key, value in found.items() if value != TOTAL}


def then(ask: Ask, look: View) -> dict[str, str]:
    """The past period shown, as the parameter of an export."""
    until = _period.ended_by(ask, look)
    return {"ended_by": links.text(until)} if until is not None else {}


def source_lines(ask: Ask, indicator: Indicator, card: Card, setting: Setting) -> list[str]:
    """What a picture says below itself: definition, source, period, revision, time, and that it is a demo."""
    look = setting.view
    sources = [
        name(ask.workspace.sources[k].name, look.lang)
        for k in _passport.feed_keys(indicator, ask.workspace)
        if k in ask.workspace.sources
    ]
    first = look.t(
        "export.definition",
        version=indicator.version,
        sources=look.t("list.comma").join(sources),
        period=moment(card.cell, setting),
    )
    second = look.t(
        "export.revision", revision=card.cell.revision if card.cell else 0, when=fmt.full(setting.now, setting.zone, look.lang),
        name=name(ask.workspace.name, look.lang),
    )  # fmt: skip
    return [first, second + (f" · {look.t('app.demo')}" if ask.workspace.demo else "")]


def place(ask: Ask, series: Series, look: View) -> str:
    trees = ((ask.workspace.regions, series.region), (ask.workspace.departments, series.department))
    said = [name(tree.get(key).name, look.lang) for tree, key in trees if key != TOTAL]
    return look.t("list.comma").join(said) or name(ask.workspace.regions.get(TOTAL).name, look.lang)
