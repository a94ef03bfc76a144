"""Small multiples: every unit's line on one shared axis, the worst first, the not reported last."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Path, Rect, Svg

from dashboards import _carried
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._marks import FADED, placed, shape, status, to_target
from dashboards._ranking import moved
from dashboards._small_figures import Panel, shared
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics.answers import Unit
from metrics.model import Indicator
from metrics.values import LET_GO

WIDTH, HEIGHT = 132, 40
UNRANKED = ("few", "due", "stale", "down", "paused", "none", "nrep")


def worst_first(units: Sequence[Unit], indicator: Indicator) -> list[Unit]:
    """By value in the direction of `better`; nothing due, too few and not reported after all others."""

    def key(unit: Unit) -> tuple[int, Decimal]:
        value = unit.cell.value if unit.cell else None
        if value is None or unit.state == "nrep":
            return (2 if unit.state == "nrep" or unit.cell is None else 1, Decimal(0))
        if unit.state in ("few", "due"):
            return 1, Decimal(0)
        return 0, value if indicator.better == "higher" else -value

    return sorted(units, key=key)


def panels(units: Sequence[Unit], indicator: Indicator, setting: Setting) -> list[Panel]:
    """The units as the picture to take away wants them."""
    return [Panel(name(u.place.name, setting.view.lang), text(u, indicator, setting), u.state, tuple(u.spark)) for u in units]


def text(unit: Unit, indicator: Indicator, setting: Setting) -> str:
    cell = unit.cell
    if cell is not None and cell.status == LET_GO.status:
        return setting.view.t("state.let_go")
    if cell is None or cell.value is None:
        return setting.view.t(f"state.{unit.state if unit.state in UNRANKED else 'nrep'}")
    if unit.state == "few" and indicator.measure.rate:
        return f"{fmt.number(cell.num)}/{fmt.number(cell.den)}"
    return fmt.number(cell.value, fmt.shown_decimals(indicator), setting.view.lang, short=True)


def axis(units: Sequence[Unit], indicator: Indicator) -> tuple[float, float]:
    """The axis all share. Neither units too small to judge nor a rare dip long ago stretch it; the dip touches the floor."""
    judged = [line_of(u) for u in units if u.state not in ("few", "due")] or [line_of(u) for u in units]
    if flat(units) and not indicator.measure.rate:
        return 0.0, max([float(v) for line in judged for v in line if v is not None] or [1.0]) or 1.0
    values = sorted(v for line in judged for v in line if v is not None)
    newest = [line[-1] for line in judged if line[-1] is not None]
    if len(values) > 40 and newest and indicator.better == "higher":
        floor = min(values[len(values) // 12], min(newest))
        judged = [[None if v is None else max(v, floor) for v in line] for line in judged]
    return shared(judged, indicator.target, rate=indicator.measure.rate)


def flat(units: Sequence[Unit]) -> bool:
    """Figures to date have one period: no lines to draw."""
    return all(len(unit.spark) < 2 for unit in units)


def line_of(unit: Unit) -> Sequence[Decimal | None]:
    return unit.spark if len(unit.spark) > 1 else [unit.cell.value if unit.cell else None]


def wall(units: Sequence[Unit], indicator: Indicator, setting: Setting, which: str) -> Component:
    """The units as a wall of small lines; each is a link to the same page of that unit."""
    low, high = axis(units, indicator)
    view, single = setting.view, flat(units)
    cells = []
    for unit in units:
        title = name(unit.place.name, view.lang)
        cells.append(
            dcc.Link(
                [
                    html.Span(
                        [
                            shape(unit.state),
                            html.Span(title, className="nm cut", title=title),
                            html.B(text(unit, indicator, setting)),
                        ],
                        className="r1",
                    ),
                    _mark(unit, indicator, low, high) if single else _line(unit, indicator.target, low, high),
                    html.Span(view.t(f"state.{unit.state}"), className="sr"),
                ],
                href=view.href(**{which: unit.place.id, "by": None}),
                className=f"mm s-{unit.state}",
            )
        )
    return html.Div(cells, className="ms flat" if single else "ms")


def _mark(unit: Unit, indicator: Indicator, low: float, high: float) -> Component:
    """One figure: a dot with a line to the target, or a bar from zero where there is none to reach."""
    value = unit.cell.value if unit.cell else None
    if indicator.measure.rate or indicator.target is not None:
        return to_target(None if unit.state == "few" else value, indicator.target, low, high, unit.state, WIDTH)
    width = max(float(value or 0) / high, 0) * WIDTH
    return Svg(
        [Path(d=f"M0 7H{WIDTH}", className="tt-track"), Rect(x="0", y="3", width=f"{width:.1f}", height="8", className="bar-of")],
        width=str(WIDTH),
        height="14",
        viewBox=f"0 0 {WIDTH} 14",
        className="tt",
        **{"aria-hidden": "true"},
    )


def _line(unit: Unit, target: Decimal | None, low: float, high: float) -> Component:
    wide = high - low or 1.0

    def y(value: Decimal | float) -> float:
        return 4 + (high - min(max(float(value), low), high)) / wide * (HEIGHT - 8)

    step = (WIDTH - 10) / max(len(unit.spark) - 1, 1)
    drawn: list[Any] = []
    if target is not None and low <= float(target) <= high:
        drawn.append(Path(d=f"M0 {y(target):.1f}H{WIDTH}", className="spk-target"))
    run: list[str] = []
    for i, value in enumerate([*unit.spark, None]):
        if value is not None:
            run.append(f"{2 + i * step:.1f} {y(value):.1f}")
            continue
        if run:
            faded = " faded" if unit.state in FADED or unit.state in ("few", "due", "nrep") else ""
            drawn.append(Path(d="M" + "L".join(run if len(run) > 1 else run * 2), className="spk-line" + faded))
        run = []
    if unit.spark and unit.spark[-1] is not None:
        drawn.append(placed(unit.state, 2 + (len(unit.spark) - 1) * step, y(unit.spark[-1]), 0.6))
    return Svg(drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", className="spk", preserveAspectRatio="none", **{"aria-hidden": "true"})


def listing(units: Sequence[Unit], indicator: Indicator, setting: Setting, which: str) -> Component:
    """The same as a table."""
    view = setting.view
    words = fmt.unit(indicator, setting.units, view.lang)
    head = [
        (view.t("table.rank"), True), (view.t(f"filter.{which}"), False), (f"{view.t('table.value')} {words}", True),
        (view.t("table.num"), True), (view.t("table.den"), True), (view.t("table.state"), False),
    ]  # fmt: skip
    if not indicator.measure.rate:
        head = [head[0], head[1], head[2], head[5]]
    lines = []
    for unit in units:
        cell = unit.cell
        line: list[Any] = [
            f"{unit.rank} {moved(unit, view) if unit.climbed is not None else ''}".rstrip() if unit.rank else fmt.DASH,
            dcc.Link(name(unit.place.name, view.lang), href=view.href(**{which: unit.place.id, "by": None})),
            fmt.number(cell.value if cell else None, fmt.shown_decimals(indicator), view.lang),
        ]
        if indicator.measure.rate:
            line += [fmt.number(cell.num if cell else None), fmt.number(cell.den if cell else None)]
        lines.append([*line, html.Span([status(unit.state, view.lang), *_carried.marks(cell, view)])])
    return rows(head, lines, label=view.t("multiples.label"))


def level(name: str, view: View) -> str:
    """What the units of a level are called; a level the interface has no word for keeps the workspace's own."""
    key = f"level.{name}"
    return view.t(key) if key in catalogue() else name


def ways(indicator: Indicator, grain: str) -> list[str]:
    """What the figure can be split by alone at this grain: `department`, region levels."""
    return [cut[0] for cut in indicator.cuts.get(grain, ()) if len(cut) == 1]  # type: ignore[call-overload]


def crosses(indicator: Indicator, grain: str, *cut: str) -> bool:
    """Whether figures by these dimensions together exist at this grain."""
    return any(set(found) == set(cut) for found in indicator.cuts.get(grain, ()))  # type: ignore[call-overload]
