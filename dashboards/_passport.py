"""The side of an indicator's page: how it is defined, and where the number shown comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._formula import formula, part
from dashboards._marks import shape
from dashboards._text import name
from dashboards._view import View
from metrics import links
from metrics.answers import Card, Cell, RunRow
from metrics.catalogue import Workspace
from metrics.model import Indicator, Source

BANDS = ("watch", "off", "serious")


def facts(pairs: Sequence[tuple[str, Any]]) -> Component:
    """Terms and what they are; those without an answer are left out."""
    found = [(term, said) for term, said in pairs if said not in (None, "", [])]
    return html.Dl([item for term, said in found for item in (html.Dt(term), html.Dd(said))], className="facts")


def bands(indicator: Indicator, view: View) -> list[Component] | None:
    """The thresholds, each with its mark: `▲ <98  ◆ <95`."""
    if not indicator.bands:
        return None
    sign = ">" if indicator.better == "lower" else "<"
    return [
        html.Span([shape(key), f"{sign}{plain(indicator.bands[key])}"], className="band", title=view.t(f"state.{key}"))
        for key in BANDS
        if key in indicator.bands
    ]


def plain(value: Decimal) -> str:
    """A bound as it was written: no more places than it needs."""
    return fmt.number(value, max(0, -int(value.normalize().as_tuple().exponent)))


def definition(indicator: Indicator, workspace: Workspace, setting: Setting) -> Component:
    """Everything the catalogue says that a reader needs to trust the figure."""
    view, source = setting.view, workspace.sources.get(indicator.source or "")
    return facts([
        (view.t("def.name"), name(indicator.name, view.lang)),
        (view.t("def.formula"), formula(indicator, workspace.indicators, source, view.lang, workspace.population)),
        (view.t("def.over"), part(indicator.measure.over, source, view.lang) if indicator.measure.of else None),
        (view.t("def.apart"), part(indicator.measure.apart, source, view.lang) or None),
        (view.t("def.made_of"), name(indicator.made_of, view.lang) or None),
        (view.t("def.better"), view.t(f"better.{indicator.better}")),
        (view.t("def.target"), target(indicator, setting)),
        (view.t("def.bands"), bands(indicator, view)),
        (view.t("def.min_n"), str(indicator.min_n) if indicator.min_n else None),
        (view.t("def.grains"), view.t("list.comma").join(view.t(f"grain.{grain}") for grain in indicator.grains)),
        (view.t("def.owner"), owner(indicator, workspace, view)),
        (view.t("def.basis"), name(indicator.basis, view.lang)),
        (view.t("def.version"), version(indicator, view)),
    ])  # fmt: skip


def target(indicator: Indicator, setting: Setting) -> str:
    view = setting.view
    if indicator.target is None:
        return name(indicator.no_target, view.lang) or view.t("card.no_target")
    sign = {"higher": "≥", "lower": "≤"}.get(indicator.better, "")
    words = fmt.unit(indicator, setting.units, view.lang)
    return f"{sign}{plain(indicator.target)}{words if words == '%' else ' ' + words}"


def owner(indicator: Indicator, workspace: Workspace, view: View) -> str:
    """The owning department's name, or what the definition says where it is no department."""
    try:
        return name(workspace.departments.get(indicator.owner).name, view.lang)
    except (KeyError, AttributeError):
        return indicator.owner


def version(indicator: Indicator, view: View) -> str:
    return f"v{indicator.version}" + (f" · {indicator.version_reason}" if indicator.version_reason else "")


def arithmetic(cell: Cell, indicator: Indicator, setting: Setting) -> str:
    """`229,417 ÷ 236,217 = 97.12%`: exactly what was stored, and what it comes to."""
    words = fmt.unit(indicator, setting.units, setting.view.lang)
    unit = words if words == "%" else f" {words}"
    if cell.value is None:
        return fmt.DASH if cell.den is None else f"{amount(cell.num, indicator)} ÷ {amount(cell.den, indicator)}"
    places = fmt.shown_decimals(indicator)
    if cell.den is not None:
        result = f"{fmt.number(cell.value, places + 1 if indicator.unit == 'percent' else places)}{unit}"
        return f"{divided(cell, indicator)} = {result}"
    return f"{fmt.number(cell.value, places)}{unit}"


def divided(cell: Cell, indicator: Indicator) -> str:
    """`229,417 ÷ 236,217`; of a figure per head `1,808 ÷ 83,674,866 × 1,000,000`."""
    heads = f" × {indicator.measure.number:,f}" if indicator.measure.kind == "per_head" else ""
    return f"{amount(cell.num, indicator)} ÷ {fmt.number(fmt.count(indicator, cell.den or 0))}{heads}"


