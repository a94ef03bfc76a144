"""What a field, a department and a region page share: cards of one place, its parts ranked, its alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _attention, _ranking
from dashboards import _board as read
from dashboards import _boards as draw
from dashboards import _format as fmt
from dashboards import _map as chart
from dashboards._cards import content_parts, frame
from dashboards._live import Parts, put
from dashboards._marks import BAD_FIRST, status
from dashboards._overview import alerts_note, as_of
from dashboards._peers import level_name, peer_group, peer_name, peers
from dashboards._shell import notice, panel, picker, segments
from dashboards._site import present
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask, Card, SourceState, Unit
from metrics.model import TOTAL, Place


@dataclass(frozen=True)
class Look:
    """What such a page shows, read once."""

    cards: Sequence[Card]
    inbox: read.Inbox
    sources: Sequence[SourceState]
    key: str | None = None
    units: Sequence[Unit] = ()
    """The parts ranked by `key`, every peer group of them."""


def made(ask: Ask, seen: View, shown: Look, *, base: str = "/department", limit: int = 20, own: str = "") -> Parts:
    """All the parts of such a page."""
    out = common(ask, seen, shown)
    if shown.key and shown.units:
        group = peer_group(shown.units, seen)
        indicator, setting = read.meant(ask, shown.key, group), read.setting(ask, seen)
        out["ranking"] = {"children": _ranking.ranking(group, indicator, setting, base=base, limit=limit, own=own)}
    return out


def common(ask: Ask, seen: View, shown: Look) -> Parts:
    """The parts every live page has: header, tally, cards, alerts."""
    cards, inbox = shown.cards, shown.inbox
    setting = read.setting(ask, seen)
    badge = str(inbox.counts.open) if inbox.counts.open else ""
    out: Parts = {
        "tally": {"children": draw.tally(cards, setting)},
        "nav-alerts": {"children": badge},
        "bar-alerts": {"children": badge},
        "as-of": as_of(ask, seen, list(shown.sources)),
        "alerts-list": {"children": _attention.alert_list(inbox.rows, inbox.total, ask, read.setting(present(ask), seen))},
        "alerts-note": {"children": alerts_note(seen, inbox)},
    }
    for card in cards:
        out |= content_parts(card, setting)
    return out


def by_field(ask: Ask, seen: View, cards: Sequence[Card], *, head: bool = True) -> list[Component]:
    """The cards in columns by field (without `head`: of one field, side by side)."""
    setting = read.setting(ask, seen)
    if head and cards:
        return [draw.columns(cards, setting, ask.workspace.fields, {}, None)]
    if not cards:
        return [html.Section(notice(seen, "empty"), className="pn")]
    grid = html.Div([frame(card, setting) for card in cards], className="grid")
    return [html.Section(grid, className="pn")]


def below(seen: View, tree: Any, root: str, path: str, worst: dict[str, str]) -> Component:
    """The places right under one, each with the worst state among its figures."""
    places: list[Place] = tree.children(root)
    rows = []
    for place in places:
        state = worst.get(place.id)
        mark = status(state, seen.lang) if state else None
        words = name(place.name, seen.lang)
        rows.append(html.Li(dcc.Link([html.Span(words, title=words), mark], href=seen.href(f"{path}/{place.id}"))))
    return html.Ul(rows, className="places")


def worst_of(groups: Iterable[Sequence[Unit]]) -> dict[str, str]:
    """The worst state of each place over several rankings."""
    out: dict[str, str] = {}
    for units in groups:
        for unit in units:
            now = out.get(unit.place.id)
            if now is None or BAD_FIRST.index(unit.state) < BAD_FIRST.index(now):
                out[unit.place.id] = unit.state
    return out


def rank_choice(ask: Ask, seen: View, keys: Sequence[str], cut: str, preferred: str | None) -> str | None:
    """Which indicator ranks the parts: `?rank=`, else the board's, else the first that is split so and has a target."""
    fitting = [k for k in keys if any((cut,) in cuts for cuts in ask.workspace.indicators[k].cuts.values())]
    asked_for = seen.query.get("rank")
    if asked_for in fitting:
        return asked_for
    if preferred in fitting:
        return preferred
    judged = [k for k in fitting if ask.workspace.indicators[k].target is not None]
    return next(iter(judged or fitting), None)


