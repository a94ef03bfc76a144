"""Which period a screen is of: the newest, or `?until=`, the last day (or minute) of a past one. Every figure then is of the
last period of its own grain that had ended by then, so one choice serves figures by day, week and month side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._view import View
from metrics import periods
from metrics.answers import Ask
from metrics.model import Grain

OFFERED: dict[str, int] = {"hour": 48, "day": 31, "week": 13, "tenday": 12, "month": 25, "quarter": 8, "year": 5}
"""How many past periods of a grain the menu offers."""
BOARD = ("day", "week", "tenday", "month", "quarter", "year")


def ended_by(ask: Ask, view: View) -> datetime | None:
    """The instant by which the periods shown had ended; None: the newest. What is no day, or lies ahead, asks for the newest."""
    return read(view.query.get("until", ""), ask.workspace.zone, ask.now)


def read(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    try:
        if "T" in text:
            local = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007
        else:
            local = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time())
        if not 1900 < local.year < 2200:
            return None
        at = local.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None
    return at if at <= now else None


def written(end: datetime, zone: ZoneInfo) -> str:
    """The end of a period as `?until=` says it: its last day; for what ends within a day the minute."""
    local = end.astimezone(zone)
    if local.time() == time():
        return (local.date() - timedelta(days=1)).isoformat()
    return local.strftime("%Y-%m-%dT%H:%M")


def said(end: datetime, zone: ZoneInfo, lang: str) -> str:
    """`2026年10月31日`: the day by whose end the periods shown had ended."""
    local = end.astimezone(zone)
    if local.time() == time():
        return fmt.day(end - timedelta(seconds=1), zone, lang, year=True)
    return fmt.full(end, zone, lang, year=True)


def picker(ask: Ask, view: View, keys: Iterable[str], grain: str | None = None) -> Component:
    """The choice of the period: the newest, then past ones of the grains these indicators have (of one grain, where given)."""
    from metrics import reading

    zone, chosen = ask.workspace.zone, ended_by(ask, view)
    first = reading.first_periods(ask, list(keys))
    if grain is not None:
        grains = [grain] if grain != "all" else [g for g in BOARD if g in first][:1]
    else:
        grains = [one for one in BOARD if one in first or (one == "day" and "hour" in first)]
    menu: list[Any] = [dcc.Link(view.t("filter.latest"), href=view.href(until=None), className="" if chosen else "on")]
    shown = view.t("filter.latest") if chosen is None else view.t("period.until", when=said(chosen, zone, view.lang))
    for one in grains:
        links = []
        oldest = first.get(one) or first["hour"]
        for start, end in _past(cast(Grain, one), chosen, ask.now, oldest, zone):
            value = written(end, zone)
            on = chosen is not None and value == written(chosen, zone)
            label = periods.label(cast(Grain, one), start, zone, view.lang, ask.now)
            if on and grain is not None:
                shown = periods.label(cast(Grain, one), start, zone, view.lang)
            links.append(dcc.Link(label, href=view.href(until=value), className="on" if on else ""))
        if links:
            menu += [html.B(view.t(f"period.by.{one}"), className="k"), html.Div(links, className=f"by {one}")]
    months = dcc.Link(view.t("bulletin.title"), href=view.href("/bulletin", until=None), className="more")
    menu.append(months)
    summary = html.Summary([html.Em(view.t("filter.period")), shown], title=f"{view.t('filter.period')} {shown}")
    return html.Details([summary, html.Div(menu, className="menu periods")], className="sel" + (" past" if chosen else ""))


def _past(
    grain: Grain, chosen: datetime | None, now: datetime, oldest: datetime, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """The newest periods that have ended, newest first; of a past choice those around it."""
    most = OFFERED[grain]
    newest = now
    if chosen is not None:
        middle = chosen
        for _ in range(most // 2):
            if middle >= now:
                break
            middle = periods.bounds(grain, middle, zone)[1]
        newest = min(now, middle)
    start: datetime | None = periods.previous(grain, periods.bounds(grain, newest, zone)[0], zone)
    found: list[tuple[datetime, datetime]] = []
    while start is not None and start >= oldest and len(found) < most:
        found.append((start, periods.bounds(grain, start, zone)[1]))
        start = periods.previous(grain, start, zone)
    return found


def note(view: View, end: datetime, zone: ZoneInfo) -> Component:
    """Says that a past period is shown, what of the screen is of now all the same, and how to come back."""
    return html.Section(
        [
            html.B(view.t("period.past", when=said(end, zone, view.lang))),
            html.Span(view.t("period.past_hint")),
            dcc.Link(view.t("period.back"), href=view.href(until=None), className="lk"),
        ],
        className="pn past",
        role="status",
    )
