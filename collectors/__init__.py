"""How data comes in: one file is one kind of source, and its name is the source's `type`.

A collector file holds `SETTINGS`, a pydantic model of a source's `settings`, and `fetch(source, want) -> Iterator[Payload]`.
Nothing is registered anywhere: a file without a leading underscore in this folder is a kind of source.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


def kinds() -> list[str]:
    """The types a source may name."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


@cache
def collector(kind: str) -> ModuleType:
    """The collector for a source's type; LookupError for a type there is no file for."""
    if kind not in kinds():
        raise LookupError(f"no collector is named {kind!r}; there are: {', '.join(kinds())}")
    return importlib.import_module(f"{__name__}.{kind}")
