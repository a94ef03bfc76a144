"""The figure by which an order raised by hand is measured: which, whose, by which period, and what is in range."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards import _given
from dashboards._cards import Setting
from dashboards._text import name
from metrics.answers import Ask
from metrics.model import TOTAL, Grain
from metrics.store import scope

FIELDS = ("indicator", "department", "region", "grain", "op", "bound", "k")


def fields(ask: Ask, setting: Setting, chosen: str = "") -> Component:
    """Everything may stay empty: then the order is closed by word only."""
    look, ws, lang = setting.view, ask.workspace, setting.view.lang
    within = scope.of(ask.who, ws.departments, ws.regions)

    def box(key: str, options: list[Any], value: Any = None) -> Component:
        part = dcc.Dropdown(
            id=f"raise-{key}", options=options, value=value, clearable=True, placeholder=look.t(f"order.figure.any_{key}")
        )
        return html.Label([html.Span(look.t(f"order.figure.{key}")), part])

    indicators = []
    for one in ws.indicators.values():
        target = f"{one.target.normalize():f}{'%' if one.unit == 'percent' else ''}" if one.target is not None else fmt.DASH
        words = look.t("order.figure.with_target", name=name(one.name, lang), target=target)
        indicators.append({"label": words, "value": one.key})
    departments = [
        {"label": name(one.name, lang), "value": one.id}
        for one in ws.departments if within.departments is None or one.id in within.departments
    ]  # fmt: skip
    regions = [
        {"label": name(one.name, lang), "value": one.id}
        for one in ws.regions
        if within.regions is None or one.id in within.regions
    ]
    known = {grain for one in ws.indicators.values() for grain in one.grains}
    grains = [grain for grain in get_args(Grain) if grain in known and grain != "all"]
    return html.Fieldset(
        [
            html.Legend(look.t("order.figure")),
            html.P(look.t("order.figure.hint"), className="hint"),
            html.Div(
                [box("indicator", indicators, chosen or None), box("department", departments), box("region", regions)],
                className="three",
            ),
            html.Div(
                [
                    box("grain", [{"label": look.t(f"grain.{one}"), "value": one} for one in grains]),
                    box("op", [{"label": look.t(f"order.figure.op.{one}"), "value": one} for one in ("<", ">")]),
                    html.Label(
                        [
                            html.Span(look.t("order.figure.bound")),
                            dcc.Input(id="raise-bound", type="text", maxLength=20, placeholder=look.t("order.figure.any_bound")),
                        ]
                    ),
                    html.Label(
                        [
                            html.Span(look.t("order.figure.k")),
                            dcc.Input(id="raise-k", type="number", min=1, max=60, placeholder=look.t("order.figure.any_k")),
                        ]
                    ),
                ],
                className="four",
            ),
        ],
        className="figure",
    )


def given(form: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields say, as a draft takes it. A bound that is no number is not left out: it is refused there."""
    found: dict[str, Any] = {key: str(form.get(key) or "") for key in ("indicator", "department", "grain", "op")}
    found["region"] = str(form.get("region") or TOTAL)
    text = str(form.get("bound") or "").strip().rstrip("%％").strip()
    try:
        found["threshold"] = Decimal(text) if text else None
    except InvalidOperation:
        found["threshold"] = Decimal("NaN")
    found["k"] = _given.whole(form["k"]) if form.get("k") else None
    return found
