"""Small multiples as one figure, to take away: every unit's line on one shared axis. Plain rows in, a dict out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards import _template as look
from dashboards._figures import Bound, Figure, number, span


@dataclass(frozen=True)
class Panel:
    """One unit of small multiples: its newest value as text, its state, its line."""

    name: str
    text: str
    state: str
    values: Sequence[Decimal | None]


def multiples(panels: Sequence[Panel], target: Decimal | None, *, columns: int = 7, rate: bool = False) -> Figure:
    """Small lines on one shared axis, in the order given; for the picture to take away (the page itself draws them in HTML)."""
    low, high = shared([p.values for p in panels], target, rate=rate)
    rows = max(1, -(-len(panels) // columns))
    layout = look.layout(margin={"l": 10, "r": 10, "t": 10, "b": 10}, annotations=[], hovermode=False)
    data: list[dict[str, Any]] = []
    for i, panel in enumerate(panels):
        column, row, n = i % columns, i // columns, "" if i == 0 else str(i + 1)
        left, right = column / columns + 0.008, (column + 1) / columns - 0.008
        top, base = 1 - row / rows, 1 - (row + 1) / rows
        layout[f"xaxis{n}"] = {
            "domain": [left, right],
            "anchor": f"y{n}",
            "visible": False,
            "range": [-0.5, max(len(panel.values), 2) - 0.5],
        }
        layout[f"yaxis{n}"] = {
            "domain": [base + 0.1 / rows, top - 0.32 / rows],
            "anchor": f"x{n}",
            "visible": False,
            "range": [low, high],
        }
        x = list(range(len(panel.values)))
        if target is not None:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "xaxis": f"x{n}",
                    "yaxis": f"y{n}",
                    "x": [0, max(len(x) - 1, 1)],
                    "hoverinfo": "skip",
                    "y": [float(target)] * 2,
                    "line": {"color": look.INK3, "width": 1, "dash": "3px,2px"},
                }
            )
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "xaxis": f"x{n}",
                "yaxis": f"y{n}",
                "x": x,
                "y": [number(v) for v in panel.values],
                "hoverinfo": "skip",
                "connectgaps": False,
                "line": {"color": look.SERIES, "width": 1.5},
            }
        )
        if panel.values and panel.values[-1] is not None:
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "cliponaxis": False,
                    "xaxis": f"x{n}",
                    "yaxis": f"y{n}",
                    "x": x[-1:],
                    "y": [number(panel.values[-1])],
                    "hoverinfo": "skip",
                    "marker": {"symbol": look.SYMBOLS.get(panel.state, "circle"), "size": 7, "color": look.fill(panel.state)},
                }
            )
        title = {"xref": "paper", "yref": "paper", "y": top - 0.05 / rows, "yanchor": "top", "showarrow": False}
        layout["annotations"] += [
            {**title, "x": left, "xanchor": "left", "text": panel.name, "font": {"size": 12, "color": look.INK}},
            {**title, "x": right, "xanchor": "right", "text": f"<b>{panel.text}</b>", "font": {"size": 12, "color": look.INK}},
        ]
    return {"data": data, "layout": layout}


def shared(lines: Sequence[Sequence[Decimal | None]], target: Decimal | None, *, rate: bool = False) -> tuple[float, float]:
    """The one axis of small multiples."""
    bounds = [] if target is None else [Bound(target, "")]
    return span([v for line in lines for v in line], bounds, rate=rate)
