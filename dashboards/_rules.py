"""Rules in words: their levels, their form, their versions, and what a dry run found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from access import current, may
from alerts import editing, kinds
from alerts.dry_run import Trial
from alerts.editing import Invalid, Proposal, Version
from dashboards import _format as fmt
from dashboards._charts import rows
from dashboards._marks import shape
from dashboards._passport import facts
from dashboards._shell import segments
from dashboards._template import SEVERITY
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics import periods
from metrics.answers import Ask
from metrics.model import TOTAL
from metrics.rulebook import Level, Rule

COLUMNS = ("name", "indicator", "levels", "met", "open", "lately")
SEVERITIES = ("reminder", "warning", "serious")


def crumbs(look: View, key: str, *, link: bool = False) -> list[tuple[str, str | None]]:
    above: list[tuple[str, str | None]] = [(look.t("menu.overview"), look.href("/"))]
    above.append((look.t("menu.alerts"), look.href("/alerts")))
    return [*above, (look.t(f"menu.{key}"), look.href(f"/{key}") if link else None)]


def beside(look: View, here: str) -> Component:
    """The screens about alerts, side by side."""
    screens = ("alerts", "rules", "silences", "roster")
    return segments([(look.t(f"menu.{key}"), look.href(f"/{key}"), key == here) for key in screens])


def amount(rule: Rule, value: Decimal, ask: Ask, look: View) -> str:
    words = kinds.unit(rule, ask.workspace.indicators.get(rule.indicator), ask.workspace.units).get(look.lang, "")
    shown = f"{value.normalize():f}"
    return f"{shown}{words}" if words in ("%", "") else f"{shown} {words}"


def levels(rule: Rule, ask: Ask, look: View) -> list[Component]:
    """Each level with its mark: from where it fires, and from where it recovers."""
    back = "≥" if rule.op in ("<", "<=") else "≤"
    signs = {"<=": "≤", ">=": "≥"}
    return [
        html.Span(
            [
                shape(SEVERITY[level.severity]),
                f"{signs.get(rule.op, rule.op)} {amount(rule, level.threshold, ask, look)}",
                html.Span(f"（{back} {amount(rule, level.recovery, ask, look)}）" if look.lang == "zh"
                          else f" ({back} {amount(rule, level.recovery, ask, look)})", className="k"),
            ],
            className="band", title=look.t(f"severity.{level.severity}"),
        )
        for level in rule.levels
    ]  # fmt: skip


def when_met(rule: Rule, look: View) -> str:
    said = [look.t("rule.paused")] if rule.paused else []
    said.append(look.t(f"rule.kind.{rule.kind}"))
    if rule.n > 1:
        said.append(look.t("alert.m_of_n", m=rule.m, n=rule.n))
    if rule.for_:
        said.append(look.t("alert.for", span=fmt.age(rule.for_, look.lang)))
    if rule.within:
        said.append(fmt.age(rule.within, look.lang))
    return look.t("list.semi").join(said)


def about(rule: Rule, ask: Ask, look: View) -> Component:
    indicator = ask.workspace.indicators[rule.indicator]
    by = [look.t(f"level.{part}") if f"level.{part}" in catalogue() else part for part in rule.cut]
    told = [name(ask.workspace.receivers[key].name, look.lang) for key in rule.receivers if key in ask.workspace.receivers]
    owner = ask.workspace.departments.get(rule.owner).name if rule.owner in ask.workspace.departments else None
    href = look.href(f"/indicator/{rule.indicator}", grain=rule.grain)
    link = dcc.Link(name(indicator.name, look.lang), href=href, className="lk")
    return facts(
        [
            (look.t("alert.of"), link),
            (look.t("rule.by"), look.t("list.comma").join(by) or look.t("rule.total")),
            (look.t("alert.condition"), levels(rule, ask, look)),
            (look.t("rule.looks_at"), when_met(rule, look)),
            (look.t("rule.recovers"), look.t("alert.recover", n=rule.recover_count)),
            (look.t("rule.told"), look.t("list.comma").join(told)),
            (look.t("def.owner"), name(owner, look.lang) if owner else None),
        ]
    )


def form(rule: Rule, look: View) -> Component:
    """Thresholds and levels: empty is no such level. The direction stays."""
    has = {level.severity: level for level in rule.levels}
    lines: list[Any] = []
    for severity in SEVERITIES:
        level = has.get(severity)
        said = look.t(f"severity.{severity}")
        cells = []
        for which, value in (("when", level.threshold if level else None), ("until", level.recovery if level else None)):
            words = look.t(f"rule.{which}")
            box = dcc.Input(
                id=f"rule-{severity}-{which}", type="text", maxLength=20, className="num",
                value="" if value is None else f"{value.normalize():f}",
            )  # fmt: skip
            cells.append(html.Label([html.Span(words, className="k"), box]))
        lines.append(html.Div([html.Span([shape(SEVERITY[severity]), said], className="lv"), *cells], className="row"))
    counts = [("rule-m", "rule.m", rule.m), ("rule-n", "rule.n", rule.n), ("rule-recover", "rule.recover", rule.recover_count)]
    boxes = []
    for id, words, value in counts:
        box = dcc.Input(id=id, type="text", value=str(value), maxLength=3, className="num")
        boxes.append(html.Label([html.Span(look.t(words), className="k"), box]))
    side = look.t("rule.below" if rule.op in ("<", "<=") else "rule.above")
    return html.Div(
        [
            html.P(look.t("rule.direction", op=side), className="hint"),
            *lines,
            html.Div(boxes, className="row"),
            dcc.Checklist(
                [{"label": look.t("rule.pause"), "value": "paused"}], ["paused"] if rule.paused else [], id="rule-paused"
            ),
            html.Div(html.Button(look.t("rule.try"), id="rule-try", type="button", n_clicks=0, className="btn p")),
            html.Div(id="rule-trial", className="trial", **{"aria-live": "polite"}),
            dcc.Interval(id="rule-again", interval=1500, disabled=True),
            dcc.Store(id="rule-draft", data={"rule": rule.key, "lang": look.lang, "id": None}),
        ],
        className="form rule",
    )


def read(given: Sequence[Any], m: Any, n: Any, recover: Any, paused: Any = ()) -> Proposal:
    """What the form says; Invalid where it is no number."""
    found = []
    for place, severity in enumerate(SEVERITIES):
        when, until = given[2 * place], given[2 * place + 1]
        if when in (None, ""):
            continue
        threshold = editing.number(str(when))
        found.append(Level(severity, threshold, threshold if until in (None, "") else editing.number(str(until))))  # type: ignore[arg-type]
    return Proposal(found, _count(m), _count(n), _count(recover), "paused" in (paused or ()))


def _count(given: Any) -> int:
    text = str(given or "").strip()
    if not text.isdecimal() or len(text) > 3:
        raise Invalid("m-of-n")
    return int(text)


def trial(found: Trial, ask: Ask, look: View, *, saving: bool = False) -> Component:
    """`would have fired 7 times for 3 departments, these`, beside what the rule in force did."""
    if not found.finished:
        share = f"{100 * found.done // max(found.of, 1)} %"
        return html.P(look.t("rule.trying", share=share, n=found.times), className="hint", role="status")
    parts: list[Any] = []
    if found.untried:
        parts.append(html.P(look.t("rule.untried"), className="hint"))
    else:
        parts.append(html.P(html.B(look.t("rule.would", times=found.times, where=found.where, before=found.before))))
        if found.since:
            zone = ask.workspace.zone
            first, last = (periods.from_us(at).astimezone(zone).strftime("%Y-%m-%d") for at in (found.since, found.until))
            parts.append(html.P(look.t("rule.span", first=first, last=last, n=found.of), className="hint"))
        parts.append(places(found, ask, look))
    if saving:
        parts.append(
            html.Div(
                [
                    html.Label(look.t("rule.reason", who=current().name), htmlFor="rule-reason"),
                    dcc.Textarea(id="rule-reason", maxLength=1000, rows=2),
                    html.Button(look.t("rule.save"), id="rule-save", type="button", n_clicks=0, className="btn p"),
                    html.Div(id="rule-saved"),
                ]
            )
        )
    return html.Div(parts)


def places(found: Trial, ask: Ask, look: View) -> Component | None:
    """The first twenty, the most often first."""
    if not found.places:
        return None
    lines = []
    for one in found.places[:20]:
        said = []
        if one["region"] != TOTAL and one["region"] in ask.workspace.regions:
            said.append(name(ask.workspace.regions.get(one["region"]).name, look.lang))
        if one["department"] != TOTAL and one["department"] in ask.workspace.departments:
            said.append(name(ask.workspace.departments.get(one["department"]).name, look.lang))
        mark, words = SEVERITY[one["worst"]], look.t(f"severity.{one['worst']}")
        worst = html.Span([shape(mark), words], className=f"st c-{mark} q")
        lines.append([" ".join(said) or look.t("rule.total"), worst, str(one["times"])])
    head = [(look.t(f"rule.place.{key}"), key == "times") for key in ("where", "worst", "times")]
    more = found.where - len(lines)
    return html.Div([
        rows(head, lines, label=look.t("rule.trial")),
        html.P(look.t("more.alerts", n=more), className="hint") if more > 0 else None,
    ])  # fmt: skip


def versions(history: Sequence[Version], ask: Ask, look: View) -> Component:
    """Who changed it when, and why; what was tried before."""
    zone, now = ask.workspace.zone, ask.now
    lines = []
    for one in history:
        who = one.author or look.t("rule.workspace")
        if one.second:
            who = look.t("rule.two", first=one.author, second=one.second)
        why: list[Any] = [f"“{one.reason}”"] if one.reason else []
        if one.trial and not one.trial.untried:
            tried = look.t("rule.tried", times=one.trial.times, before=one.trial.before)
            why.append(html.Div(tried, className="s2 t12"))
        lines.append(
            [
                f"v{one.number}", fmt.when(one.since, now, zone, look.lang), html.Div(levels(one.rule, ask, look)),
                when_met(one.rule, look), who, html.Div(why, className="wrapped"),
            ]
        )  # fmt: skip
    head = [(look.t(f"rule.version.{key}"), False) for key in ("number", "since", "levels", "met", "who", "why")]
    if not lines:
        return html.P(look.t("rule.unjudged"), className="hint ft")
    return rows(head, lines, label=look.t("rule.versions"))


def proposal(row: Any, now: Rule, ask: Ask, look: View) -> Component:
    """A change that waits for a second person."""
    candidate = editing.candidate(now, row)
    who = current()
    made = fmt.when(periods.from_us(row.made_at), datetime.now(UTC), ask.workspace.zone, look.lang)
    found: list[Any] = [
        facts(
            [
                (look.t("rule.version.who"), f"{row.author_name} {made}"),
                (look.t("rule.version.why"), f"“{row.reason}”"),
                (look.t("alert.condition"), levels(candidate, ask, look)),
                (look.t("rule.col.met"), when_met(candidate, look)),
            ]
        ),
        trial(editing.trial_of(row), ask, look),
    ]
    if may("supervise", who):
        mine = row.author == who.user
        words = look.t("rule.take_back" if mine else "rule.refuse")
        refuse = html.Button(words, id="rule-refuse", type="button", n_clicks=0, className="btn")
        other = html.Button(
            look.t("rule.confirm"), id="rule-confirm", type="button", n_clicks=0, className="btn p", disabled=mine,
            title=look.t("rule.second") if mine else None,
        )  # fmt: skip
        found += [
            html.P(look.t("rule.second"), className="hint") if mine else None,
            html.Div([other, refuse], className="row"),
            html.Div(id="rule-decided"),
            dcc.Store(id="rule-edit", data={"id": row.id, "rule": row.rule, "lang": look.lang}),
        ]
    return html.Div(found, className="form rule")


def refused(fault: Exception, look: View) -> Component:
    key = f"rule.fault.{fault.args[0]}" if isinstance(fault, Invalid) else "rule.may_not"
    return html.P(look.t(key if key in catalogue() else "rule.may_not"), className="refusal", role="alert")
