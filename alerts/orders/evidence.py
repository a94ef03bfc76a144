"""What data and time do to orders: close them when the figure has recovered, open them again when it relapses, join a repeated
alert, say that the grounds were corrected, and turn the lights. Runs inside the transaction that stores data, and in the tick.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DBAPIError

from alerts.handling import Changed
from alerts.orders import clocks, telling
from alerts.orders.model import RUNNING, SYSTEM, Event, WorkOrder, after
from alerts.orders.of_alert import ordered
from alerts.store import orders, states
from alerts.windows import course, windows
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator
from metrics.periods import bounds, from_us, to_us

if TYPE_CHECKING:
    from alerts.judge import Value

log = logging.getLogger("yuncha.alerts")
LATER = timedelta(minutes=5)
RELAPSE = timedelta(days=90)
"""A matter that breaches again so soon after its order was closed opens that order again."""


def follow(
    connection: Connection, workspace: Workspace, now: datetime, revision: int, series_ids: Iterable[int] | None = None
) -> bool:
    """Look at the orders whose figures changed (None: at all of them). Whether anything moved."""
    wanted = None if series_ids is None else sorted(set(series_ids))
    if wanted == [] or not orders.any_watched(connection):
        return False
    moved = False
    for row in orders.watched(connection, to_us(now - RELAPSE), wanted):
        with _alone(connection, row, now):
            moved |= _follow(connection, workspace, row, now, revision)
    if moved:
        orders.touch(connection, revision)
    return moved


def look(connection: Connection, workspace: Workspace, id: int, now: datetime, revision: int) -> bool:
    """The same at one order, after a step by a person."""
    row = orders.by_id(connection, id)
    if row is None or not (row.state in RUNNING or (row.state == "CLOSED" and row.closed_at >= to_us(now - RELAPSE))):
        return False
    return _follow(connection, workspace, row, now, revision)


def due(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Orders that time alone moves now."""
    return orders.due(connection, to_us(now))


def turn(connection: Connection, workspace: Workspace, rows: Iterable[Row[Any]], now: datetime, revision: int) -> None:
    """Lights, and suspensions that are over."""
    for row in rows:
        with _alone(connection, row, now):
            _turn(connection, workspace, row, now, revision)
    orders.touch(connection, revision)


def _turn(connection: Connection, workspace: Workspace, row: Row[Any], now: datetime, revision: int) -> None:
    order = orders.revive(row)
    if order.suspended_until is not None and order.suspended_until <= to_us(now):
        row = _write(connection, workspace, row, "resumed", now, revision)
        order = orders.revive(row)
    shown = clocks.light(order, now, workspace.work_hours)
    if order.open and shown != order.light:
        _write(connection, workspace, row, "light", now, revision, {"light": shown, "of": order.state, "due": order.due})
    else:
        orders.wake(connection, row.id, clocks.next_turn(order, now, workspace.work_hours))


@contextmanager
def _alone(connection: Connection, row: Row[Any], now: datetime) -> Iterator[None]:
    """A fault in what follows for one order stops neither the others nor the storing of figures; it is tried again later."""
    try:
        with connection.begin_nested():
            yield
    except DBAPIError:
        raise  # no fault of the order's
    except Exception:
        log.exception("order %d is not followed up for now", row.id)
        orders.wake(connection, row.id, to_us(now + LATER))


def _follow(connection: Connection, workspace: Workspace, row: Row[Any], now: datetime, revision: int) -> bool:
    """Whether anything moved. What time alone will prove is looked at again when it does."""
    moved, later = _moved(connection, workspace, row, now, revision)
    row = orders.by_id(connection, row.id) or row
    turn_ = clocks.next_turn(orders.revive(row), now, workspace.work_hours)
    wake = min((at for at in (turn_, later) if at is not None), default=None)
    if wake != row.next_at:
        orders.wake(connection, row.id, wake)
    return moved


def _moved(connection: Connection, workspace: Workspace, row: Row[Any], now: datetime, revision: int) -> tuple[bool, int | None]:
    """Whether anything moved, and when time alone may move it next."""
    order, moved = orders.revive(row), False
    newest = orders.newest_episode(connection, row.rule, row.series_id, row.source) if row.rule else None
    if order.state == "CLOSED":
        if not row.rule:
            return _out_again(connection, workspace, row, order, now, revision)
        return _relapse(connection, workspace, row, order, newest, now, revision), None
    if newest is not None and newest.closed_at is None and newest.handling != "ORDERED":
        ordered(connection, newest.id, SYSTEM, SYSTEM, row.number, to_us(now), revision)
        if newest.id != row.episode_id:
            data = {"episode": newest.id, "value": newest.value, "severity": newest.severity}
            row, moved = _write(connection, workspace, row, "joined", now, revision, data), True
    if newest is not None and newest.closed == "corrected" and not order.basis_corrected and _ground(connection, row, newest):
        row, moved = _write(connection, workspace, row, "basis_corrected", now, revision, {"episode": newest.id}), True
    indicator = workspace.indicators.get(row.indicator)
    if indicator is None or not by_values(workspace, row):
        closed, later = _by_episode(connection, workspace, row, newest, now, revision)
        return closed or moved, later
    found = streak(connection, workspace, row, indicator, order.since or order.made_at, now)
    if found.periods != row.good:
        orders.judged(connection, row.id, found.periods)
        moved = True
    breaching = newest is not None and newest.closed_at is None
    if order.state == "AWAITING_EVIDENCE" and found.periods >= row.k and found.last is not None and not breaching:
        data = {"periods": found.periods, "value": str(found.last.value), "period": found.last.start}
        _write(connection, workspace, row, "recovered", now, revision, data)
        return True, None
    return moved, found.later


