"""Figures as pure functions of plain rows: lists in, dicts out, never numpy. No colour is a value: see `_template`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboards import _template as look

Figure = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One period of a line. `value` None is a gap and stays one."""

    at: datetime
    label: str
    value: Decimal | None
    note: str = ""
    """What hovering adds: numerator and denominator, coverage."""
    provisional: bool = False


@dataclass(frozen=True)
class Bound:
    """A horizontal line with its word: the target (`state` None) or a threshold in the colour of its status."""

    value: Decimal
    text: str
    state: str | None = None


@dataclass(frozen=True)
class Mark:
    """One event in a lane under the plot."""

    at: datetime
    severity: str
    text: str


def span(values: Sequence[Decimal | None], bounds: Sequence[Bound], *, rate: bool) -> tuple[float, float]:
    """The axis of a line: all values, the target, and those thresholds that do not squeeze the line into a third of the plot."""
    seen = [float(v) for v in values if v is not None] or [0.0]
    low, high = min(seen), max(seen)
    for bound in sorted(bounds, key=lambda b: b.state is not None):
        value = float(bound.value)
        wide = max(high - low, abs(high) * 0.02, 0.5)
        if bound.state is None or low - 2 * wide <= value <= high + 2 * wide:
            low, high = min(low, value), max(high, value)
    pad = max((high - low) * 0.1, abs(high) * 0.005, 0.05)
    low, high = low - pad, high + pad
    if min(seen) >= 0:
        low = max(low, 0.0)
    if rate and max(seen) <= 100:
        high = min(high, 101.0)
    return low, high


def _apart(labels: list[tuple[float, dict[str, Any]]], gap: float) -> list[dict[str, Any]]:
    """Labels at the right edge, pushed apart from the lowest up so that none lies on another (`gap` in axis units)."""
    placed: list[dict[str, Any]] = []
    floor = float("-inf")
    for y, label in sorted(labels, key=lambda pair: pair[0]):
        y = max(y, floor + gap)
        floor = y
        placed.append({**label, "y": y})
    return placed


