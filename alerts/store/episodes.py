"""Episodes, their events and the inputs that made them. Rows are added and closed; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from alerts.course import Known
from alerts.store.pairs import Pair, both, chunks
from alerts.store.tables import alert_event, alert_input, episode
from metrics.tables import head, revision, touched


def known(connection: Connection, rule: str, series_id: int) -> list[Known]:
    """Every episode of this rule and series, in business time."""
    query = select(episode).where(episode.c.rule == rule, episode.c.series_id == series_id).order_by(episode.c.seq)
    of_it = (alert_event.c.rule == rule, alert_event.c.series_id == series_id, alert_event.c.kind == "firing")
    raised = select(alert_event.c.episode_id, func.min(alert_event.c.period_start)).where(*of_it)
    first = {row[0]: row[1] for row in connection.execute(raised.group_by(alert_event.c.episode_id)) if row[1] is not None}
    return [
        # Corrections may have moved its beginning on: what was told of it is of the period it was raised for, all the same.
        Known(
            row.id, min(row.since, first.get(row.id, row.since)), row.since if row.period_start is None else row.period_start,
            row.level, row.closed_at is None,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def opened(connection: Connection, rule: str, series_id: int = 0, source: str = "") -> Row[Any] | None:
    """The open episode of a rule on a series or a source."""
    c = episode.c
    query = select(episode).where(c.rule == rule, c.series_id == series_id, c.source == source, c.closed_at.is_(None))
    return connection.execute(query).first()


_c = episode.c
_OPENED = select(episode).where(
    _c.rule.in_(bindparam("rules", expanding=True)), _c.series_id.in_(bindparam("ids", expanding=True)), _c.source == "",
    _c.closed_at.is_(None),
)  # fmt: skip


def all_opened(connection: Connection, pairs: Sequence[Pair]) -> dict[Pair, Row[Any]]:
    """The open episode of each rule and series that has one."""
    found = {(row.rule, row.series_id): row for some in chunks(pairs) for row in connection.execute(_OPENED, both(some))}
    return {pair: found[pair] for pair in pairs if pair in found}


def all_open(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(episode).where(episode.c.closed_at.is_(None)).order_by(episode.c.id)))


def of_rule_open(connection: Connection, rule: str) -> list[Row[Any]]:
    return list(connection.execute(select(episode).where(episode.c.closed_at.is_(None), episode.c.rule == rule)))


def by_id(connection: Connection, episode_id: int) -> Row[Any] | None:
    return connection.execute(select(episode).where(episode.c.id == episode_id)).first()


_HIGHEST = (
    select(_c.rule, _c.series_id, _c.source, func.max(_c.seq))
    .where(_c.rule.in_(bindparam("rules", expanding=True)), _c.series_id.in_(bindparam("ids", expanding=True)))
    .group_by(_c.rule, _c.series_id, _c.source)
)
_IDS = select(_c.id, _c.rule, _c.series_id, _c.source, _c.seq).where(
    _c.rule.in_(bindparam("rules", expanding=True)), _c.series_id.in_(bindparam("ids", expanding=True)),
    _c.revision == bindparam("of_revision"),
)  # fmt: skip


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    return add_all(connection, [values])[0]


def add_all(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """New episodes of one revision, no two of the same rule and series (or source); the number of each among those is the next.
    Their ids, in order.

    They are read back: a statement that gives many ids holds many rows, which takes PostgreSQL's driver longer to read."""
    of = [(row["rule"], row.get("series_id", 0), row.get("source", "")) for row in rows]
    highest: dict[Any, int] = {}
    ids: dict[Any, int] = {}
    for some in chunks(of):
        for *same, seq in connection.execute(_HIGHEST, both(some)):
            highest[tuple(same)] = seq
    made = [{**row, "seq": highest.get(same, 0) + 1} for row, same in zip(rows, of, strict=True)]
    connection.execute(insert(episode), made)
    for some in chunks(of):
        for id, *same, seq in connection.execute(_IDS, {**both(some), "of_revision": rows[0]["revision"]}):
            ids[(*same, seq)] = id
    return [ids[(*same, row["seq"])] for same, row in zip(of, made, strict=True)]


def change(connection: Connection, episode_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(episode).where(episode.c.id == episode_id).values(**values))


_CHANGE = update(episode).where(episode.c.id == bindparam("which"))


def change_all(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """The same columns of each."""
    connection.execute(_CHANGE, [{**values, "which": number} for number, values in changes.items()])


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


_e = alert_event.c
_NEWEST = (
    select(_e.rule, _e.series_id, _e.kind, func.max(_e.seq))
    .where(_e.rule.in_(bindparam("rules", expanding=True)), _e.series_id.in_(bindparam("ids", expanding=True)))
    .where(_e.at == bindparam("then"))
    .group_by(_e.rule, _e.series_id, _e.kind)
)


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Events of one instant, no two of the same rule and series. Their numbers, in order; read back, as episodes are."""
    connection.execute(insert(alert_event), [dict(row) for row in rows])
    of = [(row["rule"], row["series_id"]) for row in rows]
    found: dict[Any, int] = {}
    for some in chunks(of):
        for *same, seq in connection.execute(_NEWEST, {**both(some), "then": rows[0]["at"]}):
            found[tuple(same)] = seq
    return [found[*same, row["kind"]] for same, row in zip(of, rows, strict=True)]


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
