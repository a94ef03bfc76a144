"""The steps of an order on its page: one callback each, as the signed-in person; then the forms as they stand, or a refusal."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dash import Input, Output, State, callback, clientside_callback, no_update

import alerts
from access import current, policy
from alerts import orders
from alerts.orders.papers import LARGEST, MOST
from dashboards import _given
from dashboards import _order_forms as _forms
from dashboards._cards import Setting
from dashboards._order_forms import forms
from dashboards._shell import notice
from dashboards._site import asked, site
from dashboards._view import View, view

CHOSEN = """function(contents, names, which) {
  if (!contents || !contents.length) return [window.dash_clientside.no_update, window.dash_clientside.no_update];
  var large = contents.some(function (one) { return (one.length - one.indexOf(",") - 1) * 3 / 4 > %d + 2; });
  if (contents.length > %d) return [which.many, null];
  return large ? [which.large, null] : [names.join(", "), window.dash_clientside.no_update];
}"""
"""What was chosen, by name; of too many papers or a large one it is said at once, before anything is sent in vain."""


def papers(contents: list[Any] | None, names: list[Any] | None) -> list[orders.Paper]:
    """What was chosen, as the browser sends it: `data:...;base64,...` and a name each."""
    if not contents:
        return []
    try:
        return [
            orders.Paper(_given.text(called), base64.b64decode(content.partition(",")[2], validate=True))
            for content, called in zip(contents, names or (), strict=True)
        ]
    except (AttributeError, ValueError):
        raise orders.Refused("paper_kind") from None


def take(
    kind: str,
    which: Mapping[str, Any],
    text: str | None,
    given: Mapping[str, Any],
    contents: list[Any] | None = None,
    names: list[Any] | None = None,
) -> Any:
    """The step as the signed-in person, and the forms as they stand afterwards, or a refusal; the rest of the page follows."""
    here, refused = site(), ""
    id, version = _given.whole(which.get("id")), _given.whole(which.get("version"))
    look = view(f"/orders/{id}", {"lang": _given.text(which.get("lang"))})
    now: datetime = here.now()
    try:
        with here.store.write() as connection:
            orders.step(
                connection,
                here.workspace,
                current(),
                id,
                kind,
                now,
                text or "",
                given,
                attached=papers(contents, names),
                version=version,
            )
    except orders.Refused as fault:
        refused = look.t(f"order.refused.{fault}")
    except alerts.Changed:
        refused = look.t("order.refused.changed")
    except (alerts.NotFound, alerts.NotAllowed):
        refused = look.t("order.refused.not_yours")
    return acting(id, look, refused)


def acting(id: int, look: View, refused: str = "") -> Any:
    with asked() as ask:
        detail = orders.one(ask, id)
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        return notice(look, "unknown") if detail is None else forms(detail, ask, setting, refused)


@callback(
    Output("order-forms", "children", allow_duplicate=True),
    Input("order-again", "n_clicks"),
    State("order-id", "data"),
    prevent_initial_call=True,
)
@policy("view")
def again(clicks: int, which: dict[str, Any]) -> Any:
    """Somebody took a step meanwhile: the forms as they stand now."""
    if not clicks:
        return no_update
    order = _given.mapping(which)
    id = _given.whole(order.get("id"))
    return acting(id, view(f"/orders/{id}", {"lang": _given.text(order.get("lang"))}))


def _offer(kind: str) -> None:
    """The callback of one step: it takes exactly the fields of its form."""
    act = policy("answer" if kind in ("signed", "answered", "noted") else "supervise")
    states = [State("order-id", "data")]
    if kind not in _forms.BARE:
        states.append(State(f"order-{kind}-text", "value"))
    if kind in _forms.DAYS:
        states.append(State(f"order-{kind}-day", "value"))
    if kind == "edited":
        states += [State(f"order-edited-{key}", "value") for key in ("title", *_forms.LIMITS)]
    if kind == "answered":
        states.append(State("order-answered-cause", "value"))
    if kind in _forms.PAPERS:
        states += [State(f"order-{kind}-paper", "contents"), State(f"order-{kind}-paper", "filename")]

    def bare(clicks: int, which: dict[str, Any]) -> Any:
        return take(kind, which, None, {}) if clicks else no_update

    def worded(clicks: int, which: dict[str, Any], text: str | None) -> Any:
        return take(kind, which, text, {}) if clicks else no_update

    def dated(clicks: int, which: dict[str, Any], text: str | None, day: str | None) -> Any:
        return take(kind, which, text, {_forms.DAYS[kind][0]: day}) if clicks else no_update

    def noted(
        clicks: int, which: dict[str, Any], text: str | None, contents: list[Any] | None, names: list[Any] | None
    ) -> Any:  # fmt: skip
        return take(kind, which, text, {}, contents, names) if clicks else no_update

    def edited(
        clicks: int,
        which: dict[str, Any],
        text: str | None,
        title: str | None,
        sign: int | None,
        answer: int | None,
        recover: int | None,
    ) -> Any:
        given = {"title": title or "", "sign_days": sign, "answer_days": answer, "recover_days": recover}
        return take(kind, which, text, given) if clicks else no_update

    def answered(
        clicks: int,
        which: dict[str, Any],
        text: str | None,
        day: str | None,
        cause: str | None,
        contents: list[Any] | None,
        names: list[Any] | None,
    ) -> Any:
        given = {"expected": day, "cause": cause or ""}
        return take(kind, which, text, given, contents, names) if clicks else no_update

    named: Mapping[str, Callable[..., Any]] = {"answered": answered, "noted": noted, "edited": edited}
    function = named.get(kind) or (bare if kind in _forms.BARE else dated if kind in _forms.DAYS else worded)
    wiring = (Output("order-forms", "children", allow_duplicate=True), Input(f"order-{kind}-do", "n_clicks"), *states)
    callback(*wiring, prevent_initial_call=True)(act(function))
    if kind in _forms.PAPERS:
        paper = f"order-{kind}-paper"
        clientside_callback(
            CHOSEN % (LARGEST, MOST), Output(f"order-{kind}-chosen", "children"), Output(paper, "contents"),
            Input(paper, "contents"), State(paper, "filename"), State("order-id", "data"), prevent_initial_call=True,
        )  # fmt: skip


for _kind in _forms.STEPS:
    _offer(_kind)
