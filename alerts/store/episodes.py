"""Episodes, their events and the inputs that made them. Rows are added and closed; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from alerts.course import Known
from alerts.store.tables import alert_event, alert_input, episode
from metrics.tables import head, revision, touched


def known(connection: Connection, rule: str, series_id: int) -> list[Known]:
    """Every episode of this rule and series, in business time."""
    query = select(episode).where(episode.c.rule == rule, episode.c.series_id == series_id).order_by(episode.c.seq)
    return [
        Known(row.id, row.since, row.since if row.period_start is None else row.period_start, row.level, row.closed_at is None)
        for row in connection.execute(query)
    ]


def opened(connection: Connection, rule: str, series_id: int = 0, source: str = "") -> Row[Any] | None:
    """The open episode of a rule on a series or a source."""
    c = episode.c
    query = select(episode).where(c.rule == rule, c.series_id == series_id, c.source == source, c.closed_at.is_(None))
    return connection.execute(query).first()


def all_open(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(episode).where(episode.c.closed_at.is_(None)).order_by(episode.c.id)))


def of_rule_open(connection: Connection, rule: str) -> list[Row[Any]]:
    return list(connection.execute(select(episode).where(episode.c.closed_at.is_(None), episode.c.rule == rule)))


def by_id(connection: Connection, episode_id: int) -> Row[Any] | None:
    return connection.execute(select(episode).where(episode.c.id == episode_id)).first()


_c = episode.c
_SAME = (_c.rule == bindparam("of_rule"), _c.series_id == bindparam("of_series"), _c.source == bindparam("of_source"))
_FOLLOWING = select(func.coalesce(func.max(_c.seq), 0) + 1).where(*_SAME).scalar_subquery()
_ADD = insert(episode).values(seq=_FOLLOWING)


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """A new episode; its number among those of the same rule and series is the next."""
    same = {"of_rule": values["rule"], "of_series": values.get("series_id", 0), "of_source": values.get("source", "")}
    made = connection.execute(_ADD, {**values, **same})
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def change(connection: Connection, episode_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(episode).where(episode.c.id == episode_id).values(**values))


def stand(connection: Connection, rule: str, series_id: int, values: Mapping[str, Any]) -> None:
    """Where the open episode of a rule and series stands now."""
    c = episode.c
    mine = (c.rule == rule, c.series_id == series_id, c.source == "", c.closed_at.is_(None))
    connection.execute(update(episode).where(*mine).values(**values))


def handle(connection: Connection, episode_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """A step by a person: only if nobody stepped in between."""
    statement = update(episode).where(episode.c.id == episode_id, episode.c.version == version)
    return connection.execute(statement.values(version=version + 1, **values)).rowcount == 1


def add_event(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(alert_event), dict(values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def last_event(connection: Connection, episode_id: int, kinds: Sequence[str]) -> int:
    """When the newest event of these kinds was; 0 for none."""
    mine = (alert_event.c.episode_id == episode_id, alert_event.c.kind.in_(kinds))
    return connection.execute(select(func.max(alert_event.c.at)).where(*mine)).scalar_one() or 0


def add_inputs(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(alert_input), [dict(row) for row in rows])


_STANDING = select(head.c.number, revision.c.kind).join_from(head, revision, revision.c.number == head.c.number, isouter=True)


def standing(connection: Connection) -> tuple[int, str]:
    """The revision this transaction writes, and its kind."""
    row = connection.execute(_STANDING).first()
    return (row[0], row[1] or "") if row else (0, "")


def touch(connection: Connection, number: int) -> None:
    """This revision moved the alerts; said once."""
    there = select(touched.c.topic).where(touched.c.topic == "alerts", touched.c.revision == number)
    if connection.execute(there).first() is None:
        connection.execute(insert(touched).values(topic="alerts", revision=number))
