"""Lines of cells -> rows: title lines above the header, headers of several lines, several tables in one file, notes below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors._errors import Failure, one_line
from collectors._settings import Pattern, Settings
from collectors._titles import found_in
from metrics.arrivals import Refusal

MAX_COLUMNS = 2_000
MAX_TITLE_LINES = 50
MORE_LINES = 100_000
"""Lines that are no rows: blank ones, notes, headers printed again."""
NOTES = ("注：", "注:", "注 ", "备注：", "说明：", "数据来源", "资料来源", "填表人", "制表", "Note:", "Notes:", "Source:")


class Header(Settings):
    """Where the header is: the row that holds all these names, or that number (1 = first line). Neither: the first line."""

    contains: tuple[str, ...] = ()
    row: int | None = None
    lines: int = 1
    """Of how many lines it is made: `一季度` above `办结数` is the column `一季度 办结数`."""


class Unpivot(Settings):
    """Columns that are values of something (years, months, measures) become rows."""

    columns: Pattern
    """Of a column's whole name; its named groups become fields: `(?P<year>\\d{4})年`."""
    value: str = "value"
    """The field that takes the cell."""


class Shape(Settings):
    header: Header = Header()
    notes: tuple[str, ...] = NOTES
    """Beginnings of the lines under the table that are not data."""
    stacked: bool = False
    """Several tables stand below each other, each with its titles and its header."""
    fill: tuple[str, ...] = ()
    """Columns in which a blank cell means the one above."""
    skip: Mapping[str, tuple[str, ...]] = {}
    """Column: values of lines that are no data, such as totals."""
    from_title: Mapping[str, Pattern] = {}
    """Field: what of the title lines it takes, the first group; `unit` finds a unit as offices write it."""
    unpivot: Unpivot | None = None
    max_rows: int = 200_000


