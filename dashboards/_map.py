"""The map of regions as SVG paths, projected once from a GeoJSON file of the workspace. No tiles, no request to anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from dash_svg import Circle, Defs, G, Path, Pattern, Rect, Svg, Text

from dashboards import _carried
from dashboards import _format as fmt
from dashboards._marks import placed, shape
from dashboards._shapes import shapes
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Unit
from metrics.model import Indicator

RANKS = re.compile(r"(自治州|自治县|自治旗|地区|林区|新区|市|州|盟|区|县)$")
PEOPLES = re.compile(r"(藏族|羌族|彝族|苗族|回族|蒙古族|土家族|壮族|傣族|白族|哈尼族|布依族|侗族|傈僳族|景颇族|朝鲜族|维吾尔)+$")


def short(text: str, lang: str) -> str:
    """`阿坝藏族羌族自治州` -> `阿坝`, `成都市` -> `成都`: what people say, and what fits on a map."""
    if lang != "zh":
        return re.sub(r"\s+(City|Prefecture|Autonomous Prefecture|County|District).*$", "", text)
    bare = PEOPLES.sub("", RANKS.sub("", text))
    return bare if len(bare) >= 2 else text


def _loud(unit: Unit | None) -> int:
    """Which labels find room first: the worst."""
    order = ("serious", "off", "watch")
    return order.index(unit.state) if unit is not None and unit.state in order[:2] else len(order)


def _paint(unit: Unit | None) -> str:
    """The class of a shape and its label: judged colours, no judgement, or the hatch of what is missing."""
    if unit is None or unit.state in ("nrep", "stale", "down", "paused"):
        return "hatched"
    return unit.state


def drawing(
    file: File, units: Sequence[Unit], view: View, tips: Mapping[str, str], only: frozenset[str] | None = None
) -> Component:
    """The shapes and their labels. Static but for classes and tips, which `changes` gives."""
    plan = shapes(file, only)
    by_code = {u.place.code or u.place.id: u for u in units}
    parts, labels = [], []
    taken: list[tuple[float, float, float]] = []
    top = []
    for s in sorted(plan.shapes, key=lambda s: (_loud(by_code.get(s.code)), -s.room)):
        unit = by_code.get(s.code)
        paint = _paint(unit)
        if unit is None:
            parts.append(Path(d=s.d, className="rg hatched"))
            continue
        href = view.href(f"/region/{unit.place.id}")
        path = Path(
            d=s.d, id=f"map-{unit.place.id}", className=f"rg s-{paint}", **{"data-href": href, "data-tip": tips[unit.place.id]}
        )
        (top if paint == "serious" else parts).append(path)
        text = short(name(unit.place.name, view.lang), view.lang)
        half = len(text) * (11 if view.lang == "zh" else 6.2) / 2
        clash = any(abs(s.y - y) < 15.5 and abs(s.x - x) < half + h - 1 for x, y, h in taken)
        fits = s.room >= half * 2 - (18 if view.lang == "zh" else 14) and not clash
        if fits:
            taken.append((s.x, s.y, half))
        link = dcc.Link(text, id=f"label-{unit.place.id}", href=href, className=f"ml s-{paint}", title=tips[unit.place.id])
        spot = {"left": f"{s.x / plan.width:.2%}", "top": f"{s.y / plan.height:.2%}"}
        labels.append(html.Span(link, className="at" if fits else "at tight", style=spot))
    hatch = Defs(
        Pattern(
            [Rect(width="5", height="5", className="hatch-ground"), Path(d="M0 0V5", className="hatch-line")],
            id="hatch", width="5", height="5", patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
        )
    )  # fmt: skip
    box = f"-1 -1 {plan.width + 2:g} {plan.height + 2:g}"
    ratio = f"{plan.width:g} / {plan.height:g}"
    picture = Svg([hatch, G(parts + top)], viewBox=box, className="map-svg", **{"aria-hidden": "true"})
    return html.Div([picture, *labels], className="map-box", style={"aspectRatio": ratio, "--w": f"{plan.width:g}px"})


def changes(units: Sequence[Unit], tips: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What of the drawing follows the figures."""
    out: dict[str, dict[str, Any]] = {}
    for u in units:
        out[f"map-{u.place.id}"] = {"className": f"rg s-{_paint(u)}", "data-tip": tips[u.place.id]}
        out[f"label-{u.place.id}"] = {"className": f"ml s-{_paint(u)}", "title": tips[u.place.id]}
    return out


def tips(units: Sequence[Unit], indicator: Indicator, words: str, view: View) -> dict[str, str]:
    """One line for each region: name, figure, state, what the figure carries."""
    out = {}
    for u in units:
        figure = fmt.number(u.cell.value if u.cell else None, fmt.shown_decimals(indicator), view.lang)
        if u.cell is not None and u.cell.value is not None:
            figure += words if words == "%" else f" {words}"
        out[u.place.id] = f"{name(u.place.name, view.lang)} {figure} {view.t('state.' + u.state)}"
        out[u.place.id] = " ".join([out[u.place.id], *_carried.words(u.cell, view)])
    return out