def rank_panel(ask: Ask, seen: View, units: Sequence[Unit], key: str, keys: Sequence[str], filled: Parts, cut: str) -> Component:
    """The ranking of the parts, one peer group at a time, with the choice of the indicator."""
    ws = ask.workspace
    fitting = [k for k in keys if any((cut,) in cuts for cuts in ws.indicators[k].cuts.values())]
    options = [(name(ws.indicators[k].name, seen.lang), seen.href(rank=k)) for k in fitting]
    tools: list[Component] = []
    which = "rank.departments" if cut == "department" else "rank.regions"
    groups = peers(units)
    if len(groups) > 1:
        now = peer_group(units, seen)[0].place.peer
        choices = [(f"{peer_name(g, seen)} {sum(u.place.peer == g for u in units)}", seen.href(peer=g), g == now) for g in groups]
        tools.append(segments(choices[:5], small=True))
    tools = [*tools, *([picker("", seen.t("map.change"), options)] if len(options) > 1 else [])]
    title = seen.t(which, name=name(ws.indicators[key].name, seen.lang))
    return panel(title, put(filled, "ranking", html.Div), tools=tools)


def map_panel(ask: Ask, seen: View, units: Sequence[Unit], key: str, filled: Parts) -> Component | None:
    """The regions right under a place, where the workspace has their shapes."""
    if not units:
        return None
    ws, level = ask.workspace, units[0].place.level
    file = ws.shapes.get(level)
    if file is None:
        return None
    indicator = read.meant(ask, key, units)
    tips = chart.tips(units, indicator, fmt.unit(indicator, ws.units, seen.lang), seen)
    codes = frozenset(u.place.code or u.place.id for u in units)
    title = seen.t("map.title", level=level_name(level, seen), name=name(indicator.name, seen.lang))
    return panel(
        title,
        [
            html.Div(id="map-tip", className="map-tip", **{"aria-hidden": "true"}),
            html.Div([chart.drawing(file, units, seen, tips, only=codes), put(filled, "map-failing", html.Ul)], className="mp"),
            put(filled, "map-legend", html.Div, className="legend-box"),
        ],
        className="map-panel",
    )


def map_parts(ask: Ask, seen: View, units: Sequence[Unit], key: str) -> Parts:
    indicator = read.meant(ask, key, units)
    words = fmt.unit(indicator, ask.workspace.units, seen.lang)
    return {
        "map-failing": {"children": chart.failing(units, indicator, seen)},
        "map-legend": {"children": chart.legend(units, indicator, words, seen)},
        **chart.changes(units, chart.tips(units, indicator, words, seen)),
    }


def alerts_panel(seen: View, filled: Parts, **filters: str | None) -> Component:
    return panel(
        seen.t("alerts.title"),
        put(filled, "alerts-list", html.Div),
        tools=[dcc.Link(seen.t("more.all"), href=seen.href("/alerts", **filters), className="lk")],
    )


def crumbs_to(seen: View, tree: Any, id: str, path: str, head: str) -> list[tuple[str, str | None]]:
    """总览 › 区域 › 达州市 › 达川区"""
    trail: list[tuple[str, str | None]] = [(seen.t("menu.overview"), seen.href("/")), (head, seen.href(path))]
    for above in reversed(tree.ancestors(id)):
        if above != TOTAL:
            trail.append((name(tree.get(above).name, seen.lang), seen.href(f"{path}/{above}")))
    return [*trail, (name(tree.get(id).name, seen.lang), None)]


def fault(seen: View, active: str) -> Component:
    """A place or field that is not there."""
    from dashboards._shell import page

    body = html.Section(notice(seen, "unknown", action=(seen.t("notice.home"), seen.href("/"))), className="pn")
    return page(seen, active=active, title=seen.t("notice.unknown"), children=body)
