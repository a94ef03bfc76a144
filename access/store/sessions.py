"""Server-side sessions and the counts of failed logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from access.store.tables import account, login_lock, session
from metrics.periods import from_us, to_us


@dataclass(frozen=True)
class Session:
    account_id: int
    permission_version: int
    made: datetime
    seen: datetime


def add(connection: Connection, hash: str, account_id: int, permission_version: int, now: datetime) -> None:
    connection.execute(
        insert(session).values(
            hash=hash, account_id=account_id, permission_version=permission_version, made=to_us(now), seen=to_us(now)
        )
    )


def get(connection: Connection, hash: str) -> Session | None:
    """Only while the account's rights are those the session began with."""
    held = select(session).join(account, account.c.id == session.c.account_id).where(
        session.c.hash == hash, session.c.permission_version == account.c.permission_version, ~account.c.disabled
    )  # fmt: skip
    row = connection.execute(held).one_or_none()
    return None if row is None else Session(row.account_id, row.permission_version, from_us(row.made), from_us(row.seen))


def touch(connection: Connection, hash: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.hash == hash).values(seen=to_us(now)))


def drop(connection: Connection, hash: str) -> bool:
    return connection.execute(delete(session).where(session.c.hash == hash)).rowcount == 1


def drop_old(connection: Connection, seen_before: datetime, made_before: datetime) -> None:
    connection.execute(delete(session).where((session.c.seen < to_us(seen_before)) | (session.c.made < to_us(made_before))))


@dataclass(frozen=True)
class Failures:
    count: int
    last: datetime
    until: datetime


def failures(connection: Connection, kind: str, key: str) -> Failures | None:
    """Locked for update, so that guesses made at once are counted one by one."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    none = dialect.insert(login_lock).values(kind=kind, key=key, failures=0, last=0, until=0).on_conflict_do_nothing()
    connection.execute(none)
    wanted = select(login_lock).where(login_lock.c.kind == kind, login_lock.c.key == key).with_for_update()
    row = connection.execute(wanted).one()
    return Failures(row.failures, from_us(row.last), from_us(row.until)) if row.failures else None


def set_failures(connection: Connection, kind: str, key: str, found: Failures) -> None:
    values = {"failures": found.count, "last": to_us(found.last), "until": to_us(found.until)}
    connection.execute(update(login_lock).where(login_lock.c.kind == kind, login_lock.c.key == key).values(**values))


def forget_failures(connection: Connection, kind: str, key: str) -> None:
    connection.execute(delete(login_lock).where(login_lock.c.kind == kind, login_lock.c.key == key))


def forget_old_failures(connection: Connection, before: datetime) -> None:
    connection.execute(delete(login_lock).where(login_lock.c.last < to_us(before)))
