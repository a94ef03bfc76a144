"""Named points at which a test ends or freezes the process: CRASH_AT=<point> as `kill -9` would, FREEZE_AT=<point> as a machine
that swaps would; <point>:<n> for the n-th time."""

from __future__ import annotations

import os
import signal

_seen: dict[str, int] = {}


def point(name: str) -> None:
    """Nothing, unless the environment names this point."""
    if _reached(name, "CRASH_AT"):
        os._exit(137)
    if _reached(name, "FREEZE_AT"):
        os.kill(os.getpid(), signal.SIGSTOP)


def _reached(name: str, wish: str) -> bool:
    wanted = os.environ.get(wish)
    if wanted is None:
        return False
    asked, _, times = wanted.partition(":")
    if asked != name:
        return False
    _seen[name] = _seen.get(name, 0) + 1
    return _seen[name] == int(times or 1)
