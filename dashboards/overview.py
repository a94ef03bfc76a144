"""总览: what needs you now, the figures by field, the map, the ranking, alerts and sources: one screen, nothing to scroll."""

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards._overview import compose, look, made
from dashboards._site import asked
from dashboards._view import view

dash.register_page(__name__, path="/", name="overview", title="云察 Yuncha")


def layout(**query: Any) -> Component:
    seen = view("/", query)
    with asked(seen) as ask:
        shown = look(ask, seen)
        return compose(ask, seen, shown, made(ask, seen, shown))
