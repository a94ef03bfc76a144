"""The one look of every Plotly figure: a small template and the config of the graph.

Colours are the names of the CSS tokens (`var(--series)`); `assets/45-charts.js` puts in their values when it paints, so a
figure is the same bytes in both themes and a change of theme asks the server nothing.
"""

from __future__ import annotations

from typing import Any

FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",system-ui,sans-serif'
INK, INK2, INK3 = "var(--ink)", "var(--ink2)", "var(--ink3)"
SERIES, SERIES2, GRID, BAND, SURFACE, LINE2 = (
    f"var(--{name})" for name in ("series", "series2", "grid", "band", "surface", "line2")
)
SYMBOLS = {
    "ok": "circle",
    "watch": "triangle-up",
    "off": "diamond",
    "serious": "square",
    "none": "circle-open",
    "due": "line-ew-open",
    "few": "circle-open",
    "nrep": "circle-open-dot",
    "stale": "circle-open",
    "down": "x",
    "paused": "hash-open",
}
SEVERITY = {"reminder": "watch", "warning": "off", "serious": "serious", "data": "down"}
"""The status whose mark and colour a level of an alert wears."""


def fill(state: str) -> str:
    """The token of a status's shape."""
    return f"var(--{state if state in ('ok', 'watch', 'off', 'serious', 'down') else 'none'}-f)"


def words(state: str) -> str:
    """The token of a status's text."""
    return f"var(--{state if state in ('ok', 'watch', 'off', 'serious', 'down') else 'none'})"


def layout(**more: Any) -> dict[str, Any]:
    """The layout every figure starts from: no title, no legend, no box; horizontal gridlines only; dragging does nothing."""
    axis = {
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "automargin": False,
        "tickfont": {"size": 11, "color": INK3},
    }
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 11, "color": INK3},
        "margin": {"l": 44, "r": 96, "t": 14, "b": 22},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x",
        "hoverlabel": {
            "bgcolor": SURFACE,
            "bordercolor": LINE2,
            "font": {"family": FONT, "size": 12, "color": INK},
            "align": "left",
        },
        "xaxis": {**axis, "showgrid": False, "ticks": "outside", "ticklen": 5, "tickcolor": LINE2},
        "yaxis": {**axis, "gridcolor": GRID, "gridwidth": 1, "nticks": 6},
        "separators": ".,",
        **more,
    }


def config(lang: str) -> dict[str, Any]:
    """What every `dcc.Graph` gets: no bar of buttons, nothing sent to a cloud, the language's locale from assets."""
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "scrollZoom": False,
        "doubleClick": False,
        "responsive": True,
        "locale": "zh-CN" if lang == "zh" else "en",
    }
