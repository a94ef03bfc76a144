"""The workbook an office fills in: made for what it owes, with drop-downs, and read back cell by cell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from collectors import _apart
from collectors._duties import Duty, period_text
from collectors._errors import Failure
from metrics.model import Source
from metrics.values import Values

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

COLUMNS = ("indicator", "period", "place", "num", "den", "status", "reason")
HEADS: Mapping[str, tuple[str, ...]] = {
    "zh": ("指标", "时期", "单位", "数值或分子", "分母", "情况", "说明"),
    "en": ("Indicator", "Period", "Unit", "Figure or numerator", "Denominator", "Status", "Note"),
}
STATUSES: Mapping[str, Mapping[str, str]] = {
    "A": {"zh": "正常", "en": "normal"}, "P": {"zh": "暂定", "en": "provisional"}, "E": {"zh": "估计", "en": "estimated"},
    "M": {"zh": "缺报", "en": "missing"}, "N": {"zh": "未发生", "en": "nothing due"},
}  # fmt: skip
HELP = {
    "zh": "只填有底色的格子。率填分子和分母，其他只填数值；没有数值时选“情况”并写明原因。空行表示暂不报送。",
    "en": "Fill the shaded cells only. A rate has a numerator and a denominator, others a figure; without one choose a status "
    "and say why. A line left blank is not handed in.",
}
MAX_LINES = 2_000
DEADLINE = 20.0
"""Someone waits for the page."""
FIRST = 4
"""The line of the first figure, counted from 1: above it a title, a help and the header."""


def template(source: Source, workspace: Workspace, owes: Sequence[Duty], lang: str) -> bytes:
    """An XLSX with one line for each figure that is owed or was handed in before; texts and drop-downs in one language."""
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, lists = book.add_worksheet("填报" if lang == "zh" else "Form"), book.add_worksheet("lists")
    lists.hide()
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F4F6F8"})
    fill = book.add_format({"bg_color": "#FBF1D6", "border": 1, "border_color": "#E1E5E9"})
    text = book.add_format({"num_format": "@"})
    filled_text = book.add_format({"num_format": "@", "bg_color": "#FBF1D6", "border": 1, "border_color": "#E1E5E9"})
    sheet.write_string(0, 0, source.name.get(lang, source.key), book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, HELP[lang], book.add_format({"font_color": "#46525F"}))
    for n, word in enumerate(HEADS[lang]):
        sheet.write_string(FIRST - 2, n, word, head)
    words = {
        0: list(dict.fromkeys(one.indicator.name[lang] for one in owes)),
        1: list(dict.fromkeys(period_text(one.grain, one.start, workspace.zone) for one in owes)),
        2: list(dict.fromkeys(place_name(one, workspace, lang) for one in owes)),
        5: [one[lang] for one in STATUSES.values()],
    }
    for n, duty in enumerate(owes):
        line, values = FIRST - 1 + n, duty.given
        shown = (
            duty.indicator.name[lang],
            period_text(duty.grain, duty.start, workspace.zone),
            place_name(duty, workspace, lang),
        )
        for column, word in enumerate(shown):
            sheet.write_string(line, column, word, text)
        for column, number in ((3, values.num if values else None), (4, values.den if values else None)):
            if number is None:
                sheet.write_blank(line, column, None, fill)
            else:
                sheet.write_number(line, column, number / 10**duty.indicator.decimals, fill)
        said = STATUSES.get(values.status) if values else None
        sheet.write_string(line, 5, said[lang] if said and values and values.status != "A" else "", filled_text)
        sheet.write_string(line, 6, "", filled_text)
    last = max(FIRST + len(owes) - 1, FIRST)
    for column, options in words.items():
        for n, word in enumerate(options):
            lists.write_string(n, column, word)
        letter = "ABCDEFG"[column]
        listed = f"=lists!${letter}$1:${letter}${max(1, len(options))}"
        sheet.data_validation(FIRST - 1, column, last + 50, column, {"validate": "list", "source": listed})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 6, 14)
    sheet.freeze_panes(FIRST - 1, 1)
    book.close()
    return made.getvalue()


def place_name(duty: Duty, workspace: Workspace, lang: str) -> str:
    kind, id = duty.place()
    tree = workspace.regions if kind == "region" else workspace.departments
    return tree.get(id).name.get(lang, id) if id in tree else id


def lines(data: bytes, name: str) -> list[tuple[int, list[Any]]]:
    """(line, cells) of a form, from its first figure on. Failure for what is no such workbook."""
    if not data.startswith(b"PK"):
        raise Failure("bad_input", f"{name} is no .xlsx workbook", "take the template, fill it in, save it as .xlsx")
    wanted = {frozenset(one[:4]) for one in HEADS.values()}
    found: list[tuple[int, list[Any]]] = []
    begun = False
    for line, cells in list(_apart.workbook(data, name, None, MAX_LINES + 50, DEADLINE)):
        words = frozenset(str(cell).strip() for cell in cells[:4] if cell is not None)
        if not begun:
            begun = words in wanted
            continue
        found.append((line, list(cells[: len(COLUMNS)])))
        if len(found) > MAX_LINES:
            raise Failure("too_large", f"{name} has more than {MAX_LINES} lines", "hand it in in several parts")
    if not begun:
        raise Failure("schema_changed", f"{name} is not the form of this office", "take the template anew; keep its header line")
    return found


def rows(
    found: Iterable[tuple[int, list[Any]]], owes: Sequence[Duty], workspace: Workspace
) -> tuple[list[dict[str, Any]], list[int]]:
    """Rows as `_sent` reads them, and the line each stands in. A line in which nothing was filled in is left out."""
    indicators = {name: one.indicator.key for one in owes for name in (*one.indicator.name.values(), one.indicator.key)}
    kinds = {name: one.place()[0] for one in owes for name in _names(one, workspace)}
    departments = {one.indicator.key: one.department for one in owes}
    statuses = {word: code for code, said in STATUSES.items() for word in (*said.values(), code)}
    made, at = [], []
    for line, cells in found:
        cell = dict(zip(COLUMNS, [*cells, *[None] * len(COLUMNS)], strict=False))
        if all(_blank(cell[name]) for name in ("num", "den", "status", "reason")):
            continue
        key = indicators.get(_text(cell["indicator"]), _text(cell["indicator"]))
        place, kind = _text(cell["place"]), kinds.get(_text(cell["place"]), "region")
        row: dict[str, Any] = {
            "indicator": key, "period": _period(cell["period"]), "num": _number(cell["num"]), "den": _number(cell["den"]),
            "status": statuses.get(_text(cell["status"]), _text(cell["status"])), "reason": _text(cell["reason"]),
            "department": departments.get(key, "_T"), "region": place if kind == "region" else "",
        }  # fmt: skip
        made.append({name: value for name, value in row.items() if value not in (None, "")})
        at.append(line)
    return made, at


def cell_of(line: int, field: str) -> str:
    """`D5`: where a field of a row stands; `department` and `region` share a column."""
    name = "place" if field in ("region", "department") else "indicator" if field == "grain" else field
    return f"{'ABCDEFG'[COLUMNS.index(name)]}{line}" if name in COLUMNS else f"A{line}"


def shown(values: Values | None, decimals: int) -> str:
    """`60 / 100`, `12.5`; a dash where nothing is there."""
    if values is None or values.num is None:
        return "—"
    parts = [value / 10**decimals for value in (values.num, values.den) if value is not None]
    return " / ".join(f"{part:,.{decimals}f}" for part in parts)


def _names(one: Duty, workspace: Workspace) -> list[str]:
    return [place_name(one, workspace, lang) for lang in ("zh", "en")] + [one.place()[1]]


def _blank(value: Any) -> bool:
    return value is None or not str(value).strip(" \u3000")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip(" \u3000")


def _number(value: Any) -> Any:
    """A spreadsheet's number exactly as it is shown; text stays text, for the parser to read or refuse."""
    if isinstance(value, bool) or value is None:
        return None if value is None else str(value)
    return repr(value) if isinstance(value, float) else str(value) if isinstance(value, int) else _text(value)


def _period(value: Any) -> str:
    """Office programs turn `2026-03` into a date."""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _text(value)
