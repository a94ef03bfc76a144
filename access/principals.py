"""Who is asking, for the time of one request."""

from __future__ import annotations

from flask import g, has_request_context

from access.store.accounts import Account
from metrics.model import Principal

NOBODY = Principal(user=None, name="", roles=frozenset(), departments=(), regions=())
"""No one at all: sees nothing, may do nothing."""

VISITOR = Principal(user=None, name="", roles=frozenset({"viewer"}))
"""The anonymous viewer of a demo on loopback."""


def current() -> Principal:
    """The Principal the guard gave this request; NOBODY before it, and outside of one."""
    return g.get("principal", NOBODY) if has_request_context() else NOBODY


def saw_whole(object: str) -> None:
    """Says that this answer shows personal fields of this case unmasked; the guard writes it down with who and when."""
    if has_request_context():
        g.saw_whole = object


def of_account(account: Account) -> Principal:
    return Principal(
        user=account.name, name=account.display, roles=frozenset({account.role}),
        departments=account.departments, regions=account.regions, permission_version=account.permission_version,
    )  # fmt: skip
