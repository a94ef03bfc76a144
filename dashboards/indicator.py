"""指标: one indicator with its facts, its long line, its units side by side, its definition and where the number comes from."""

from __future__ import annotations

from typing import Any

import dash
from dash.development.base_component import Component

from dashboards import _charts
from dashboards._indicator import build
from dashboards._shell import notice, page
from dashboards._site import asked
from dashboards._view import view

dash.register_page(__name__, path_template="/indicator/<key>")
_charts.register("indicator")


def layout(key: str = "", **query: Any) -> Component:
    look = view(f"/indicator/{key}", query)
    with asked(look) as ask:
        known = look.department in ask.workspace.departments and look.region in ask.workspace.regions
        if key not in ask.workspace.indicators or not known:
            return page(look, active="definitions", title=look.t("menu.definitions"), children=notice(look, "unknown"))
        return build(ask, look, key)
