"""Who is told of an alert, when, and what keeps it back: routes, rosters, working hours, silences, sources down, flapping."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from alerts import flapping, rules
from alerts.matter import Matter, matches, missing
from alerts.store import follow, holds
from alerts.store.outbox import told_in
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.rulebook import Match, Route

log = logging.getLogger("yuncha.alerts")
ADMINISTRATOR = "administrator"
"""Key of the receiver who is told of trouble with data nobody else owns; without one, those of the log channel are."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one receiver before it is written."""

    receiver: str
    due_at: int
    group: str = ""
    """What comes together in the same group goes in one message."""
    held_by: str = ""
    """Why it is kept back: `silence:3`, `source:calls`, `flapping`; `digest`: it is told there only."""
    step: int = 0


class KeptBack:
    """What keeps messages back at one instant: silences and sources down, each read once, and only where it is asked."""

    def __init__(self, connection: Connection, at: int) -> None:
        self.connection, self.at = connection, at

    @cached_property
    def silences(self) -> list[tuple[int, Match]]:
        return [(row.id, match_of(row.match)) for row in holds.silences(self.connection, self.at)]

    @cached_property
    def down(self) -> set[str]:
        return holds.all_down(self.connection, rules.SILENT)


def firing(
    connection: Connection,
    workspace: Workspace,
    matter: Matter,
    direct: Iterable[str],
    at: int,
    *,
    severity_up: bool = False,
    back: KeptBack | None = None,
    flaps: bool | None = None,
) -> list[Letter]:
    """To whom that it fires (or fires worse) is told. A receiver meant by several routes is told once, by the first; where nobody
    is meant, or nobody is on duty, the administrator is.

    back, flaps: where they are known already.
    """
    hold = held_by(connection, workspace, matter, at, severity_up, back, flaps)
    found: dict[str, Letter] = {}
    for key in duty(connection, workspace, [*direct, *_owners(workspace, matter)], at):
        found.setdefault(key, Letter(key, at, "", hold))
    for route in routes(workspace, matter):
        due = due_at(workspace, route, at)
        for key in duty(connection, workspace, route.receivers, due):
            found.setdefault(key, Letter(key, due, route.key, hold))
    return [found.get(key) or Letter(key, at, "", hold) for key in known(workspace, found)]


def closing(
    connection: Connection, workspace: Workspace, matter: Matter, episode: int, at: int, flaps: bool | None = None
) -> list[Letter]:
    """Exactly those who were told that it fired (or soon will be), in the group they were told in."""
    flaps = flapping.is_flapping(connection, matter) if flaps is None else flaps
    return ended(workspace, told_in(connection, episode), at, flaps)


def ended(workspace: Workspace, told: Iterable[tuple[str, str]], at: int, flaps: bool) -> list[Letter]:
    """The same, where it is known who was told, and in which group."""
    hold = "flapping" if flaps else ""
    return [Letter(receiver, in_hours(workspace, group, at), group, hold) for receiver, group in told]


def office(connection: Connection, workspace: Workspace, matter: Matter, group: str, at: int) -> list[Letter]:
    """To the desks of the department whose data it is, or who stands in for them; only a silence keeps it back."""
    hold = _silence(workspace, KeptBack(connection, at), matter)
    return [Letter(key, at, group, hold) for key in duty(connection, workspace, _owners(workspace, matter), at)]


def start_following(connection: Connection, workspace: Workspace, found: Iterable[tuple[Matter, int]], at: int) -> None:
    """Routes that tell again or call others wait for their time. found: what each episode is about."""
    wanted = [
        (episode, route.key)
        for matter, episode in found
        for route in routes(workspace, matter)
        if route.repeat is not None or route.escalate
    ]
    if wanted:
        follow.begin(connection, at, wanted)


def route_of(group: str) -> str:
    """The route a group is of, also where it is of one of its steps, or somebody stands in for who was told; empty for none."""
    while group.startswith("instead:"):
        group = group.partition("/")[2]
    return group.partition("/")[0]


