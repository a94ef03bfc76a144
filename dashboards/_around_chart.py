"""The figure around an order or an alert, drawn: what is in range, the threshold, and when what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dash.development.base_component import Component
from dash_svg import Circle, Path, Rect, Svg, Text

from dashboards import _format as fmt
from dashboards._cards import Setting
from metrics import periods
from metrics.answers import Cell
from metrics.model import Indicator

CLOSE = 60
"""Points that stand beside each other; of more each is smaller."""


@dataclass(frozen=True)
class Bounds:
    """Breached is `value op threshold`; in range is the other side of `recovery`."""

    op: str = ""
    recovery: Decimal | None = None
    threshold: Decimal | None = None


def drawing(
    cells: Sequence[Cell],
    row: Bounds,
    happened: Sequence[tuple[str, datetime]],
    indicator: Indicator,
    setting: Setting,
    gap: datetime | None = None,
) -> Component:
    """cells: two at least, each with a value, oldest first. happened: (word, when), of which the last four are named.
    gap: where periods are left out, the line ends and begins anew."""
    look = setting.view
    width, height, left, right, bottom = 440.0, 260.0, 40.0, 76.0, 28.0
    marks = [mark for mark in happened if mark[1] >= cells[0].period_start][-4:]
    top = 18.0 + 13 * len(marks)  # each word in a row of its own, above the figure
    bounds = [float(one) for one in (row.recovery, row.threshold) if one is not None]
    values = [float(c.value or 0) for c in cells]
    low, high = min(values + bounds), max(values + bounds)
    pad = (high - low or 1.0) * 0.12
    low, high = low - pad, high + pad
    if indicator.unit == "percent":
        high = min(high, 100.0) if max(values + bounds) <= 100 else high
    begin, end = cells[0].period_start, cells[-1].period_end
    whole = (end - begin).total_seconds() or 1.0

    def x(at: Any) -> float:
        return left + (width - left - right) * min(max((at - begin).total_seconds() / whole, 0.0), 1.0)

    def y(value: float) -> float:
        return top + (height - top - bottom) * (high - value) / (high - low)

    drawn: list[Any] = []

    def words(text: str, a: float, b: float, **how: str) -> None:
        drawn.append(Text(text, x=f"{a:.1f}", y=f"{b:.1f}", **how))

    edge, places = width - right, fmt.shown_decimals(indicator)
    if row.recovery is not None:
        good = y(float(row.recovery))
        start, end = (good, height - bottom) if row.op.startswith(">") else (top, good)
        box = {"x": f"{left:.0f}", "y": f"{start:.1f}", "width": f"{edge - left:.0f}", "height": f"{max(end - start, 0):.1f}"}
        drawn += [Rect(className="or-good", **box), Path(d=f"M{left} {good:.1f}H{edge}", className="or-bound")]
        words(f"{look.t('order.to.AWAITING_EVIDENCE')} {row.recovery.normalize():f}", edge + 6, good + 4, className="or-ok")
    if row.threshold is not None and row.threshold != row.recovery:
        bad = y(float(row.threshold))
        near = row.recovery is not None and abs(bad - y(float(row.recovery))) < 13
        drawn.append(Path(d=f"M{left} {bad:.1f}H{edge}", className="or-bad"))
        words(f"{look.t('menu.alerts')} {row.threshold.normalize():f}", edge + 6, bad + (15 if near else 4), className="or-off")
    for value in (low + pad, high - pad):
        words(fmt.number(Decimal(str(round(value, 2))), places), left - 6, y(value) + 4, textAnchor="end")
    for place, (word, at) in enumerate(marks):
        spot, level = x(at), 12 + 13 * place
        drawn.append(Path(d=f"M{spot:.1f} {level + 2}V{height - bottom}", className="or-mark"))
        said = f"{word} {fmt.day(at, setting.zone, look.lang)}"
        words(said, spot - 4 if spot > width / 3 else spot + 4, level, textAnchor="end" if spot > width / 3 else "start")
    points = [(x(c.period_start + (c.period_end - c.period_start) / 2), y(float(c.value or 0))) for c in cells]
    anew = next((spot for spot, c in enumerate(cells) if spot and gap is not None and c.period_start >= gap), 0)
    pens = ("M" if spot in (0, anew) else "L" for spot in range(len(points)))
    drawn.append(Path(d="".join(f"{pen}{a:.1f} {b:.1f}" for pen, (a, b) in zip(pens, points, strict=True)), className="or-line"))
    size = "2.6" if len(points) <= CLOSE else "1.2"
    drawn += [Circle(cx=f"{a:.1f}", cy=f"{b:.1f}", r=size, className="or-dot") for a, b in points]
    last = cells[-1]
    falls = len(points) > 1 and points[-1][1] > points[-2][1]  # the word stands where the line does not come from
    words(
        fmt.number(last.value, places), points[-1][0] + 4, points[-1][1] + (16 if falls else -7), textAnchor="end",
        className="or-now",
    )  # fmt: skip
    for c, a, anchor in ((cells[0], left, "start"), (last, edge, "end")):
        label = periods.label(c.series.grain, c.period_start, setting.zone, look.lang, setting.now)
        words(label, a, height - 8, textAnchor=anchor)
    return Svg(drawn, viewBox=f"0 0 {width:.0f} {height:.0f}", className="or-svg", **{"aria-hidden": "true"})
