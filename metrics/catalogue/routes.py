"""Routes, rosters, fallbacks and working hours: who is told, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from typing import Any

from metrics.catalogue.blocks import Here
from metrics.catalogue.grammar import RouteBlock, WorkspaceBlock
from metrics.catalogue.workspace import Workspace
from metrics.hours import ALL_DAY
from metrics.rulebook import Escalation, Match, Route


def told(
    head: WorkspaceBlock, top: Here, workspace: Workspace, once: Callable[..., Iterator[tuple[Any, Here]]]
) -> dict[str, Route]:
    """The routes, with every receiver, roster, place and word they name looked up."""
    everyone = {*workspace.receivers, *workspace.rosters}
    for word in workspace.receivers.keys() & workspace.rosters.keys():
        top.at("rosters").fault("duplicate-key", f"{word} is a receiver and a roster", "name one of them otherwise")
    _receivers(head, top, workspace)
    found: dict[str, Route] = {}
    for one, here in once(RouteBlock, head.routes, top.at("routes")):
        _known(one.receivers, everyone, here.at("receivers"), "receiver")
        match = one.match
        for name, given, known in (
            ("field", match.field, workspace.fields), ("department", match.department, _ids(workspace.departments)),
            ("region", match.region, _ids(workspace.regions)), ("rule", match.rule, workspace.rules),
            ("indicator", match.indicator, workspace.indicators),
        ):  # fmt: skip
            _known(given, known, here.at("match", name), name)
        last = None
        for n, step in enumerate(one.escalate):
            _known(step.receivers, everyone, here.at("escalate", n, "receivers"), "receiver")
            if last is not None and step.after <= last:
                here.at("escalate", n, "after").fault("bad-value", "each step comes later than the one before it")
            last = step.after
        found[one.key] = Route(
            one.key, one.name.text(),
            Match(tuple(match.field), tuple(match.department), tuple(match.region), tuple(match.level), tuple(match.rule),
                  tuple(match.indicator), match.about),
            tuple(one.receivers), one.hours, one.group_wait, one.repeat,
            tuple(Escalation(step.after, tuple(step.receivers)) for step in one.escalate),
        )  # fmt: skip
    return found


def hours(given: list[str], here: Here) -> tuple[tuple[time, time | None], ...]:
    """`09:00-12:00`, one or several, in order; without any, working days count whole."""
    found: list[tuple[time, time | None]] = []
    for n, text in enumerate(given):
        match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", text)
        try:
            begin, end = (time.fromisoformat(part) for part in match.groups()) if match else (None, None)
        except ValueError:
            begin = end = None
        if begin is None or end is None or begin >= end or (found and found[-1][1] is not None and begin < found[-1][1]):
            here.at(n).fault("bad-value", f"{text!r} is not a span of working hours", "write 09:00-12:00, in order")
            continue
        found.append((begin, end))
    return tuple(found) or ALL_DAY


def _receivers(head: WorkspaceBlock, top: Here, workspace: Workspace) -> None:
    for n, given in enumerate(head.receivers):
        named = given if isinstance(given, dict) else {}
        here = top.at("receivers", n)
        if isinstance(named.get("department"), str):
            _known([named["department"]], _ids(workspace.departments), here.at("department"), "department")
        other = named.get("fallback")
        if isinstance(other, str):
            _known([other], workspace.receivers, here.at("fallback"), "receiver")
            if other == named.get("key"):
                here.at("fallback").fault("bad-value", "a receiver cannot stand in for itself")
    for n, given in enumerate(head.rosters):
        if isinstance(given, dict) and isinstance(given.get("otherwise"), str):
            _known([given["otherwise"]], workspace.receivers, top.at("rosters", n, "otherwise"), "receiver")


def _known(given: Iterable[str], known: Iterable[str], here: Here, kind: str) -> None:
    there = set(known)
    for n, word in enumerate(given):
        if word not in there:
            here.at(n).unknown(kind, word, there)


def _ids(tree: Any) -> set[str]:
    return {place.id for place in tree}
