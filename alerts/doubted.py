"""Figures of a source that wait for somebody's word: one alert a source to whoever reports them, never to a leader.

It is open while any of them is, says how many and which, and keeps no alert of the figures themselves back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from alerts import message, of_source, rules
from alerts.described import DOUBTED_NAME
from alerts.of_source import BuiltIn
from alerts.stamp import Stamp
from alerts.store import episodes
from alerts.wording import DOUBT
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Source, Text
from metrics.store import doubts
from metrics.store.doubts import Doubted, Waiting
from metrics.values import Values, display

OF = BuiltIn(rules.DOUBTED, DOUBTED_NAME, "{}")
AGAIN = timedelta(days=1) // timedelta(microseconds=1)
"""How often at most it is told that there are more."""
MOST = 10
"""Figures named in a message; the page has all."""


class Turns:
    """What is to be done about it at one instant, and doing it."""

    def __init__(self, connection: Connection, workspace: Workspace, at: int) -> None:
        self.connection, self.workspace = connection, workspace
        waiting = doubts.waiting(connection, workspace.indicators)
        open_ = {row.source: row for row in episodes.of_rule_open(connection, rules.DOUBTED)}
        self.begun: list[tuple[Source, Waiting]] = []
        self.moved: list[tuple[Source, Waiting, Row[Any]]] = []
        self.over: list[Source] = []
        for source in workspace.sources.values():
            found, row = waiting.get(source.key), open_.get(source.key)
            if found is not None and row is None:
                self.begun.append((source, found))
            elif found is not None and row is not None and (row.value != str(found.number) or self._late(found, row, at)):
                self.moved.append((source, found, row))
            elif found is None and row is not None:
                self.over.append(source)

    def __bool__(self) -> bool:
        return bool(self.begun or self.moved or self.over)

    def take(self, stamp: Stamp) -> None:
        for source, found in self.begun:
            of_source.open_(self.connection, self.workspace, OF, source, found.since, "", stamp, **self._named(source, found))
        for source, found, row in self.moved:
            episodes.change(self.connection, row.id, {"value": str(found.number)})
            if self._late(found, row, stamp.at):
                of_source.again(self.connection, self.workspace, OF, source, row, stamp, **self._named(source, found))
        for source in self.over:
            of_source.close(self.connection, self.workspace, OF, source, "decided", stamp)

    def _late(self, found: Waiting, row: Row[Any], at: int) -> bool:
        """Some came after it was last told of, and that is a day ago."""
        told = episodes.last_event(self.connection, row.id, ("firing", "repeated", "reminded"))
        return found.newest > told and at - told >= AGAIN

    def _named(self, source: Source, found: Waiting) -> dict[str, Any]:
        return named(self.connection, self.workspace, source, found.number)


def named(connection: Connection, workspace: Workspace, source: Source, number: int) -> dict[str, Any]:
    """What a message says of so many figures that wait."""
    of = [one for one in doubts.of_source(connection, source.key) if one.indicator in workspace.indicators]
    return {"held": number, "questions": _questions(workspace, of[:MOST]), "figure_path": "/held"}


def _questions(workspace: Workspace, of: Sequence[Doubted]) -> tuple[Text, ...]:
    """`满意率 成都市 2016年3月：900%，与此前相差悬殊`: which figure, of when, what was reported, why it is not believed."""
    return tuple({lang: _question(workspace, one, lang) for lang in ("zh", "en")} for one in of)


def _question(workspace: Workspace, one: Doubted, lang: str) -> str:
    indicator = workspace.meant(one.indicator, one.version)
    value = display(indicator, Values(one.num, one.den, one.n, None, one.status))
    unit = workspace.units.get(indicator.unit, {}).get(lang, "")
    said = "–" if value is None else message.figure(value, None, indicator.unit == "percent")
    said += unit if unit in ("", "%") or lang == "zh" else f" {unit}"
    place = message.place_name(workspace, Series(one.indicator, one.grain, *one.key))[lang]
    period = periods.label(one.grain, periods.from_us(one.period_start), workspace.zone, lang)
    why = DOUBT.get(one.kind, DOUBT[""])[lang]
    name = indicator.name.get(lang, one.indicator)
    return f"{name} {place} {period}：{said}，{why}" if lang == "zh" else f"{name}, {place}, {period}: {said}, {why}"
