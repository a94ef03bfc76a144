"""Departments and regions: from YAML blocks or a CSV file, into a Tree."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from metrics.catalogue.blocks import Here, block, blocks
from metrics.catalogue.faults import Faults
from metrics.catalogue.grammar import PlaceBlock
from metrics.catalogue.lines import Document
from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Place, Text

Found = tuple[PlaceBlock, Here]

_LISTS = {"aliases": None, "earlier_parents": "parent", "earlier_codes": "code"}


def from_yaml(file: Path, faults: Faults) -> list[Found]:
    return list(blocks(PlaceBlock, file, faults))


def from_list(values: Any, here: Here) -> list[Found]:
    found = [(block(PlaceBlock, value, here.at(n)), here.at(n)) for n, value in enumerate(values)]
    return [(one, place) for one, place in found if one is not None]


def from_csv(file: Path, faults: Faults) -> list[Found]:
    """Columns: key, name_zh, name_en, and any key of a place. Lists are written `a|b`, earlier ones `parent@last day|...`."""
    return list(_csv(file, faults))


def tree(found: Iterable[Found], root: Text, level: str) -> Tree:
    """`root` names the root when the list has no `_T` of its own; `level` is that of places which do not say theirs."""
    places: dict[str, Place] = {}
    aliases: dict[str, str] = {}
    lines: dict[str, Here] = {}
    for one, here in found:
        if one.key in places:
            here.at("key").fault("duplicate-key", f"{one.key} is there twice", f"first on line {lines[one.key].line}")
            continue
        lines[one.key] = here
        places[one.key] = _place(one, level)
        for alias in one.aliases:
            if aliases.setdefault(alias, one.key) != one.key:
                here.at("aliases").fault("duplicate-key", f"{alias} also stands for {aliases[alias]}")
    for key, here in lines.items():
        into = places[key].merged_into
        if into is not None and into not in places:
            here.at("merged_into").unknown(level, into, places)
        elif into is not None and (places[key].valid_to is None or into == key):
            what = f"{key} goes up in {into}, and nothing says when"
            here.at("merged_into").fault("bad-value", what, "add valid_to: its last day")
    places = {TOTAL: Place(TOTAL, root, None, "root"), **places}
    sound = dict(places)
    for key, here in lines.items():
        if not _parents_are_sound(places[key], places, here):
            sound.pop(key)
    return Tree([one for one in sound.values() if _reaches_root(one, sound)], aliases)


def _place(one: PlaceBlock, level: str) -> Place:
    return Place(
        id=one.key,
        name=one.name.text(),
        parent=None if one.key == TOTAL else one.parent or TOTAL,
        level=one.level or ("root" if one.key == TOTAL else level),
        code=one.code,
        peer=one.peer,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        merged_into=one.merged_into,
        lon=one.lon,
        lat=one.lat,
        earlier_parents=tuple(sorted(((was.parent, was.until) for was in one.earlier_parents), key=lambda was: was[1])),
        earlier_codes=tuple(sorted(((was.code, was.until) for was in one.earlier_codes), key=lambda was: was[1])),
    )


def _parents_are_sound(place: Place, places: dict[str, Place], here: Here) -> bool:
    for parent in (place.parent, *(parent for parent, _ in place.earlier_parents)):
        if parent is not None and parent not in places:
            here.at("parent").unknown("place", parent, places)
            return False
    seen, current = [place.id], place.parent
    while current is not None and current in places:
        if current == place.id:
            here.at("parent").fault("cycle", f"{' -> '.join([*seen, current])}: a place lies in itself")
            return False
        if current in seen:
            return True  # the circle is further up and is reported there
        seen.append(current)
        current = places[current].parent
    return True


def _reaches_root(place: Place, places: dict[str, Place]) -> bool:
    current: Place | None = place
    for _ in range(len(places) + 1):
        if current is None or current.id == TOTAL:
            return current is not None
        current = places.get(current.parent or TOTAL)
    return False


def _csv(file: Path, faults: Faults) -> Iterator[Found]:
    document = Document(file, None)
    here = Here(document, faults)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for n, row in enumerate(reader):
                document.lines[(n,)] = reader.line_num
                found = block(PlaceBlock, _values(row), here.at(n))
                if found is not None:
                    yield found, here.at(n)
    except FileNotFoundError:
        here.fault("missing-file", f"{file.name} is not there")
    except (UnicodeDecodeError, csv.Error) as error:
        here.fault("bad-csv", str(error))


def _values(row: dict[Any, Any]) -> dict[str, Any]:
    given = {key: value for key, value in row.items() if value not in (None, "", [])}
    values: dict[str, Any] = {"name": {lang: given.pop(f"name_{lang}") for lang in ("zh", "en") if f"name_{lang}" in given}}
    for key, value in given.items():
        values[str(key)] = _list(value, _LISTS[key]) if key in _LISTS else value
    return values


def _list(value: str, name: str | None) -> list[Any]:
    parts = value.split("|")
    return [dict(zip((name, "until"), part.split("@", 1), strict=False)) for part in parts] if name else list(parts)
