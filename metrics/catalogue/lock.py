"""definitions.lock: what each version of an indicator was accepted to mean, so that a meaning never changes unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from pydantic import Field

from metrics.catalogue.blocks import Here, blocks
from metrics.catalogue.faults import Faults
from metrics.catalogue.scalars import Block, Key
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator

FILE = "definitions.lock"
_TITLE = "# Written by `python app.py definitions accept`. One entry for each version of an indicator: do not edit.\n"


class Accepted(Block):
    indicator: Key
    version: int = Field(ge=1)
    meaning: str
    reason: str = ""


def meaning(one: Indicator) -> str:
    """Hash of everything that changes what the figures mean: not names, targets, bands, cuts or grains."""
    measure = {name: value for name, value in asdict(one.measure).items() if name != "number" or value is not None}
    what = {
        "measure": measure, "unit": one.unit, "decimals": one.decimals, "source": one.source,
        "feeds": one.feeds, "attribute": one.attribute,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()[:16]


def meanings(indicators: Mapping[str, Indicator]) -> dict[str, str]:
    return {key: meaning(one) for key, one in indicators.items()}


def accepted(folder: Path, faults: Faults) -> dict[tuple[str, int], tuple[Accepted, Here]]:
    """Empty when there is no lock yet."""
    file = folder / FILE
    if not file.is_file():
        return {}
    return {(one.indicator, one.version): (one, here) for one, here in blocks(Accepted, file, faults)}


def check(folder: Path, workspace: Workspace, heres: Mapping[str, Here], faults: Faults) -> None:
    known = accepted(folder, faults)
    newest: dict[str, int] = {}
    for key, version in known:
        newest[key] = max(version, newest.get(key, 0))
    for key, one in workspace.indicators.items():
        here = heres[key].at("version")
        if one.version < newest.get(key, 0):
            here.fault("changed-meaning", f"{key} went back to version {one.version}", f"version {newest[key]} was accepted")
        entry = known.get((key, one.version))
        if entry is not None and entry[0].meaning != workspace.meaning[key]:
            what = f"{key} means something else than the version {one.version} that was accepted"
            hint = f"set version: {one.version + 1} and a version_reason, then `definitions accept`"
            here.fault("changed-meaning", what, hint)


def write(workspace: Workspace, reason: str) -> list[str]:
    """Adds the versions that are not in the lock yet; names them. The workspace was loaded without fault."""
    known = accepted(workspace.folder, Faults(workspace.folder))
    entries = [one.model_dump() for one, _ in known.values()]
    new: list[dict[str, Any]] = [
        {"indicator": key, "version": one.version, "meaning": workspace.meaning[key], "reason": one.version_reason or reason}
        for key, one in workspace.indicators.items()
        if (key, one.version) not in known
    ]
    entries = sorted(entries + new, key=lambda entry: (entry["indicator"], entry["version"]))
    text = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=200) if entries else ""
    (workspace.folder / FILE).write_text(_TITLE + text, encoding="utf-8")
    return [f"{entry['indicator']} v{entry['version']}" for entry in new]
