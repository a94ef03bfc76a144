"""Numbers, instants and words as sources write them. What is missing is None, never 0; what is not understood is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from collectors._chinese import NotADate, chinese_date

MISSING = frozenset({"", "-", "--", "—", "——", "–", "N/A", "n/a", "NA", "null", "NULL", "None", "…", "/"})
"""Words that mean `no value` where a source declares none of its own; None and blank text always do."""
BIGGEST = Decimal(10) ** 18
FACTORS = {"": 1, "十": 10, "百": 100, "千": 1_000, "万": 10_000, "十万": 100_000, "百万": 1_000_000, "亿": 100_000_000}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Unreadable(ValueError):
    """The value is there but is not what was declared; the text says why in plain words."""


def word(value: Any, missing: frozenset[str] = MISSING) -> str | None:
    """The value as trimmed text, or None where it means `no value`. Ideographic spaces and BOMs are trimmed too."""
    if value is None:
        return None
    if type(value) is not str:
        value = plain(value)
    text = value.strip(" \t\r\n\u3000\ufeff\xa0")
    if not text or text in missing:
        return None
    if not text.isprintable():
        check_text(text)
    return text


def plain(value: Any) -> str:
    """A JSON or spreadsheet value as text; 12.0 is `12`, since spreadsheets know no whole numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)):
        exact = Decimal(value)
        if exact.is_finite() and abs(exact) < 10**15 and exact == exact.to_integral_value():
            return str(int(exact))
    if isinstance(value, (dict, list)):
        raise Unreadable("is a list or an object where one value was expected")
    return str(value)


def check_text(text: str) -> None:
    """Refuse what no database can keep."""
    if "\x00" in text:
        raise Unreadable("holds a NUL character")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise Unreadable("holds half of a character (a lone surrogate)")


def number(
    value: Any,
    missing: frozenset[str] = MISSING,
    *,
    thousands: str = ",",
    point: str = ".",
    unit: str = "",
    percent: bool = False,
) -> Decimal | None:
    """An exact number. Full-width digits are read; grouped digits must be grouped right (`1,234.5`; for `1.234,5` declare
    `thousands: "."` and `point: ","`); `万` and `亿` only right after the digits; `12%` only where `percent` is declared.
    `unit` is a text before or after the number that is dropped (`£`, `元`)."""
    if isinstance(value, bool):
        raise Unreadable("is true or false where a number was expected")
    if isinstance(value, int):
        return _bounded(Decimal(value))
    if isinstance(value, (float, Decimal)):
        return _bounded(Decimal(str(value)) if isinstance(value, float) else value)
    text = word(value, missing)
    if text is None:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if unit:
        if not unit.isascii():
            unit = unicodedata.normalize("NFKC", unit)
        text = text.removeprefix(unit).removesuffix(unit).strip()
    if percent:
        text = text.removesuffix("%").strip()
    digits, factor = text, 1
    while digits and digits[-1] in "十百千万亿":
        digits = digits[:-1]
    if digits != text:
        suffix = text[len(digits) :]
        if suffix not in FACTORS:
            raise Unreadable(f"ends in {suffix}, which is no factor")
        factor = FACTORS[suffix]
        digits = digits.strip()
    if thousands != "," or point != ".":
        digits = digits.translate({ord(thousands): ",", ord(point): "."})
    if "," in digits:
        if not _GROUPED.fullmatch(digits):
            raise Unreadable("has its thousands separators in the wrong places")
        digits = digits.replace(",", "")
    if len(digits) > 60 or not _NUMBER.fullmatch(digits):
        raise Unreadable("is not a number")
    try:
        return _bounded(Decimal(digits) * factor)
    except InvalidOperation:
        raise Unreadable("is not a number") from None


