"""The shapes of regions: a GeoJSON file of the workspace projected once into paths, with the place where a label stands best."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Any

Ring = list[tuple[float, float]]
GRID = 0.5
"""Points are rounded to half a unit of the drawing: neighbours keep their common border, and 21 shapes weigh some 20 kB."""


@dataclass(frozen=True)
class Shape:
    code: str
    d: str
    x: float
    y: float
    room: float
    """How wide the shape is where its label stands."""


@dataclass(frozen=True)
class Shapes:
    width: float
    height: float
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=64)
def shapes(file: File, only: frozenset[str] | None = None, width: float = 300.0, height: float = 256.0) -> Shapes:
    """The shapes of a file (`only` these codes), equirectangular with the cosine of the middle latitude, fitted in the box."""
    features = json.loads(file.read_text("utf-8"))["features"]
    rings = {str(f["properties"].get("adcode") or f["properties"]["code"]): list(_rings(f["geometry"])) for f in features}
    rings = {code: parts for code, parts in rings.items() if only is None or code in only}
    if not rings:
        return Shapes(width, height, ())
    points = [p for parts in rings.values() for ring in parts for p in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(width / ((east - west) * squeeze), height / (north - south))
    drawn = []
    for code, parts in rings.items():
        flat = [_thin([((x - west) * squeeze * scale, (north - y) * scale) for x, y in ring]) for ring in parts]
        flat = [ring for ring in flat if len(ring) > 3]
        biggest = max(flat, key=lambda ring: abs(_area(ring)))
        x, y, room = _place(biggest)
        drawn.append(Shape(code, "".join(_path(ring) for ring in flat), x, y, room))
    return Shapes(round((east - west) * squeeze * scale, 1), round((north - south) * scale, 1), tuple(drawn))


def _rings(geometry: Mapping[str, Any]) -> Iterable[Ring]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(x), float(y)) for x, y, *_ in ring]


def _thin(ring: Ring) -> Ring:
    """Rounded to the grid, without repeated points and points on a straight line."""
    out: Ring = []
    for x, y in ring:
        p = (round(x / GRID) * GRID, round(y / GRID) * GRID)
        if out and p == out[-1]:
            continue
        while len(out) > 1 and _cross(out[-2], out[-1], p) == 0:
            out.pop()
        out.append(p)
    return out


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def _path(ring: Ring) -> str:
    """Relative steps: a third shorter than absolute ones."""
    x, y = ring[0]
    steps = [f"M{x:g} {y:g}l"]
    for px, py in ring[1:]:
        steps.append(f"{px - x:g} {py - y:g} ")
        x, y = px, py
    return "".join(steps).rstrip() + "Z"


def _place(ring: Ring) -> tuple[float, float, float]:
    """Where a label stands best: the widest inner stretch with room above and below it."""
    best = (0.0, 0.0, 0.0, -1.0)
    low, high = min(y for _, y in ring), max(y for _, y in ring)
    for step in range(1, 24):
        y = low + (high - low) * step / 24
        for left, right in _stretches(ring, y):
            centre = (left + right) / 2
            near = min((_inner(ring, y + dy, centre) for dy in (-5, 5)), default=0.0)
            score = min(right - left, 2.2 * near) - abs(y - (low + high) / 2) * 0.15
            if score > best[3]:
                best = (centre, y, min(right - left, max(near, 1.0)), score)
    return round(best[0], 1), round(best[1], 1), round(best[2], 1)


def _stretches(ring: Ring, y: float) -> list[tuple[float, float]]:
    cuts = sorted(
        x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (y1 > y) != (y2 > y)
    )
    return list(zip(cuts[::2], cuts[1::2], strict=False))


def _inner(ring: Ring, y: float, x: float) -> float:
    return next((right - left for left, right in _stretches(ring, y) if left <= x <= right), 0.0)
