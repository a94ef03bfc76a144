"""Supervision orders in the database: rows of events are added, the order's row follows them, nothing is deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, bindparam, case, func, insert, or_, select, update

from alerts.orders.model import OPEN, RUNNING, Event, WorkOrder
from alerts.store.order_tables import order_event, order_paper, work_order
from alerts.store.tables import episode
from metrics.store.scope import Scope
from metrics.tables import series, touched

ORDER = case({"red": 0, "yellow": 1, "blue": 2}, value=work_order.c.light, else_=3)


@dataclass(frozen=True)
class Filter:
    """Which orders; None means any. `leads` are ids of departments, with all below them."""

    states: Sequence[str] | None = None
    lights: Sequence[str] | None = None
    leads: Sequence[str] | None = None
    series_id: int | None = None
    episode: int | None = None
    indicator: str | None = None
    place: tuple[str, str] | None = None
    """The figure is of exactly this (department, region), by whatever grain."""
    id: int | None = None


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(work_order).values(**values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def count_of_year(connection: Connection, prefix: str) -> int:
    return connection.execute(select(func.count()).where(work_order.c.number.startswith(prefix))).scalar_one()


def stand(connection: Connection, row: Row[Any], order: WorkOrder, next_at: int | None, revision: int) -> bool:
    """Where the order stands now; False where somebody stepped in between."""
    values = {
        "state": order.state, "light": order.light, "closed": order.closed, "closed_at": order.closed_at, "due": order.due,
        "next_at": next_at, "body": json.dumps(order.as_json()), "version": row.version + 1, "revision": revision,
    }  # fmt: skip
    mine = (work_order.c.id == row.id, work_order.c.version == row.version)
    return connection.execute(update(work_order).where(*mine).values(**values)).rowcount == 1


def redraft(connection: Connection, id: int, title: str, answer_days: int, recover_days: int) -> None:
    """What a draft is about and its limits in working days; `stand` counts the version."""
    values = {"title": title, "answer_days": answer_days, "recover_days": recover_days}
    connection.execute(update(work_order).where(work_order.c.id == id).values(**values))


def wake(connection: Connection, id: int, next_at: int | None) -> None:
    """When time alone may move it next. No step: whoever has its page open is not told that it changed."""
    connection.execute(update(work_order).where(work_order.c.id == id).values(next_at=next_at))


def judged(connection: Connection, id: int, good: int) -> None:
    """How many periods in a row have been in range."""
    connection.execute(update(work_order).where(work_order.c.id == id).values(good=good))


def add_event(connection: Connection, order_id: int, event: Event, revision: int) -> int:
    made = connection.execute(
        insert(order_event).values(
            order_id=order_id, at=event.at, kind=event.kind, actor=event.actor, name=event.name, text=event.text,
            data=json.dumps(dict(event.data), ensure_ascii=False), revision=revision,
        )
    )  # fmt: skip
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def events(connection: Connection, order_id: int) -> list[Event]:
    query = select(order_event).where(order_event.c.order_id == order_id).order_by(order_event.c.seq)
    return [
        Event(row.kind, row.at, row.actor, row.name, row.text, json.loads(row.data), row.seq) for row in connection.execute(query)
    ]


def steps(connection: Connection, ids: Sequence[int], kinds: Sequence[str]) -> dict[int, list[tuple[str, int]]]:
    """Order -> (kind, at) of its steps of these kinds, in their order."""
    c = order_event.c
    found: dict[int, list[tuple[str, int]]] = {}
    for place in range(0, len(ids), 500):
        mine = (c.order_id.in_(ids[place : place + 500]), c.kind.in_(kinds))
        for row in connection.execute(select(c.order_id, c.kind, c.at).where(*mine).order_by(c.seq)):
            found.setdefault(row.order_id, []).append((row.kind, row.at))
    return found


def by_id(connection: Connection, id: int) -> Row[Any] | None:
    return connection.execute(select(work_order).where(work_order.c.id == id)).first()


def by_key(connection: Connection, author: str, key: str) -> int | None:
    """The order this person raised with this form."""
    c = work_order.c
    return connection.execute(select(c.id).where(c.author == author, c.client_key == key)).scalar()


def revive(row: Row[Any]) -> WorkOrder:
    return WorkOrder(**json.loads(row.body))


def open_of(connection: Connection, rule: str, series_id: int, source: str) -> Row[Any] | None:
    """The open order on this very matter: a repeated alert joins it."""
    c = work_order.c
    mine = (c.rule == rule, c.series_id == series_id, c.source == source, c.state.in_(OPEN))
    return connection.execute(select(work_order).where(*mine).order_by(c.id.desc())).first()


def watched(connection: Connection, since: int, series_ids: Sequence[int] | None = None) -> list[Row[Any]]:
    """Orders that data can move: open ones, and those closed after an instant; each with the newest episode of its matter."""
    c = work_order.c
    live = or_(c.state.in_(RUNNING), and_(c.state == "CLOSED", c.closed_at >= since))
    query = select(work_order).where(live, or_(c.series_id != 0, c.source != "")).order_by(c.id)
    if series_ids is not None:
        query = query.where(c.series_id.in_(series_ids))
    return list(connection.execute(query))


WATCHED = select(work_order.c.id).where(work_order.c.state.in_((*RUNNING, "CLOSED"))).limit(1)
"""A row where there is any order that data can move."""
_DUE = select(work_order).where(work_order.c.next_at <= bindparam("by", type_=BigInteger)).order_by(work_order.c.id)
_NEWEST_EPISODE = (
    select(episode)
    .where(episode.c.rule == bindparam("under"), episode.c.series_id == bindparam("series"), episode.c.source == bindparam("of"))
    .where(episode.c.closed != "retro")  # what only corrected history shows is no news of the matter
    .order_by(episode.c.seq.desc())
    .limit(1)
)


def any_watched(connection: Connection) -> bool:
    return connection.execute(WATCHED).first() is not None


def due(connection: Connection, now: int) -> list[Row[Any]]:
    """Orders that time alone moves."""
    return list(connection.execute(_DUE, {"by": now}))


def newest_episode(connection: Connection, rule: str, series_id: int, source: str) -> Row[Any] | None:
    return connection.execute(_NEWEST_EPISODE, {"under": rule, "series": series_id, "of": source}).first()


def page(connection: Connection, scope: Scope, wanted: Filter, limit: int, offset: int) -> list[Row[Any]]:
    """Open ones first, by light, the limit nearest first."""
    c = work_order.c
    closed = c.state.in_(("CLOSED", "WITHDRAWN"))
    query = select(work_order).where(*_within(scope, wanted))
    ordered = query.order_by(closed, ORDER, c.due.is_(None), c.due, c.id.desc())
    return list(connection.execute(ordered.limit(limit).offset(offset)))


def waiting(connection: Connection, scope: Scope, answers: bool, decides: bool, limit: int) -> list[Row[Any]]:
    """What stands still until a person of this scope acts: who answers signs and answers what the own department leads; who
    decides issues drafts, and looks at what is overdue, corrected or newly answered.
    """
    c = work_order.c
    wanted: list[ColumnElement[bool]] = []
    if answers:
        leads = [] if scope.departments is None else [c.lead.in_(sorted(scope.departments))]
        wanted.append(and_(c.state.in_(("ISSUED", "IN_PROGRESS")), _says("suspended_until", "null"), *leads))
    if decides:
        flags = (c.light.in_(("yellow", "red")), _says("basis_corrected", "true"), _says("answer_waits", "true"))
        wanted += [c.state == "DRAFT", and_(c.state.in_(RUNNING), or_(*flags))]
    if not wanted:
        return []
    query = select(work_order).where(or_(*wanted), *_within(scope, Filter()))
    return list(connection.execute(query.order_by(ORDER, c.due.is_(None), c.due, c.id.desc()).limit(limit)))


def _says(name: str, value: str) -> ColumnElement[bool]:
    """Of an order's body, as `stand` writes it."""
    return work_order.c.body.contains(f'"{name}": {value}')


