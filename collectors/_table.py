"""Text of a table as offices send it, in any encoding, into numbered lines of cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from charset_normalizer import from_bytes

from collectors._errors import Failure

LOOKED_AT = 50
"""Lines in which the header is looked for."""
GUESSED = ("big5", "shift_jis", "euc_kr", "cp1252", "cp1251")
"""What is tried where neither UTF-8 nor GB18030 gives text that someone wrote."""


def decode(data: bytes, encoding: str, name: str) -> str:
    """Text of a file. `auto`: a byte order mark, else UTF-8, else GB18030 where that gives Chinese, else a guess.
    What does not decode is refused, never replaced."""
    if encoding == "auto":
        encoding = _guessed(data)
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


def _guessed(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        pass
    try:
        if _chinese(data.decode("gb18030")):
            return "gb18030"
    except UnicodeDecodeError:
        pass
    best = from_bytes(data[:100_000], cp_isolation=list(GUESSED)).best()
    # GB18030 tells the place of the byte that is wrong.
    return best.encoding if best is not None else "gb18030"


def _chinese(text: str) -> bool:
    """Nearly any bytes are GB18030; only text of the common characters was meant so."""
    other = [c for c in text if not c.isascii()]
    common = sum(_is_common(c) for c in other)
    return common * 10 >= len(other) * 7


def _is_common(c: str) -> bool:
    """Of GB 2312's punctuation, full-width forms or frequent characters."""
    found = c.encode("gb18030")
    return len(found) == 2 and found[1] >= 0xA1 and (found[0] in (0xA1, 0xA3) or 0xB0 <= found[0] < 0xD8)


def _without_nul(text: str, name: str) -> str:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise Failure("bad_input", f"{name}: a NUL character in line {line}", "this is no text file, or it was cut off")
    return text


def lines_of(
    text: str, name: str, delimiter: str, words: tuple[str, ...] = (), row: int | None = None
) -> Iterator[tuple[int, list[Any]]]:
    """(line, cells) of CSV. Failure names the line of an unbalanced quote or of a field longer than 128 kB.

    `words` or `row` say which line shows the delimiter, where that is to be found out."""
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise Failure(
            "bad_input", f"{name}, line 1: HTML or XML in place of a table", "look at the file: it may be an error page"
        )
    if delimiter == "auto":
        delimiter = _delimiter(text, words, row)
    reader = csv.reader(_split(text), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = f"{name}, line {line}: {_plain(str(error))}"
            raise Failure("bad_input", what, "the table is broken there; nothing of this file was taken") from None
        yield line, cells
        line = reader.line_num + 1


def _split(text: str) -> Iterator[str]:
    """Lines with their ends, one at a time: a copy of the text as a file would take four times its size."""
    return (found[0] for found in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))


def _plain(error: str) -> str:
    if "field larger" in error:
        return f"a field is longer than {csv.field_size_limit()} characters"
    if "unexpected end" in error:
        return "a quotation mark is opened here and never closed"
    return error


def _delimiter(text: str, words: tuple[str, ...], row: int | None) -> str:
    """The one that is most frequent in the first line that can be the header."""
    lines = text[:200_000].splitlines()[:LOOKED_AT]
    if row:
        lines = lines[row - 1 :]
    else:
        lines = [line for line in lines if all(word in line for word in words)]
    first = next((line for line in lines if line.strip()), "")
    return max(",;\t|", key=first.count)
