"""The overview: reading it, its live parts, its skeleton. Every function but `look` is values in, components out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts import orders
from alerts.orders.scores import Score
from dashboards import _attention, _orders, _period, _ranking
from dashboards import _board as read
from dashboards import _boards as draw
from dashboards import _format as fmt
from dashboards import _map as chart
from dashboards._cards import Setting, content_parts
from dashboards._live import Parts, board, put
from dashboards._marks import BAD_FIRST
from dashboards._peers import level_name, peer_group, peer_name, peers
from dashboards._shell import notice, page, panel, picker, place_picker, segments
from dashboards._site import present
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Ask, Card, SourceState, Unit
from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Place

SCORES = 8
"""Departments of the scorecard on the overview, those with the most orders."""


@dataclass(frozen=True)
class Look:
    """Everything the overview shows, as values."""

    cards: list[Card]
    mapped: list[Unit]
    map_key: str | None
    ranked: list[Unit]
    rank_key: str | None
    inbox: read.Inbox
    sources: list[SourceState]
    revision: int


def look(ask: Ask, seen: View) -> Look:
    from metrics import reading

    map_key, rank_key = map_choice(ask, seen), read.first_board(ask.workspace).rank
    level, (_, region) = mapped_level(ask), reading.opening(ask)
    mapped = list(read.units(ask, seen, map_key, level, region)) if map_key and level else []
    ranked = list(read.units(ask, seen, rank_key, "department")) if rank_key else []
    if rank_key and not ranked:  # who has no departments in scope sees how the regions below them do
        rank_key, ranked = map_key, mapped
    return Look(
        cards=read.cards(ask, seen, card_keys(ask)),
        mapped=mapped,
        map_key=map_key,
        ranked=ranked,
        rank_key=rank_key,
        inbox=replace(read.inbox(ask), scores=orders.scorecard(ask)[:SCORES]),
        sources=list(read.sources(ask)),
        revision=reading.moved(ask.connection, topics(ask, seen, "")),
    )


def card_keys(ask: Ask) -> list[str]:
    """The board's; whoever sees one place only has little of the board, and gets all that is kept for it."""
    from metrics import reading

    mine = list(read.first_board(ask.workspace).cards)
    return mine if reading.opening(ask) == (TOTAL, TOTAL) else list(dict.fromkeys([*mine, *ask.workspace.indicators]))


def mapped_level(ask: Ask) -> str | None:
    """Of the regions right below the asker's own."""
    from metrics import reading

    return read.levels(ask.workspace, reading.opening(ask)[1])


def map_choice(ask: Ask, seen: View) -> str | None:
    """The indicator on the map: the one asked for where it has regions, else the board's."""
    asked_for = seen.query.get("map")
    return asked_for if asked_for in map_keys(ask) else read.first_board(ask.workspace).map


def map_keys(ask: Ask) -> list[str]:
    """Indicators that are split by the level of the map."""
    level = mapped_level(ask)
    return [k for k, i in ask.workspace.indicators.items() if any((level,) in cuts for cuts in i.cuts.values())] if level else []


def topics(ask: Ask, seen: View, _: str) -> frozenset[str]:
    rank = read.first_board(ask.workspace).rank
    return frozenset({*card_keys(ask), map_choice(ask, seen) or "", rank or "", "alerts", "orders", "sources"} - {""})


@board("overview", topics)
def parts(ask: Ask, seen: View, _: str = "") -> Parts:
    return made(ask, seen, look(ask, seen))


def made(ask: Ask, seen: View, shown: Look) -> Parts:
    """The parts of the page that follow the figures."""
    ws, setting = ask.workspace, read.setting(ask, seen)
    counts, now = shown.inbox.counts, read.setting(present(ask), seen)
    out: Parts = {
        "tally": {"children": draw.tally(shown.cards, setting)},
        "attention": {"children": _attention.attention(counts, shown.inbox.serious, shown.sources, now, shown.inbox.orders)},
        "nav-alerts": {"children": str(counts.open) if counts.open else ""},
        "bar-alerts": {"children": str(counts.open) if counts.open else ""},
        "as-of": as_of(ask, seen, shown.sources),
        "alerts-note": {"children": alerts_note(seen, shown.inbox)},
        "alerts-list": {"children": _attention.alert_list(shown.inbox.rows, shown.inbox.total, ask, now)},
        "scorecard": {"children": scorecard(shown.inbox.scores, setting)},
        "sources-strip": {"children": draw.source_strip(shown.sources, setting)},
    }
    for card in shown.cards:
        out |= content_parts(card, setting)
    if shown.mapped and shown.map_key:
        indicator = read.meant(ask, shown.map_key, shown.mapped)
        words = fmt.unit(indicator, ws.units, seen.lang)
        tips = chart.tips(shown.mapped, indicator, words, seen)
        out["map-failing"] = {"children": chart.failing(shown.mapped, indicator, seen)}
        out["map-legend"] = {"children": chart.legend(shown.mapped, indicator, words, seen)}
        out |= chart.changes(shown.mapped, tips)
    if shown.rank_key:
        group = peer_group(shown.ranked, seen)
        base = f"/{kind(shown.ranked)}"
        rows = _ranking.ranking(group, read.meant(ask, shown.rank_key, group), setting, base=base, limit=room(group))
        out["ranking"] = {"children": rows}
    return out


