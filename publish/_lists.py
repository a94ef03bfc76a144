"""The rows of a long list of cases: as values for a spreadsheet, as lines for a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from metrics import periods
from metrics.catalogue.workspace import Workspace
from metrics.reading.lists import Block
from publish import _texts
from publish._sheet import Value
from publish._texts import cell
from publish._words import named, words


def values(blocks: Iterable[Block], extra: Sequence[str], workspace: Workspace, lang: str) -> Iterator[Sequence[Value]]:
    """Row by row; instants are in the workspace's zone."""
    yes = words("yes", lang)

    def instants(column: Sequence[int | None]) -> list[datetime | None]:
        return [None if us is None else periods.from_us(us).astimezone(workspace.zone) for us in column]

    def flags(column: Sequence[bool]) -> list[str | None]:
        return [yes if one else None for one in column]

    further: set[str] = set()
    known = set(extra)
    departments, regions = _names(workspace.departments, lang), _names(workspace.regions, lang)
    for block in blocks:
        columns: list[Sequence[Value]] = [
            block.external_id, block.state, block.category, [departments(one) for one in block.department],
            [regions(one) for one in block.region], instants(block.opened), instants(block.due), instants(block.closed),
            instants(block.entered), block.worked_days, flags(block.overdue), flags(block.suspect),
        ]  # fmt: skip
        columns += [[_plain(value) for value in _of(block, key)] for key in extra]
        further |= block.extra.keys() - known
        yield from zip(*columns, strict=True)
    if further:
        yield [_said(further, lang), *[None] * (len(columns) - 1)]


def lines(blocks: Iterable[Block], extra: Sequence[str], workspace: Workspace, lang: str) -> Iterator[str]:
    """The same rows as the lines of a CSV file, those of a block at a time."""
    states, categories, numbers = _texts.Words(cell), _texts.Words(cell), _texts.Words(cell)
    name_department, name_region = _names(workspace.departments, lang), _names(workspace.regions, lang)
    departments = _texts.Words(lambda key: cell(name_department(key)))
    regions = _texts.Words(lambda key: cell(name_region(key)))
    instants, flags = _texts.instants(workspace.zone), ("", cell(words("yes", lang)))
    further: set[str] = set()
    known = set(extra)
    for block in blocks:
        columns: list[Sequence[str]] = [
            _texts.texts(block.external_id), states.column(block.state), categories.column(block.category),
            departments.column(block.department), regions.column(block.region), instants(block.opened), instants(block.due),
            instants(block.closed), instants(block.entered), numbers.column(block.worked_days),
            [flags[one] for one in block.overdue], [flags[one] for one in block.suspect],
            *(_texts.mixed(_of(block, key)) for key in extra),
        ]  # fmt: skip
        further |= block.extra.keys() - known
        yield "\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n"
    if further:
        yield cell(_said(further, lang)) + "\r\n"


def _said(further: set[str], lang: str) -> str:
    """Fields that neither the source's map nor the first cases told of: no column was made for them."""
    return words("further", lang, names=", ".join(sorted(further)))


def _of(block: Block, key: str) -> Sequence[Any]:
    return block.extra.get(key) or (None,) * len(block.external_id)


def _plain(value: Any) -> Value:
    return value if value is None or isinstance(value, (int, str)) else str(value)


def _names(tree: Any, lang: str) -> Callable[[str], str]:
    def name(key: str) -> str:
        try:
            return named(tree.get(key).name, lang)
        except (KeyError, LookupError):
            return key

    return name