def plain_unit(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def unit_of_name(name: str) -> str:
    """`办结率(%)` is in %."""
    found = re.search(r"\(([^()]+)\)\s*$", unicodedata.normalize("NFKC", name))
    return found[1].strip() if found else ""


def factor_of(written: str, counts: str) -> int | None:
    """How many `counts` one of the written unit is: 万元 is 10,000 元. None where it is no multiple of it by its name."""
    unit = plain_unit(written)
    return FACTORS.get(unit.removesuffix(counts)) if unit.endswith(counts) else None


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Unreadable("is NaN or infinite")
    if abs(value) >= BIGGEST:
        raise Unreadable("is larger than any figure can be")
    return value


def instants(form: str, zone: tzinfo) -> Callable[[Any], datetime | None]:
    """A reader of instants of one declared format: `iso`, `epoch`, `epoch_ms`, `excel`, `chinese` (2026年3月1日, 二〇二六年三月,
    2026年第1季度) or strptime's directives (and `%q`).

    Text without a zone is local time in `zone`. The reader gets a trimmed text or a datetime, and gives aware UTC."""
    if form in ("epoch", "epoch_ms"):
        return _cached(lambda text: _epoch(text, 1000 if form == "epoch_ms" else 1))
    if form == "excel":
        return _cached(lambda text: _excel(text, zone))
    if form == "chinese":
        return _cached(lambda text: _utc(chinese(text), zone))
    if form == "iso":
        return _cached(lambda text: _utc(_iso(text), zone))
    return _cached(_pattern(form, zone))


def one_of(forms: list[str], zone: tzinfo) -> Callable[[Any], datetime | None]:
    """The first of several declared formats that fits."""
    reads = [instants(form, zone) for form in forms]

    def read(text: Any) -> datetime | None:
        for one in reads:
            try:
                return one(text)
            except Unreadable:
                continue
        raise Unreadable(f"has none of the declared forms {', '.join(forms)}")

    return read


def _cached(read: Callable[[str], datetime]) -> Callable[[Any], datetime | None]:
    return lru_cache(maxsize=65_536)(read)


def _epoch(text: str, per_second: int) -> datetime:
    value = number(text)
    if value is None or value <= 0:
        raise Unreadable("is not a moment after 1970")
    try:
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 1_000_000 / per_second))
    except OverflowError:
        raise Unreadable("lies beyond every calendar") from None
    return _in_range(found)


def _excel(text: str, zone: tzinfo) -> datetime:
    value = number(text)
    if value is None or not 61 <= value < 110_000:
        raise Unreadable("is not a spreadsheet's day number")
    seconds = round(value * 86_400)
    return _utc(datetime(1899, 12, 30) + timedelta(seconds=seconds), zone)  # noqa: DTZ001 local until _utc


def chinese(text: str) -> datetime:
    try:
        return chinese_date(text)
    except NotADate as error:
        raise Unreadable(str(error)) from None


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("is not a date and time of ISO 8601") from None


_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "p": r"(?P<p>[AaPp][Mm])", "q": r"(?P<q>[1-4])", "%": "%",
}  # fmt: skip


def _pattern(form: str, zone: tzinfo) -> Callable[[str], datetime]:
    """strptime's format as one regular expression: five times as fast on the many thousand instants of a file."""
    parts = re.split(r"%(.)", form)
    if not parts[1:] or any(letter not in _DIRECTIVES for letter in parts[1::2]) or len(set(parts[1::2])) < len(parts[1::2]):
        return lambda text: _strptime(text, form, zone)
    source = "".join(_DIRECTIVES[p] if i % 2 else re.escape(p) for i, p in enumerate(parts))
    match, has = re.compile(source, re.ASCII).fullmatch, frozenset(parts[1::2])

    def read(text: str) -> datetime:
        found = match(text) or match(unicodedata.normalize("NFKC", text))
        if not found:
            raise Unreadable(f"does not have the declared form {form}")
        got = found.groupdict()
        hour = int(got["H"]) if "H" in has else 0
        if "I" in has:
            if not 1 <= int(got["I"]) <= 12:
                raise Unreadable("is no time of day")
            hour = int(got["I"]) % 12 + (12 if got.get("p", "").lower() == "pm" else 0)
        try:
            month = int(got["q"]) * 3 - 2 if "q" in has else int(got.get("m", 1))
            day, minute, second = int(got.get("d", 1)), int(got.get("M", 0)), int(got.get("S", 0))
            local = datetime(int(got.get("Y", 1900)), month, day, hour, minute, second)  # noqa: DTZ001 local until _utc
        except ValueError:
            raise Unreadable("is no day of the calendar or no time of day") from None
        return _utc(local, zone)

    return read


def _strptime(text: str, form: str, zone: tzinfo) -> datetime:
    try:
        return _utc(datetime.strptime(unicodedata.normalize("NFKC", text), form), zone)  # noqa: DTZ007 local until _utc
    except ValueError:
        raise Unreadable(f"does not have the declared form {form}") from None


def as_utc(value: datetime | date, zone: tzinfo) -> datetime:
    """A datetime or a date from a database or a spreadsheet; without a zone it is local."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 local until _utc
    return _utc(value, zone)


def _utc(found: datetime, zone: tzinfo) -> datetime:
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise Unreadable(f"has the year {found.year}")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _in_range(found: datetime) -> datetime:
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise Unreadable(f"has the year {found.year}")
    return found
