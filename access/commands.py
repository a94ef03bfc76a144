"""`app.py user`, `app.py token` and `app.py audit`: what an administrator does at the machine itself."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import Any

from access import accounts, audit
from access.store import audit as rows
from metrics.store.engine import Store


def user(given: argparse.Namespace, workspace: Any, store: Store, site: str, now: datetime) -> int:
    """add, list, link (a new one-time link), change (role, scope), disable, enable."""
    scope = {"departments": given.departments, "regions": given.regions}
    unknown = [
        f"{kind[:-1]} {id!r}" for kind, ids in scope.items() for id in ids or () if id not in getattr(workspace, kind)
    ]  # fmt: skip
    if unknown:
        return _no(f"not in this workspace: {', '.join(unknown)}")
    if given.action != "list" and not given.name:
        return _no(f"which account? app.py user {given.action} NAME")
    try:
        with store.write() as connection:
            if given.action == "list":
                print("\n".join(map(str, accounts.list_users(connection))) or "no account yet: app.py user add NAME")
                return 0
            if given.action == "add":
                link = accounts.add_user(
                    connection, given.name, given.display or given.name, given.role or "viewer",
                    given.departments or (), given.regions or (), None, now,
                )  # fmt: skip
            elif given.action == "link":
                link = accounts.new_link(connection, given.name, now)
            else:
                disabled = {"disable": True, "enable": False}.get(given.action)
                accounts.change_rights(connection, given.name, now, role=given.role, disabled=disabled, **scope)
                link = None
    except accounts.Refused as error:
        return _no(str(error))
    print(f"a link that sets the password, once, within 3 days: {site}{link}" if link else f"done: {given.name}")
    return 0


def token(given: argparse.Namespace, store: Store, now: datetime) -> int:
    """add USER NAME, list, drop ID."""
    try:
        with store.write() as connection:
            if given.action == "list":
                for one in accounts.list_tokens(connection):
                    print(f"{one.id}\t{one.name}\t{' '.join(sorted(one.actions))}\tuntil {one.expires:%Y-%m-%d}")
            elif given.action == "drop":
                if not (given.user or "").isdigit() or not accounts.drop_token(connection, int(given.user), now):
                    return _no("no such token: app.py token list shows their numbers")
            elif not given.user or not given.name:
                return _no("for whom and what for? app.py token add USER NAME")
            else:
                lives = timedelta(days=given.days)
                print(accounts.add_token(connection, given.user, given.name, now, actions=given.actions, lives=lives))
                print("shown once; send it as: Authorization: Bearer TOKEN", file=sys.stderr)
    except accounts.Refused as error:
        return _no(str(error))
    return 0


def show_audit(given: argparse.Namespace, store: Store) -> int:
    """list the last rows, or verify that none was changed."""
    with store.read() as connection:
        count, hash = rows.head(connection)
        if given.action == "verify":
            checkpoint = None
            if given.checkpoint:
                number, _, known = given.checkpoint.partition(":")
                if not number.isdigit():
                    return _no("a checkpoint reads COUNT:HASH, as an earlier verify printed it")
                checkpoint = (int(number), known)
            bad = audit.verify(connection, checkpoint)
            if bad is not None:
                return _no(f"row {bad} is the first that was changed, removed or put in", 1)
            print(f"{count} rows hold; keep this outside of the database: {count}:{hash}")
            return 0
        for one in rows.entries(connection, after=max(0, count - given.last)):
            print(f"{one.id}\t{one.at:%Y-%m-%dT%H:%M:%SZ}\t{one.who}\t{one.action}\t{one.object}\t{one.address}\t{one.result}")
    return 0


def _no(reason: str, status: int = 2) -> int:
    print(reason, file=sys.stderr)
    return status
