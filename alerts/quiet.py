"""Most values change nothing: nothing is pending or open under the rule, and the value is within all its bounds. All that judging
does with such a value is to remember it as the last one. These are told apart here and kept as a set, without judging one by one.

`passes` says of which values that is so; that it is, `judge` itself is the measure of (tests/alerts/test_quiet.py).
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from alerts.course import Era, spaced
from alerts.judge import Value
from alerts.record import Stamp
from alerts.store import quiet as rows
from metrics.rulebook import Rule
from metrics.values import CellChange

_PLAIN = "[[], "
"""How the rest of a state begins that remembers no breaches."""
NEVER = 2**63
"""Of a paused rule: no value settles so late."""
_OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(slots=True)
class Bounds:
    """What decides whether a value passes, made once from all versions of a rule."""

    rule: str
    version: int
    begin: int
    """Values that settle before this instant belong to an earlier version, or to none."""
    least: int
    """Cases it takes to judge."""
    beyond: Callable[[Decimal, Decimal], bool]
    threshold: Decimal
    """Of the level that is breached first."""


@dataclass(slots=True)
class Arrival:
    """One new value of one series, and the rules that judge it."""

    change: CellChange
    rules: Sequence[Rule]
    value: Value
    settles: int
    """When its period settled (microseconds)."""
    grain: str
    definition: int


class InForce(dict[str, Bounds]):
    """Bounds by rule, each made when it is first asked for."""

    def __init__(self, eras: Mapping[str, Sequence[Era]]) -> None:
        super().__init__()
        self.eras = eras

    def __missing__(self, rule: str) -> Bounds:
        made = self[rule] = bounds(self.eras[rule])
        return made


def bounds(eras: Sequence[Era]) -> Bounds:
    newest = eras[-1]
    rule = newest.rule
    mildest = max if rule.op in ("<", "<=") else min
    threshold = mildest(level.threshold for level in rule.levels)
    begin = NEVER if rule.paused else max(eras[0].since, newest.since)
    return Bounds(rule.key, newest.id, begin, rule.min_n, _OPS[rule.op], threshold)


def passes(given: Bounds, last: int | None, value: Value, settles: int) -> bool:
    """Of a NORMAL state whose last value starts at `last`: does this value change nothing but the last one?"""
    return (
        not given.beyond(value.value, given.threshold)
        and (last is None or value.start > last)
        and settles >= given.begin
        and (value.n is None or value.n >= given.least)
    )


def pass_over(
    connection: Connection, in_force: Mapping[str, Bounds], arrivals: Sequence[Arrival], stamp: Stamp
) -> list[tuple[Arrival, list[Rule]]]:
    """Keep what passes; what is left to be judged."""
    known = rows.standing(connection, (one.change.series_id for one in arrivals))
    kept = rows.Kept()
    left: list[tuple[Arrival, list[Rule]]] = []
    for one in arrivals:
        standing = known[one.change.series_id]
        passed: list[Bounds] = []
        remaining: list[Rule] = []
        for rule in one.rules:
            given, stands = in_force[rule.key], standing.get(rule.key)
            if stands is None:
                passing = passes(given, None, one.value, one.settles)
            else:
                quiet = stands[0] == "NORMAL" and stands[1].startswith(_PLAIN)
                passing = quiet and passes(given, stands[2], one.value, one.settles)
            if passing:
                passed.append(given)
            else:
                remaining.append(rule)
        if passed:
            _keep(kept, one, passed, standing, stamp.at)
        if remaining:
            left.append((one, remaining))
    rows.keep(connection, kept, stamp.revision)
    return left


def _keep(kept: rows.Kept, one: Arrival, passed: Sequence[Bounds], standing: Mapping[str, rows.Standing], at: int) -> None:
    """The rules of a series that let its value pass. Those that stand alike move on by one statement."""
    series, value, definition = one.change.series_id, one.value, one.definition
    start, end, text = value.start, value.end, str(value.value)
    body: dict[str, Any] = {"values": {str(start): [end, text, value.n]}, "definition": definition}
    if len(passed) > 1:
        body["rules"] = [given.rule for given in passed]
    kept.inputs.append(("data", "" if len(passed) > 1 else passed[0].rule, series, at, json.dumps(body)))
    first = standing.get(passed[0].rule)
    if first is not None and first[2] is not None and _alike(first, passed, standing, definition):
        kept.alike.append((_rest(first[3], one), start, end, text, series, first[2]))
        return
    for given in passed:
        stands = standing.get(given.rule)
        rest = _rest(stands and stands[3], one)
        (kept.moved if stands else kept.fresh).append((given.version, definition, rest, start, end, text, given.rule, series))


def _alike(first: rows.Standing, passed: Sequence[Bounds], standing: Mapping[str, rows.Standing], definition: int) -> bool:
    """Are these all the rules that rest on this last value, each under its newest version?"""
    resting = [key for key, stands in standing.items() if stands[0] == "NORMAL" and stands[2] == first[2]]
    return len(resting) == len(passed) and all(
        (stands := standing.get(given.rule)) is not None and stands[2:] == (*first[2:4], given.version, definition)
        for given in passed
    )


def _rest(until: int | None, one: Arrival) -> str:
    return json.dumps([[], [spaced(until, one.value, one.grain).gap, one.value.n]])
