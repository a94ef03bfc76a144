"""Runs alone, as a process of its own with nothing in its environment: a workbook on stdin, its rows as JSON lines on stdout.

Whatever a hostile file does to the library that reads it, it does here, within limits of memory, time and files. The first line
out is {"row": 0} or {"failure": [kind, what, hint]}; each further one [line, cell, ...], a date as {"d": "2026-03-01"}.
It knows nothing of the product: `_apart` starts it by its path.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

MEMORY, SECONDS = 1 << 30, 30
MAX_UNPACKED = 100 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_MERGED = 20_000
MAX_BLANK = 1_000
"""A sheet ends after so many blank rows: some have a million formatted ones."""
MAX_COLUMNS = 2_000
DAY_ONE = date(1899, 12, 31)


class Refused(Exception):
    """(kind, what, hint), as a Failure takes them; `{}` in what stands for the file."""


def limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def check(data, zipfile) -> None:
    """The zip's own list of contents, before anything is unpacked."""
    try:
        with zipfile.ZipFile(data) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refused("truncated", "{} is not a whole workbook", "it was cut off; drop it again") from None
    if len(entries) > MAX_ENTRIES:
        raise Refused("too_large", f"{{}} holds {len(entries)} parts, more than {MAX_ENTRIES}", "this is no ordinary workbook")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        what = f"{{}} unpacks to {unpacked} bytes, more than {MAX_UNPACKED}"
        raise Refused("too_large", what, "this is no ordinary workbook")
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise Refused("bad_input", "{} is a zip file but no workbook", "drop an .xlsx or .xls")


def opened(data, python_calamine):
    try:
        return python_calamine.CalamineWorkbook.from_filelike(data)
    except python_calamine.PasswordError:
        raise Refused("bad_input", "{} is locked with a password", "save it without one") from None
    except Exception as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower() or locked(data):
            raise Refused("bad_input", "{} is locked with a password", "save it without one") from None
        raise Refused("bad_input", f"{{}} is not a whole workbook: {type(error).__name__}", "save it again as .xlsx") from None


def locked(data) -> bool:
    """An .xlsx with a password is no zip file but an old container with an encrypted package in it."""
    data.seek(0)
    return data.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" and "EncryptedPackage".encode("utf-16-le") in data.read()


def chosen(book, wanted: "str | None", python_calamine):
    named = {one.name: one for one in book.sheets_metadata}
    if wanted is not None:
        if wanted not in named:
            what = f"{{}} has no sheet {wanted!r}, but {', '.join(list(named)[:10])}"
            raise Refused("schema_changed", what, "the office renamed the sheet: put `sheet` right")
        return book.get_sheet_by_name(wanted)
    for one in named.values():
        if one.visible == python_calamine.SheetVisibleEnum.Visible and one.typ == python_calamine.SheetTypeEnum.WorkSheet:
            return book.get_sheet_by_name(one.name)
    raise Refused("bad_input", "{} has no visible sheet", "name the sheet as `sheet`")


def rows(sheet, most: int):
    """(line, cells) without empty tails. A cell that is merged downwards holds for every line it spans."""
    left = sheet.start[1] if sheet.start else 0
    spans: dict[int, list[tuple[int, int]]] = {}
    for (top, first), (bottom, _) in (sheet.merged_cell_ranges or [])[:MAX_MERGED]:
        if bottom > top and first >= left:
            spans.setdefault(top, []).append((first - left, bottom))
    held: dict[int, tuple[int, object]] = {}
    blank = 0
    for at, cells in enumerate(sheet.iter_rows()):
        if len(cells) > MAX_COLUMNS and any(cell != "" for cell in cells[MAX_COLUMNS:]):
            raise Refused("too_large", f"{{}}, line {at + 1}: more than {MAX_COLUMNS} columns", "is this the right file?")
        row = [plain(cell) for cell in cells[:MAX_COLUMNS]]
        for column, (bottom, value) in list(held.items()):
            if at > bottom:
                del held[column]
            elif row[column] is None:
                row[column] = value
        for column, bottom in spans.get(at, ()):
            if column < len(row):
                held[column] = (bottom, row[column])
        while row and row[-1] is None:
            row.pop()
        blank = 0 if row else blank + 1
        if blank > MAX_BLANK:
            return
        if at >= most:
            raise Refused("too_large", f"{{}} has more than {most} rows", "split it")
        if row:
            yield at + 1, row


def plain(cell):
    if cell == "" or cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if isinstance(cell, (datetime, date)):
        return {"d": cell.isoformat()}
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return cell


def main(asked: dict) -> None:
    limit()
    import io
    import zipfile

    import python_calamine

    data = sys.stdin.buffer.read()
    out = sys.stdout
    try:
        if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            check(io.BytesIO(data), zipfile)
        book = opened(io.BytesIO(data), python_calamine)
        try:
            sheet = chosen(book, asked["sheet"], python_calamine)
            out.write('{"row": 0}\n')
            for line, cells in rows(sheet, asked["rows"]):
                out.write(json.dumps([line, *cells], ensure_ascii=False, allow_nan=False) + "\n")
        except Refused:
            raise
        except MemoryError:
            raise
        except Exception as error:
            what = f"{{}} is not a whole workbook: {type(error).__name__}"
            raise Refused("bad_input", what, "save it again as .xlsx") from None
        out.write("[0]\n")
    except Refused as refused:
        out.write(json.dumps({"failure": refused.args}, ensure_ascii=False) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogatepass", closefd=False)  # noqa: SIM115 until the process ends
    main(json.loads(sys.argv[1]))