@dataclass
class Table:
    columns: list[str]
    """Of all tables of the file, without those that were turned into rows."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int | str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    """The columns that were turned into rows."""


Lines = Iterator[tuple[int, list[Any]]]


def table(found: Iterable[tuple[int, list[Any]]], name: str, shape: Shape, *, ragged: bool) -> Table:
    """Cells are text (CSV) or what a spreadsheet holds.

    `ragged`: rows are as wide as they were written, so one with another number of cells than the header is refused.
    After the first note only notes may follow, or another table where they are stacked."""
    lines = iter(found)
    titles: list[str] = []
    columns, at = _header(lines, name, shape, titles)
    if columns is None:
        raise _no_header(name, shape.header)
    made = _Making(name, shape, Table([]))
    made.begin(columns, titles, at)
    ended, starts, pending = 0, tuple(shape.notes), list[str]()
    for count, (line, cells) in enumerate(lines):
        if count > shape.max_rows + MORE_LINES:
            raise _too_many(name, shape)
        if not cells or all(cell is None or cell == "" or (type(cell) is str and not cell.strip()) for cell in cells):
            continue
        columns, width = made.columns, len(made.columns)
        if not ragged and len(cells) < width:
            cells = [*cells, *[None] * (width - len(cells))]
        lead = cells[0]
        if (shape.stacked or lead == made.first) and (again := _begins(cells, made, shape)):
            above, pending, ended = pending, [], 0
            made.begin(_joined([again, *_more(lines, shape)], name, line), above, line)
            continue
        alone = len(cells) > 1 or width == 1
        if len(cells) == width and not (ended or (type(lead) is str and lead.strip(" \u3000").startswith(starts))):
            if shape.stacked and alone and width > 1 and _only(cells):
                pending.append(_title(_only(cells)))
                continue
            made.add(line, cells)
        elif _is_note(cells, width, starts, ragged, bool(ended)):
            ended = ended or line
            pending.append(_title(_only(cells) or lead))
        elif ended:
            what = f"{name}, line {line}: a row of the table after the notes that begin in line {ended}"
            raise Failure("bad_input", what, "declare `notes` for this source, or mend the file")
        else:
            reason = f"has {len(cells)} cells where the header has {width}"
            made.table.refusals.append(Refusal(f"{name}, line {line}", "", reason))
    return made.table


class _Making:
    """Rows of one table after the other, into one Table."""

    def __init__(self, name: str, shape: Shape, made: Table) -> None:
        self.name, self.shape, self.table = name, shape, made
        self.columns: list[str] = []
        self.first: Any = None

    def begin(self, columns: list[str], titles: list[str], line: int) -> None:
        self.columns, self.first = columns, columns[0]
        about = {name: found_in(titles, wanted) for name, wanted in self.shape.from_title.items()}
        if lost := [name for name, value in about.items() if value is None]:
            what = f"{self.name}: nothing in the lines above line {line} says {', '.join(lost)}"
            raise Failure("schema_changed", what, "the office changed its title lines: put `from_title` right")
        self.about = about
        unpivot = self.shape.unpivot
        self.wide: list[tuple[int, str, dict[str, str]]] = []
        if unpivot is not None:
            matches = [(n, column, unpivot.columns.fullmatch(column)) for n, column in enumerate(columns)]
            self.wide = [(n, column, match.groupdict()) for n, column, match in matches if match]
            if not self.wide:
                what = f"{self.name}, line {line}: no column is named like {unpivot.columns.pattern}"
                raise Failure("schema_changed", what, "the office changed its header: put `unpivot` right")
        self.table.turned += [column for _, column, _ in self.wide if column not in self.table.turned]
        turned = {n for n, _, _ in self.wide}
        self.kept = [(n, column) for n, column in enumerate(columns) if n not in turned]
        made = [column for _, column in self.kept] + list(about)
        if unpivot is not None and self.wide:
            made += [*self.wide[0][2], unpivot.value]
        self.table.columns += [one for one in made if one not in self.table.columns]
        self.above: dict[str, Any] = {}

    def add(self, line: int, cells: list[Any]) -> None:
        row = {column: cells[n] for n, column in self.kept} if self.wide else dict(zip(self.columns, cells, strict=True))
        for column in self.shape.fill:
            if row.get(column) in (None, ""):
                row[column] = self.above.get(column)
            else:
                self.above[column] = row[column]
        for column, values in self.shape.skip.items():
            if _title(row.get(column)) in values:
                return
        row.update(self.about)
        if not self.wide:
            self._put(row, line)
        for n, column, fields in self.wide:
            assert self.shape.unpivot is not None
            self._put({**row, **fields, self.shape.unpivot.value: cells[n]}, f"{line}, {column}")

    def _put(self, row: dict[str, Any], line: int | str) -> None:
        if len(self.table.rows) >= self.shape.max_rows:
            raise _too_many(self.name, self.shape)
        self.table.rows.append(row)
        self.table.lines.append(line)


def renamed(name: str, shape: Shape, now: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]) -> Failure | None:
    """Fewer columns than the last time are turned into rows, and one is new that is not: what it was called before would be
    missing, and nobody would be told. now, before: `turned` and `kept`; years that come and go keep their number."""
    lost = [one for one in before.get("turned", ()) if one not in now["turned"]]
    new = [one for one in now["kept"] if one not in before.get("kept", ())]
    if not lost or not new or len(now["turned"]) >= len(before["turned"]) or shape.unpivot is None:
        return None
    what = f"{name}: the columns {', '.join(lost[:10])} are gone; new, and not named like {shape.unpivot.columns.pattern}: "
    return Failure("schema_changed", what + ", ".join(new[:10]), "the office changed its header: put `unpivot` right")


def _too_many(name: str, shape: Shape) -> Failure:
    return Failure("too_large", f"{name} has more than {shape.max_rows} rows", "split it, or raise `max_rows`")


def _begins(cells: list[Any], made: _Making, shape: Shape) -> list[str] | None:
    """The words of a header that stands again: of another table, or of another printed page."""
    words = [_title(cell) for cell in cells]
    if shape.stacked and shape.header.contains:
        return words if set(shape.header.contains) <= set(words) else None
    width = len(made.columns)
    same = words[:width] == made.columns and not any(words[width:])
    return made.columns if same and shape.header.lines == 1 else None


def _more(lines: Lines, shape: Shape) -> list[list[str]]:
    return [[_title(cell) for cell in next(lines, (0, []))[1]] for _ in range(shape.header.lines - 1)]


def _only(cells: list[Any]) -> Any:
    """The one cell that is not blank; None where there are more. A title merged over all columns counts as one."""
    full = [cell for cell in cells if cell not in (None, "") and str(cell).strip()]
    return full[0] if len(full) == 1 else None


def _is_note(cells: list[Any], width: int, starts: tuple[str, ...], ragged: bool, ended: bool) -> bool:
    full = [cell for cell in cells if cell not in (None, "") and str(cell).strip()]
    if len(full) == 1 and (ended or (ragged and len(cells) == 1 and width > 1)):
        return True
    return str(cells[0] or "").strip(" \u3000").startswith(starts) and len(full) < max(2, width)


def _header(lines: Lines, name: str, shape: Shape, titles: list[str]) -> tuple[list[str] | None, int]:
    header = shape.header
    for line, cells in lines:
        words = [_title(cell) for cell in cells]
        full = [word for word in words if word]
        if header.row is not None:
            found = line >= header.row
        elif header.contains:
            found = set(header.contains) <= set(words)
        else:
            found = bool(full)
        if found:
            while words and not words[-1]:
                words.pop()
            words += [""] * (len(cells) - len(words))
            return _joined([words, *_more(lines, shape)], name, line), line
        titles.append(" ".join(full))
        if line > MAX_TITLE_LINES:
            break
    return None, 0


def _no_header(name: str, header: Header) -> Failure:
    if header.contains:
        what = f"{name}: no line among the first {MAX_TITLE_LINES} holds {', '.join(header.contains)}"
        return Failure("schema_changed", what, "the office changed its header, or sent another file")
    return Failure("bad_input", f"{name} holds no table", "the file is empty")


def _title(cell: Any) -> str:
    return " ".join(str(cell if cell is not None else "").replace("\u3000", " ").replace("\ufeff", "").split())


def _joined(levels: list[list[str]], name: str, line: int) -> list[str]:
    """One name a column out of a header's lines: a cell that is blank in an upper line belongs to the one on its left."""
    width = max(len(words) for words in levels)
    padded = [[*words, *[""] * (width - len(words))] for words in levels]
    for words in padded[:-1]:
        for n in range(1, width):
            if not words[n] and padded[-1][n]:
                words[n] = words[n - 1]
    parts = [list(dict.fromkeys(word for word in column if word)) for column in zip(*padded, strict=True)]
    return _named([" ".join(words) for words in parts], name, line)


def _named(words: list[str], name: str, line: int) -> list[str]:
    """A column without a name is called by its number; of two with one name neither has it, so that it cannot be mapped."""
    if len(words) > MAX_COLUMNS:
        what = f"{name}, line {line}: {len(words)} columns, more than {MAX_COLUMNS}"
        raise Failure("too_large", what, "is this the right file?")
    count = Counter(words)
    numbered = enumerate((one_line(word, 500) for word in words), 1)
    return [(word if count[word] == 1 else f"{word} (column {n})") if word else f"#{n}" for n, word in numbered]
