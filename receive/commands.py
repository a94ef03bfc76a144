"""`app.py source`: the token of a source that sends by itself, and a first look at one that does not exist yet."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from access import source_tokens
from collectors import _try
from collectors._errors import Failure, one_line
from metrics.catalogue.workspace import Workspace
from metrics.store.engine import Store


def look(given: argparse.Namespace, workspace: Workspace, now: datetime) -> int:
    """try FILE-or-ADDRESS: what is in it and the YAML that would take it; with --write it is put into the workspace."""
    if not given.target:
        print("which file or address? app.py source try TARGET", file=sys.stderr)
        return 2
    try:
        made, rows = _try.look(given.target, workspace, now)
    except Failure as failure:
        print(f"{failure.what}: {failure.hint}", file=sys.stderr)
        return 1
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    source, indicators = made.yaml()
    key = made.source["key"]
    print("# The first rows:")
    for row in rows:
        print(f"#   {one_line(', '.join(f'{name}: {value}' for name, value in row.items()), 200)}")
    for folder, text in (("sources", source), ("indicators", indicators)):
        if not text:
            continue
        path = workspace.folder / folder / f"{key}.yaml"
        print(f"\n# {folder}/{key}.yaml\n{text}", end="")
        if given.write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if given.write:
        print(f"\nwritten; next: app.py check, then app.py collect {key} --dry-run", file=sys.stderr)
    return 0


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
