"""CSV that opens right in Excel with Chinese: UTF-8 with a byte order mark; what is said about the figures stands above them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from publish._sheet import Sheet, Value, harmless

MIME = "text/csv; charset=utf-8"
PIECE = 64 * 1024


def write(sheet: Sheet) -> Iterator[bytes]:
    """A piece at a time: however long the list, little of it is held."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([harmless(sheet.title)])
    writer.writerows([harmless(name), harmless(words)] for name, words in sheet.about)
    writer.writerow([])
    writer.writerow([harmless(column) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_cell(value) for value in row])
        if out.tell() > PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")[:19]
    return harmless(value) if isinstance(value, str) else format(value, "f" if isinstance(value, Decimal) else "d")
