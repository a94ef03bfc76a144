"""What a figure carries besides its state, in small marks: who stands in, two definitions in one sum, what came late; and who has
not reported."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from dash import html
from dash.development.base_component import Component

from dashboards import _format as fmt
from dashboards._text import name
from dashboards._view import View
from metrics.answers import Cell
from metrics.model import Text


def told(cell: Cell | None, view: View) -> list[tuple[str, str]]:
    """(`⇄ 替代来源`, which): each mark, a shape and a word, with what it means by name."""
    if cell is None:
        return []
    found = []
    if cell.stand_ins:
        names = view.t("list.comma").join(_source(key, view) for key in cell.stand_ins)
        found.append((view.t("carried.stand_in"), view.t("carried.stand_in_title", names=names)))
    if cell.mixed:
        versions = " + ".join(f"v{one}" for one in cell.mixed)
        found.append((view.t("carried.mixed", versions=versions), view.t("ver.mixed", versions=versions)))
    if cell.late is not None:
        found.append((view.t("carried.late"), view.t("carried.late_title", when=_when(cell, view))))
    return found


def marks(cell: Cell | None, view: View) -> list[Component]:
    return [html.Span(f" {words}", className="k carried", title=title or None) for words, title in told(cell, view)]


def words(cell: Cell | None, view: View) -> list[str]:
    """The same where there is room for text alone, and how many have reported: with the names."""
    found = [f"{words}（{title}）" if view.lang == "zh" else f"{words} ({title})" for words, title in told(cell, view)]
    if cell is not None and cell.want and cell.have is not None and cell.have < cell.want:
        found.insert(0, f"{view.t('carried.short', have=cell.have, want=cell.want)} {silent(cell.missing, view)}".strip())
    return found


def silent(missing: Sequence[Text], view: View) -> str:
    """`未报：达州市、巴中市`"""
    names = view.t("list.comma").join(name(one, view.lang) for one in missing)
    return view.t("cover.silent", names=names) if names else ""


def _source(key: str, view: View) -> str:
    here = flask.current_app.extensions.get("yuncha") if flask.has_app_context() else None
    source = here.workspace.sources.get(key) if here is not None else None
    return name(source.name, view.lang) if source is not None else key


def _when(cell: Cell, view: View) -> str:
    here = flask.current_app.extensions.get("yuncha") if flask.has_app_context() else None
    assert cell.late is not None
    return fmt.full(cell.late, here.workspace.zone if here is not None else cell.late.tzinfo, view.lang)  # type: ignore[arg-type]
