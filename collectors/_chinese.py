"""Dates as Chinese offices write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

_SAME = ("〇零○", "一壹元", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {character: digit for digit, line in enumerate(_SAME) for character in line}
_DATE = re.compile(
    r"(?P<era>民国)?(?P<year>[\d〇零○一二三四五六七八九元]{1,4})年度?"
    r"(?:第?(?P<quarter>[1-4一二三四])季度?|(?P<half>上|下)半年"
    r"|(?P<month>\d{1,2}|[一二三四五六七八九十元正]{1,2})月份?(?:(?P<day>\d{1,2}|[一二三四五六七八九十廿卅初]{1,3})[日号]?"
    r"(?P<noon>上午|下午)?(?:(?P<hour>\d{1,2})[时点:](?:(?P<minute>\d{1,2})分?)?(?::?(?P<second>\d{1,2})秒?)?)?)?)?"
)


class NotADate(ValueError):
    pass


def chinese_date(text: str) -> datetime:
    """Local time without a zone: 2026年3月1日, ２０２６年３月, 二〇二六年三月十五日, 2026年一季度,
    2026年上半年, 2026年3月中旬, 2026年3月1日下午3时20分, 民国115年3月1日. NotADate for anything else."""
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    compact = re.sub(r"月([上中下])旬$", lambda third: f"月{1 + 10 * '上中下'.index(third[1])}日", compact)
    found = _DATE.fullmatch(compact)
    if not found:
        raise NotADate("is no date as 2026年3月1日")
    year = _year(found["year"]) + (1911 if found["era"] else 0)
    month = 1
    if found["quarter"]:
        month = _small(found["quarter"]) * 3 - 2
    elif found["half"]:
        month = 1 if found["half"] == "上" else 7
    elif found["month"]:
        month = 1 if found["month"] == "正" else _small(found["month"])
    hour = int(found["hour"] or 0)
    if found["noon"] == "下午" and hour < 12:
        hour += 12
    try:
        return datetime(year, month, _small(found["day"] or "1"), hour, int(found["minute"] or 0), int(found["second"] or 0))  # noqa: DTZ001
    except ValueError:
        raise NotADate("is no day of the calendar or no time of day") from None


def _year(text: str) -> int:
    """二〇二六 digit by digit; 115 of the era."""
    return int("".join(c if c.isascii() else str(_DIGITS[c]) for c in text))


def _small(text: str) -> int:
    """1 to 31: 十五, 二十一, 廿三, 初八."""
    if text.isascii():
        return int(text)
    text = text.removeprefix("初").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[c]) for c in text))
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