def kind(units: Sequence[Unit]) -> str:
    return "region" if units and units[0].place.level != "department" else "department"


def scorecard(scores: Sequence[Score], setting: Setting) -> Component:
    """How departments do with their alerts and orders; a sentence where there is no order yet."""
    return _orders.scorecard(scores, setting) if scores else html.P(setting.view.t("order.score.none"), className="hint ft")


def room(group: Sequence[Unit]) -> int:
    """How many rows the ranking has place for: fewer where units that cannot be ranked stand below it."""
    return 9 if any(unit.rank is None for unit in group) else 11


def as_of(ask: Ask, seen: View, sources: list[SourceState]) -> dict[str, Any]:
    """When the newest data came, and how many sources are fresh."""
    newest = max((s.last_success for s in sources if s.last_success), default=ask.now)
    newest = ask.workspace.clock or newest
    fresh = sum(s.health == "FRESH" for s in sources)
    when = fmt.full(newest, ask.workspace.zone, seen.lang, year=ask.workspace.clock is not None)
    ratio = seen.t("app.sources_fresh", ok=fresh, all=len(sources)) if sources else ""
    return {
        "children": [
            html.Span(seen.t("app.as_of", when=when) + ratio, className="long"),
            html.Span(seen.t("app.as_of_short", when=when), className="short"),
        ]
    }


def alerts_note(seen: View, inbox: read.Inbox) -> str:
    c = inbox.counts
    return seen.t("alerts.note", n=c.open, serious=c.serious, warning=c.warning, reminder=c.reminder) if c.open else ""


def compose(ask: Ask, seen: View, shown: Look, filled: Parts) -> Component:
    """The skeleton with its parts."""
    from metrics import reading

    ws, setting, own = ask.workspace, read.setting(ask, seen), reading.opening(ask)
    totals = {key: sum(i.field == key for i in ws.indicators.values()) for key in ws.fields} if own == (TOTAL, TOTAL) else {}
    bottom = [map_panel(ask, seen, shown, filled), rank_panel(ask, seen, shown, filled), alerts_panel(seen, filled)]
    bottom = [one for one in bottom if one is not None]
    region = own[1] if seen.region == TOTAL else seen.region
    where = name(ws.regions.get(region).name, seen.lang) if region in ws.regions else region[:40]
    body: list[Any] = [
        put(filled, "attention", html.Section, className="pn att"),
        focus_chips(ask, seen, shown),
        draw.columns(shown.cards, setting, ws.fields, totals) if shown.cards else notice(seen, "empty"),
        html.Div(bottom, className=f"bot n{len(bottom)}" + ("" if shown.mapped and chart_file(ask) else " no-map")),
        put(filled, "sources-strip", html.Section, className="pn src"),
        panel(
            seen.t("order.score"), put(filled, "scorecard", html.Div), note=seen.t("order.score_note"),
            tools=[dcc.Link(seen.t("more.all"), href=seen.href("/orders"), className="lk")],
        ),
    ]  # fmt: skip
    return page(
        seen, active="overview", title=seen.t("page.overview", name=where), sub=today(ask, seen), board="overview",
        revision=shown.revision, as_of=ask.now, parts=filled, as_of_words=filled["as-of"]["children"], children=body,
        summary=put(filled, "tally", html.Div, className="sum"),
        tools=[_period.picker(ask, seen, card_keys(ask)), *filters(ask, seen)], until=_period.ended_by(ask, seen),
        badge=filled["nav-alerts"]["children"],
    )  # fmt: skip


