"""What keeps a message back: silences, sources that are down, series that flap; and who is on duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Row,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from alerts.store.pairs import Pair, both, chunks
from alerts.store.tables import alert_event, episode, flapping, outbox, shift, silence

EDGES = ("cleared", "firing", "recovering", "relapsed", "recovered")


def silences(connection: Connection, at: int) -> list[Row[Any]]:
    """Those in force: begun, not over, and confirmed where that is needed."""
    c = silence.c
    confirmed = or_(c.needs_second.is_(False), c.second != "")
    query = select(silence).where(c.begins <= at, c.ends > at, c.ended_at.is_(None), confirmed)
    return list(connection.execute(query.order_by(c.id)))


def every_silence(connection: Connection, limit: int = 200) -> list[Row[Any]]:
    return list(connection.execute(select(silence).order_by(silence.c.id.desc()).limit(limit)))


def by_one_person(connection: Connection, match: str) -> list[tuple[int, int]]:
    """(begin, end) of those of a match that no second person was asked about; of one that was ended early, until then."""
    c = silence.c
    query = select(c.begins, func.coalesce(c.ended_at, c.ends)).where(c.match == match, c.needs_second.is_(False))
    return [(begin, end) for begin, end in connection.execute(query) if begin < end]


def silence_by_id(connection: Connection, id: int) -> Row[Any] | None:
    return connection.execute(select(silence).where(silence.c.id == id)).first()


def add_silence(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(silence).values(**values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def change_silence(connection: Connection, id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(silence).where(silence.c.id == id).values(**values))


def all_down(connection: Connection, rule: str) -> set[str]:
    """Every source whose silence is an open alert."""
    c = episode.c
    return set(connection.execute(select(c.source).where(c.rule == rule, c.closed_at.is_(None))).scalars())


_of, _c = flapping.c, alert_event.c
_FLAPS = select(_of.since).where(
    _of.rule == bindparam("of_rule"), _of.series_id == bindparam("of_series"), _of.ended_at.is_(None)
)  # fmt: skip
_RULES: BindParameter[Any] = bindparam("rules", expanding=True)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_SINCE = select(_of.rule, _of.series_id, _of.since, literal(0)).where(
    _of.rule.in_(_RULES), _of.series_id.in_(_IDS), _of.ended_at.is_(None)
)  # fmt: skip
_EDGES = (
    select(_c.rule, _c.series_id, cast(null(), BigInteger), func.count())
    .where(_c.rule.in_(_RULES), _c.series_id.in_(_IDS), _c.at >= bindparam("from_then"), _c.kind.in_(EDGES))
    .group_by(_c.rule, _c.series_id)
)
_TURNS = union_all(_SINCE, _EDGES)


def turns(connection: Connection, pairs: Sequence[Pair], since: int) -> dict[Pair, tuple[int | None, int]]:
    """Since when each rule and series flaps, if it does; and how often its condition has turned since an instant."""
    began: dict[Pair, int] = {}
    edges: dict[Pair, int] = {}
    for some in chunks(pairs):
        for rule, series_id, start, many in connection.execute(_TURNS, {**both(some), "from_then": since}):
            if start is None:
                edges[rule, series_id] = int(many)
            else:
                began[rule, series_id] = start
    return {pair: (began.get(pair), edges.get(pair, 0)) for pair in pairs}


def flaps(connection: Connection, rule: str, series_id: int) -> bool:
    return connection.execute(_FLAPS, {"of_rule": rule, "of_series": series_id}).first() is not None


def all_flapping(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(flapping).where(flapping.c.ended_at.is_(None))))


def begin_flapping(connection: Connection, rule: str, series_id: int, at: int) -> None:
    connection.execute(insert(flapping).values(rule=rule, series_id=series_id, since=at, last_edge=at))


def edge(connection: Connection, rule: str, series_id: int, since: int, at: int) -> None:
    connection.execute(update(flapping).where(*_is(rule, series_id, since)).values(last_edge=at))


def end_flapping(connection: Connection, row: Row[Any], at: int) -> None:
    connection.execute(update(flapping).where(*_is(row.rule, row.series_id, row.since)).values(ended_at=at))


def on_duty(connection: Connection, roster: str, at: int) -> list[str]:
    c = shift.c
    query = select(c.receiver).where(c.roster == roster, c.begins <= at, c.ends > at, c.removed_at.is_(None)).distinct()
    return sorted(connection.execute(query).scalars())


def shifts(connection: Connection, since: int, limit: int = 500) -> list[Row[Any]]:
    query = select(shift).where(shift.c.ends > since).order_by(shift.c.roster, shift.c.begins, shift.c.id).limit(limit)
    return list(connection.execute(query))


def add_shift(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(shift).values(**values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def remove_shift(connection: Connection, id: int, at: int, by: str) -> bool:
    mine = and_(shift.c.id == id, shift.c.removed_at.is_(None))
    return connection.execute(update(shift).where(mine).values(removed_at=at, removed_by=by)).rowcount == 1


def held(connection: Connection) -> list[Row[Any]]:
    """Messages that are kept back, oldest first."""
    return list(connection.execute(select(outbox).where(outbox.c.state == "held").order_by(outbox.c.id)))


def release(connection: Connection, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    for place in range(0, len(ids), 500):
        mine = and_(outbox.c.id.in_(list(ids[place : place + 500])), outbox.c.state == "held")
        connection.execute(update(outbox).where(mine).values(**values))


def _is(rule: str, series_id: int, since: int) -> tuple[Any, ...]:
    return flapping.c.rule == rule, flapping.c.series_id == series_id, flapping.c.since == since
