"""The lock of the login: how long an account or an address must wait after failures. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from access.store.sessions import Failures

FREE = {"account": 5, "address": 30}
"""Failures that cost nothing but the count: a person mistypes; an office shares one address."""
FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)
"""After so long without a failure the count begins again."""


def locked(found: Failures | None, now: datetime) -> bool:
    return found is not None and now < found.until


def after_failure(kind: str, found: Failures | None, now: datetime) -> Failures:
    """The wait doubles with each failure beyond the free ones, up to a quarter of an hour."""
    count = 1 if found is None or now - found.last > FORGOTTEN else found.count + 1
    over = count - FREE[kind]
    wait = min(FIRST * 2 ** min(over, 10), LONGEST) if over >= 0 else timedelta(0)
    return Failures(count, now, now + wait)
