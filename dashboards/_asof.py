"""What a screen knows: everything known now, or by `?as_of=`, which is a day (to its end), a minute, an instant or a revision.
Every figure then is what stood at the newest revision of that time, and the screen stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._view import View
from metrics import reading
from metrics.answers import Ask
from metrics.reading import at_revision

PAGES = ("/", "/field", "/department", "/region", "/indicator", "/cases", "/case", "/values", "/bulletin",
         "/sources", "/conflicts", "/held", "/definitions")  # fmt: skip
"""Pages whose figures have a past; the others say that they are of now."""


@dataclass(frozen=True)
class Known:
    """How the address was understood."""

    revision: int | None = None
    at: datetime | None = None
    """When that revision was taken."""
    fault: str = ""
    """Why not: `unreadable`, `future`, `before`."""


NOW = Known()


def known(ask: Ask, view: View) -> Known:
    text = view.query.get("as_of", "").strip()
    if not text:
        return NOW
    newest = reading.head(ask.connection)
    if text.isascii() and text.isdigit():
        number = int(text) if len(text) < 19 else 0
        if not 1 <= number <= newest.number:
            return Known(fault="before" if number == 0 else "future")
    else:
        at = instant(text, ask)
        if at is None:
            return Known(fault="unreadable")
        if at > max(datetime.now(UTC), newest.at):
            return Known(fault="future")
        number = reading.as_of(ask.connection, at)
        if not number:
            return Known(fault="before")
    return Known(number, reading.known_at(ask.connection, number))


def instant(text: str, ask: Ask) -> datetime | None:
    """`2026-11-20` is the last moment of that day (of today: now), `2026-11-20T14:00` that minute; local without an offset."""
    zone, whole = ask.workspace.zone, "T" not in text and " " not in text
    try:
        if whole:
            first = datetime.combine(date.fromisoformat(text), time(), zone)
            now = datetime.now(UTC)
            at = (first + timedelta(days=1)).astimezone(UTC) - timedelta(microseconds=1)
            at = min(at, now) if first <= now else at
        else:
            at = datetime.fromisoformat(text.replace(" ", "+" if "T" in text else "T"))
            at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1900 < at.year < 2200 else None


def then(ask: Ask, view: View) -> Ask:
    """The same question by what was known then; where the address cannot be read, by what is known now."""
    revision = known(ask, view).revision
    return ask if revision is None else at_revision(ask, revision)


def box(view: View, ask: Ask, shown: Known) -> Component:
    """The one choice of what is known: now, some times people ask for, or any day."""
    zone, now = ask.workspace.zone, reading.head(ask.connection).at
    today = now.astimezone(zone).date()
    day_before, month_before = today - timedelta(days=1), today.replace(day=1) - timedelta(days=1)
    days = {"yesterday": day_before, "week": today - timedelta(days=7), "month": month_before}
    first = reading.known_at(ask.connection, 1).astimezone(zone).date() if now.year > 1970 else today
    chosen = view.query.get("as_of")
    links = [dcc.Link(view.t("asof.now"), href=view.href(as_of=None), className="" if shown.revision else "on")]
    for key, day in days.items():
        if day >= first:
            words = view.t(f"asof.{key}", when=fmt.day(datetime.combine(day, time(12), zone), zone, view.lang))
            on = "on" if chosen == day.isoformat() else ""
            links.append(dcc.Link(words, href=view.href(as_of=day.isoformat()), className=on))
    others = [dcc.Input(type="hidden", name=key, value=value) for key, value in sorted(view.query.items()) if key != "as_of"]
    typed = dcc.Input(type="date", name="as_of", value=chosen or "", required=True)  # type: ignore[arg-type]
    label = html.Label([view.t("asof.day"), typed])
    form = html.Form(
        [*others, label, html.Button(view.t("asof.show"), type="submit", className="btn")], action=view.path, method="get"
    )
    said = fmt.full(shown.at, zone, view.lang, year=True) if shown.at else view.t("asof.now")
    summary = html.Summary([html.Em(view.t("asof.label")), said], title=f"{view.t('asof.label')} {said}")
    menu = html.Div([*links, form], className="menu knowing")
    return html.Details([summary, menu], className="sel know" + (" past" if shown.at else ""))


def note(view: View, ask: Ask, shown: Known) -> Component | None:
    """Says as of when the screen knows, what of it is of now all the same, what changed since, and how to come back."""
    if shown == NOW:
        return None
    back = dcc.Link(view.t("asof.back"), href=view.href(as_of=None), className="lk")
    if shown.revision is None or shown.at is None:
        words = [html.B(view.t(f"asof.{shown.fault}")), html.Span(view.t("asof.fault_hint"))]
        return html.Section([*words, back], className="pn past", role="status")
    when = fmt.full(shown.at, ask.workspace.zone, view.lang, year=True)
    has = "/" + view.path.strip("/").split("/")[0] in PAGES
    return html.Section(
        [
            html.B(view.t("asof.then" if has else "asof.not_here", when=when, revision=shown.revision)),
            html.Span(view.t("asof.hint" if has else "asof.not_here_hint")),
            _changed(view, shown.revision),
            back,
        ],
        className="pn past",
        role="status",
    )


def _changed(view: View, revision: int) -> Component:
    kind, _, key = view.path.strip("/").partition("/")
    about = {"indicator": key} if kind == "indicator" else {}
    href = view.href("/changes", as_of=None, since=str(revision), **about)
    return dcc.Link(view.t("asof.changed"), href=href, className="lk")
