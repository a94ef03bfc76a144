"""What the command line does with accounts. Secrets are returned once, and kept only hashed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from access import audit, passwords
from access.store import accounts
from access.store.accounts import Account, Token
from metrics.model import TOTAL, Place, Role

ROLES: tuple[Role, ...] = ("viewer", "staff", "supervisor", "administrator")
CONSOLE = "(console)"
"""Who the audit names for what is done at the machine itself; no account can have this name."""
LINK_LIVES = timedelta(days=3)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class Refused(ValueError):
    """What was asked cannot be done; the text says why and what would."""


class _Tree(Protocol):
    def children(self, id: str, /) -> Sequence[Place | str]: ...


class Trees(Protocol):
    @property
    def departments(self) -> _Tree: ...
    @property
    def regions(self) -> _Tree: ...


def add_user(
    connection: Connection, name: str, display: str, role: Role, departments: Sequence[str], regions: Sequence[str],
    password: str | None, now: datetime,
) -> str | None:  # fmt: skip
    """Adds an account; without a password returns the one-time link (a path of the site) under which the person sets it."""
    if not _NAME.fullmatch(name):
        raise Refused(f"account name {name!r}: 2 to 64 small letters, digits and . _ @ -, beginning with a letter or digit")
    _known_role(role)
    if accounts.by_name(connection, name):
        raise Refused(f"account {name} exists already")
    if password is not None and (reason := passwords.weak(password, name)):
        raise Refused(reason["en"])
    hash = "" if password is None else passwords.hashed(password)
    id = accounts.add(connection, name, display or name, role, departments or (TOTAL,), regions or (TOTAL,), hash, now)
    audit.record(connection, CONSOLE, "add_user", name, "ok", now)
    return None if password is not None else _link(connection, id, now)


def new_link(connection: Connection, name: str, now: datetime) -> str:
    """A new one-time link for an account whose password was lost; the old password holds until the link is used."""
    account = _named(connection, name)
    audit.record(connection, CONSOLE, "new_link", name, "ok", now)
    return _link(connection, account.id, now)


def _link(connection: Connection, account_id: int, now: datetime) -> str:
    secret = passwords.secret()
    accounts.add_link(connection, passwords.digest(secret), account_id, now + LINK_LIVES)
    return f"/welcome?token={secret}"


def list_users(connection: Connection) -> list[Account]:
    return accounts.everyone(connection)


def change_rights(
    connection: Connection, name: str, now: datetime, *, role: Role | None = None,
    departments: Sequence[str] | None = None, regions: Sequence[str] | None = None, disabled: bool | None = None,
) -> None:  # fmt: skip
    """In force at once: the person's sessions end, tokens act with the new rights."""
    account = _named(connection, name)
    accounts.change_rights(
        connection, account.id, _known_role(role or account.role),
        account.departments if departments is None else departments, account.regions if regions is None else regions,
        account.disabled if disabled is None else disabled,
    )  # fmt: skip
    audit.record(connection, CONSOLE, "change_rights", name, "ok", now)


def first_administrator(connection: Connection, now: datetime) -> str | None:
    """At first start: the account `admin` without a password, and the link that sets one; None where anyone is there
    already. There is no default password and no open page of setup."""
    if accounts.everyone(connection):
        return None
    return add_user(connection, "admin", "管理员 Administrator", "administrator", (TOTAL,), (TOTAL,), None, now)


@dataclass(frozen=True)
class DemoUser:
    name: str
    role: Role
    password: str = field(repr=False)
    departments: tuple[str, ...]
    regions: tuple[str, ...]

    def __str__(self) -> str:
        """The line printed once."""
        scope = " ".join(id for id in (*self.departments, *self.regions) if id != TOTAL)
        return f"{self.name:<12} {self.password}  {self.role}{f' ({scope})' if scope else ''}"


def demo_users(connection: Connection, workspace: Trees, now: datetime) -> list[DemoUser]:
    """One account a role, two of them with a scope, with random passwords to print once; those that exist are left alone."""
    department, region = _first(workspace.departments), _first(workspace.regions)
    wanted: list[tuple[str, str, Role, str, str]] = [
        ("admin", "管理员 Administrator", "administrator", TOTAL, TOTAL),
        ("supervisor", "督查员 Supervisor", "supervisor", TOTAL, TOTAL),
        ("city", "市级督查员 City supervisor", "supervisor", TOTAL, region),
        ("staff", "经办人 Staff", "staff", department, TOTAL),
        ("viewer", "领导 Viewer", "viewer", TOTAL, TOTAL),
    ]
    made = []
    for name, display, role, departments, regions in wanted:
        if accounts.by_name(connection, name) is None:
            password = passwords.random_password()
            add_user(connection, name, display, role, (departments,), (regions,), password, now)
            made.append(DemoUser(name, role, password, (departments,), (regions,)))
    return made


def _first(tree: _Tree) -> str:
    """The first unit under the root that is more than the root."""
    below = [place if isinstance(place, str) else place.id for place in tree.children(TOTAL)]
    return below[0] if below else TOTAL


def add_token(
    connection: Connection, user: str, name: str, now: datetime, *,
    actions: Sequence[str] = ("view", "export"), lives: timedelta = timedelta(days=365),
) -> str:  # fmt: skip
    """A token that acts for this account, limited to these actions; shown once."""
    secret = "yuncha_" + passwords.secret()
    account = _named(connection, user)
    accounts.add_token(connection, passwords.digest(secret), account.id, name, sorted(set(actions)), now, now + lives)
    audit.record(connection, CONSOLE, "add_token", f"{user} {name}", "ok", now)
    return secret


def list_tokens(connection: Connection) -> list[Token]:
    return accounts.tokens(connection)


def drop_token(connection: Connection, id: int, now: datetime) -> bool:
    audit.record(connection, CONSOLE, "drop_token", str(id), "ok", now)
    return accounts.drop_token(connection, id)


def set_password(connection: Connection, secret: str, password: str, now: datetime) -> None:
    """By a one-time link, which is used up; every session of the account ends."""
    digest = passwords.digest(secret)
    account = accounts.link_owner(connection, digest, now)
    if account is None or account.disabled:
        raise LookupError("the link is unknown, used or too old")
    if reason := passwords.weak(password, account.name):
        raise passwords.WeakPassword(reason)
    if not accounts.use_link(connection, digest):
        raise LookupError("the link was used a moment ago")
    accounts.set_password(connection, account.id, passwords.hashed(password))
    audit.record(connection, account.name, "set_password", account.name, "ok", now)


def _named(connection: Connection, name: str) -> Account:
    if (account := accounts.by_name(connection, name)) is None:
        raise Refused(f"no account {name}")
    return account


def _known_role(role: Role) -> Role:
    if role not in ROLES:
        raise Refused(f"role {role!r}: one of {', '.join(ROLES)}")
    return role
