"""Versions of a definition: where a line crosses from one to the next, like with like, and both texts side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _template as paint
from dashboards._figures import Figure
from dashboards._shell import panel
from dashboards._view import View
from metrics import periods
from metrics.answers import Ask, Cell
from metrics.catalogue import Meaning

NAMED = 3
"""Breaks of one chart that are named; the lines of all are drawn."""


@dataclass(frozen=True)
class Break:
    """The first period under another version than the period before it."""

    at: datetime
    label: str
    before: int
    after: int
    reason: str


def breaks(ask: Ask, key: str, cells: Sequence[Cell], lang: str) -> list[Break]:
    reasons = {one.version: one.reason for one in ask.workspace.versions.get(key, ())}
    there = [cell for cell in cells if cell.revision]
    return [
        Break(
            after.period_start, periods.label(after.series.grain, after.period_start, ask.workspace.zone, lang),
            before.version, after.version, reasons.get(after.version, ""),
        )
        for before, after in zip(there, there[1:], strict=False)
        if before.version != after.version
    ]  # fmt: skip


def drawn(figure: Figure, found: Sequence[Break], look: View, zone: ZoneInfo) -> Figure:
    """The figure with a vertical line and words at each break."""
    layout = figure["layout"]
    for number, one in enumerate(found):
        x = one.at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
        line = {"color": paint.INK2, "width": 1.5, "dash": "2px,3px"}
        shape = {"type": "line", "xref": "x", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}
        layout["shapes"] = [*layout.get("shapes", ()), shape]
        if number < NAMED:
            words = {
                "x": x, "xref": "x", "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "top", "xshift": 4,
                "text": look.t("ver.break", before=one.before, after=one.after), "font": {"size": 11, "color": paint.INK2},
                "showarrow": False,
            }  # fmt: skip
            layout["annotations"] = [*layout.get("annotations", ()), words]
    return figure


def said(found: Sequence[Break], look: View) -> list[str]:
    """A sentence for each break: from when, which versions, why."""
    return [
        look.t("ver.crosses", period=one.label, before=one.before, after=one.after)
        + (look.t("list.colon") + one.reason if one.reason else "")
        for one in found
    ]


def offer(ask: Ask, key: str, found: Sequence[Break], look: View) -> Component | None:
    """What a line that crosses a version can be seen as instead: all by the newest, or from the break on."""
    versions = ask.workspace.versions.get(key, ())
    alike, only = look.query.get("alike") == "1", look.query.get("only") == "new"
    if len(versions) < 2 or not (found or alike or only):
        return None
    newest = versions[-1].version
    links = [
        (look.t("ver.in_force"), look.href(alike=None, only=None), not alike and not only),
        (look.t("ver.alike", version=newest), look.href(alike="1", only=None), alike),
        (look.t("ver.only", version=newest), look.href(alike=None, only="new"), only),
    ]
    lines = said(found, look) or [look.t("ver.alike_note" if alike else "ver.only_note", version=newest)]
    more = dcc.Link(look.t("ver.compare"), href=look.href(f"/definitions/{key}"))
    return html.Div(
        [
            *(html.P(line) for line in lines),
            html.Div([dcc.Link(words, href=href, className="on" if on else "") for words, href, on in links], className="seg s"),
            html.P(more),
        ],
        className="advice crossing",
    )


def history(versions: Sequence[Meaning], look: View) -> Component | None:
    """Every version with who accepted it, when and why; each beside the one before it, differences marked."""
    if not versions:
        return None
    lines: list[Any] = []
    for before, one in zip([None, *versions], versions, strict=False):
        accepted = [one.by, one.at[:16].replace("T", " ") + "Z" if one.at else ""]
        since = look.t("ver.since", day=one.since.isoformat()) if one.since else look.t("ver.from_start")
        words = " · ".join(part for part in (since, *accepted, one.reason) if part)
        lines.append(html.P([html.B(f"v{one.version}"), f" {words}"], className="hint ft"))
        if before is not None and before.text and one.text:
            lines.append(beside(before, one, look))
    return panel(look.t("ver.title"), lines, note=look.t("ver.count", n=len(versions)), className="wide")


def beside(before: Meaning, after: Meaning, look: View) -> Component:
    """Both texts, line by line; what was taken away is struck, what was added underlined: never by colour alone."""
    left, right = before.text.splitlines(), after.text.splitlines()
    rows: list[Any] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        old, new = left[a:b], right[c:d]
        for spot in range(max(len(old), len(new))):
            pair = [part[spot] if spot < len(part) else None for part in (old, new)]
            rows.append(html.Tr(_cells(pair, same=kind == "equal")))
    head = html.Tr([html.Th(look.t("ver.text", version=one.version), scope="col") for one in (before, after)])
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="tbl texts")
    return html.Div(table, className="scroll", tabIndex="0")


def _cells(pair: Sequence[str | None], *, same: bool) -> list[Component]:
    if same:
        return [html.Td(html.Pre(text)) for text in pair]
    old, new = pair
    if old is None or new is None:
        return [
            html.Td(html.Pre(html.Del(old)) if old is not None else "", className="gone" if old is not None else ""),
            html.Td(html.Pre(html.Ins(new)) if new is not None else "", className="came" if new is not None else ""),
        ]
    parts: tuple[list[Any], list[Any]] = ([], [])
    first, second = re.findall(r"\w+|\W", old), re.findall(r"\w+|\W", new)
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        for some, words, mark in ((first[a:b], parts[0], html.Del), (second[c:d], parts[1], html.Ins)):
            if some:
                words.append("".join(some) if kind == "equal" else mark("".join(some)))
    return [html.Td(html.Pre(parts[0]), className="gone"), html.Td(html.Pre(parts[1]), className="came")]