def failing(units: Sequence[Unit], indicator: Indicator, view: View, limit: int = 6) -> list[Component]:
    """The regions that are off, worst first, then who did not report."""
    bad = sorted((u for u in units if u.state in ("serious", "off", "watch")), key=lambda u: (u.rank is None, -(u.rank or 0)))
    shown = [u for u in bad if u.state != "watch"] or bad
    rows = [html.Li(view.t(f"map.{_heading(units, shown)}"), className="h")]
    for u in shown[:limit]:
        figure = fmt.number(u.cell.value if u.cell else None, fmt.shown_decimals(indicator), view.lang)
        words = short(name(u.place.name, view.lang), view.lang)
        rows.append(
            html.Li(
                dcc.Link(
                    [shape(u.state), html.Span(words, title=words), html.B(figure, className="num")],
                    href=view.href(f"/region/{u.place.id}"),
                )
            )
        )
    if len(shown) > limit:
        rows.append(html.Li(view.t("more.others", n=len(shown) - limit), className="h"))
    for state in ("down", "stale", "nrep", "few", "due"):
        silent = [u for u in units if u.state == state]
        if len(silent) == 1:
            words = short(name(silent[0].place.name, view.lang), view.lang)
            note = f"{words} {view.t('state.' + state)}"
            rows.append(html.Li([shape(state), html.Span(note, title=note)], className="gap"))
        elif silent:
            rows.append(html.Li([shape(state), html.Span(f"{view.t('state.' + state)} {len(silent)}")], className="gap"))
    return rows


def _heading(units: Sequence[Unit], shown: Sequence[Unit]) -> str:
    """All fine is said only where somebody was judged and nobody fails."""
    if shown:
        return "failing"
    return "all_fine" if any(u.state == "ok" for u in units) else "not_judged"


def legend(units: Sequence[Unit], indicator: Indicator, words: str, view: View, width: int = 374) -> Component:
    """A number line of the bands with one dot for each region, and how many stand in each."""
    values = sorted(float(u.cell.value) for u in units if u.cell is not None and u.cell.value is not None and u.state in _JUDGED)
    cuts = _cuts(indicator)
    counts = {state: sum(u.state == state for u in units) for state in _JUDGED}
    if not values or not cuts:
        why = "map.none" if cuts else "map.no_judgement"
        return html.Div(view.t(why), className="k t11 legend-none")
    rising = indicator.better != "lower"
    bounds = [float(v) for _, v in cuts]
    low, high = min(values[0], *bounds), max(values[-1], *bounds)
    if indicator.unit == "percent":
        high = min(max(high, 100.0 if rising else high), 100.0)
    pad = (high - low or 1.0) * 0.12
    low, high = low - pad, high + (0 if high >= 100 and indicator.unit == "percent" else pad)
    states = [state for state, _ in cuts] + ["ok"]
    edges = [low, *bounds, high] if rising else [low, *reversed(bounds), high]
    order = states if rising else list(reversed(states))
    notes = [f"{view.t('state.' + state)} {counts[state]}" for state in order]
    halves = [(len(note) * (9 if view.lang == "zh" else 5.5) + 12) / 2 for note in notes]
    # each band is wide enough for its words, and wider by how much it covers; figures are placed inside their own band
    needs = [max(0.18 * width, 2 * half + 6) for half in halves]
    spare = max(width - 4 - sum(needs), 0.0)
    parts: list[Any] = []
    left = 2.0
    lines = []
    for state, note, half, need, a, b in zip(order, notes, halves, needs, edges, edges[1:], strict=False):
        wide = (need + spare * (b - a) / (high - low)) * min(1, (width - 4) / sum(needs))
        parts.append(Rect(x=f"{left:.1f}", y="24", width=f"{wide - 1:.1f}", height="14", className=f"rg s-{state}"))
        parts.append(
            Text(_range(a, b, edges, words), x=f"{left + wide / 2:.1f}", y="35", className=f"lt s-{state}", textAnchor="middle")
        )
        parts.append(placed(state, left + wide / 2 - half + 5, 48.5, 0.75))
        parts.append(Text(note, x=f"{left + wide / 2 - half + 12:.1f}", y="52.5", className="ln"))
        lines.append((state, left, wide, a, b))
        left += wide
    stack: list[tuple[float, float]] = []
    for value in values:
        _, at, wide, a, b = next((line for line in lines if line[3] <= value <= line[4]), lines[-1])
        x = at + 3 + (value - a) / ((b - a) or 1) * (wide - 7)
        y = 20.0
        while any(abs(x - px) < 5 and abs(y - py) < 5 for px, py in stack) and y > 4:
            y -= 5.2
        stack.append((x, y))
        parts.append(Circle(cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.3", className="dot"))
    return Svg(parts, viewBox=f"0 0 {width} 56", className="legend", role="img", **{"aria-label": view.t("map.legend")})


_JUDGED = ("serious", "off", "watch", "ok")


def _cuts(indicator: Indicator) -> list[tuple[str, Any]]:
    """(state below its bound, bound), the worst first; without bands the target alone."""
    found = [(state, indicator.bands[state]) for state in ("serious", "off", "watch") if state in indicator.bands]
    if not found and indicator.target is not None:
        found = [("watch", indicator.target)]
    return found


def _range(a: float, b: float, edges: Sequence[float], words: str) -> str:
    if a == edges[0]:
        return f"<{b:g}{words if words == '%' else ''}"
    return f"≥{a:g}" if b == edges[-1] else f"{a:g}–{b:g}"