def today(ask: Ask, seen: View) -> str:
    """`11月22日 周日，非工作日，不计时限`"""
    local = ask.now.astimezone(ask.workspace.zone).date()
    weekday = seen.t("page.weekdays").split()[local.weekday()]
    day = f"{fmt.day(ask.now, ask.workspace.zone, seen.lang, year=ask.workspace.clock is not None)} {weekday}"
    works = ask.workspace.calendar.is_workday(local)
    return seen.t("page.workday" if works else "page.not_workday", day=day)


def filters(ask: Ask, seen: View, only: str = "") -> list[Component]:
    """The pickers of region and department; `only` one of them on a page that is itself about the other."""
    from metrics import reading

    ws, (department, region) = ask.workspace, reading.opening(ask)
    regions, departments = _choices(ws.regions, ask.who.regions), _choices(ws.departments, ask.who.departments)
    out = []
    if regions and only != "department":
        out.append(place_picker(seen, "region", regions, _known(ws.regions, region)))
    if departments and only != "region":
        total = seen.t("filter.all_departments", count=len(departments)) if department == TOTAL else None
        out.append(place_picker(seen, "department", departments, _known(ws.departments, department), total))
    return out


def _known(tree: Tree, id: str) -> Place:
    """The root stands for a place that is no longer in the workspace."""
    return tree.get(id if id in tree else TOTAL)


def _choices(tree: Tree, roots: Sequence[str]) -> list[Place]:
    """What a person may narrow their figures to: the places right below their own, or each of several own ones."""
    return tree.children(roots[0] if roots else TOTAL) if len(roots) < 2 else [tree.get(one) for one in roots if one in tree]


def focus_chips(ask: Ask, seen: View, shown: Look) -> Component:
    """On a phone the cards stand by urgency; the fields are one tap away."""
    urgent = sum(card.state in BAD_FIRST[:5] for card in shown.cards)
    chips = [html.Span(seen.t("board.urgent", n=urgent), className="on")]
    fields = [key for key in ask.workspace.fields if any(i.field == key for i in ask.workspace.indicators.values())]
    chips += [dcc.Link(name(ask.workspace.fields[key], seen.lang), href=seen.href(f"/field/{key}")) for key in fields]
    return html.Nav(chips, className="focus", **{"aria-label": seen.t("menu.fields")})


def chart_file(ask: Ask) -> Any:
    level = mapped_level(ask)
    return ask.workspace.shapes.get(level) if level else None


def map_panel(ask: Ask, seen: View, shown: Look, filled: Parts) -> Component | None:
    file = chart_file(ask)
    if file is None or not shown.mapped or shown.map_key is None:
        return None
    ws = ask.workspace
    indicator = read.meant(ask, shown.map_key, shown.mapped)
    words = fmt.unit(indicator, ws.units, seen.lang)
    tips = chart.tips(shown.mapped, indicator, words, seen)
    options = [(name(ws.indicators[key].name, seen.lang), seen.href(map=key)) for key in map_keys(ask)]
    level = shown.mapped[0].place.level
    only = None if ask.who.regions in ((), (TOTAL,)) else frozenset(unit.place.code or unit.place.id for unit in shown.mapped)
    title = seen.t("map.title", level=level_name(level, seen), name=name(indicator.name, seen.lang))
    return panel(
        title,
        [
            html.Div(id="map-tip", className="map-tip", **{"aria-hidden": "true"}),
            html.Div([chart.drawing(file, shown.mapped, seen, tips, only), put(filled, "map-failing", html.Ul)], className="mp"),
            put(filled, "map-legend", html.Div, className="legend-box"),
        ],
        tools=[picker("", seen.t("map.change"), options)] if len(options) > 1 else [],
        className="map-panel",
    )


def rank_panel(ask: Ask, seen: View, shown: Look, filled: Parts) -> Component | None:
    if shown.rank_key is None or not shown.ranked:
        return None
    ws = ask.workspace
    groups = peers(shown.ranked)
    now = peer_group(shown.ranked, seen)[0].place.peer
    choices = [
        (f"{peer_name(g, seen)} {sum(u.place.peer == g for u in shown.ranked)}", seen.href(peer=g), g == now) for g in groups[:4]
    ]
    title = seen.t(f"rank.{kind(shown.ranked)}s", name=name(ws.indicators[shown.rank_key].name, seen.lang))
    return panel(title, put(filled, "ranking", html.Div), tools=[segments(choices, small=True)] if len(groups) > 1 else [])


def alerts_panel(seen: View, filled: Parts) -> Component:
    return panel(
        seen.t("alerts.title"),
        put(filled, "alerts-list", html.Div),
        note=put(filled, "alerts-note", html.Span),
        tools=[dcc.Link(seen.t("more.all"), href=seen.href("/alerts"), className="lk")],
    )
