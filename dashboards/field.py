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
    whole = not place or place == "none"
    seen = view("/field" if whole else f"/field/{place}", query)
    with asked(seen) as ask:
        if whole or place is None:
            return build_all(ask, seen)
        return build(ask, seen, place) if place in ask.workspace.fields else fault(seen, "fields")
