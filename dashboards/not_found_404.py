"""What an address shows that leads nowhere."""

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards._places import fault
from dashboards._view import view

dash.register_page(__name__, name="unknown", title="云察 Yuncha")


def layout(**query: Any) -> Component:
    return fault(view("/", query), "")