def routes(workspace: Workspace, matter: Matter) -> list[Route]:
    return [route for route in workspace.routes.values() if matches(workspace, route.match, matter)]


def due_at(workspace: Workspace, route: Route, at: int) -> int:
    """After the wait for others of the group, and within working hours where the route keeps them."""
    return _open(workspace, route, at + route.group_wait // timedelta(microseconds=1))


def _open(workspace: Workspace, route: Route, at: int) -> int:
    return to_us(workspace.work_hours.next_open(from_us(at))) if route.hours == "working" else at


def in_hours(workspace: Workspace, group: str, at: int) -> int:
    """Within working hours, where the route that a group is of keeps them."""
    route = workspace.routes.get(route_of(group))
    return at if route is None else _open(workspace, route, at)


def duty(connection: Connection, workspace: Workspace, keys: Iterable[str], at: int) -> list[str]:
    """Rosters replaced by who is on duty at an instant: when it is told."""
    found: dict[str, None] = {}
    for key in keys:
        roster = workspace.rosters.get(key)
        if roster is None:
            found[key] = None
            continue
        there = holds.on_duty(connection, key, at)
        for one in there or ([roster.otherwise] if roster.otherwise else []):
            found[one] = None
    return list(found)


def held_by(
    connection: Connection,
    workspace: Workspace,
    matter: Matter,
    at: int,
    severity_up: bool = False,
    back: KeptBack | None = None,
    flaps: bool | None = None,
) -> str:
    """What keeps a message back now; empty for nothing. A rise in severity passes flapping, never a silence."""
    back = back or KeptBack(connection, at)
    hold = _silence(workspace, back, matter)
    if hold:
        return hold
    if matter.rule != rules.SILENT and matter.needs:
        down = missing(matter.needs, back.down)
        if down:
            return f"source:{down}"
    if severity_up:
        return ""
    return "flapping" if (flapping.is_flapping(connection, matter) if flaps is None else flaps) else ""


def _silence(workspace: Workspace, back: KeptBack, matter: Matter) -> str:
    return next((f"silence:{number}" for number, match in back.silences if silenced(workspace, match, matter)), "")


def silenced(workspace: Workspace, match: Match, matter: Matter) -> bool:
    """A silence means work and data alike, unless it says which."""
    return matches(workspace, match if match.about else replace(match, about=matter.about), matter)


def match_of(text: str) -> Match:
    kept: dict[str, Any] = {name: value if name == "about" else tuple(value) for name, value in json.loads(text).items()}
    return Match(**kept)


def match_text(match: Match) -> str:
    kept = {name: getattr(match, name) for name in Match.__dataclass_fields__}
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False, sort_keys=True)


def longest_wait(workspace: Workspace) -> timedelta:
    return max((route.group_wait for route in workspace.routes.values()), default=timedelta(0))


def _owners(workspace: Workspace, matter: Matter) -> Sequence[str]:
    """Of trouble with data: the desks of the departments whose systems they are, else the administrator; never a leader."""
    if matter.about != "data":
        return ()
    mine = [one.key for one in workspace.receivers.values() if one.department and one.department in matter.owners]
    return mine or administrators(workspace)


def known(workspace: Workspace, keys: Iterable[str]) -> list[str]:
    """Those who are in the workspace; where none is, whoever is told what would be told to nobody. Never silently none."""
    found = [key for key in keys if key in workspace.receivers] or administrators(workspace)
    if not found:
        log.warning("an alert is told to nobody: the workspace has no receiver for it, no administrator and no log")
    return found


def administrators(workspace: Workspace) -> list[str]:
    """Who is told what would be told to nobody."""
    if ADMINISTRATOR in workspace.receivers:
        return [ADMINISTRATOR]
    return [one.key for one in workspace.receivers.values() if one.channel == "log"]
