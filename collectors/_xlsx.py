"""A workbook, read as values only: formulas are never computed, macros never run, and its size is known before it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from collectors._errors import Failure
from collectors._table import MAX_COLUMNS, Header, Table, table

MAX_UNPACKED = 100 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_ROWS = 200_000
MAX_BLANK = 1_000
"""A sheet ends after so many blank rows: some have a million formatted ones."""


def parse(data: bytes, name: str, header: Header, sheet: str | None, notes: Sequence[str]) -> Table:
    _check(data, name)
    # Imported here: a source of CSV files does not pay for it.
    import openpyxl
    from defusedxml.common import DefusedXmlException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return table(_rows(_sheet(book, sheet, name), name), name, header, notes, ragged=False)
        finally:
            book.close()
    except Failure:
        raise
    except DefusedXmlException:
        raise Failure("blocked", f"{name} holds XML entities, which no office program writes", "do not open it") from None
    except Exception as error:  # openpyxl raises whatever a broken part of the file leads to
        raise Failure("bad_input", f"{name} is not a whole workbook: {type(error).__name__}", "save it again as .xlsx") from error


def _check(data: bytes, name: str) -> None:
    """The zip's own list of contents, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Failure("truncated", f"{name} is not a whole workbook", "it was cut off; drop it again") from None
    if len(entries) > MAX_ENTRIES:
        raise Failure("too_large", f"{name} holds {len(entries)} parts, more than {MAX_ENTRIES}", "this is no ordinary workbook")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        what = f"{name} unpacks to {unpacked} bytes, more than {MAX_UNPACKED}"
        raise Failure("too_large", what, "this is no ordinary workbook")
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise Failure("bad_input", f"{name} is a zip file but no workbook", "drop an .xlsx")


def _sheet(book: Any, sheet: str | None, name: str) -> Any:
    if sheet is None:
        visible = [one for one in book.worksheets if one.sheet_state == "visible"]
        if not visible:
            raise Failure("bad_input", f"{name} has no visible sheet", "name the sheet as `sheet`")
        return visible[0]
    if sheet not in book.sheetnames:
        what = f"{name} has no sheet {sheet!r}, but {', '.join(book.sheetnames[:10])}"
        raise Failure("schema_changed", what, "the office renamed the sheet: put `sheet` right")
    return book[sheet]


def _rows(sheet: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """Rows without their empty tails. A declared size is not believed."""
    sheet.reset_dimensions()
    blank = 0
    for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
        row = list(cells)
        while row and row[-1] is None:
            row.pop()
        blank = 0 if row else blank + 1
        if blank > MAX_BLANK:
            return
        if line > MAX_ROWS:
            raise Failure("too_large", f"{name} has more than {MAX_ROWS} rows", "split it")
        yield line, row
