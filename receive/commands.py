"""`app.py source`: the token of a source that sends by itself, and a first look at one that does not exist yet."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from access import source_tokens
from metrics.catalogue.workspace import Workspace
from metrics.store.engine import Store


def token(given: argparse.Namespace, workspace: Workspace, store: Store, now: datetime) -> int:
    """token KEY: a new one, shown once; revoke KEY: it ends at once; tokens: which sources have one."""
    if given.action == "tokens":
        with store.read() as connection:
            for key, made in source_tokens.made(connection).items():
                print(f"{key}\tsince {made:%Y-%m-%d}" + ("" if key in workspace.sources else "\t(no such source any more)"))
        return 0
    source = workspace.sources.get(given.target or "")
    if given.action == "revoke":
        with store.write() as connection:
            there = source_tokens.revoke(connection, given.target or "", now)
        print(f"done: {given.target}" if there else f"no token for {given.target!r}: app.py source tokens shows them")
        return 0 if there else 2
    if source is None or source.type != "push":
        print(f"no source of type push is {given.target!r}: app.py check prints what there is", file=sys.stderr)
        return 2
    with store.write() as connection:
        print(source_tokens.make(connection, source.key, now))
    print(
        f"shown once; the one before it has ended. Send it as: Authorization: Bearer TOKEN\n"
        f"to: POST /api/v1/{source.gives}?source={source.key}",
        file=sys.stderr,
    )
    return 0
