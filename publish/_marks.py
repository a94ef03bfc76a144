"""What the figures of a sheet carry besides their values: who has not reported, who stands in, what came late or is of two
definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metrics.answers import Ask, Cell
from publish._sheet import Value
from publish._words import named, words

COLUMNS = ("have", "want", "missing", "carries")


def values(cell: Cell, ask: Ask, lang: str) -> list[Value]:
    """One row's, in the order of COLUMNS."""
    return [cell.have, cell.want, _joined((named(one, lang) for one in cell.missing), lang) or None,
            _joined(_words(cell, ask, lang), lang) or None]  # fmt: skip


def said(cells: Sequence[Cell], ask: Ask, lang: str) -> list[tuple[str, str]]:
    """What stands above the sheet: of how many rows what is so, and by whom."""
    short = sum(bool(cell.missing) for cell in cells)
    stand_ins = [cell for cell in cells if cell.stand_ins]
    mixed = [cell for cell in cells if cell.mixed]
    late = sum(cell.late is not None for cell in cells)
    found = []
    if short:
        found.append(words("rows_short", lang, n=short))
    if stand_ins:
        keys = sorted({key for cell in stand_ins for key in cell.stand_ins})
        found.append(words("rows_stand_in", lang, n=len(stand_ins), names=_joined(_sources(keys, ask, lang), lang)))
    if mixed:
        numbers = sorted({number for cell in mixed for number in cell.mixed})
        found.append(words("rows_mixed", lang, n=len(mixed), versions=_joined(map(str, numbers), lang)))
    if late:
        found.append(words("rows_late", lang, n=late))
    return [(words("mark", lang), one) for one in found]


def _words(cell: Cell, ask: Ask, lang: str) -> list[str]:
    found = []
    if cell.stand_ins:
        found.append(words("stand_in", lang, names=_joined(_sources(cell.stand_ins, ask, lang), lang)))
    if cell.mixed:
        found.append(words("of_versions", lang, versions=_joined(map(str, cell.mixed), lang)))
    if cell.late is not None:
        found.append(words("came_late", lang, when=cell.late.astimezone(ask.workspace.zone).strftime("%Y-%m-%d %H:%M")))
    return found


def _sources(keys: Iterable[str], ask: Ask, lang: str) -> list[str]:
    there = ask.workspace.sources
    return [named(there[key].name, lang) if key in there else key for key in keys]


def _joined(texts: Iterable[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(texts)
