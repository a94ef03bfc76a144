"""One case: its course against its limit, its events, its fields, its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._formula import label
from dashboards._marks import shape
from dashboards._passport import facts
from dashboards._text import catalogue, name
from dashboards._view import View
from metrics.answers import Ask, Case, CaseRow
from metrics.model import Source

TITLES = ("title", "matter", "summary", "item", "topic")
"""Fields that say what a case is about, where its source gives one that is not personal."""


def subject(row: CaseRow, source: Source) -> str:
    key = next((k for k in TITLES if row.extra.get(k) and k not in source.personal), None)
    return str(row.extra[key]) if key else row.category or row.external_id


def place(tree: Any, key: str, lang: str) -> str:
    try:
        return name(tree.get(key).name, lang)
    except KeyError:
        return key


def state(row: CaseRow, source: Source, lang: str) -> str:
    """The state in the source's words; where it gives none, closed or open."""
    if row.state:
        return label(source, f"state.{row.state}", row.state, lang)
    return catalogue()["case.closed" if row.closed else "case.open"][lang]


def term(which: str, source: Source, view: View) -> str:
    """What an instant of a case is called: of a source whose cases close by a reply, that is the reply."""
    words = view.t("case.closed_at" if which == "closed" else f"case.{which}")
    return label(source, f"field.{which}", words, view.lang)


def late(source: Source, view: View) -> str:
    return label(source, "closed_late", view.t("case.closed_late"), view.lang)


def verdict(row: CaseRow, source: Source, setting: Setting) -> Component:
    """The state with the overdue mark, in word and shape."""
    said = state(row, source, setting.view.lang)
    if not row.overdue:
        return html.Span(said, className="s2")
    if row.closed:
        return html.Span([shape("off"), late(source, setting.view)], className="st c-off q")
    return html.Span([shape("off"), f"{said}·{setting.view.t('case.overdue')}"], className="st c-off")


def lapse(start: datetime, end: datetime, ask: Ask) -> tuple[float, bool]:
    """How long, in working days; under one in hours (the flag is false then)."""
    zone = ask.workspace.zone
    days = ask.workspace.calendar.working_days(start.astimezone(zone).date(), end.astimezone(zone).date())
    return (float(days), True) if days else ((end - start).total_seconds() / 3600, False)


def said(amount: tuple[float, bool], setting: Setting) -> str:
    return setting.view.t("case.days" if amount[1] else "case.hours", n=f"{amount[0]:.0f}")


def course(case: Case, ask: Ask, setting: Setting) -> Component | None:
    """A bar from opening to closing (or now), the limit drawn across it, what lies beyond in the colour of off track."""
    row, view = case.row, setting.view
    if row.opened is None:
        return None
    end = row.closed or ask.now
    if end < row.opened:
        return html.P(view.t("case.suspect"), className="hint")
    signed = next((at for kind, at in case.events if kind in ("signed", "accepted_by_unit") and row.opened < at < end), None)
    cuts: list[tuple[str, datetime, datetime]] = []
    stop = min(end, row.due) if row.due and row.due > row.opened else end
    if signed is not None and signed < stop:
        cuts = [("signing", row.opened, signed), ("work", signed, stop)]
    else:
        cuts = [("work", row.opened, stop)]
    if row.due is not None and end > row.due:
        cuts.append(("late", row.due, end))
    last = max(end, row.due) if row.due else end
    whole = max((last - row.opened).total_seconds(), 1.0)
    bars = []
    for kind, start, until in cuts:
        share = (until - start).total_seconds() / whole * 100
        words = f"{view.t('case.seg.' + kind)} {said(lapse(start, until, ask), setting)}"
        if share > 0:
            bars.append(
                html.Span(words if share > 22 else "", className=f"seg-{kind}", style={"width": f"{share:.2f}%"}, title=words)
            )
    marks: list[Any] = [html.Div(bars, className="course-bar")]
    if row.due is not None and row.due > row.opened:
        at = (row.due - row.opened).total_seconds() / whole * 100
        limit = f"{said(lapse(row.opened, row.due, ask), setting)}, {fmt.full(row.due, setting.zone, view.lang)}"
        edge = "end" if at > 55 else "start"
        marks.append(
            html.Div(html.Span(view.t("case.limit", limit=limit)), className=f"limit {edge}", style={"left": f"{at:.2f}%"})
        )
    return html.Div(marks, className="course")


