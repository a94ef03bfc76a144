"""Figures that were doubted: held back until a person decides, or stored and noted."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, insert, not_, or_, select, true, update

from metrics.model import Grain
from metrics.store.scope import Scope
from metrics.store.series import Key
from metrics.tables import doubted, series

OPEN = ""


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubted figure as kept. Instants in microseconds."""

    id: int
    indicator: str
    grain: Grain
    key: Key
    source: str
    period_start: int
    version: int
    num: int | None
    den: int | None
    n: int | None
    status: str
    source_rev: int
    kind: str
    words: str
    held: bool
    against: str
    """The other figure, in display units: what was said before, the sum of the parts; empty where there is none."""
    run_id: int | None
    revision: int
    at: int
    verdict: str
    """Open: empty; else `released`, `rejected`, `settled` (noted, and answered), `replaced` (by another word of the source) or
    `resolved` (its parts add up now)."""
    actor: str
    reason: str
    decided_at: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is in question as long as any figure of it is held back."""

    source: str
    indicator: str
    kind: str
    key: Key


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one source waits for somebody's word: how many, since when, and when the newest came."""

    number: int
    since: int
    newest: int


_KEPT = select(
    doubted.c.id, series.c.indicator, series.c.grain, series.c.department_id, series.c.region_id, series.c.dims,
    *(doubted.c[name] for name in (
        "source", "period_start", "version", "num", "den", "n", "status", "source_rev", "kind", "words", "held", "against",
        "run_id", "revision", "at", "verdict", "actor", "reason", "decided_at",
    )),
).join(series, series.c.id == doubted.c.series_id)  # fmt: skip
_OF_PERIODS = _KEPT.where(
    doubted.c.source == bindparam("of"),
    series.c.indicator == bindparam("about"),
    series.c.grain == bindparam("every"),
    doubted.c.period_start.in_(bindparam("periods", expanding=True)),
).order_by(doubted.c.id)
_WAITING = (
    select(doubted.c.source, series.c.indicator, func.count(), func.min(doubted.c.at), func.max(doubted.c.at))
    .join(series, series.c.id == doubted.c.series_id).where(doubted.c.verdict == OPEN)
    .group_by(doubted.c.source, series.c.indicator)
)  # fmt: skip
"""Made once: it is asked each second."""
_HELD = (
    select(doubted.c.source, series.c.indicator, doubted.c.kind, series.c.department_id, series.c.region_id, series.c.dims)
    .join(series, series.c.id == doubted.c.series_id).where(doubted.c.held.is_(True)).distinct()
)  # fmt: skip


def of_periods(connection: Connection, source: str, indicator: str, grain: str, periods: Sequence[int]) -> list[Doubted]:
    """All there were of these periods, oldest first."""
    asked = {"of": source, "about": indicator, "every": grain, "periods": list(periods)}
    return [_kept(row) for row in connection.execute(_OF_PERIODS, asked)]


def asked(connection: Connection, source: str, first: int, last: int) -> set[tuple[str, str]]:
    """(Indicator, grain) of which a figure was doubted in the periods from `first` to `last`."""
    query = select(series.c.indicator, series.c.grain).join(doubted, doubted.c.series_id == series.c.id).distinct()
    rows = connection.execute(query.where(doubted.c.source == source, doubted.c.period_start.between(first, last)))
    return {(indicator, grain) for indicator, grain in rows}


def one(connection: Connection, id: int) -> Doubted | None:
    row = connection.execute(_KEPT.where(doubted.c.id == id)).first()
    return _kept(row) if row is not None else None


