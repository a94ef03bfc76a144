"""What staff of the owning department and administrators may do with a source, on its page; and what it gave last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from dash import Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import abort

from access import current, may, policy, record
from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._shell import panel
from dashboards._site import asked, site
from dashboards._view import View, view
from metrics import reading, steering
from metrics.answers import Ask
from metrics.model import Source

EMPTY: Mapping[str, str | None] = {}
BUTTONS = ("run", "pause", "end", "fill")


def steer(ask: Ask, source: Source | None, setting: Setting) -> Component | None:
    """The panel; None for whoever may not."""
    if source is None or not steering.may_steer(ask.who, ask.workspace, source):
        return None
    which = {"key": source.key, "lang": setting.view.lang}
    body = [html.Div(controls(ask, source, setting), id="source-steer"), dcc.Store(id="source-which", data=which)]
    return panel(setting.view.t("steer.title"), body)


def hand_in(ask: Ask, look: View) -> list[Component]:
    """The way to the forms, for staff of an office that has one. Not a page of ours: a plain link."""
    forms = [one for one in ask.workspace.sources.values() if one.type == "upload"]
    if not (may("upload") and any(steering.may_steer(ask.who, ask.workspace, one) for one in forms)):
        return []
    return [html.A(look.t("steer.upload"), href=f"/upload?lang={look.lang}", className="btn")]


def controls(
    ask: Ask, source: Source, setting: Setting, said: str = "", bad: bool = False, typed: Mapping[str, str | None] = EMPTY
) -> Component:
    """`typed`: what stood in the fields; it stays there when it was refused."""
    look = setting.view
    paused, waiting = steering.standing(ask.connection, source, ask.now)
    lines: list[Any] = []
    if paused is not None:
        when = fmt.when(paused.since, setting.now, setting.zone, look.lang)
        lines.append(html.P(look.t("steer.paused", who=paused.by, when=when, reason=paused.reason)))
        if paused.until:
            until = fmt.when(paused.until, setting.now, setting.zone, look.lang)
            lines.append(html.P(look.t("steer.paused_until", when=until)))
    for one in waiting:
        spans = {
            name: fmt.when(at, setting.now, setting.zone, look.lang) if at else ""
            for name, at in (("since", one.since), ("until", one.until))
        }
        when = fmt.when(one.at, setting.now, setting.zone, look.lang)
        words = {"who": one.by, "when": when, **(spans if one.kind == "backfill" else {})}
        lines.append(html.P(look.t(f"steer.asked_{one.kind}", **words)))
    if said:
        lines.append(html.P(said, className="refusal" if bad else "done", role="alert"))
    if source.type == "upload" and may("upload"):
        lines.append(html.A(look.t("steer.upload"), href=f"/upload/{source.key}?lang={look.lang}", className="btn"))
    off = {"style": {"display": "none"}} if source.sends else {}
    return html.Div(
        [
            *lines,
            html.Div([button("run", look), button("end", look, shown=paused is not None)], className="line", **off),
            html.Div(
                [
                    field("reason", look, typed.get("reason"), look.t("steer.reason_hint")),
                    field("until", look, typed.get("until"), look.t("steer.date_hint")),
                    button("pause", look),
                ],
                className="line", style={"display": "none"} if source.sends or paused is not None else {},
            ),
            html.Div(
                [
                    field("since", look, typed.get("since"), look.t("steer.date_hint")),
                    field("to", look, typed.get("to"), look.t("steer.date_hint")),
                    button("fill", look),
                ],
                className="line", **off,
            ),
        ],
        className="form steer",
    )  # fmt: skip


def button(which: str, look: Any, shown: bool = True) -> Component:
    hidden = {} if shown else {"style": {"display": "none"}}
    return html.Button(look.t(f"steer.{which}"), id=f"source-{which}", type="button", n_clicks=0, className="btn", **hidden)


def field(which: str, look: Any, typed: str | None, hint: str) -> Component:
    return html.Div(
        [
            html.Label(look.t(f"steer.{which}"), htmlFor=f"source-{which}"),
            dcc.Input(id=f"source-{which}", type="text", value=typed or "", maxLength=300, placeholder=hint, autoComplete="off"),
        ]
    )


@callback(
    Output("source-steer", "children"),
    *(Input(f"source-{which}", "n_clicks") for which in BUTTONS),
    *(State(f"source-{which}", "value") for which in ("reason", "until", "since", "to")),
    State("source-which", "data"),
    prevent_initial_call=True,
)
@policy("steer")
def act(
    run: int | None, pause: int | None, end: int | None, fill: int | None,
    reason: str | None, until: str | None, since: str | None, to: str | None, which: dict[str, Any],
) -> Any:  # fmt: skip
    """What the pressed button asks for, in the name of who pressed it; audited with the source's key."""
    pressed = str(ctx.triggered_id or "").removeprefix("source-")
    if pressed not in BUTTONS or not any((run, pause, end, fill)):
        return no_update
    here, who = site(), current()
    source = here.workspace.sources.get(str((which or {}).get("key", "")))
    if source is None:
        abort(400)
    if not steering.may_steer(who, here.workspace, source):
        abort(403)
    look = view(f"/sources/{source.key}", {"lang": which.get("lang", "")})
    now, by, refused = datetime.now(UTC), who.name or who.user or "", ""
    try:
        with here.store.write() as connection:
            if pressed == "run":
                steering.run_now(connection, source, by, now)
            elif pressed == "pause":
                steering.pause(connection, source, by, reason or "", now, _day(until, here.workspace.zone, "until"))
            elif pressed == "end":
                steering.end_pause(connection, source, by, now)
            else:
                zone = here.workspace.zone
                steering.back_fill(connection, source, by, now, _day(since, zone, "span"), _day(to, zone, "span"))
            record(connection, who.user, f"source_{pressed}", source.key, "ok", now)
    except steering.Refused as error:
        refused = str(error.args[0])
    with asked() as ask:
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        said = look.t(f"steer.refused.{refused}") if refused else look.t(f"steer.done.{pressed}")
        typed = {"reason": reason, "until": until, "since": since, "to": to} if refused else EMPTY
        return controls(ask, source, setting, said, bool(refused), typed)


