"""Numbers, changes, dates and ages as people write them in each language (`assets` and pages show nothing else)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dashboards._text import name, t
from metrics.answers import Change
from metrics.model import Indicator

MINUS = "\u2212"
DASH = "\u2014"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def number(value: Decimal | int | None, decimals: int = 0, lang: str = "zh", *, short: bool = False) -> str:
    """`236,217`, `98.7`; short on cards in Chinese: `23.6 万`, `4,119 万`, `1.20 亿`. A missing number is a dash."""
    if value is None:
        return DASH
    value = Decimal(value)
    unit = ""
    if short and lang == "zh" and abs(value) >= 10_000:
        big = abs(value) >= 100_000_000
        value, unit, decimals = (value / 100_000_000, " 亿", 2) if big else (value / 10_000, " 万", int(abs(value) < 10_000_000))
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)
    return f"{rounded:,}".replace("-", MINUS) + unit


def shown_decimals(indicator: Indicator) -> int:
    """Rates show one decimal place (availability two, which its definition says); others what they keep."""
    if indicator.measure.rate or indicator.unit == "percent":
        return max(indicator.decimals, 1)
    return indicator.decimals


def count(indicator: Indicator, raw: int) -> Decimal:
    """A numerator or denominator as a count: cases and what is derived are whole, reported figures are in the smallest unit."""
    return Decimal(raw).scaleb(-indicator.decimals) if indicator.measure.kind == "observed" else Decimal(raw)


def unit(indicator: Indicator, units: Mapping[str, Any], lang: str) -> str:
    if indicator.unit == "percent":
        return "%"
    text = units.get(indicator.unit)
    if isinstance(text, Mapping):
        return name(text, lang)
    text = getattr(text, "name", text)
    return name(text, lang) if isinstance(text, Mapping) else str(text or indicator.unit)


def change(change: Change | None, decimals: int, lang: str) -> str:
    """`+0.4 百分点` for a rate, `−11.3%` for a count, always with its sign; `持平` for none."""
    if change is None:
        return DASH
    places = max(decimals, 1)
    text = number(change.amount, places, lang)
    if change.amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) == 0:
        return t("change.none", lang)
    sign = "" if text.startswith(MINUS) else "+"
    return f"{sign}{text} {t('unit.points', lang)}" if change.in_points else f"{sign}{text}%"


def when(instant: datetime | None, now: datetime, zone: ZoneInfo, lang: str) -> str:
    """As short as is clear: `08:00` today, `22日 08:00` this month, `11月22日 08:00`, with the year when it is another."""
    if instant is None:
        return DASH
    at, today = instant.astimezone(zone), now.astimezone(zone)
    clock = f"{at:%H:%M}"
    if at.date() == today.date():
        return clock
    if at.year != today.year:
        return f"{day(instant, zone, lang, year=True)} {clock}"
    if lang == "zh" and at.month == today.month:
        return f"{at.day}日 {clock}"
    return f"{day(instant, zone, lang)} {clock}"


def day(instant: datetime, zone: ZoneInfo, lang: str, *, year: bool = False) -> str:
    at = instant.astimezone(zone)
    if lang == "zh":
        return (f"{at.year}年" if year else "") + f"{at.month}月{at.day}日"
    return f"{at.day} {MONTHS[at.month - 1]}" + (f" {at.year}" if year else "")


def full(instant: datetime, zone: ZoneInfo, lang: str, *, year: bool = False) -> str:
    """`11月22日 08:00`: the date always stands there (headers, prints)."""
    return f"{day(instant, zone, lang, year=year)} {instant.astimezone(zone):%H:%M}"


def age(span: timedelta | float | None, lang: str, most: int = 2) -> str:
    """`4分`, `2时24分`, `1天8时`: the two largest units; `most` 1 where there is little room."""
    if span is None:
        return DASH
    minutes = int((span.total_seconds() if isinstance(span, timedelta) else span) // 60)
    if minutes < 1:
        return t("age.now", lang)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    while parts and not parts[0][0]:
        parts.pop(0)
    return ("" if lang == "zh" else " ").join(f"{count}{t('age.' + key, lang)}" for count, key in parts[:most] if count)