def every(
    connection: Connection,
    scope: Scope,
    *,
    owned: Collection[str] = (),
    indicators: Collection[str] | None = None,
    then: tuple[int, int] | None = None,
    waiting: bool | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[Doubted]:
    """Within a scope, or reported by one of the sources `owned`; those that wait first, held before noted, then newest first.

    indicators: only of these; then: as they stood at that revision, of that instant; waiting: only those that wait, or only
    those that do not."""
    seen, waits = _seen(scope, owned, indicators, then), _waits(then)
    if waiting is not None:
        seen.append(waits if waiting else not_(waits))
    turn = not_(waits), not_(doubted.c.held), doubted.c.id.desc()
    rows = connection.execute(_KEPT.where(*seen).order_by(*turn).limit(limit).offset(offset))
    return [_undecided(_kept(row), then) for row in rows]


def seen(
    connection: Connection,
    id: int,
    scope: Scope,
    *,
    owned: Collection[str] = (),
    indicators: Collection[str] | None = None,
    then: tuple[int, int] | None = None,
) -> Doubted | None:
    """One of those that `every` gives, however many there are."""
    row = connection.execute(_KEPT.where(doubted.c.id == id, *_seen(scope, owned, indicators, then))).first()
    return _undecided(_kept(row), then) if row is not None else None


def number(
    connection: Connection,
    scope: Scope,
    *,
    owned: Collection[str] = (),
    indicators: Collection[str] | None = None,
    then: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """How many of those that `every` gives wait, and how many do not."""
    query = select(func.count(), func.count(case((_waits(then), 1)))).select_from(doubted)
    query = query.join(series, series.c.id == doubted.c.series_id).where(*_seen(scope, owned, indicators, then))
    all_, waiting = connection.execute(query).one()
    return waiting, all_ - waiting


def _seen(
    scope: Scope, owned: Collection[str], indicators: Collection[str] | None, then: tuple[int, int] | None
) -> list[ColumnElement[bool]]:  # fmt: skip
    found: list[ColumnElement[bool]] = [or_(and_(true(), *scope.series()), doubted.c.source.in_(sorted(owned)))]
    if indicators is not None:
        found.append(series.c.indicator.in_(sorted(indicators)))
    if then is not None:
        found.append(doubted.c.revision <= then[0])
    return found


def _waits(then: tuple[int, int] | None) -> ColumnElement[bool]:
    open_: ColumnElement[bool] = doubted.c.verdict == OPEN
    return open_ if then is None else or_(open_, doubted.c.decided_at > then[1])


def _undecided(one: Doubted, then: tuple[int, int] | None) -> Doubted:
    """Without what was decided later."""
    if then is None or one.decided_at is None or one.decided_at <= then[1]:
        return one
    return replace(one, verdict=OPEN, actor="", reason="", decided_at=None)


def open_held(connection: Connection, revision: int | None = None, at: int = 0) -> list[Question]:
    """Of what, of everybody's, any figure is held back now, or was at a revision (of the instant `at`); each once."""
    query = _HELD.where(doubted.c.verdict == OPEN)
    if revision is not None:
        query = _HELD.where(doubted.c.revision <= revision, _waits((revision, at)))
    return [Question(row[0], row[1], row[2], (row[3], row[4], row[5])) for row in connection.execute(query)]


def waiting(connection: Connection, indicators: Container[str]) -> dict[str, Waiting]:
    """By source, of these indicators."""
    found: dict[str, Waiting] = {}
    for source, indicator, number, since, newest in connection.execute(_WAITING):
        if indicator in indicators:
            old = found.get(source, Waiting(0, since, newest))
            found[source] = Waiting(old.number + number, min(old.since, since), max(old.newest, newest))
    return found


def of_source(connection: Connection, source: str) -> list[Doubted]:
    """Those of one source that wait, newest first."""
    query = _KEPT.where(doubted.c.source == source, doubted.c.verdict == OPEN).order_by(doubted.c.id.desc()).limit(200)
    return [_kept(row) for row in connection.execute(query)]


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Columns of `doubted` without `id`; open."""
    if rows:
        connection.execute(insert(doubted), [{"verdict": OPEN, "actor": "", "reason": "", **row} for row in rows])


def decide(connection: Connection, ids: Iterable[int], verdict: str, actor: str, reason: str, at: int) -> int:
    """How many of them were open, and are decided on now."""
    wanted = list(ids)
    if not wanted:
        return 0
    values = {"verdict": verdict, "actor": actor, "reason": reason, "decided_at": at}
    open_ = doubted.c.id.in_(wanted), doubted.c.verdict == OPEN
    return connection.execute(update(doubted).where(*open_).values(**values)).rowcount


def reword(connection: Connection, id: int, words: str, against: str) -> None:
    """The figure is in question as before, and what it is compared with has changed."""
    connection.execute(update(doubted).where(doubted.c.id == id).values(words=words, against=against))


def _kept(row: Any) -> Doubted:
    id, indicator, grain, department, region, dims, *rest = row
    return Doubted(id, indicator, grain, (department, region, dims), *rest)
