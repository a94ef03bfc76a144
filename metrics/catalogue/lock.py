"""definitions.lock: what each version of an indicator was accepted to mean, from when, by whom and why, with its text, so that a
meaning never changes unnoticed and an earlier one can still be read and computed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from pydantic import Field

from metrics.catalogue.blocks import Here, blocks
from metrics.catalogue.faults import Faults
from metrics.catalogue.scalars import Block, Key
from metrics.catalogue.workspace import Meaning, Workspace
from metrics.model import Indicator

FILE = "definitions.lock"
_TITLE = "# Written by `python app.py definitions accept`. One entry for each version of an indicator: do not edit.\n"
_VERSION = re.compile(r"(\bversion:\s*)(\d+)")
Parse = Callable[[str, Workspace], Indicator | None]
"""The text of a block -> the indicator it was, or None where it fits this workspace no longer."""


class Accepted(Block):
    indicator: Key
    version: int = Field(ge=1)
    meaning: str
    reason: str = ""
    since: date | None = None
    """The first day whose periods have this meaning; None: all before the next one."""
    by: str = ""
    at: str = ""
    text: str = ""
    """The block as it was written."""


@dataclass(frozen=True)
class Acceptance:
    """Who accepts, when and why; from which day the new meaning counts."""

    reason: str
    by: str = ""
    at: datetime | None = None
    since: date | None = None


def meaning(one: Indicator) -> str:
    """Hash of everything that changes what the figures mean: not names, targets, bands, cuts or grains, nor who reports a figure:
    a new vendor brings a new feed of the same series.

    What is left at its default does not enter: a measure that learns a new word means what it meant."""
    return with_feeds(replace(one, source=None, feeds=()) if one.measure.kind == "observed" else one)


def with_feeds(one: Indicator) -> str:
    """The same with who reports the figure, as it was hashed at first."""
    what = {
        "measure": _said(one.measure), "unit": one.unit, "decimals": one.decimals, "source": one.source,
        "feeds": one.feeds, "attribute": one.attribute,
    }  # fmt: skip
    if not one.additive:
        what["additive"] = False
    if one.want:
        what["want"] = one.want
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()[:16]


def meanings(indicators: Mapping[str, Indicator]) -> dict[str, str]:
    return {key: meaning(one) for key, one in indicators.items()}


def accepted(folder: Path, faults: Faults) -> dict[tuple[str, int], tuple[Accepted, Here]]:
    """Empty when there is no lock yet."""
    file = folder / FILE
    if not file.is_file():
        return {}
    return {(one.indicator, one.version): (one, here) for one, here in blocks(Accepted, file, faults)}


def versions(workspace: Workspace, known: Mapping[tuple[str, int], tuple[Accepted, Here]], parse: Parse) -> dict[str, Any]:
    """Indicator -> its versions, oldest first, that of the catalogue last; what is not in the lock yet counts from the start."""
    found: dict[str, tuple[Meaning, ...]] = {}
    for key, one in workspace.indicators.items():
        many = []
        for (_, version), (entry, _here) in sorted((item for item in known.items() if item[0][0] == key), key=lambda i: i[0]):
            if version < one.version:
                was = parse(entry.text, workspace) if entry.text else None
                was = replace(was, version=version) if was is not None else None
                many.append(_meaning(entry, was, was))
        own = known.get((key, one.version))
        if own is None:
            mine = Meaning(one.version, None, one.version_reason, "", "", "", "", one)
        else:  # who reported the figure when it was accepted may be others than are named now
            text = own[0].text if one.measure.kind == "observed" else ""
            mine = _meaning(own[0], one, parse(text, workspace) if text else None)
        found[key] = (*many, mine)
    return found


def _meaning(entry: Accepted, one: Indicator | None, written: Indicator | None) -> Meaning:
    """written: the definition by the text that was accepted."""
    found = Meaning(entry.version, entry.since, entry.reason, entry.by, entry.at, entry.text, entry.meaning, one)
    for said in (written, one):
        if said is not None and entry.meaning in (meaning(said), with_feeds(said)):
            return replace(found, hash=meaning(said), before=with_feeds(said))
    return found


def check(
    workspace: Workspace, known: Mapping[tuple[str, int], tuple[Accepted, Here]], heres: Mapping[str, Here], faults: Faults
) -> None:
    newest = _newest(known)
    for key, one in workspace.indicators.items():
        here = heres[key].at("version")
        if one.version < newest.get(key, 0):
            here.fault("changed-meaning", f"{key} went back to version {one.version}", f"version {newest[key]} was accepted")
        entry = known.get((key, one.version))
        if entry is not None and workspace.versions[key][-1].hash != workspace.meaning[key]:
            what = f"{key} means something else than the version {one.version} that was accepted"
            here.fault("changed-meaning", what, f'`definitions accept --reason "..."` makes it version {one.version + 1}')
        elif entry is None and newest.get(key, one.version) < one.version:
            what = f"version {one.version} of {key} was not accepted yet"
            here.fault("changed-meaning", what, 'run: python app.py definitions accept --reason "why it changed"')


def write(workspace: Workspace, by: Acceptance, faults: Faults) -> list[str]:
    """Adds the versions that are not in the lock yet, names them, and raises the version of what means something else than was
    accepted. Nothing is written where a meaning changed and no reason is given."""
    known = accepted(workspace.folder, Faults(workspace.folder))
    newest = _newest(known)
    new: list[Accepted] = []
    raised: list[tuple[Indicator, int]] = []
    for key, one in workspace.indicators.items():
        entry, version = known.get((key, one.version)), one.version
        same = workspace.versions[key][-1].hash == workspace.meaning[key]
        if entry is not None and same and version == newest[key]:
            continue
        if entry is not None or version < newest.get(key, 0):
            version = newest[key] + 1
            raised.append((one, version))
        changed = version > 1 and key in newest
        reason = one.version_reason if version == one.version and one.version_reason else by.reason
        if changed and not reason.strip():
            what = f"the meaning of {key} changed"
            faults.add("no-reason", workspace.folder / one.file, one.line, what, 'say why: --reason "..."')
            continue
        since = (by.since or _today(workspace, by)) if changed else None
        at = by.at.isoformat(timespec="seconds") if by.at else ""
        text = _VERSION.sub(rf"\g<1>{version}", block_text(workspace.folder / one.file, one.line), count=1)
        new.append(Accepted(indicator=key, version=version, meaning=workspace.meaning[key], reason=reason, since=since,
                            by=by.by, at=at, text=text))  # fmt: skip
    if list(faults):
        return []
    for one, version in raised:
        _raise(workspace.folder / one.file, one, version)
    _save(workspace.folder, [*(one for one, _ in known.values()), *new])
    return [f"{entry.indicator} v{entry.version}" for entry in new]


def block_text(file: Path, line: int) -> str:
    """The block that begins on a line, as it is written, up to the next one."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    start = line - 1
    while start > 0 and not lines[start].lstrip().startswith("-"):
        start -= 1
    margin = len(lines[start]) - len(lines[start].lstrip())
    found = [lines[start]]
    for text in lines[start + 1 :]:
        if text.strip() and len(text) - len(text.lstrip()) <= margin:
            break
        found.append(text)
    while found and not found[-1].strip():
        found.pop()
    return "\n".join(one[margin:] for one in found) + "\n"


