"""领域: a field of work with all its figures; without a field, every field."""

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards._field import build, build_all
from dashboards._places import fault
from dashboards._site import asked
from dashboards._view import view

dash.register_page(__name__, path="/field", path_template="/field/<place>", name="field", title="领域 · 云察 Yuncha")


def layout(place: str | None = None, **query: Any) -> Component:
    with asked() as ask:
        if not place or place == "none":
            return build_all(ask, view("/field", query))
        seen = view(f"/field/{place}", query)
        return build(ask, seen, place) if place in ask.workspace.fields else fault(seen, "fields")