def _day(text: str | None, zone: Any, fault: str) -> datetime | None:
    """The first instant of a local day; None for a blank. Refused for anything else."""
    if not (text or "").strip():
        return None
    try:
        return datetime.combine(date.fromisoformat((text or "").strip()), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise steering.Refused(fault) from None


def payloads(ask: Ask, source: Source | None, setting: Setting) -> Component | None:
    """The last payload that could be taken beside the last that could not, for whoever may act on the source."""
    if source is None or not steering.may_steer(ask.who, ask.workspace, source):
        return None
    look, kept = setting.view, reading.payloads(ask, source.key)
    if not kept:
        return None
    good, bad = kept.get(True), kept.get(False)
    parts: list[Any] = []
    if good is not None and bad is not None and bad.run_id > good.run_id and (bad.columns or bad.rows):
        lost = [one for one in good.columns if one not in bad.columns]
        added = [one for one in bad.columns if one not in good.columns]
        comma = look.t("list.comma")
        parts += [html.P(html.B(look.t("steer.lost", names=comma.join(lost)))) if lost else None]
        parts += [html.P(html.B(look.t("steer.added", names=comma.join(added)))) if added else None]
        parts += [html.P(look.t("steer.same_columns"))] if not lost and not added else []
    sides = []
    for key, one in (("good", good), ("bad", bad)):
        if one is None or (key == "bad" and good is not None and one.run_id < good.run_id):
            continue
        head = look.t(f"steer.{key}", run=one.run_id, when=fmt.when(one.at, setting.now, setting.zone, look.lang))
        sides.append(html.Div([html.H3(head, className="k t11 sub3"), _table(one)]))
    return panel(look.t("steer.payloads"), [html.Div(parts, className="advice") if any(parts) else None, *sides])


def _table(one: Any) -> Component:
    if not one.rows:
        return html.Pre(one.excerpt, className="excerpt")
    columns = list(one.columns)[:12]
    head = html.Tr([html.Th(name, scope="col") for name in columns])
    body = [html.Tr([html.Td(str(row.get(name, ""))) for name in columns]) for row in one.rows]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="tbl"), className="scroll", tabIndex="0")