def amount(value: int | None, indicator: Indicator) -> str:
    """A stored numerator: cases are whole; what is measured carries its decimal places."""
    if value is None:
        return fmt.DASH
    if indicator.measure.kind in ("per_head", "per_workday"):  # a count that is given decimals only to be divided
        exact = Decimal(value).scaleb(-indicator.decimals).normalize()
        return fmt.number(exact, max(0, -int(exact.as_tuple().exponent)))
    if indicator.measure.rate or indicator.unit == "percent":
        return fmt.number(fmt.count(indicator, value))
    return fmt.number(Decimal(value).scaleb(-indicator.decimals), indicator.decimals)


def origin(card: Card, cell: Cell | None, workspace: Workspace, setting: Setting, runs: Mapping[str, RunRow | None]) -> Component:
    """Where the number shown comes from: what it was computed of, its source, the run that brought it, its revision."""
    view, indicator = setting.view, card.indicator
    feeds = [workspace.sources[key] for key in feed_keys(indicator, workspace) if key in workspace.sources]
    lines: list[tuple[str, Any]] = []
    if cell is not None:
        lines.append((view.t("from.sum"), html.B(arithmetic(cell, indicator, setting))))
        if cell.apart:
            lines.append((view.t("from.apart"), view.t("from.cases", n=fmt.number(cell.apart))))
        if cell.want:
            lines.append((view.t("from.coverage"), view.t("from.have", have=cell.have, want=cell.want)))
    for source in feeds:
        lines.append((view.t("from.source"), dcc.Link(called(source, view), href=view.href(f"/sources/{source.key}"))))
        run = runs.get(source.key)
        if run is not None:
            when = fmt.when(run.ended, setting.now, setting.zone, view.lang)
            lines.append((view.t("from.run"), f"#{run.id} · {when} · {view.t('outcome.' + run.outcome)}"))
            if run.payload_hash:
                lines.append(
                    (
                        view.t("from.payload"),
                        html.Span(f"sha256 {run.payload_hash[:4]}…{run.payload_hash[-4:]}", title=run.payload_hash),
                    )
                )
    if cell is not None:
        at = fmt.when(cell.evaluated_at, setting.now, setting.zone, view.lang)
        lines.append((view.t("from.revision"), view.t("from.revision_at", revision=cell.revision, when=at)))
        if cell.only_rate:
            lines.append((view.t("from.parts"), view.t("card.only_rate_title")))
        if cell.status == "P":
            lines.append((view.t("from.final"), view.t("card.provisional")))
    return facts(lines)


def feed_keys(indicator: Indicator, workspace: Workspace, seen: tuple[str, ...] = ()) -> list[str]:
    """The sources that enter a figure, through the indicators it is derived of too."""
    keys = [indicator.source] if indicator.source else []
    keys += [key for key in indicator.feeds if key not in keys]
    for key in indicator.measure.inputs:
        if key in workspace.indicators and key not in seen:
            below = feed_keys(workspace.indicators[key], workspace, (*seen, indicator.key))
            keys += [source for source in below if source not in keys]
    return keys


def called(source: Source, view: View) -> str:
    return name(source.name, view.lang)


def ways_in(cell: Cell | None, indicator: Indicator, view: View) -> list[Component]:
    """What opens below the number: its cases by role, or the values it is made of."""
    if cell is None:
        return []
    if not indicator.measure.from_records:
        query = links.of_cases(links.behind(cell, indicator, "over"))
        query = {k: v for k, v in query.items() if k not in ("source", "role")}
        return [dcc.Link(view.t("open.values"), href=view.href("/values", **query), className="btn p")]
    found: list[tuple[str, int | None]] = []
    if indicator.measure.rate:
        missed = None if cell.den is None or cell.num is None else cell.den - cell.num
        found = [("missed", missed), ("of", cell.num), ("over", cell.den), ("apart", cell.apart)]
    else:
        found = [("over", cell.n if cell.n is not None else cell.num)]
    buttons = []
    for role, count in found:
        if not count:
            continue
        href = view.href("/cases", **links.of_cases(links.behind(cell, indicator, role)))
        key = f"open.{role}" if indicator.measure.rate else "open.cases"
        buttons.append(dcc.Link(view.t(key, n=fmt.number(count)), href=href, className="btn" if buttons else "btn p"))
    return buttons
