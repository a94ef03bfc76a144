"""Ways to tell people: one file = one type of channel. A file without a leading underscore is a channel; its name is its type.

Each has `Settings` (a pydantic model of a receiver's settings) and `send(message, settings, secret) -> str`: it tells and returns
what the other side answered, or raises a `Failed` that says whether another try can help. The sender does the retrying.
One whose platform takes no more than so many bytes says so as `MOST`: a message of several alerts then comes in numbered parts.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType


class Unknown(LookupError):
    """No such channel."""


def names() -> list[str]:
    return sorted(path.stem for folder in __path__ for path in Path(folder).glob("*.py") if not path.stem.startswith("_"))


@cache
def channel(name: str) -> ModuleType:
    """The channel of this type; Unknown where there is no such file."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name not in names():
        raise Unknown(f"no channel {name!r}: there are {', '.join(names())}")
    return import_module(f"alerts.channels.{name}")