def trend(
    points: Sequence[Point],
    bounds: Sequence[Bound] = (),
    *,
    state: str = "none",
    unit: str = "",
    rate: bool = False,
    decimals: int = 1,
    marks: Sequence[Mark] = (),
    lane: str = "",
    last_text: str = "",
    beyond: str = "",
    ticks: int = 7,
    compare: Sequence[Point] = (),
) -> Figure:
    """A long line with its target and thresholds, direct labels and a lane of events.

    `state` is the status of the last point, `last_text` the sentence beside it, `beyond` a format ("{} lies outside") for
    thresholds off the axis. `compare` is a second, grey line on the same periods (by position).
    """
    x = [p.at.strftime("%Y-%m-%dT%H:%M:%S") for p in points]
    low, high = span([p.value for p in [*points, *compare]], bounds, rate=rate)
    bottom = 0.13 if lane else 0.0
    data: list[dict[str, Any]] = []
    if compare:
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": x[: len(compare)],
                "y": [number(p.value) for p in compare],
                "connectgaps": False,
                "line": {"color": look.SERIES2, "width": 1.5},
                "hoverinfo": "text",
                "hovertext": [f"{p.label} {p.note}" for p in compare],
            }
        )
    data.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": x,
            "y": [number(p.value) for p in points],
            "connectgaps": False,
            "line": {"color": look.SERIES, "width": 2},
            "marker": {
                "size": 5 if len(points) <= 60 else 3,
                "color": [look.SURFACE if p.provisional else look.SERIES for p in points],
                "line": {"width": 1.2, "color": look.SERIES},
            },
            "hoverinfo": "text",
            "hovertext": [_hover(p, unit, decimals) for p in points],
        }
    )
    newest = next((i for i in reversed(range(len(points))) if points[i].value is not None and not points[i].provisional), None)
    notes: list[dict[str, Any]] = []
    if newest is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "cliponaxis": False,
                "x": [x[newest]],
                "y": [number(points[newest].value)],
                "hoverinfo": "skip",
                "marker": {
                    "symbol": look.SYMBOLS.get(state, "circle"),
                    "size": 11,
                    "color": look.fill(state),
                    "line": {"width": 1.5 if state in ("none", "due", "few", "nrep", "stale") else 0, "color": look.fill(state)},
                },
            }
        )
        if last_text:
            near = [float(p.value) for p in points[-max(len(points) // 4, 2) :] if p.value is not None]
            top = high - max(near) > min(near) - low
            gap = (high - low) * 0.04
            notes.append(
                {
                    "x": x[newest],
                    "y": number(points[newest].value),
                    "ax": x[newest],
                    "ay": max(near) + gap if top else min(near) - gap,
                    "axref": "x",
                    "ayref": "y",
                    "xanchor": "right",
                    "yanchor": "bottom" if top else "top",
                    "text": f"<b>{last_text}</b>",
                    # Clear of the line, so maybe away from its point: a thin line leads there.
                    "showarrow": True,
                    "arrowhead": 0,
                    "arrowwidth": 1,
                    "arrowcolor": look.INK3,
                    "standoff": 7,
                    "font": {"size": 12, "color": look.INK},
                }
            )
    shapes, edge, outside = [], [], []
    for bound in bounds:
        value = float(bound.value)
        colour = look.INK2 if bound.state is None else look.fill(bound.state)
        if not low <= value <= high:
            outside.append(bound.text)
            continue
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y",
                "y0": value,
                "y1": value,
                "layer": "below",
                "line": {"color": colour, "width": 1, "dash": "5px,3px" if bound.state is None else "solid"},
            }
        )
        edge.append(
            (
                value,
                {
                    "xref": "paper",
                    "x": 1,
                    "xanchor": "left",
                    "xshift": 8,
                    "yref": "y",
                    "yanchor": "middle",
                    "text": bound.text,
                    "showarrow": False,
                    "font": {"size": 11, "color": look.INK if bound.state is None else look.words(bound.state)},
                },
            )
        )
    notes += _apart(edge, (high - low) * 0.055)
    if outside and beyond:
        notes.append(
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "xshift": 8,
                "yref": "paper",
                "y": bottom + 0.005,
                "yanchor": "bottom",
                "text": "<br>".join(beyond.format(text) for text in outside),
                "align": "left",
                "showarrow": False,
                "font": {"size": 11, "color": look.INK3},
            }
        )
    step = max(1, -(-len(points) // max(ticks, 1)))
    places = [i for i in range(len(points)) if (len(points) - 1 - i) % step == 0]
    figure = {"data": data, "layout": look.layout(shapes=shapes, annotations=notes)}
    axes = figure["layout"]
    axes["xaxis"] |= {
        "type": "date",
        "tickmode": "array",
        "tickvals": [x[i] for i in places],
        "ticktext": [points[i].label for i in places],
    }
    axes["yaxis"] |= {
        "range": [low, high],
        "domain": [bottom, 1],
        "ticksuffix": unit if rate else "",
        "tickformat": "," if not rate else "",
    }
    if lane:
        _lane(figure, [(lane, marks)], bottom)
    return figure


def _lane(figure: Figure, lanes: Sequence[tuple[str, Sequence[Mark]]], height: float) -> None:
    """Rows of events under the plot, each with its name at the left."""
    layout = figure["layout"]
    layout["yaxis2"] = {
        "domain": [0, height - 0.03],
        "range": [-0.5, len(lanes) - 0.5],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "tickmode": "array",
        "tickvals": list(range(len(lanes))),
        "ticktext": [name for name, _ in lanes],
        "tickfont": {"size": 11, "color": look.INK3},
        "anchor": "x",
    }
    layout["shapes"].append(
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": "paper",
            "y0": height - 0.015,
            "y1": height - 0.015,
            "line": {"color": look.GRID, "width": 1},
        }
    )
    layout["xaxis"] |= {"anchor": "y2"}
    for row, (_, marks) in enumerate(lanes):
        states = [look.SEVERITY.get(m.severity, "none") for m in marks]
        figure["data"].append(
            {
                "type": "scatter",
                "mode": "markers",
                "cliponaxis": False,
                "yaxis": "y2",
                "x": [m.at.strftime("%Y-%m-%dT%H:%M:%S") for m in marks],
                "y": [row] * len(marks),
                "hoverinfo": "text",
                "hovertext": [m.text for m in marks],
                "marker": {"size": 9, "symbol": [look.SYMBOLS[s] for s in states], "color": [look.fill(s) for s in states]},
            }
        )


def _hover(point: Point, unit: str, decimals: int) -> str:
    said = "—" if point.value is None else f"{point.value:,.{decimals}f}{unit}".replace("-", "−")
    return f"{point.label}<br><b>{said}</b>" + (f"<br>{point.note}" if point.note else "")


def number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def table(points: Sequence[Point], *, decimals: int) -> list[Mapping[str, str]]:
    """The same chart as rows, newest first: what the table switch and a screen reader show."""
    return [
        {"period": p.label, "value": "—" if p.value is None else f"{p.value:,.{decimals}f}", "note": p.note}
        for p in reversed(points)
    ]
