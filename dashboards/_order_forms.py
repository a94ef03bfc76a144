"""The steps of an order as forms: those that are this person's to take, one each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from access import current
from alerts import orders
from alerts.orders.board import OrderDetail, OrderRow
from alerts.orders.desk import MOST_DAYS, SIGN_DAYS
from alerts.orders.model import ALLOWED, CAUSES
from dashboards._cards import Setting
from dashboards._view import View
from metrics.answers import Ask

STEPS = (
    "signed",
    "answered",
    "issued",
    "edited",
    "kept",
    "returned",
    "reminded",
    "extended",
    "suspended",
    "resumed",
    "overridden",
    "withdrawn",
    "noted",
)
"""In the order shown; the first that may be taken is open."""
DAYS = {"answered": ("expected", 10), "extended": ("to", 7), "suspended": ("until", 7)}
"""Steps that need a day: its name, and how many days ahead the form suggests."""
LIMITS = ("sign_days", "answer_days", "recover_days")
"""Of a draft: working days, from when it is issued."""
PAPERS = ("answered", "noted")
BARE = ("signed", "issued", "resumed")
"""Steps without a reason."""


def forms(detail: OrderDetail, ask: Ask, setting: Setting, refused: str = "") -> list[Any]:
    """One form a step; the likeliest is open, the others unfold."""
    look, row, who = setting.view, detail.row, current()
    order = row.order
    allowed = [
        kind
        for kind in STEPS
        if order.state in ALLOWED[kind]
        and orders.may(who, ask.workspace, row, kind)
        and (kind != "resumed" or order.suspended_until)
        and (kind != "suspended" or not order.suspended_until)
        and (kind != "kept" or order.basis_corrected)
        and (kind != "extended" or order.due)
    ]
    said: list[Any] = [html.P(refused, className="refusal", role="alert")] if refused else []
    held = html.Div(
        dcc.Store(id="order-id", data={"id": row.id, "version": row.version, "lang": look.lang, **said_of_papers(look)}),
        id="order-shown",
        hidden=True,
        **{"data-version": str(row.version)},
    )
    if not allowed:
        return [html.P(look.t("order.hand_over" if who.user is None else "order.nothing"), className="hint ft"), *said, held]
    found = [
        html.Details(
            [html.Summary(look.t(f"order.do.{kind}")), form(kind, row, setting)],
            open=place == 0,
            className="do",
            id=f"order-{kind}",
        )
        for place, kind in enumerate(allowed)
    ]
    return [*said, *found, held]


def said_of_papers(look: View) -> dict[str, str]:
    """What the page says by itself of papers that need not be sent."""
    return {"large": look.t("order.refused.paper_size"), "many": look.t("order.refused.papers")}


def form(kind: str, row: OrderRow, setting: Setting) -> Component:
    look = setting.view
    parts: list[Any] = []

    def labelled(words: str, part: Component) -> Component:
        return html.Label([html.Span(words), part])

    if kind == "answered":
        options = [{"label": look.t(f"order.cause.{one}"), "value": one} for one in CAUSES]
        parts.append(
            html.Fieldset(
                [html.Legend(look.t("order.cause")), dcc.RadioItems(options=options, id="order-answered-cause", inline=True)]
            )
        )
    if kind in DAYS:
        key, ahead = DAYS[kind]
        day = (setting.now + timedelta(days=ahead)).astimezone(setting.zone).date().isoformat()
        parts.append(
            labelled(
                look.t(f"order.form.{key}"), dcc.Input(id=f"order-{kind}-day", value=day, type="text", maxLength=10, size="12")
            )
        )
    if kind == "edited":
        title = dcc.Input(id="order-edited-title", value=row.title, type="text", maxLength=200)
        parts.append(labelled(look.t("order.title"), title))
        before = {"sign_days": row.order.sign_days or SIGN_DAYS, "answer_days": row.answer_days, "recover_days": row.recover_days}
        parts += [
            labelled(
                look.t(f"order.days.{key.removesuffix('_days')}"),
                dcc.Input(id=f"order-edited-{key}", type="number", min=1, max=MOST_DAYS, value=before[key]),
            )
            for key in LIMITS
        ]
    if kind not in BARE:
        words = {"edited": "demand", "answered": "measure", "noted": "note", "reminded": "words"}.get(kind, "reason")
        hint = look.t(f"order.form.{words}")
        parts.append(labelled(hint, dcc.Textarea(id=f"order-{kind}-text", rows=3, maxLength=4000)))
    if kind in PAPERS:
        parts.append(
            html.Div(
                [
                    dcc.Upload(
                        html.Button(look.t("order.paper_choose"), type="button", className="btn"),
                        id=f"order-{kind}-paper",
                        multiple=True,
                        className="up",
                        className_active="up",
                        className_reject="up",
                    ),
                    html.Span(look.t("order.paper_hint"), id=f"order-{kind}-chosen", className="hint"),
                ],
                className="paper",
            )
        )
    label = look.t("order.form.confirm", step=look.t(f"order.do.{kind}"))
    parts.append(html.Button(label, id=f"order-{kind}-do", type="button", n_clicks=0, className="btn p"))
    return html.Div(parts, className="form")
