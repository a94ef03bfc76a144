"""What of a workspace would be told to nobody, or to nobody else: for `check`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from alerts import kinds
from metrics.catalogue.workspace import Workspace
from metrics.rulebook import Route, Rule


def untold(workspace: Workspace) -> list[tuple[str, int, str]]:
    """(file, line, what) of levels no route can meet, rosters that may be empty, and first lines that may be lost for good."""
    return [*_levels(workspace), *_rosters(workspace), *_first_lines(workspace)]


def _levels(workspace: Workspace) -> Iterator[tuple[str, int, str]]:
    for rule in workspace.rules.values():
        if rule.receivers or rule.kind in kinds.ABOUT_DATA:
            continue
        for level in rule.levels:
            if not any(_meets(workspace, route, rule, level.severity) for route in workspace.routes.values()):
                what = f"rule {rule.key}: nobody is told of its level {level.severity}, by itself or by a route"
                yield rule.file, rule.line, f"{what}: name `receivers`, or a route"


def _meets(workspace: Workspace, route: Route, rule: Rule, severity: str) -> bool:
    """For some department and region, at least."""
    match, indicator = route.match, workspace.indicators.get(rule.indicator)
    return (
        match.about != "data"
        and (not match.levels or severity in match.levels)
        and (not match.rules or rule.key in match.rules)
        and (not match.indicators or rule.indicator in match.indicators)
        and (not match.fields or (indicator is not None and indicator.field in match.fields))
    )


def _rosters(workspace: Workspace) -> Iterator[tuple[str, int, str]]:
    for roster in workspace.rosters.values():
        if not roster.otherwise:
            yield "workspace.yaml", 1, f"roster {roster.key}: while nobody is on duty nobody is told: name `otherwise`"


def _first_lines(workspace: Workspace) -> Iterator[tuple[str, int, str]]:
    """The log is always reached."""
    for route in workspace.routes.values():
        named = chain.from_iterable(_people(workspace, key) for key in route.receivers) if route.escalate else ()
        for key in named:
            receiver = workspace.receivers.get(key)
            if receiver is not None and receiver.channel != "log" and not receiver.fallback:
                what = f"receiver {key} is the first line of the route {route.key}, which calls others when nobody answers"
                yield "workspace.yaml", 1, f"{what}: name a `fallback` for when it is not reached"


def _people(workspace: Workspace, key: str) -> list[str]:
    roster = workspace.rosters.get(key)
    return [key] if roster is None else [roster.otherwise]
