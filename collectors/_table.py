"""A table as offices send it: title lines above the header, notes below, in any encoding. Bytes -> header, rows, lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors._errors import Failure
from collectors._settings import Settings
from metrics.model import Refusal

MAX_COLUMNS = 2_000
MAX_TITLE_LINES = 50
NOTES = ("注：", "注:", "注 ", "备注：", "说明：", "数据来源", "资料来源", "填表人", "制表", "Note:", "Notes:", "Source:")


class Header(Settings):
    """Where the header is: the row that holds all these names, or that number (1 = first line). Neither: the first line."""

    contains: tuple[str, ...] = ()
    row: int | None = None


@dataclass
class Table:
    columns: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def decode(data: bytes, encoding: str, name: str) -> str:
    """Text of a file. `auto`: a byte order mark, else UTF-8, else GB18030. What does not decode is refused, never replaced."""
    if encoding == "auto":
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            encoding = "utf-16"
        else:
            try:
                return _without_nul(data.decode("utf-8-sig"), name)
            except UnicodeDecodeError:
                encoding = "gb18030"
    elif encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        return _without_nul(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"{name}: byte {error.start} (line {line}) is not {encoding}"
        raise Failure("bad_input", what, "ask the office which encoding it saves in, and declare it as `encoding`") from None
    except LookupError:
        raise Failure("settings", f"there is no encoding {encoding!r}", "run: python app.py check") from None


def _without_nul(text: str, name: str) -> str:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise Failure("bad_input", f"{name}: a NUL character in line {line}", "this is no text file, or it was cut off")
    return text


def parse_csv(text: str, name: str, header: Header, delimiter: str, notes: Sequence[str]) -> Table:
    """Failure names the line of an unbalanced quote or of a field longer than 128 kB."""
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise Failure("bad_input", f"{name} holds HTML or XML in place of a table", "look at the file: it may be an error page")
    if delimiter == "auto":
        delimiter = _delimiter(text, header)
    return table(_csv_rows(text, name, delimiter), name, header, notes, ragged=True)


def _csv_rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = f"{name}, line {line}: {_plain(str(error))}"
            raise Failure("bad_input", what, "the table is broken there; nothing of this file was taken") from None
        yield line, row
        line = reader.line_num + 1


def _plain(error: str) -> str:
    if "field larger" in error:
        return f"a field is longer than {csv.field_size_limit()} characters"
    if "unexpected end" in error:
        return "a quotation mark is opened here and never closed"
    return error


def _delimiter(text: str, header: Header) -> str:
    """The one that is most frequent in the first line that can be the header."""
    lines = text[:200_000].splitlines()[:MAX_TITLE_LINES]
    if header.row:
        lines = lines[header.row - 1 :]
    else:
        lines = [line for line in lines if all(word in line for word in header.contains)]
    first = next((line for line in lines if line.strip()), "")
    return max(",;\t|", key=first.count)


def table(found: Iterable[tuple[int, list[Any]]], name: str, header: Header, notes: Sequence[str], *, ragged: bool) -> Table:
    """Header and rows out of numbered lines of cells. Cells are text (CSV) or what a spreadsheet holds.

    `ragged`: rows are as wide as they were written, so one with another number of cells than the header is refused.
    After the first note only notes may follow."""
    lines = iter(found)
    made = Table(_header(lines, name, header))
    columns, width, ended, starts = made.columns, len(made.columns), 0, tuple(notes)
    add_row, add_line = made.rows.append, made.lines.append
    for line, cells in lines:
        if not cells or all(cell is None or cell == "" or (type(cell) is str and not cell.strip()) for cell in cells):
            continue
        if not ragged and len(cells) < width:
            cells = [*cells, *[None] * (width - len(cells))]
        lead = cells[0]
        filled = len(cells) == width and not (ended or (type(lead) is str and lead.strip(" \u3000").startswith(starts)))
        if filled:
            add_row(dict(zip(columns, cells, strict=True)))
            add_line(line)
        elif _is_note(cells, width, starts, ragged, bool(ended)):
            ended = ended or line
        elif ended:
            what = f"{name}, line {line}: a row of the table after the notes that begin in line {ended}"
            raise Failure("bad_input", what, "declare `notes` for this source, or mend the file")
        else:
            reason = f"has {len(cells)} cells where the header has {width}"
            made.refusals.append(Refusal(f"{name}, line {line}", "", reason))
    return made


def _is_note(cells: list[Any], width: int, starts: tuple[str, ...], ragged: bool, ended: bool) -> bool:
    full = [cell for cell in cells if cell not in (None, "") and str(cell).strip()]
    if len(full) == 1 and (ended or (ragged and len(cells) == 1 and width > 1)):
        return True
    return str(cells[0] or "").strip(" \u3000").startswith(starts) and len(full) < max(2, width)


def _header(lines: Iterator[tuple[int, list[Any]]], name: str, header: Header) -> list[str]:
    for line, cells in lines:
        words = [_title(cell) for cell in cells]
        while words and not words[-1]:
            words.pop()
        if header.row is not None:
            found = line >= header.row
        elif header.contains:
            found = set(header.contains) <= set(words)
        else:
            found = bool(words)
        if found:
            return _named(words + [""] * (len(cells) - len(words)), name, line)
        if line > MAX_TITLE_LINES:
            break
    if header.contains:
        what = f"{name}: no line among the first {MAX_TITLE_LINES} holds {', '.join(header.contains)}"
        raise Failure("schema_changed", what, "the office changed its header, or sent another file")
    raise Failure("bad_input", f"{name} holds no table", "the file is empty")


def _title(cell: Any) -> str:
    return " ".join(str(cell if cell is not None else "").replace("\u3000", " ").replace("\ufeff", "").split())


def _named(words: list[str], name: str, line: int) -> list[str]:
    """A column without a name is called by its number; of two with one name neither has it, so that it cannot be mapped."""
    if len(words) > MAX_COLUMNS:
        what = f"{name}, line {line}: {len(words)} columns, more than {MAX_COLUMNS}"
        raise Failure("too_large", what, "is this the right file?")
    count = Counter(words)
    numbered = enumerate(words, 1)
    return [(word if count[word] == 1 else f"{word} (column {n})") if word else f"#{n}" for n, word in numbered]
