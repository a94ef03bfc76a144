"""Versions of rules: added, never changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, literal_column, null, select, union_all

from alerts.store.orders import WATCHED
from alerts.store.tables import rule_edit, rule_version
from metrics.tables import head, revision


@dataclass(frozen=True, slots=True)
class Version:
    id: int
    rule: str
    number: int
    hash: str
    body: str
    since: int


def every(connection: Connection) -> list[Version]:
    """All versions of all rules, oldest first."""
    columns = (rule_version.c[name] for name in ("id", "rule", "number", "hash", "body", "since"))
    return [Version(*row) for row in connection.execute(select(*columns).order_by(rule_version.c.rule, rule_version.c.number))]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a transaction that judges begins with, read at once."""

    revision: int
    kind: str
    """Of the revision it writes."""
    versions: frozenset[tuple[str, int]]
    """The version written last and the edits in force: while these are the same, so is every version."""
    orders: bool
    """Whether there is any order that data can move."""


_STANDING = union_all(
    select(literal_column("'revision'"), head.c.number, revision.c.kind).join_from(
        head, revision, revision.c.number == head.c.number, isouter=True
    ),
    select(literal_column("'version'"), func.max(rule_version.c.id), null()),
    select(literal_column("'edit'"), rule_edit.c.id, null()).where(rule_edit.c.state == "active"),
    select(literal_column("'order'"), WATCHED.subquery().c.id, null()),
)


def standing(connection: Connection) -> Standing:
    number, kind, versions, orders = 0, "", set(), False
    for what, found, word in connection.execute(_STANDING):
        if what == "revision":
            number, kind = found, word or ""
        elif what == "order":
            orders = True
        else:
            versions.add((what, found or 0))
    return Standing(number, kind, frozenset(versions), orders)


def add(
    connection: Connection, rule: str, number: int, hash: str, body: str, since: int, revision: int, author: str = ""
) -> Version:
    statement = insert(rule_version).values(
        rule=rule, number=number, hash=hash, body=body, since=since, author=author, revision=revision
    )
    made = connection.execute(statement)
    assert made.inserted_primary_key is not None
    return Version(int(made.inserted_primary_key[0]), rule, number, hash, body, since)
