"""Versions of rules: added, never changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from alerts.store.tables import rule_version


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


_NEWEST = select(func.max(rule_version.c.id))


def newest(connection: Connection) -> int:
    """Id of the version written last; 0 for none."""
    return connection.execute(_NEWEST).scalar() or 0


def add(
    connection: Connection, rule: str, number: int, hash: str, body: str, since: int, revision: int, author: str = ""
) -> Version:
    statement = insert(rule_version).values(
        rule=rule, number=number, hash=hash, body=body, since=since, author=author, revision=revision
    )
    made = connection.execute(statement)
    assert made.inserted_primary_key is not None
    return Version(int(made.inserted_primary_key[0]), rule, number, hash, body, since)
