"""The marks of a state (shape, word, chip) and the small drawings of a number, as SVG themed by CSS classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Circle, G, Path, Rect, Svg

from dashboards._text import t

BAD_FIRST = ("serious", "off", "watch", "down", "stale", "nrep", "few", "none", "due", "paused", "ok")
JUDGED = ("serious", "off", "watch", "ok")
FADED = ("stale", "down", "paused")
_DOT = Circle(cx="6", cy="6", r="5", fill="currentColor")
_RING = Circle(cx="6", cy="6", r="4.4", fill="none", stroke="currentColor", strokeWidth="1.6")
_SHAPES: dict[str, list[Any]] = {
    "ok": [_DOT],
    "watch": [Path(d="M6 .8 11.6 11H.4Z", fill="currentColor")],
    "off": [Path(d="M6 0 12 6 6 12 0 6Z", fill="currentColor")],
    "serious": [Rect(x="1", y="1", width="10", height="10", fill="currentColor")],
    "none": [_RING],
    "few": [_RING],
    "due": [Path(d="M1 6H11", stroke="currentColor", strokeWidth="2")],
    "nrep": [
        Path(
            d="M3.2 4.2C3.2 2.4 4.4 1.4 6.1 1.4S8.9 2.5 8.9 4c0 1.9-2.7 2-2.7 4",
            fill="none",
            stroke="currentColor",
            strokeWidth="1.8",
        ),
        Circle(cx="6.2", cy="10.6", r="1.15", fill="currentColor"),
    ],
    "stale": [Circle(cx="6", cy="6", r="4.6", fill="none", stroke="currentColor", strokeWidth="1.6", strokeDasharray="2.4 1.7")],
    "down": [Path(d="M1.8 1.8 10.2 10.2M10.2 1.8 1.8 10.2", stroke="currentColor", strokeWidth="2.2")],
    "paused": [Path(d="M3.4 1.5V10.5M8.6 1.5V10.5", stroke="currentColor", strokeWidth="2.4")],
}


def shape(state: str, size: int | None = None) -> Component:
    """The shape alone; a word always stands beside it, so it is hidden from screen readers."""
    box = {"width": str(size), "height": str(size)} if size else {}
    return Svg(_SHAPES[state], className=f"sh f-{state}", viewBox="0 0 12 12", **box, **{"aria-hidden": "true"})


def placed(state: str, x: float, y: float, scale: float = 0.667) -> Component:
    """The shape inside another drawing, its centre at x, y."""
    return G(
        _SHAPES[state], className=f"f-{state}", transform=f"translate({x - 6 * scale:.1f},{y - 6 * scale:.1f}) scale({scale})"
    )


def status(state: str, lang: str) -> Component:
    """Shape and word; the emphasis grows with severity: plain, bold, tinted chip, solid chip."""
    dress = {"watch": "", "nrep": "", "paused": "", "off": " tint", "down": " tint", "serious": " solid"}.get(state, " q")
    return html.Span([shape(state), t(f"state.{state}", lang)], className=f"st c-{state}{dress}")


def spark(
    values: Sequence[Decimal | None], target: Decimal | None, state: str, *, width: int = 116, height: int = 38
) -> Component:
    """A line of the last periods, gaps left open, the target dashed, the last point in its state's shape."""
    known = [float(v) for v in values if v is not None]
    if len(values) < 2:
        return html.Span(className="spk")
    bounds = known + ([float(target)] if target is not None and known else [])
    low, high = (min(bounds), max(bounds)) if bounds else (0.0, 1.0)
    span = (high - low) or 1.0
    step = (width - 9) / max(len(values) - 1, 1)

    def y(value: Decimal | float) -> float:
        return height - 5 - (float(value) - low) / span * (height - 10) if high > low else height / 2

    drawn: list[Any] = []
    if target is not None and known:
        drawn.append(Path(d=f"M0 {y(target):.1f}H{width}", className="spk-target"))
    runs: list[list[str]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{2 + i * step:.1f} {y(value):.1f}")
    faded = state in FADED or state in ("due", "nrep", "few")
    for run in runs:
        if run:
            drawn.append(
                Path(d="M" + "L".join(run if len(run) > 1 else run * 2), className="spk-line" + (" faded" if faded else ""))
            )
    if values and values[-1] is not None:
        drawn.append(placed(state, 2 + (len(values) - 1) * step, y(values[-1])))
    return Svg(
        drawn, width=str(width), height=str(height), viewBox=f"0 0 {width} {height}", className="spk", **{"aria-hidden": "true"}
    )


def to_target(value: Decimal | None, target: Decimal | None, low: float, high: float, state: str, width: int = 132) -> Component:
    """A dot with a line to the target: how far a unit is from it, on a scale all rows share."""
    span = (high - low) or 1.0

    def x(v: Decimal | float) -> float:
        return 6 + (min(max(float(v), low), high) - low) / span * (width - 12)

    drawn: list[Any] = [Path(d=f"M0 7H{width}", className="tt-track")]
    if target is not None:
        if value is not None and state in ("watch", "off", "serious"):
            drawn.append(Path(d=f"M{x(value):.1f} 7H{x(target):.1f}", className=f"tt-gap f-{state}"))
        drawn.append(Path(d=f"M{x(target):.1f} 1V13", className="tt-target"))
    if value is not None:
        drawn.append(placed(state, x(value), 7, 0.75))
    return Svg(drawn, width=str(width), height="14", viewBox=f"0 0 {width} 14", className="tt", **{"aria-hidden": "true"})


def logo() -> Component:
    return Svg(
        [
            Path(d="M6.2 16.5a4.2 4.2 0 0 1-.5-8.37A5.6 5.6 0 0 1 16.4 9a3.8 3.8 0 0 1-.6 7.5Z", className="logo-line"),
            Circle(cx="11", cy="12.2", r="2.3", className="logo-eye"),
        ],
        width="22",
        height="22",
        viewBox="0 0 22 22",
        **{"aria-hidden": "true"},
    )
