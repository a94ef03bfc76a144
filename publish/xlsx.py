"""XLSX: numbers are numbers and instants are instants; what is said about the figures stands above them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import xlsxwriter

from publish._sheet import Sheet, Value, harmless
from publish._words import words

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE = 48
MOST = 1_048_576
"""Rows of a sheet of Excel."""
PIECE = 64 * 1024


def write(sheet: Sheet) -> Iterator[bytes]:
    """A spreadsheet is packed when it is whole; until then its rows lie in a file, not in memory, as it does itself then."""
    sheet = _held(sheet.whole())
    with tempfile.TemporaryFile() as out:
        _fill(out, sheet)
        out.seek(0)
        while piece := out.read(PIECE):
            yield piece


def _held(sheet: Sheet) -> Sheet:
    """What a sheet of Excel has room for; where that is less than all, it says so above."""
    room = MOST - len(sheet.about) - 4
    if sheet.many is None or sheet.many <= room:
        return sheet
    said = (words("mark", sheet.lang), words("cut", sheet.lang, n=sheet.many, m=room))
    return replace(sheet, about=[*sheet.about, said], rows=islice(sheet.rows, room))


def _fill(out: Any, sheet: Sheet) -> None:
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    page = book.add_worksheet()
    bold, instant = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    page.write_string(0, 0, harmless(sheet.title), book.add_format({"bold": True, "font_size": 14}))
    for line, (name, told) in enumerate(sheet.about, 1):
        page.write_string(line, 0, harmless(name))
        page.write_string(line, 1, harmless(told))
    top, last = len(sheet.about) + 2, 0
    rows = iter(sheet.rows)
    first = list(islice(rows, 200))
    for column, name in enumerate(sheet.columns):
        page.write_string(top, column, harmless(name), bold)
        longest = max((len(str(row[column] or "")) for row in first), default=0)
        page.set_column(column, column, min(WIDE, max(10, len(name) * 2, longest) + 2))
    page.freeze_panes(top + 1, 0)
    for last, row in enumerate(chain(first, rows), 1):
        for column, value in enumerate(row):
            _cell(page, top + last, column, value, instant)
    if sheet.line is not None and last > 1:
        _draw(book, page, sheet, top, last, sheet.line)
    book.close()


def _draw(book: Any, page: Any, sheet: Sheet, top: int, rows: int, column: int) -> None:
    """A chart of Excel's own, with a gap where a figure is missing."""
    chart, last = book.add_chart({"type": "line"}), top + rows
    chart.add_series(
        {
            "name": harmless(sheet.title).lstrip("'="),
            "categories": [page.name, top + 1, 0, last, 0],
            "values": [page.name, top + 1, column, last, column],
            "line": {"width": 2},
        }
    )
    chart.set_title({"name": harmless(sheet.title).lstrip("'="), "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 720, "height": 320})
    page.insert_chart(top, len(sheet.columns) + 1, chart)


def _cell(page: Any, line: int, column: int, value: Value, instant: Any) -> None:
    if isinstance(value, datetime):
        page.write_datetime(line, column, value.replace(tzinfo=None), instant)
    elif isinstance(value, (int, Decimal)):
        page.write_number(line, column, float(value))
    elif value is not None:
        page.write_string(line, column, harmless(value)[:32_767])
