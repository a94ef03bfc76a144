"""区域: one region with its figures and parts; without one, the first level of regions compared."""

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards._places import fault
from dashboards._region import build
from dashboards._site import asked
from dashboards._view import view
from metrics.model import TOTAL

dash.register_page(__name__, path="/region", path_template="/region/<place>", name="region", title="区域 · 云察 Yuncha")


def layout(place: str | None = None, **query: Any) -> Component:
    kept = {k: v for k, v in query.items() if k != "region"}
    whole = not place or place == "none"
    seen = view("/region" if whole else f"/region/{place}", kept)
    with asked(seen) as ask:
        if whole or place is None:
            return build(ask, seen, TOTAL)
        return build(ask, seen, place) if place in ask.workspace.regions else fault(seen, "regions")
