"""Most values change nothing: nothing is pending or open under the rule, and the value is within all its bounds. All that judging
does with such a value is to remember it as the last one. These are told apart here and kept as a set, without judging one by one.

`passes` says of which values that is so; that it is, `judge` itself is the measure of (tests/alerts/test_quiet.py).
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from alerts.course import Era, spaced
from alerts.judge import Value
from alerts.stamp import Stamp
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


@dataclass(frozen=True, slots=True)
class Together:
    """Several rules on one series, as one question: a value within the tightest bounds passes all of them."""

    rules: list[str]
    versions: frozenset[str]
    tightest: list[Bounds]
    """One an operator."""


class InForce(dict[str, Bounds]):
    """Bounds by rule, each made when it is first asked for."""

    def __init__(self, eras: Mapping[str, Sequence[Era]]) -> None:
        super().__init__()
        self.eras = eras
        self._together: dict[tuple[str, ...], Together] = {}

    def together(self, rules: Sequence[Rule]) -> Together:
        keys = tuple(rule.key for rule in rules)
        found = self._together.get(keys)
        if found is None:
            found = self._together[keys] = together([self[key] for key in keys])
        return found

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


def together(every: Sequence[Bounds]) -> Together:
    tightest: dict[Any, Bounds] = {}
    for one in every:
        so_far = tightest.get(one.beyond)
        if so_far is None:
            tightest[one.beyond] = replace(one, rule="", version=0)
            continue
        mildest = max if one.beyond in (operator.lt, operator.le) else min
        so_far.begin, so_far.least = max(so_far.begin, one.begin), max(so_far.least, one.least)
        so_far.threshold = mildest(so_far.threshold, one.threshold)
    return Together([one.rule for one in every], frozenset(str(one.version) for one in every), list(tightest.values()))


def passes(given: Bounds, last: int | None, value: Value, settles: int) -> bool:
    """Of a NORMAL state whose last value starts at `last`: does this value change nothing but the last one?"""
    return (
        not given.beyond(value.value, given.threshold)
        and (last is None or value.start > last)
        and settles >= given.begin
        and (value.n is None or value.n >= given.least)
    )


def pass_over(
    connection: Connection, in_force: InForce, arrivals: Sequence[Arrival], stamp: Stamp
) -> list[tuple[Arrival, list[Rule]]]:
    """Keep what passes; what is left to be judged."""
    kept = rows.Kept()
    apart = _move_together(connection, in_force, arrivals, kept, stamp)
    known = rows.standing(connection, (one.change.series_id for one in apart)) if apart else {}
    left: list[tuple[Arrival, list[Rule]]] = []
    for one in apart:
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


def _move_together(
    connection: Connection, in_force: InForce, arrivals: Sequence[Arrival], kept: rows.Kept, stamp: Stamp
) -> list[Arrival]:
    """Series all of whose rules rest on one value, each under its newest version, and let the next one pass: asked once a series,
    not once a rule. The other series."""
    groups = rows.groups(connection, (one.change.series_id for one in arrivals))
    others: list[Arrival] = []
    for one in arrivals:
        stands, given = groups.get(one.change.series_id, ()), in_force.together(one.rules)
        if len(stands) == 1:
            quiet, start, end, definition, versions = stands[0]
            alike = quiet and start is not None and definition == one.definition and given.versions == {*versions.split(",")}
            if alike and all(passes(bounds, start, one.value, one.settles) for bounds in given.tightest):
                _move(kept, one, given.rules, start, end, stamp.at)
                continue
        others.append(one)
    return others


def _keep(kept: rows.Kept, one: Arrival, passed: Sequence[Bounds], standing: Mapping[str, rows.Standing], at: int) -> None:
    """The rules of a series that let its value pass. Those that stand alike move on by one statement."""
    first = standing.get(passed[0].rule)
    names = [given.rule for given in passed]
    if first is not None and first[2] is not None and _alike(first, passed, standing, one.definition):
        _move(kept, one, names, first[2], first[3], at)
        return
    kept.inputs.append(_input(one, names, at))
    value = one.value
    for given in passed:
        stands = standing.get(given.rule)
        rest = _rest(stands and stands[3], one)
        moved = (given.version, one.definition, rest, value.start, value.end, str(value.value), given.rule, one.change.series_id)
        (kept.moved if stands else kept.fresh).append(moved)


def _move(kept: rows.Kept, one: Arrival, names: list[str], start: int | None, end: int | None, at: int) -> None:
    """All rules that rest on the value that starts at `start` move on to this one."""
    assert start is not None
    kept.inputs.append(_input(one, names, at))
    value = one.value
    kept.alike.append((_rest(end, one), value.start, value.end, str(value.value), one.change.series_id, start))


def _input(one: Arrival, names: list[str], at: int) -> rows.Input:
    value = one.value
    body: dict[str, Any] = {"values": {str(value.start): [value.end, str(value.value), value.n]}, "definition": one.definition}
    if len(names) > 1:
        body["rules"] = names
    return "data", "" if len(names) > 1 else names[0], one.change.series_id, at, json.dumps(body)


def _alike(first: rows.Standing, passed: Sequence[Bounds], standing: Mapping[str, rows.Standing], definition: int) -> bool:
    """Are these all the rules that rest on this last value, each under its newest version?"""
    resting = [key for key, stands in standing.items() if stands[0] == "NORMAL" and stands[2] == first[2]]
    return len(resting) == len(passed) and all(
        (stands := standing.get(given.rule)) is not None and stands[2:] == (*first[2:4], given.version, definition)
        for given in passed
    )


def _rest(until: int | None, one: Arrival) -> str:
    return json.dumps([[], [spaced(until, one.value, one.grain).gap, one.value.n]])
