"""Columns of a long list as cells of a CSV file, ready to be joined: what is the same for many cases is written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from metrics import periods
from publish._sheet import FORMULA, Value, harmless

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = frozenset(FORMULA)
QUOTED = frozenset(',"\r\n')
SECOND, QUARTER = 1_000_000, 900_000_000
ENDS = tuple(tuple(f"{minute:02}:{second:02}" for minute in range(n, n + 15) for second in range(60)) for n in range(0, 60, 15))
KEPT = 5_000
"""So many different words are remembered; cases lie beside others of the same days."""


class Words(dict[Any, Any]):
    """What is said for a value, worked out once."""

    def __init__(self, say: Callable[[Any], Any]) -> None:
        super().__init__()
        self.say = say

    def __missing__(self, value: Any) -> Any:
        if len(self) >= KEPT:
            self.clear()
        found = self[value] = self.say(value)
        return found

    def column(self, values: Sequence[Any]) -> list[str]:
        return list(map(self.__getitem__, values))


def instants(zone: ZoneInfo) -> Callable[[Sequence[int | None]], list[str]]:
    """Of microseconds: as people there write them, to the second. Clocks differ by whole quarters of an hour; where they did
    not, so long ago, the plain way is taken."""

    def ahead(day: int) -> int | None:
        """By how many quarters clocks are ahead of UTC all that day; None where that is not one whole number."""
        begin, end = ((EPOCH + timedelta(days=one)).astimezone(zone).utcoffset() for one in (day, day + 1))
        assert begin is not None
        return begin // timedelta(minutes=15) if begin == end and not begin % timedelta(minutes=15) else None

    def quarter(number: int) -> tuple[str, Sequence[str]]:
        """What all moments of a quarter of an hour begin with, and how each of its seconds ends."""
        offset = days[number // 96]
        if offset is not None:
            there = number + offset
            return f"{dates[there // 96]} {there // 4 % 24:02}:", ENDS[there % 4]
        local = (EPOCH + number * timedelta(minutes=15)).astimezone(zone)
        ends = ENDS[local.minute // 15] if not (local.minute % 15 or local.second) else ()
        return f"{local:%Y-%m-%d %H}:", ends

    def plain(us: int) -> str:
        return periods.from_us(us).astimezone(zone).isoformat(" ", "seconds")[:19]

    days, quarters = Words(ahead), Words(quarter)
    dates = Words(lambda day: (EPOCH + timedelta(days=day)).date().isoformat())

    def one(us: int) -> str:
        begin, ends = quarters[us // QUARTER]
        return begin + ends[us // SECOND % 900] if ends else plain(us)

    def column(values: Sequence[int | None]) -> list[str]:
        try:
            return ["" if us is None else (found := quarters[us // QUARTER])[0] + found[1][us // SECOND % 900] for us in values]
        except IndexError:
            return ["" if us is None else one(us) for us in values]

    return column


def cell(value: Value) -> str:
    """A cell of a CSV file: harmless, in quotes where it would else be taken for several."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    text = harmless(value if isinstance(value, str) else str(value))
    return text if QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def texts(values: Sequence[str]) -> Sequence[str]:
    """Every one a cell; mostly they all are already, which is seen at once."""
    joined = "".join(values)
    if joined.isprintable() and "," not in joined and '"' not in joined and FIRST.isdisjoint([value[:1] for value in values]):
        return values
    return list(map(cell, values))


def mixed(values: Sequence[Value]) -> Sequence[str]:
    """Of a field that may be text, a number or true and false."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return texts(values)  # type: ignore[arg-type]
    return list(map(str, values)) if kinds == {int} else list(map(cell, values))
