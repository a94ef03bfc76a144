"""The catalogue: a workspace's folder of YAML, read into immutable definitions, with every fault found at once."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from metrics.catalogue import lock
from metrics.catalogue.faults import Fault
from metrics.catalogue.load import load
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Replay, Workspace

__all__ = ["Fault", "Replay", "Tree", "Workspace", "accept", "check", "load"]


def check(folder: Path, types: Mapping[str, type[BaseModel]] | None = None) -> list[Fault]:
    """Every fault of a workspace, in the order of its files; `str(fault)` is the line to print."""
    return load(folder, types)[1]


def accept(folder: Path, reason: str) -> tuple[list[str], list[Fault]]:
    """Writes definitions.lock; the versions it added, and the faults because of which nothing was written."""
    workspace, faults = load(folder)
    return ([], faults) if workspace is None else (lock.write(workspace, reason), [])