def timeline(case: Case, ask: Ask, source: Source, setting: Setting) -> Component:
    """Every event in order, late ones marked; the limit stands among them."""
    view, row = setting.view, case.row
    events = list(case.events) or [(k, at) for k, at in (("opened", row.opened), ("closed", row.closed)) if at]
    lines: list[tuple[datetime, str, str, str]] = []
    for kind, at in events:
        late = row.due is not None and at > row.due
        own = f"event.{kind}"
        words = label(source, f"event.{kind}", catalogue()[own][view.lang] if own in catalogue() else kind, view.lang)
        after = view.t("case.after", span=said(lapse(row.due, at, ask), setting)) if late and row.due else ""
        lines.append((at, "off" if late else "ok", words, after))
    if row.due is not None:
        passed = row.due < (row.closed or ask.now)
        lines.append((row.due, "none", term("due", source, view), view.t("case.due_passed") if passed else ""))
    if row.closed is None:
        waited = view.t("case.overdue") if row.overdue else ""
        lines.append((ask.now, "off" if row.overdue else "none", view.t("case.now_open"), waited))
    lines.sort(key=lambda line: line[0])
    items = [
        html.Li(
            [
                shape(mark),
                html.Time(fmt.full(at, setting.zone, view.lang), className="tm"),
                html.Div([html.B(words), html.Span(tag, className="tag late" if mark == "off" else "tag") if tag else None]),
            ]
        )
        for at, mark, words, tag in lines
    ]
    return html.Ol(items, className="tl")


def fields(case: Case, ask: Ask, source: Source, setting: Setting) -> Component:
    """What the source says of it; personal fields as this reader may see them, and a line that says so."""
    view, row = setting.view, case.row
    lang = view.lang
    pairs: list[tuple[str, Any]] = [
        (view.t("case.category"), row.category),
        (view.t("filter.department"), place(ask.workspace.departments, row.department, lang)),
        (view.t("filter.region"), place(ask.workspace.regions, row.region, lang)),
        (term("opened", source, view), fmt.full(row.opened, setting.zone, lang) if row.opened else fmt.DASH),
        (term("due", source, view), fmt.full(row.due, setting.zone, lang) if row.due else view.t("case.no_due")),
        (term("closed", source, view), fmt.full(row.closed, setting.zone, lang) if row.closed else fmt.DASH),
        (view.t("case.worked"), view.t("case.days", n=row.worked_days) if row.worked_days is not None else None),
    ]
    for key, value in row.extra.items():
        if value in (None, ""):
            continue
        words = label(source, key, key, lang)
        shown = label(source, f"{key}.{value}", str(value), lang)
        hidden = key in source.personal and not case.whole
        why = view.t("case.masked_title") if hidden else None
        pairs.append((words, html.Span(shown, className="k" if hidden else "", title=why)))
    found: list[Any] = [facts(pairs)]
    if source.personal:
        found.append(html.P(view.t("case.whole" if case.whole else "case.masked"), className="hint"))
    return html.Div(found)


def versions(case: Case, ask: Ask, source: Source, setting: Setting) -> Sequence[Any]:
    """Each version known: at which revision, by which run, what it said."""
    view = setting.view
    lines = []
    for before, row in zip([None, *case.versions], case.versions, strict=False):
        changed = view.t("case.first") if before is None else view.t("list.comma").join(differences(before, row, setting, source))
        run = f"#{row.run_id}" if row.run_id else fmt.DASH
        lines.append([f"#{row.known_from}", run, state(row, source, view.lang), changed or view.t("case.same")])
    return lines[::-1]


def differences(before: CaseRow, after: CaseRow, setting: Setting, source: Source) -> list[str]:
    """Which fields a version changed, in words; personal ones are named, never quoted."""
    view, found = setting.view, []
    for key in ("opened", "due", "closed"):
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            when = fmt.full(new, setting.zone, view.lang) if new else fmt.DASH
            found.append(f"{term(key, source, view)} → {when}")
    for key, words in (("state", "table.state"), ("category", "case.category"), ("department", "filter.department")):
        if getattr(before, key) != getattr(after, key):
            found.append(view.t(words))
    found += [label(source, k, k, view.lang) for k in after.extra if before.extra.get(k) != after.extra[k]]
    return found


def head(case: Case, source: Source, setting: Setting) -> Component:
    view, row = setting.view, case.row
    return html.Div(
        [
            html.Span(f"{row.external_id} · {name(source.name, view.lang)}", className="k t11"),
            html.H2(dcc.Link(subject(row, source), href=href(row, setting))),
            html.Div([verdict(row, source, setting), suspect(row, setting)], className="kv"),
        ],
        className="cs",
    )


def suspect(row: CaseRow, setting: Setting) -> Component | None:
    if not row.suspect:
        return None
    return html.Span(setting.view.t("case.suspect_tag"), className="tag late", title=setting.view.t("case.suspect"))


def href(row: CaseRow, setting: Setting) -> str:
    return setting.view.href("/case", source=row.source, id=row.external_id)


def side(case: Case, ask: Ask, source: Source, setting: Setting) -> list[Any]:
    """The case beside its list."""
    view = setting.view
    return [
        head(case, source, setting),
        course(case, ask, setting),
        timeline(case, ask, source, setting),
        html.Div(
            [
                html.P(view.t("case.calendar"), className="hint"),
                dcc.Link(view.t("case.whole_page"), href=href(case.row, setting), className="btn"),
            ],
            className="ft",
        ),
    ]
