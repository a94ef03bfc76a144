"""部门: one department with its figures; without one, all of them ranked within their peer groups."""

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards._department import build, build_all
from dashboards._places import fault
from dashboards._site import asked
from dashboards._view import view

dash.register_page(
    __name__, path="/department", path_template="/department/<place>", name="department", title="部门 · 云察 Yuncha"
)


def layout(place: str | None = None, **query: Any) -> Component:
    if not place or place == "none":
        seen = view("/department", query)
        with asked(seen) as ask:
            return build_all(ask, seen)
    seen = view(f"/department/{place}", {k: v for k, v in query.items() if k != "department"})
    with asked(seen) as ask:
        return build(ask, seen, place) if place in ask.workspace.departments else fault(seen, "departments")