def _raise(file: Path, one: Indicator, version: int) -> None:
    """The new number on the line where the block says its version."""
    before = file.read_text(encoding="utf-8-sig")
    text = block_text(file, one.line)
    made = _VERSION.sub(rf"\g<1>{version}", text, count=1)
    file.write_text(before.replace(text.rstrip("\n"), made.rstrip("\n"), 1), encoding="utf-8")


def _newest(known: Mapping[tuple[str, int], Any]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for key, version in known:
        newest[key] = max(version, newest.get(key, 0))
    return newest


def _today(workspace: Workspace, by: Acceptance) -> date | None:
    return workspace.now(by.at).astimezone(workspace.zone).date() if by.at else None


def _save(folder: Path, entries: list[Accepted]) -> None:
    rows = []
    for one in sorted(entries, key=lambda entry: (entry.indicator, entry.version)):
        said = one.model_dump(exclude_defaults=True)
        rows.append({**said, **({"since": one.since.isoformat()} if one.since else {})})
    text = yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=200) if rows else ""
    (folder / FILE).write_text(_TITLE + text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Texts of several lines stand as they were written."""


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _said(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: getattr(value, one.name) for one in fields(value) if getattr(value, one.name) != _default(one)}
        return {name: _said(inner) for name, inner in given.items()}
    return [_said(inner) for inner in value] if isinstance(value, tuple | list) else value


def _default(one: Any) -> Any:
    return one.default if one.default is not MISSING else one.default_factory() if one.default_factory is not MISSING else MISSING
