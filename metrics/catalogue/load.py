"""A folder of YAML into a Workspace, with every fault found on the way.

workspace.yaml          key, name, zone, clock, languages, fields, units, boards, receivers, calendar, regions, shapes, data,
                        population, replay
departments.yaml        a list of places
regions.yaml            a list of places, unless workspace.yaml says where they are
sources/*.yaml  indicators/*.yaml  rules/*.yaml      lists of blocks
definitions.lock        what each version of an indicator was accepted to mean
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel

from metrics.calendar import BASES, WEEKDAYS, WorkCalendar
from metrics.catalogue import lock, places
from metrics.catalogue.blocks import Here, block, blocks
from metrics.catalogue.faults import Fault, Faults, nearest
from metrics.catalogue.grammar import (
    BoardBlock,
    FileBlock,
    IndicatorBlock,
    Named,
    ReceiverBlock,
    RosterBlock,
    RuleBlock,
    SourceBlock,
    WorkspaceBlock,
)  # fmt: skip
from metrics.catalogue.indicators import check_references, indicator
from metrics.catalogue.lines import Document, read
from metrics.catalogue.population import population
from metrics.catalogue.routes import hours, told
from metrics.catalogue.rules import rule
from metrics.catalogue.sources import from_environment, source
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Replay, Retention, Workspace
from metrics.model import Board, Indicator, Text
from metrics.rulebook import Receiver, Roster

N = TypeVar("N", bound=Named)

UNITS: dict[str, Text] = {
    "percent": {"zh": "%", "en": "%"},
    "percentage_point": {"zh": "百分点", "en": "percentage points"},
    "item": {"zh": "件", "en": "cases"},
    "count": {"zh": "个", "en": ""},
    "time": {"zh": "次", "en": "times"},
    "article": {"zh": "条", "en": "items"},
    "day": {"zh": "天", "en": "days"},
    "workday": {"zh": "个工作日", "en": "working days"},
    "hour": {"zh": "小时", "en": "hours"},
    "minute": {"zh": "分钟", "en": "minutes"},
    "second": {"zh": "秒", "en": "s"},
    "point": {"zh": "分", "en": "points"},
}
"""Units of measure every workspace has; its own `units:` come on top."""


def load(
    folder: Path, types: Mapping[str, type[BaseModel]] | None = None, *, accepting: bool = False
) -> tuple[Workspace | None, list[Fault]]:  # fmt: skip
    """The workspace, and all its faults. No workspace when a fault is fatal: only those of the surroundings (a secret) are not.

    `accepting`: a changed meaning is no fault.
    `types`: the settings each type of source takes; without it types and settings are not looked at.
    """
    folder = Path(folder).resolve()
    faults = Faults(folder)
    found = _read(folder, faults, types, accepting)
    return (None if faults.fatal else found), list(faults)


def _read(
    folder: Path, faults: Faults, types: Mapping[str, type[BaseModel]] | None, accepting: bool = False
) -> Workspace | None:  # fmt: skip
    document = read(folder / "workspace.yaml", faults)
    if document is None:
        return None
    top = Here(document, faults)
    head = block(WorkspaceBlock, document.value, top)
    if head is None:
        head = _whatever_is_sound(document)  # go on: the faults of the other files are wanted as well
    name = head.name.text()
    empty = _surroundings(head, top, folder, name)
    departments = places.tree(places.from_yaml(folder / "departments.yaml", faults), name, "department")
    regions = _regions(head, top, folder, name)
    people = None
    if head.population is not None:
        people = population(folder / head.population.file, head.population.source.text(), regions, faults)
    workspace = replace(empty, departments=departments, regions=regions, population=people)

    given = _unique(SourceBlock, folder, "sources", faults)
    read_ones = [source(one, here, folder, departments, workspace.regions, types) for one, here in given]
    workspace = replace(workspace, sources={one.key: one for one in read_ones if one is not None})

    written = _unique(IndicatorBlock, folder, "indicators", faults)
    built = {one.key: (made, here) for one, here in written if (made := indicator(one, here, workspace)) is not None}
    indicators = check_references(built, workspace)
    workspace = replace(workspace, indicators=indicators, meaning=lock.meanings(indicators))
    accepted = lock.accepted(folder, faults)
    workspace = replace(workspace, versions=lock.versions(workspace, accepted, _as_it_was))
    if not accepting:
        lock.check(workspace, accepted, {key: here for key, (_, here) in built.items()}, faults)

    rules = {one.key: rule(one, here, workspace) for one, here in _unique(RuleBlock, folder, "rules", faults)}
    _boards(head, top, built.keys())
    _reported(given, built.keys())
    workspace = replace(workspace, rules={key: made for key, made in rules.items() if made is not None})
    return replace(workspace, routes=told(head, top, workspace, _once))


def _as_it_was(text: str, workspace: Workspace) -> Indicator | None:
    """An earlier definition from its text; None where it does not fit this workspace any longer."""
    quiet = Faults(workspace.folder)
    document = read(workspace.folder / lock.FILE, quiet, text)
    if document is None or not isinstance(document.value, list) or len(document.value) != 1:
        return None
    here = Here(document, quiet, (0,))
    one = block(IndicatorBlock, document.value[0], here)
    made = indicator(one, here, workspace) if one is not None else None
    return made if not list(quiet) else None


def _whatever_is_sound(document: Document) -> WorkspaceBlock:
    """A stand-in for a faulty workspace.yaml, keeping the keys that other files refer to."""
    quiet = Faults(document.file.parent)
    given = document.value if isinstance(document.value, dict) else {}
    sound = {"key": "_", "name": {"zh": "_", "en": "_"}, "zone": "UTC", "fields": []}
    for word, value in given.items():
        if word in WorkspaceBlock.model_fields and block(WorkspaceBlock, {**sound, word: value}, Here(document, quiet)):
            sound[word] = value
    return WorkspaceBlock.model_validate(sound)


def _surroundings(head: WorkspaceBlock, top: Here, folder: Path, name: Text) -> Workspace:
    zone = _zone(head.zone, top.at("zone"))
    if head.data is not None:
        where = from_environment(head.data.folder, top.at("data", "folder"))
        there = folder / where
        if not (there.is_dir() and any(there.iterdir())):
            top.at("data", "folder").fault("missing-data", f"there is nothing in {where}", f"run: {head.data.command}")
    shapes = {level: folder / path for level, path in head.shapes.items()}
    for level, path in shapes.items():
        if not path.is_file():
            hint = "paths start at the workspace's folder"
            top.at("shapes", level).fault("missing-file", f"{head.shapes[level]} is not there", hint)
    return Workspace(
        folder=folder, key=head.key, name=name, zone=zone, clock=_clock(head.clock, zone, top.at("clock")), demo=head.demo,
        languages=tuple(dict.fromkeys([*head.languages, "zh", "en"])), calendar=_calendar(head, top.at("calendar")),
        departments=Tree(()), regions=Tree(()), sources={}, indicators={}, rules={}, shapes=shapes,
        fields={one.key: one.name.text() for one, _ in _once(Named, head.fields, top.at("fields"))},
        units={**UNITS, **{one.key: one.name.text() for one, _ in _once(Named, head.units, top.at("units"))}},
        receivers={one.key: _receiver(one) for one, _ in _once(ReceiverBlock, head.receivers, top.at("receivers"))},
        rosters={one.key: _roster(one) for one, _ in _once(RosterBlock, head.rosters, top.at("rosters"))},
        hours=hours(head.calendar.hours, top.at("calendar", "hours")),
        boards={one.key: _board(one) for one, _ in _once(BoardBlock, head.boards, top.at("boards"))},
        replay=_replay(head, top.at("replay", "advance")),
        retention=Retention(head.retention.payloads, head.retention.sub_day) if head.retention is not None else None,
    )  # fmt: skip


def _zone(text: str, here: Here) -> ZoneInfo:
    if text not in available_timezones():
        here.fault("bad-zone", f"{text} is not a time zone", nearest(text, available_timezones()))
        return ZoneInfo("UTC")
    return ZoneInfo(text)


def _clock(text: str | None, zone: ZoneInfo, here: Here) -> datetime | None:
    """`2016-01-12T23:00` in the workspace's zone, optionally with the zone's name after it or with an offset in it."""
    if text is None:
        return None
    words = text.split()
    zone = _zone(words[1], here) if len(words) == 2 else zone
    try:
        given = datetime.fromisoformat(words[0])
    except ValueError:
        here.fault("bad-value", f"{text!r} is not an instant", "write 2016-01-12T23:00, in the zone of the workspace")
        return None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def _calendar(head: WorkspaceBlock, here: Here) -> WorkCalendar:
    country = head.calendar.country
    if country is not None and country not in BASES:
        here.at("country").unknown("calendar for country", country, BASES)
    base = BASES.get(country or "", WEEKDAYS)
    return base.extended(head.calendar.holidays, head.calendar.workdays)


def _replay(head: WorkspaceBlock, here: Here) -> Replay | None:
    if head.replay is None:
        return None
    address = from_environment(head.replay.advance or "", here)
    if address and not address.startswith(("http://", "https://")):
        here.fault("bad-value", f"{address} is not an address", "http://127.0.0.1:8061/advance")
    return Replay(address or None, head.replay.days)


def _regions(head: WorkspaceBlock, top: Here, folder: Path, name: Text) -> Tree:
    here = top.at("regions")
    found: list[places.Found] = []
    if isinstance(head.regions, list):
        found = places.from_list(head.regions, here)
    elif head.regions is not None:
        where = block(FileBlock, head.regions, here)
        if where is not None:
            file = folder / where.file
            found = (places.from_csv if file.suffix == ".csv" else places.from_yaml)(file, top.faults)
    elif (folder / "regions.yaml").is_file():
        found = places.from_yaml(folder / "regions.yaml", top.faults)
    return places.tree(found, name, "region")


def _once(model: type[N], given: list[Any], here: Here) -> Iterator[tuple[N, Here]]:
    """The blocks of a list within workspace.yaml; a key may be there once."""
    seen: dict[str, Here] = {}
    for n, value in enumerate(given):
        one = block(model, value, here.at(n))
        if one is None:
            continue
        if one.key in seen:
            here.at(n, "key").fault("duplicate-key", f"{one.key} is there twice", f"first on line {seen[one.key].line}")
            continue
        seen[one.key] = here.at(n)
        yield one, here.at(n)


def _unique(model: type[N], folder: Path, name: str, faults: Faults) -> list[tuple[N, Here]]:
    """The blocks of all files of a folder; a key may be there once."""
    found: dict[str, tuple[N, Here]] = {}
    for file in sorted((folder / name).glob("*.yaml")):
        for one, here in blocks(model, file, faults):
            if one.key in found:
                first = found[one.key][1]
                here.at("key").fault("duplicate-key", f"{one.key} is there twice", f"first in {first.file}:{first.line}")
                continue
            found[one.key] = (one, here)
    return list(found.values())


def _receiver(one: ReceiverBlock) -> Receiver:
    return Receiver(
        one.key, one.name.text(), one.channel, one.settings, one.language, one.department or "", one.fallback or "",
        one.fallback_after, one.single,
    )  # fmt: skip


def _roster(one: RosterBlock) -> Roster:
    return Roster(one.key, one.name.text(), one.otherwise or "")


def _board(one: BoardBlock) -> Board:
    return Board(one.key, one.name.text(), tuple(one.cards), one.map, one.rank)


def _boards(head: WorkspaceBlock, top: Here, known: Iterable[str]) -> None:
    for n, board in enumerate(head.boards):
        for where in ("cards", "map", "rank"):
            named = board.get(where) if isinstance(board, dict) else None
            for m, key in enumerate(named if isinstance(named, list) else [named]):
                if isinstance(key, str) and key not in known:
                    here = top.at("boards", n, where)
                    (here.at(m) if isinstance(named, list) else here).unknown("indicator", key, known)


def _reported(given: list[tuple[SourceBlock, Here]], known: Iterable[str]) -> None:
    """Indicators that a source of observations says it reports."""
    for one, here in given:
        values = one.map.get("values")
        for n, value in enumerate(values if isinstance(values, list) else ()):
            key = value.get("indicator") if isinstance(value, dict) else None
            if isinstance(key, str) and key not in known:
                here.at("map", "values", n, "indicator").unknown("indicator", key, known)
