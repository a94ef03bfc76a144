"""Signing in and out, and who a session, a token or a link stands for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from access import audit, locks, passwords
from access.principals import of_account
from access.store import accounts, sessions
from metrics.model import Principal
from metrics.store.engine import Store

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""A session's last use is written at most once a minute."""


@dataclass(frozen=True)
class Held:
    who: Principal
    touch: bool
    """Its last use is older than TOUCH."""


def log_in(store: Store, name: str, password: str, address: str, now: datetime, old: str | None = None) -> str | None:
    """A new session's id, or None: the same answer for a wrong name, a wrong password, a locked and a disabled account.

    The failure is written before the password is looked at, so that many guesses at once cannot pass under one count; a
    success takes it back. `old`, the id the browser came with, ends: an id from before the login is never one after it.
    """
    name = name.strip()
    name = name if name.isprintable() else ""  # such a name nobody has, and PostgreSQL takes no NUL
    with store.write() as connection:
        if not _charge(connection, name, address, now):
            return None
        account = accounts.by_name(connection, name[:64])
    right = passwords.matches(account.password if account else "", password)
    with store.write() as connection:
        if old:
            sessions.drop(connection, passwords.digest(old))
        current = accounts.by_id(connection, account.id) if account else None
        if not right or account is None or current is None or current.disabled or current.password != account.password:
            audit.record(connection, account.name if account else None, "login", "/login", "refused", now, address)
            return None
        sessions.forget_failures(connection, "account", _key(name))
        _refund(connection, address, now)
        if passwords.outdated(current.password):
            accounts.rehash(connection, current.id, passwords.hashed(password))
        sessions.drop_old(connection, now - IDLE, now - ABSOLUTE)
        sessions.forget_old_failures(connection, now - locks.FORGOTTEN)
        id = passwords.secret()
        sessions.add(connection, passwords.digest(id), current.id, current.permission_version, now)
        audit.record(connection, current.name, "login", "/login", "ok", now, address)
        return id


def change_password(store: Store, who: Principal, old: str, password: str, address: str, now: datetime) -> bool:
    """True when it was changed; every session of the account has ended then. Raises WeakPassword."""
    name = who.user or ""
    if reason := passwords.weak(password, name):
        raise passwords.WeakPassword(reason)
    with store.write() as connection:
        if not _charge(connection, name, address, now):
            return False
        account = accounts.by_name(connection, name)
    right = account is not None and passwords.matches(account.password, old)
    hash = passwords.hashed(password) if right else ""
    with store.write() as connection:
        if account is None or not right:
            audit.record(connection, name, "set_password", "/account", "refused", now, address)
            return False
        sessions.forget_failures(connection, "account", _key(name))
        _refund(connection, address, now)
        accounts.set_password(connection, account.id, hash)
        audit.record(connection, name, "set_password", "/account", "ok", now, address)
        return True


def _charge(connection: Connection, name: str, address: str, now: datetime) -> bool:
    """Counts one failure in advance; False where the account or the address has to wait.

    Always in the order address, account: two logins never wait for each other crosswise.
    """
    keys = (("address", _key(address)), ("account", _key(name)))
    found = [(kind, key, sessions.failures(connection, kind, key)) for kind, key in keys]
    if any(locks.locked(failures, now) for _, _, failures in found):
        return False
    for kind, key, failures in found:
        sessions.set_failures(connection, kind, key, locks.after_failure(kind, failures, now))
    return True


def _refund(connection: Connection, address: str, now: datetime) -> None:
    """Takes back the one failure counted in advance, and no more: who owns one account cannot clear an address for guessing."""
    found = sessions.failures(connection, "address", _key(address))
    if found and found.count > 1:
        sessions.set_failures(connection, "address", _key(address), sessions.Failures(found.count - 1, found.last, now))
    else:
        sessions.forget_failures(connection, "address", _key(address))


def _key(text: str) -> str:
    """Hashed: people type their password into the name field."""
    return hashlib.sha256(text.encode()).hexdigest()


def who_holds(connection: Connection, id: str, now: datetime) -> Held | None:
    """The person of a session id; None when it is unknown, idle, too old, or the person's rights have changed since."""
    found = sessions.get(connection, passwords.digest(id))
    if found is None or now - found.seen > IDLE or now - found.made > ABSOLUTE:
        return None
    account = accounts.by_id(connection, found.account_id)
    return None if account is None else Held(of_account(account), now - found.seen > TOUCH)


def touch(store: Store, id: str, now: datetime) -> None:
    with store.write() as connection:
        sessions.touch(connection, passwords.digest(id), now)


def log_out(store: Store, id: str, who: Principal, address: str, now: datetime) -> None:
    with store.write() as connection:
        sessions.drop(connection, passwords.digest(id))
        audit.record(connection, who.user, "logout", "/logout", "ok", now, address)


def who_bears(connection: Connection, token: str, now: datetime) -> tuple[Principal, frozenset[str]] | None:
    """The person an API token acts for, with the actions it is limited to."""
    found = accounts.token_by_hash(connection, passwords.digest(token), now)
    account = accounts.by_id(connection, found.account_id) if found else None
    return (of_account(account), found.actions) if found and account and not account.disabled else None
