"""The catalogue: a workspace's folder of YAML, read into immutable definitions, with every fault found at once."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel

from metrics.catalogue import lock
from metrics.catalogue.faults import Fault, Faults
from metrics.catalogue.load import load
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Meaning, Replay, Workspace

__all__ = ["Fault", "Meaning", "Replay", "Tree", "Workspace", "accept", "check", "load"]


def check(folder: Path, types: Mapping[str, type[BaseModel]] | None = None) -> list[Fault]:
    """Every fault of a workspace, in the order of its files; `str(fault)` is the line to print."""
    return load(folder, types)[1]


def accept(
    folder: Path, reason: str, *, by: str = "", at: datetime | None = None, since: date | None = None
) -> tuple[list[str], list[Fault]]:  # fmt: skip
    """Writes definitions.lock, and the number of the new version where a meaning changed; the versions it added, and the faults
    because of which nothing was written. `since`: the first day of the new meaning, else the day of `at`."""
    workspace, found = load(folder, accepting=True)
    if workspace is None:
        return [], found
    faults = Faults(workspace.folder)
    added = lock.write(workspace, lock.Acceptance(reason, by, at, since), faults)
    return added, list(faults)
