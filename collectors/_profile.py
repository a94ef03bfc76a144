"""What the columns of some rows hold: numbers, instants of which form, words; and which of them tell rows apart. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from collectors._parse import MISSING, Unreadable, instants, number, word

LOOKED_AT = 5_000
ENOUGH = 0.95
"""Of the values that are there: so many must be readable as what a column is said to hold."""
FORMS = (
    "iso", "%Y-Q%q", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S+00", "%Y-%m-%d %H:%M", "%Y-%m", "%Y%m%d", "chinese",
    "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y", "%Y",
)  # fmt: skip
WHEN = re.compile(r"date|time|period|month|year|quarter|week|day|_at$|_on$|时间|日期|时期|年|月|data$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    name: str
    there: int
    """Rows that have a value."""
    distinct: int
    kind: str
    """`number`, `instant`, `text`, `nested` or `none`."""
    form: str = ""
    """Of an instant."""
    decimals: int = 0
    percent: bool = False
    unit: str = ""
    """A sign before or after each number."""
    longest: int = 0
    usual: int = 0
    """Length within which nearly all of them stay."""


def columns(rows: Sequence[Mapping[str, Any]], zone: tzinfo = UTC) -> list[Column]:
    """In the order in which they first appear."""
    some = rows[:LOOKED_AT]
    names = list(dict.fromkeys(name for row in some for name in row))
    return [_column(str(name), [row.get(name) for row in some], zone) for name in names]


def _column(name: str, values: Sequence[Any], zone: tzinfo) -> Column:
    there = [value for value in values if value is not None and not (isinstance(value, str) and _blank(value))]
    if not there:
        return Column(name, 0, 0, "none")
    if any(isinstance(value, dict | list) for value in there):
        return Column(name, len(there), len(there), "nested")
    texts = [str(value).strip() for value in there]
    lengths = sorted(map(len, texts))
    about: dict[str, Any] = {
        "there": len(there), "distinct": len(set(texts)), "longest": lengths[-1],
        "usual": lengths[int(ENOUGH * (len(texts) - 1))],
    }  # fmt: skip
    if all(isinstance(value, datetime) for value in there):
        return Column(name, kind="instant", form="iso", **about)
    if form := _form(name, texts, zone):
        return Column(name, kind="instant", form=form, **about)
    percent, unit = all(text.endswith("%") for text in texts), _sign(texts)
    plain = [text.removesuffix("%") if percent else text for text in texts]
    read = [found for text in plain if (found := _number(text, unit)) is not None]
    if len(read) >= ENOUGH * len(there) and not any(isinstance(value, bool) for value in there):
        places = max((max(0, -int(one.normalize().as_tuple().exponent)) for one in read), default=0)
        return Column(name, kind="number", decimals=min(places, 4), percent=percent, unit=unit, **about)
    return Column(name, kind="text", **about)


def telling_apart(rows: Sequence[Mapping[str, Any]], fixed: Sequence[str], candidates: Sequence[str]) -> list[str] | None:
    """The fewest of the candidates that, with `fixed`, tell all rows apart; None where even four do not."""
    some = rows[:LOOKED_AT]
    for count in range(0, 5):
        for chosen in itertools.combinations(candidates[:12], count):
            keys = {tuple(str(row.get(name)) for name in (*fixed, *chosen)) for row in some}
            if len(keys) == len(some):
                return list(chosen)
    return None


def _blank(text: str) -> bool:
    try:
        return word(text, MISSING) is None
    except Unreadable:
        return False


def _form(name: str, texts: Sequence[str], zone: tzinfo) -> str:
    """The form that reads nearly all of the texts; figures are instants only where the column's name says so."""
    digits = all(re.fullmatch(r"\d+(\.0)?", text) for text in texts)
    if digits and not WHEN.search(name):
        return ""
    for form in FORMS:
        if form == "%Y" and not (digits and WHEN.search(name)):
            continue
        if form in ("iso", "chinese") and digits:
            continue
        read = instants(form, zone)
        if sum(_reads(read, text) for text in texts) >= ENOUGH * len(texts):
            return form
    if digits:
        sizes = {len(text.split(".")[0]) for text in texts}
        return "epoch" if sizes == {10} else "epoch_ms" if sizes == {13} else ""
    return ""


def _reads(read: Any, text: str) -> bool:
    try:
        return read(text) is not None
    except Unreadable:
        return False


def _number(text: str, unit: str) -> Any:
    try:
        return number(text, unit=unit)
    except Unreadable:
        return None


def _sign(texts: Sequence[str]) -> str:
    first = {text[0] for text in texts}
    return first.pop() if len(first) == 1 and next(iter(first)) in "£$€¥￥" else ""