def count(connection: Connection, scope: Scope, wanted: Filter) -> int:
    return connection.execute(select(func.count(work_order.c.id)).where(*_within(scope, wanted))).scalar_one()


def tally(connection: Connection, scope: Scope) -> dict[tuple[str, str], int]:
    """(state, light) -> how many."""
    c = work_order.c
    query = select(c.state, c.light, func.count()).where(*_within(scope, Filter())).group_by(c.state, c.light)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def add_paper(connection: Connection, values: Mapping[str, Any]) -> int:
    made = connection.execute(insert(order_paper).values(**values))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def papers(connection: Connection, order_id: int) -> list[Row[Any]]:
    """All but their content."""
    c = order_paper.c
    query = select(c.id, c.order_id, c.event_seq, c.name, c.media, c.size, c.sha256).where(c.order_id == order_id)
    return list(connection.execute(query.order_by(c.id)))


def paper(connection: Connection, order_id: int, id: int) -> Row[Any] | None:
    query = select(order_paper).where(order_paper.c.id == id, order_paper.c.order_id == order_id)
    return connection.execute(query).first()


def touch(connection: Connection, number: int) -> None:
    """This revision moved the orders; said once."""
    there = select(touched.c.topic).where(touched.c.topic == "orders", touched.c.revision == number)
    if connection.execute(there).first() is None:
        connection.execute(insert(touched).values(topic="orders", revision=number))


def _within(scope: Scope, wanted: Filter) -> list[ColumnElement[bool]]:
    c = work_order.c
    clauses: list[ColumnElement[bool]] = []
    if scope.departments is not None:
        # A department sees what it leads and what it assists.
        named = [c.assisting.contains(f'"{one}"') for one in sorted(scope.departments)]
        clauses.append(or_(c.lead.in_(sorted(scope.departments)), *named))
    if scope.regions is not None:
        clauses.append(c.region.in_(sorted(scope.regions)))
    for column, value in (
        (c.series_id, wanted.series_id),
        (c.episode_id, wanted.episode),
        (c.id, wanted.id),
        (c.indicator, wanted.indicator),
    ):
        if value is not None:
            clauses.append(column == value)
    if wanted.place is not None:
        mine = and_(series.c.department_id == wanted.place[0], series.c.region_id == wanted.place[1])
        clauses.append(c.series_id.in_(select(series.c.id).where(mine)))
    for column, values in ((c.state, wanted.states), (c.light, wanted.lights), (c.lead, wanted.leads)):
        if values is not None:
            clauses.append(column.in_(list(values)))
    return clauses
