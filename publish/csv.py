"""CSV that opens right in Excel with Chinese: UTF-8 with a byte order mark; what is said about the figures stands above them."""

from __future__ import annotations

import csv
import io
import logging
import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from publish._sheet import Sheet, Value, harmless
from publish._words import words

MIME = "text/csv; charset=utf-8"
PIECE = 64 * 1024
log = logging.getLogger(__name__)


def write(sheet: Sheet) -> Iterator[bytes]:
    """A piece at a time: however long the list, little of it is held. What is known of it at once leaves at once.

    A list that breaks off says so in its last line, with the number under which the log has it, and what is sent breaks off
    with it: no short file looks whole."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([harmless(sheet.title)])
    writer.writerows([harmless(name), harmless(words)] for name, words in sheet.about)
    if sheet.finish is not None:
        yield _drawn(out)
    held: list[bytes] = []
    try:
        whole = sheet.whole()
        writer.writerows([harmless(name), harmless(words)] for name, words in whole.about[len(sheet.about) :])
        writer.writerow([])
        writer.writerow([harmless(column) for column in whole.columns])
        if whole.lines is not None:
            held.append(_drawn(out))
            for some in whole.lines:
                held.append(some.encode())
                if sum(map(len, held)) > PIECE:
                    yield b"".join(held)
                    held.clear()
        else:
            for row in whole.rows:
                writer.writerow([_cell(value) for value in row])
                if out.tell() > PIECE:
                    yield _drawn(out)
    except Exception:
        number = uuid.uuid4().hex[:8]
        log.exception("export %s broke off: %s", number, sheet.title)
        writer.writerow([words("broken", sheet.lang, id=number)])
        yield b"".join([*held, _drawn(out)])
        raise
    yield b"".join([*held, _drawn(out)])


def _drawn(out: io.StringIO) -> bytes:
    made = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return made


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")[:19]
    return harmless(value) if isinstance(value, str) else format(value, "f" if isinstance(value, Decimal) else "d")
