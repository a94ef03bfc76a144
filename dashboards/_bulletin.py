"""A bulletin as it is printed: from its content alone, so that what was published reads the same for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._marks import status
from dashboards._peers import level_name, peer_name
from dashboards._shell import panel
from dashboards._text import name
from dashboards._view import View
from metrics import periods
from metrics.answers import Change

Said = Mapping[str, Any]
BELOW = ("off", "serious")
APART = ("due", "few", "nrep")


@dataclass(frozen=True)
class Paper:
    """How it is written: in which language, with which units of measure, which zone its days are of."""

    view: View
    units: Mapping[str, Any]
    zone: Any
    fields: Mapping[str, Any]


def title(said: Said, paper: Paper) -> str:
    month = periods.label("month", periods.from_us(said["month"]), paper.zone, paper.view.lang)
    return paper.view.t("bulletin.of", month=month, name=name(said["name"], paper.view.lang))


def body(said: Said, paper: Paper) -> list[Component]:
    """The figures by field of work, then each ranking, then what was not settled."""
    view = paper.view
    out: list[Component] = []
    for key, words in paper.fields.items():
        lines = [one for one in said["lines"] if one["field"] == key]
        if lines:
            out.append(panel(name(words, view.lang), _figures(lines, paper)))
    for one in said["lines"]:
        title = name(one["name"], view.lang)
        if _worth(one["units"]):
            out.append(_ranking(one, one["units"], view.t("bulletin.ranked", name=title), paper))
        if _worth(one.get("regions", ())):
            level = level_name(one["level"], view)
            out.append(_ranking(one, one["regions"], view.t("bulletin.ranked_regions", level=level, name=title), paper))
    if said["unsettled"]:
        names = view.t("list.comma").join(name(one, view.lang) for one in said["unsettled"])
        out.append(panel(view.t("bulletin.unsettled"), html.P(names, className="pad")))
    return out


def _worth(units: Sequence[Said]) -> bool:
    return any(unit["rank"] or unit["state"] in APART for unit in units)


def _figures(lines: Sequence[Said], paper: Paper) -> Component:
    view = paper.view
    heads = ("of", "figure", "n", "on_period", "on_year", "target", "state")
    rows = []
    for one in lines:
        period = ""
        if one["grain"] != "month":
            period = periods.label(one["grain"], periods.from_us(one["start"]), paper.zone, view.lang)
        beside = [said for said in (period, one.get("code")) if said]  # a draft has no codes yet
        rows.append(
            html.Tr(
                [
                    html.Td([name(one["name"], view.lang), *(html.Span(f" {said}", className="s2") for said in beside)]),
                    html.Td(html.B(figure(one, one, paper)), className="n"),
                    html.Td(base(one, one), className="n"),
                    html.Td(_change(one["on_period"], one, view), className="n"),
                    html.Td(_change(one["on_year"], one, view), className="n"),
                    html.Td(_target(one, paper), className="n"),
                    html.Td(status(one["state"], view.lang)),
                ]
            )
        )
    words = {key: view.t("bulletin.of_" if key == "of" else f"bulletin.{key}") for key in heads}
    head = html.Tr([html.Th(said, className="" if key in ("of", "state") else "n") for key, said in words.items()])
    return html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="tbl"), className="scroll", tabIndex="0")


def figure(one: Said, of: Said, paper: Paper) -> str:
    """`98.2%`; a dash where there is none."""
    if one["value"] is None:
        return fmt.DASH
    words = name(paper.units.get(of["unit"]), paper.view.lang) if of["unit"] != "percent" else "%"
    return fmt.number(Decimal(one["value"]), of["shown"], paper.view.lang) + (words if words == "%" else f" {words}")


def base(one: Said, of: Said) -> str:
    """What it was made of: `113/115` of a rate, or of what was reported by its parts; else how many cases."""
    if (of["rate"] or of["measure"] == "observed") and one["num"] is not None and one["den"] is not None:
        scale = -of["decimals"] if of["measure"] == "observed" else 0
        return "/".join(fmt.number(Decimal(one[key]).scaleb(scale)) for key in ("num", "den"))
    return fmt.number(one["n"]) if one["n"] is not None else fmt.DASH


def _change(one: Said, of: Said, view: View) -> str:
    if one["change"] is None:
        why = one["without"]
        return view.t(f"bulletin.without.{why}") if why else fmt.DASH
    return fmt.change(Change(Decimal(one["change"]["amount"]), one["change"]["points"]), 1, view.lang)


def _target(one: Said, paper: Paper) -> str:
    if one["target"] is None:
        return fmt.DASH
    sign = {"higher": "≥", "lower": "≤"}.get(one["better"], "")
    return sign + f"{Decimal(one['target']).normalize():f}" + ("%" if one["unit"] == "percent" else "")


def _ranking(one: Said, every: Sequence[Said], title: str, paper: Paper) -> Component:
    view = paper.view
    groups = dict.fromkeys(unit["peer"] for unit in every)
    parts: list[Any] = []
    for group in groups:
        units = [unit for unit in every if unit["peer"] == group]
        ranked = [unit for unit in units if unit["rank"] is not None]
        if len(groups) > 1:
            parts.append(html.H3(f"{peer_name(group, view)} {len(units)}"))
        parts.append(html.Ol([_place(unit, ranked, one, paper) for unit in ranked], className="places"))
        if (many := max((unit.get("of") or 0 for unit in ranked), default=0)) > len(ranked):
            parts.append(html.P(view.t("rank.of", n=many), className="named"))
        limits = one.get("bands", True)  # without any, the target is the limit
        named = [unit for unit in units if unit["state"] in (BELOW if limits else ("watch",))]
        said = [(view.t("bulletin.below" if limits else "bulletin.short"), named)]
        said += [(_apart(state, one, view), [unit for unit in units if unit["state"] == state]) for state in APART]
        for words, some in said:
            if some:
                names = view.t("list.comma").join(name(unit["name"], view.lang) for unit in some)
                parts.append(html.P([html.B(f"{words} {len(some)}"), " ", names], className="named"))
    return panel(title, html.Div(parts, className="pad"), className="ranked")


def _apart(state: str, one: Said, view: View) -> str:
    return view.t(f"state.{state}") + (f" (n<{one['min_n']})" if state == "few" else "")


def _place(unit: Said, ranked: Sequence[Said], one: Said, paper: Paper) -> Component:
    view, was = paper.view, unit["was"]
    tie = "=" if unit.get("tied") or sum(other["rank"] == unit["rank"] for other in ranked) > 1 else ""
    moved = "" if was is None else view.t("rank.same") if was == unit["rank"] else view.t(
        "rank.up" if was > unit["rank"] else "rank.down", n=abs(was - unit["rank"])
    )  # fmt: skip
    code = html.Span(unit["code"], className="short-code") if "code" in unit else None
    return html.Li(
        [
            html.Span(f"{unit['rank']}{tie}", className="n"), html.Span([name(unit["name"], view.lang), code]),
            html.B(figure(unit, one, paper)), html.Span(base(unit, one), className="s2"), html.Span(moved, className="s2"),
        ]
    )  # fmt: skip
