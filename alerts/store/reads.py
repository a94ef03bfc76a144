"""Reading episodes for people: the scope of who asks is in every query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, insert, or_, select

from alerts.store.tables import alert_event, episode, rule_version, seen
from metrics.store.scope import Scope
from metrics.tables import series

ORDER = case({"serious": 0, "warning": 1, "reminder": 2}, value=episode.c.severity, else_=3)


@dataclass(frozen=True)
class Filter:
    """Which episodes; None means any. `departments` and `regions` are ids of places (with all below them)."""

    open_only: bool = False
    severity: str | None = None
    indicators: Sequence[str] | None = None
    departments: Sequence[str] | None = None
    regions: Sequence[str] | None = None
    handling: str | None = None
    rule: str | None = None
    series_id: int | None = None
    place: tuple[str, str] | None = None
    """Exactly this (department, region), by whatever grain."""
    id: int | None = None


def page(connection: Connection, scope: Scope, sources: Sequence[str], wanted: Filter, limit: int, offset: int) -> list[Row[Any]]:
    """Open ones first, worst first, newest first; each with its series, how many have seen it, the order it is handled by, and
    who dismissed it why.
    """
    looked = select(func.count()).where(seen.c.episode_id == episode.c.id).scalar_subquery()
    of_order = select(func.max(alert_event.c.text)).where(
        alert_event.c.episode_id == episode.c.id, alert_event.c.kind == "ordered"
    )
    c, gone = series.c, alert_event.alias("dismissal")
    query = _within(
        select(episode, c.indicator, c.grain, c.department_id, c.region_id, c.dims, looked.label("looked"),
               of_order.scalar_subquery().label("ordered"), gone.c.actor.label("dismissed_by"),
               gone.c.at.label("dismissed_at"), gone.c.text.label("reason")),
        scope, sources, wanted,
    ).join(gone, and_(gone.c.episode_id == episode.c.id, gone.c.kind == "dismissed"), isouter=True)  # fmt: skip
    ordered = query.order_by(episode.c.closed_at.is_not(None), ORDER, episode.c.fired_at.desc(), episode.c.id.desc())
    return list(connection.execute(ordered.limit(limit).offset(offset)))


def count(connection: Connection, scope: Scope, sources: Sequence[str], wanted: Filter) -> int:
    return connection.execute(_within(select(func.count(episode.c.id)), scope, sources, wanted)).scalar_one()


def tally(connection: Connection, scope: Scope, sources: Sequence[str], silent: str) -> list[Row[Any]]:
    """Of what is open: (severity, handling, of the rule `silent`, seen by anybody, how many)."""
    looked = select(seen.c.person).where(seen.c.episode_id == episode.c.id).exists()
    keys = (episode.c.severity, episode.c.handling, (episode.c.rule == silent).label("silent"), looked.label("looked"))
    made = _within(select(*keys, episode.c.id), scope, sources, Filter(open_only=True)).subquery()
    grouped = (made.c.severity, made.c.handling, made.c.silent, made.c.looked)
    return list(connection.execute(select(*grouped, func.count().label("number")).group_by(*grouped)))


def events(connection: Connection, episode_id: int) -> list[Row[Any]]:
    return list(connection.execute(select(alert_event).where(alert_event.c.episode_id == episode_id).order_by(alert_event.c.seq)))


def seers(connection: Connection, episode_id: int) -> list[Row[Any]]:
    return list(connection.execute(select(seen).where(seen.c.episode_id == episode_id).order_by(seen.c.at)))


def first_looks(connection: Connection, scope: Scope, sources: Sequence[str], since: int) -> list[Row[Any]]:
    """(department, indicator, source, raised, first seen or None) of alerts raised since an instant."""
    first = select(func.min(seen.c.at)).where(seen.c.episode_id == episode.c.id).scalar_subquery()
    parts = (series.c.department_id, series.c.indicator, episode.c.source, episode.c.fired_at, first.label("looked"))
    return list(connection.execute(_within(select(*parts), scope, sources, Filter()).where(episode.c.fired_at >= since)))


def look(connection: Connection, episode_id: int, person: str, name: str, at: int) -> bool:
    """The first time a person looked; False when they had before."""
    if has_looked(connection, episode_id, person):
        return False
    connection.execute(insert(seen).values(episode_id=episode_id, person=person, name=name, at=at))
    return True


def has_looked(connection: Connection, episode_id: int, person: str) -> bool:
    there = select(seen.c.person).where(seen.c.episode_id == episode_id, seen.c.person == person)
    return connection.execute(there).first() is not None


def dismissal(connection: Connection, episode_id: int) -> Row[Any] | None:
    """Who dismissed it, when and why."""
    mine = (alert_event.c.episode_id == episode_id, alert_event.c.kind == "dismissed")
    return connection.execute(select(alert_event).where(*mine)).first()


def version_of(connection: Connection, id: int) -> Row[Any] | None:
    return connection.execute(select(rule_version).where(rule_version.c.id == id)).first()


def _within(query: Select[Any], scope: Scope, sources: Sequence[str], wanted: Filter) -> Select[Any]:
    joined = query.select_from(episode).join(series, series.c.id == episode.c.series_id, isouter=True)
    on_series = and_(series.c.id.is_not(None), *scope.series())
    clauses: list[ColumnElement[bool]] = [or_(on_series, and_(episode.c.source != "", episode.c.source.in_(sources)))]
    if wanted.open_only:
        clauses.append(episode.c.closed_at.is_(None))
    for column, value in (
        (episode.c.severity, wanted.severity), (episode.c.handling, wanted.handling), (episode.c.rule, wanted.rule),
        (episode.c.series_id, wanted.series_id), (episode.c.id, wanted.id),
        (series.c.department_id, wanted.place and wanted.place[0]), (series.c.region_id, wanted.place and wanted.place[1]),
    ):  # fmt: skip
        if value is not None:
            clauses.append(column == value)
    for column, values in (
        (series.c.indicator, wanted.indicators), (series.c.department_id, wanted.departments),
        (series.c.region_id, wanted.regions),
    ):  # fmt: skip
        if values is not None:
            clauses.append(column.in_(values))
    return joined.where(*clauses)
