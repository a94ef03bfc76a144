"""What a board is made of: the tally of states, the columns of cards, the strip of sources. Values in, components out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._cards import Setting, frame
from dashboards._marks import BAD_FIRST, shape
from dashboards._text import name
from metrics.answers import Card, SourceState

LOST = ("SOURCE_ERROR", "NEVER")
TARDY = ("LATE", "STALE")
HEALTH = {
    "FRESH": "ok", "LATE": "stale", "STALE": "stale", "NEVER": "nrep", "SOURCE_ERROR": "down", "SUSPECT": "watch",
    "PAUSED": "paused", "RETIRED": "paused",
}  # fmt: skip


def tally(cards: Iterable[Card], setting: Setting) -> list[Component]:
    """How many cards stand in each state, the worst first; states nobody is in are left out."""
    states = [card.state for card in cards]
    view = setting.view
    if not states:
        return []
    out = [html.Span(view.t("board.count", n=len(states)), className="k")]
    for state in BAD_FIRST:
        if count := states.count(state):
            out.append(html.Span([shape(state), view.t(f"state.{state}"), " ", html.B(str(count), className="num")]))
    return out


def names(names: Iterable[str], lang: str, most: int = 2) -> str:
    found = list(dict.fromkeys(n for n in names if n))
    text = ("、" if lang == "zh" else ", ").join(found[:most])
    return text + ("…" if len(found) > most else "")


def columns(cards: Sequence[Card], setting: Setting, fields: Mapping[str, Mapping[str, str]], totals: Mapping[str, int],
            most: int | None = 2) -> Component:  # fmt: skip
    """The cards by field, one column a field; with one or two fields the cards of each stand side by side."""
    view = setting.view
    groups = {key: [c for c in cards if c.indicator.field == key] for key in fields}
    groups = {key: found for key, found in groups.items() if found}
    if len(groups) < 3:
        return _side_by_side(cards, setting, {key: fields[key] for key in groups}, totals)
    panels = []
    for key, found in groups.items():
        more = dcc.Link(view.t("board.more", n=totals.get(key, len(found))), href=view.href(f"/field/{key}"), className="k t11")
        head = html.Div(
            [html.B(name(fields[key], view.lang), title=name(fields[key], view.lang)), html.I(className="sp"), more],
            className="fh",
        )
        shown = [frame(card, setting) for card in (found if most is None else found[:most])]
        panels.append(html.Section([head, html.Div(shown, className="stack")], className="pn"))
    return html.Div(panels, className=f"fields f{len(groups)}")


def _side_by_side(
    cards: Sequence[Card], setting: Setting, fields: Mapping[str, Mapping[str, str]], totals: Mapping[str, int]
) -> Component:
    """The cards of one or two fields in one panel, in as few rows as are level."""
    view = setting.view
    links: list[Any] = []
    for key, text in fields.items():
        links.append(html.B(name(text, view.lang)))
        many = totals.get(key, sum(card.indicator.field == key for card in cards))
        links.append(dcc.Link(view.t("board.more", n=many), href=view.href(f"/field/{key}"), className="k t11"))
    shown = [frame(card, setting) for card in sorted(cards, key=lambda card: list(fields).index(card.indicator.field))]
    rows = -(-len(shown) // 5)
    grid = html.Div(shown, className="grid level", style={"--cols": str(-(-len(shown) // max(rows, 1)) or 1)})
    return html.Div(html.Section([html.Div(links, className="fh"), grid], className="pn"), className="fields wide")


def _urgent(source: SourceState) -> int:
    return next((n for n, some in enumerate((LOST, TARDY)) if source.health in some), 2 + (source.health == "FRESH"))


def source_strip(sources: Sequence[SourceState], setting: Setting) -> list[Any]:
    """Each source with its state and the age of its last success; what is late or lost comes first and says so in words. As many
    as find room in one row."""
    view = setting.view
    each: list[Any] = []
    out: list[Any] = [html.B(view.t("sources.title", n=len(sources)), className="head")]
    order = sorted(sources, key=_urgent)
    for s in order:
        mark = HEALTH.get(s.health, "none")
        since = setting.now - s.last_success if s.last_success else None
        age = fmt.age(since, view.lang) if since is not None else view.t("sources.never")
        title = name(s.name, view.lang)
        if s.health in LOST or s.health in TARDY:
            late = view.t("sources.lost" if s.health in LOST else "sources.late", age=age)
            words = late if s.last_success else age
            parts = [html.B(title), html.B(words, className=f"c-{mark}")]
        else:
            parts = [html.Span(title), html.Em(fmt.age(since, view.lang, most=1))]
        way, whole = view.href(f"/sources/{s.key}"), f"{title} {view.t('state.' + mark)} {age}"
        each.append(dcc.Link([shape(mark), *parts], href=way, title=whole))
    out.append(html.Div(each, className="each"))
    out.append(dcc.Link(view.t("more.detail"), href=view.href("/sources"), className="lk"))
    return out
