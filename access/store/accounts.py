"""Accounts, their one-time links and their API tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from access.store.tables import account, session, token, welcome_link
from metrics.model import Role
from metrics.periods import from_us, to_us


@dataclass(frozen=True)
class Account:
    id: int
    name: str
    display: str
    role: Role
    departments: tuple[str, ...]
    regions: tuple[str, ...]
    password: str = field(repr=False)
    """The argon2 hash; empty until the person has set one."""
    permission_version: int
    disabled: bool
    made: datetime

    def __str__(self) -> str:
        state = " disabled" if self.disabled else ("" if self.password else " (no password yet)")
        return f"{self.name}\t{self.role}\t{self.display}\t{' '.join(self.departments)}\t{' '.join(self.regions)}{state}"


def _account(row: Row | None) -> Account | None:
    if row is None:
        return None
    scope = tuple(json.loads(row.departments)), tuple(json.loads(row.regions))
    return Account(
        row.id, row.name, row.display, row.role, *scope, row.password, row.permission_version, row.disabled, from_us(row.made)
    )


def by_name(connection: Connection, name: str) -> Account | None:
    return _account(connection.execute(select(account).where(account.c.name == name)).one_or_none())


def by_id(connection: Connection, id: int) -> Account | None:
    return _account(connection.execute(select(account).where(account.c.id == id)).one_or_none())


def everyone(connection: Connection) -> list[Account]:
    rows = connection.execute(select(account).order_by(account.c.name))
    return [found for row in rows if (found := _account(row))]


def add(
    connection: Connection, name: str, display: str, role: Role,
    departments: Sequence[str], regions: Sequence[str], password: str, now: datetime,
) -> int:  # fmt: skip
    made = connection.execute(
        insert(account).values(
            name=name, display=display, role=role, password=password, made=to_us(now),
            departments=json.dumps(list(departments)), regions=json.dumps(list(regions)),
        )
    )  # fmt: skip
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def change_rights(
    connection: Connection, id: int, role: Role, departments: Sequence[str], regions: Sequence[str], disabled: bool
) -> None:
    """New rights end every session and are in force for tokens at the next call."""
    connection.execute(
        update(account).where(account.c.id == id).values(
            role=role, departments=json.dumps(list(departments)), regions=json.dumps(list(regions)), disabled=disabled,
            permission_version=account.c.permission_version + 1,
        )
    )  # fmt: skip
    connection.execute(delete(session).where(session.c.account_id == id))


def set_password(connection: Connection, id: int, password: str) -> None:
    """A new password ends every session and uses up every link."""
    connection.execute(
        update(account).where(account.c.id == id).values(
            password=password, permission_version=account.c.permission_version + 1
        )
    )  # fmt: skip
    connection.execute(delete(session).where(session.c.account_id == id))
    connection.execute(delete(welcome_link).where(welcome_link.c.account_id == id))


def rehash(connection: Connection, id: int, password: str) -> None:
    """The same password under newer argon2 parameters."""
    connection.execute(update(account).where(account.c.id == id).values(password=password))


def add_link(connection: Connection, hash: str, account_id: int, expires: datetime) -> None:
    """One valid link an account: a new one uses up the older."""
    connection.execute(delete(welcome_link).where(welcome_link.c.account_id == account_id))
    connection.execute(insert(welcome_link).values(hash=hash, account_id=account_id, expires=to_us(expires)))


def link_owner(connection: Connection, hash: str, now: datetime) -> Account | None:
    wanted = (welcome_link.c.hash == hash) & (welcome_link.c.expires > to_us(now))
    owner = connection.execute(select(welcome_link.c.account_id).where(wanted)).scalar_one_or_none()
    return None if owner is None else by_id(connection, owner)


def use_link(connection: Connection, hash: str) -> bool:
    """True for the one caller who used it first."""
    return connection.execute(delete(welcome_link).where(welcome_link.c.hash == hash)).rowcount == 1


@dataclass(frozen=True)
class Token:
    id: int
    account_id: int
    name: str
    actions: frozenset[str]
    made: datetime
    expires: datetime


def add_token(
    connection: Connection, hash: str, account_id: int, name: str, actions: Sequence[str], now: datetime, expires: datetime
) -> None:
    connection.execute(
        insert(token).values(
            hash=hash, account_id=account_id, name=name, actions=" ".join(actions), made=to_us(now), expires=to_us(expires)
        )
    )


def _token(row: Row) -> Token:
    return Token(row.id, row.account_id, row.name, frozenset(row.actions.split()), from_us(row.made), from_us(row.expires))


def token_by_hash(connection: Connection, hash: str, now: datetime) -> Token | None:
    row = connection.execute(select(token).where(token.c.hash == hash, token.c.expires > to_us(now))).one_or_none()
    return None if row is None else _token(row)


def tokens(connection: Connection) -> list[Token]:
    return [_token(row) for row in connection.execute(select(token).order_by(token.c.id))]


def drop_token(connection: Connection, id: int) -> bool:
    return connection.execute(delete(token).where(token.c.id == id)).rowcount == 1