@dataclass(frozen=True, slots=True)
class Streak:
    periods: int
    """How many of the newest final values in a row are in range (or out of it)."""
    last: Value | None
    """The newest of them."""
    later: int | None
    """When the next value that is there already becomes final."""


def streak(
    connection: Connection, workspace: Workspace, row: Row[Any], indicator: Indicator, since: int, now: datetime,
    good: bool = True,
) -> Streak:  # fmt: skip
    """Counted are periods that ended after `since`. Missing ones are skipped, provisional ones do not count yet."""
    from alerts.evaluate import Reader

    reader, rule = Reader(workspace), workspace.rules.get(row.rule)
    series = states.series_of(connection, [row.series_id])[row.series_id]
    wait = (indicator.settle_delay + indicator.provisional) // timedelta(microseconds=1)
    final = to_us(now) - wait
    begin = to_us(bounds(series.grain, from_us(since), workspace.zone)[0])
    periods, last, later = 0, None, None
    found = windows(connection, workspace, row.series_id, series, to_us(now), 60)
    for start, version, figures in reversed(course(workspace, series, found)):
        if start < begin:
            break
        value = reader.value(reader.under(indicator.key, version), series.grain, start, figures)
        if figures.status == "P" or value is None or value.end <= since:
            continue
        if rule is not None and value.n is not None and value.n < rule.min_n:
            continue
        if value.end > final:
            later = value.end + wait
            continue
        if in_range(row.op, value.value, Decimal(row.recovery)) != good:
            break
        periods, last = periods + 1, last or value
    return Streak(periods, last, later)


def in_range(op: str, value: Decimal, recovery: Decimal) -> bool:
    return value <= recovery if op.startswith(">") else value >= recovery


def by_values(workspace: Workspace, row: Row[Any]) -> bool:
    """Whether figures in range close it. Rank, volume and the like are judged against a peer group or an instant: there the alert
    itself is the evidence.
    """
    if row.recovery is None or not row.series_id or row.indicator not in workspace.indicators:
        return False
    rule = workspace.rules.get(row.rule)
    return rule.kind == "threshold" if rule is not None else not row.rule


def _by_episode(
    connection: Connection, workspace: Workspace, row: Row[Any], newest: Row[Any] | None, now: datetime, revision: int
) -> tuple[bool, int | None]:
    """Closed when the alert has recovered and has stayed so for k days; else when that will be."""
    if newest is None or newest.closed != "recovered" or row.state != "AWAITING_EVIDENCE":
        return False, None
    enough = newest.closed_at + row.k * 86_400_000_000
    if to_us(now) < enough:
        return False, enough
    _write(connection, workspace, row, "recovered", now, revision, {"episode": newest.id, "value": newest.value})
    return True, None


def _relapse(
    connection: Connection,
    workspace: Workspace,
    row: Row[Any],
    order: WorkOrder,
    newest: Row[Any] | None,
    now: datetime,
    revision: int,
) -> bool:
    again = newest is not None and newest.closed_at is None and order.closed_at is not None and newest.fired_at > order.closed_at
    if not again or newest is None or orders.open_of(connection, row.rule, row.series_id, row.source) is not None:
        return False
    answer = to_us(clocks.limit(now, row.answer_days, workspace.work_hours))
    data = {"episode": newest.id, "value": newest.value, "severity": newest.severity, "answer_due": answer}
    _write(connection, workspace, row, "relapsed", now, revision, data)
    orders.judged(connection, row.id, 0)
    ordered(connection, newest.id, SYSTEM, SYSTEM, row.number, to_us(now), revision)
    return True


def _out_again(
    connection: Connection, workspace: Workspace, row: Row[Any], order: WorkOrder, now: datetime, revision: int
) -> tuple[bool, int | None]:
    """Of an order raised by hand, which no rule watches: out of range for as many settled periods in a row as closed it."""
    indicator = workspace.indicators.get(row.indicator)
    if indicator is None or row.recovery is None or not row.series_id or order.closed_at is None:
        return False, None
    bad = streak(connection, workspace, row, indicator, order.closed_at, now, False)
    if bad.periods < row.k or bad.last is None or orders.open_of(connection, "", row.series_id, "") is not None:
        return False, bad.later
    answer = to_us(clocks.limit(now, row.answer_days, workspace.work_hours))
    data = {"value": str(bad.last.value), "period": bad.last.start, "answer_due": answer}
    _write(connection, workspace, row, "relapsed", now, revision, data)
    orders.judged(connection, row.id, 0)
    return True, None


def _ground(connection: Connection, row: Row[Any], newest: Row[Any]) -> bool:
    """Is it the alert this order stands on, and has nobody decided on its correction yet?"""
    if newest.id != row.episode_id and newest.closed_at < row.made_at:
        return False
    return not any(
        one.kind == "basis_corrected" and one.data.get("episode") == newest.id for one in orders.events(connection, row.id)
    )


def _write(
    connection: Connection,
    workspace: Workspace,
    row: Row[Any],
    kind: str,
    now: datetime,
    revision: int,
    data: dict[str, Any] | None = None,
) -> Row[Any]:
    """A step that follows from data or time; the row as it stands then."""
    event = Event(kind, to_us(now), SYSTEM, SYSTEM, "", data or {})
    order = after(orders.revive(row), event)
    seq = orders.add_event(connection, row.id, event, revision)
    telling.tell(connection, workspace, row, kind, order.light, seq, now, revision)
    if not orders.stand(connection, row, order, clocks.next_turn(order, now, workspace.work_hours), revision):
        raise Changed(f"order {row.id} was changed by somebody else meanwhile")
    found = orders.by_id(connection, row.id)
    assert found is not None
    return found
