"""What people read of orders: the board, one order with its whole course, what waits for a person, and the scorecard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from alerts import delivered
from alerts.answers import Delivery
from alerts.orders import desk, evidence, papers
from alerts.orders.model import OPEN, Event, WorkOrder
from alerts.store import episodes, orders, reads, states
from alerts.store.orders import Filter
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import TOTAL, Text
from metrics.periods import from_us
from metrics.store import scope


@dataclass(frozen=True)
class OrderRow:
    """One order in a list. Instants are aware UTC."""

    id: int
    number: str
    title: str
    order: WorkOrder
    lead: str
    lead_name: Text
    region: str
    region_name: Text
    assisting: Sequence[Text]
    assists: Sequence[str]
    """Ids of the departments that assist."""
    episode: int | None
    rule: str
    rule_name: Text
    indicator: str
    indicator_name: Text
    series: Series | None
    source: str
    op: str
    threshold: Decimal | None
    recovery: Decimal | None
    """The bound of the figures that close it; None where the alert itself is the evidence, or a word closes it."""
    k: int
    good: int
    """Settled periods in a row that have been in range."""
    answer_days: int
    recover_days: int
    author: str
    made_at: datetime
    due: datetime | None
    version: int

    @property
    def overdue(self) -> bool:
        return self.order.open and self.order.light in ("yellow", "red")


@dataclass(frozen=True)
class PaperRow:
    id: int
    event_seq: int
    name: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True)
class OrderDetail:
    row: OrderRow
    events: Sequence[Event]
    papers: Sequence[PaperRow]
    fired_at: datetime | None
    """When the alert was raised that it stands on, and first seen."""
    seen_at: datetime | None
    severity: str
    messages: Sequence[Delivery] = ()


@dataclass(frozen=True)
class OrderPage:
    total: int
    rows: Sequence[OrderRow]

    def __iter__(self) -> Iterator[OrderRow]:
        return iter(self.rows)


@dataclass(frozen=True)
class OrderCounts:
    """What is open in this person's scope."""

    open: int
    states: Mapping[str, int]
    lights: Mapping[str, int]

    @property
    def overdue(self) -> int:
        return self.lights.get("yellow", 0) + self.lights.get("red", 0)


def board(
    ask: Ask,
    *,
    states_: Sequence[str] | None = OPEN,
    lights: Sequence[str] | None = None,
    department: str | None = None,
    indicator: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> OrderPage:
    """Orders in scope: open ones first, the worst light first, the nearest limit first."""
    tree = ask.workspace.departments
    leads = None if department in (None, TOTAL) else sorted(tree.subtree(department)) if department in tree else []
    wanted = Filter(states=states_, lights=lights, leads=leads, indicator=indicator)
    within = scope.of(ask.who, tree, ask.workspace.regions)
    rows = orders.page(ask.connection, within, wanted, limit, offset)
    return OrderPage(orders.count(ask.connection, within, wanted), rows_of(ask, rows))


def one(ask: Ask, id: int) -> OrderDetail | None:
    """One order with its course; None where there is none in scope."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found = orders.page(ask.connection, within, Filter(id=id), 1, 0)
    if not found:
        return None
    (row,) = rows_of(ask, found)
    episode = episodes.by_id(ask.connection, row.episode) if row.episode else None
    seers = reads.seers(ask.connection, episode.id) if episode is not None else []
    kept = [PaperRow(p.id, p.event_seq, p.name, p.media, p.size, p.sha256) for p in orders.papers(ask.connection, id)]
    return OrderDetail(
        row, orders.events(ask.connection, id), kept, from_us(episode.fired_at) if episode is not None else None,
        from_us(seers[0].at) if seers else None, episode.severity if episode is not None else "",
        delivered.of_order(ask, id),
    )  # fmt: skip


def paper(ask: Ask, id: int, number: int) -> tuple[PaperRow, bytes] | None:
    """One paper with its content; None where the order is not in scope."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    if not orders.page(ask.connection, within, Filter(id=id), 1, 0):
        return None
    p = orders.paper(ask.connection, id, number)
    return None if p is None else (PaperRow(p.id, p.event_seq, papers.plain(p.name), p.media, p.size, p.sha256), p.content)


def of_episode(ask: Ask, episode: int) -> OrderRow | None:
    """The order an alert is handled by."""
    row = episodes.by_id(ask.connection, episode)
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    found = orders.page(ask.connection, within, Filter(episode=episode), 1, 0)
    if not found and row is not None and row.handling == "ORDERED":
        mine = orders.page(ask.connection, within, Filter(series_id=row.series_id), 20, 0) if row.series_id else []
        found = [one for one in mine if one.rule == row.rule][:1]
    return rows_of(ask, found)[0] if found else None


def of_series(ask: Ask, indicator: str, department: str, region: str, limit: int = 200) -> list[OrderRow]:
    """Orders on one figure of one place, by whatever grain, for the marks on its chart."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    wanted = Filter(indicator=indicator, place=(department, region))
    return rows_of(ask, orders.page(ask.connection, within, wanted, limit, 0))


def counts(ask: Ask) -> OrderCounts:
    found = orders.tally(ask.connection, scope.of(ask.who, ask.workspace.departments, ask.workspace.regions))
    by_state: dict[str, int] = {}
    by_light: dict[str, int] = {}
    for (state, light), number in found.items():
        by_state[state] = by_state.get(state, 0) + number
        if state in OPEN:
            by_light[light] = by_light.get(light, 0) + number
    return OrderCounts(sum(by_state.get(state, 0) for state in OPEN), by_state, by_light)


def waiting(ask: Ask, limit: int = 50) -> list[OrderRow]:
    """What waits for this person: to sign and answer as the department; as supervisor to issue, to read an answer, to decide."""
    who = ask.who
    if who.user is None:
        return []
    within = scope.of(who, ask.workspace.departments, ask.workspace.regions)
    answers, decides = who.has(*desk.MAY["answered"]), who.has(*desk.MAY["kept"])
    return rows_of(ask, orders.waiting(ask.connection, within, answers, decides, limit))


def rows_of(ask: Ask, rows: Sequence[Row[Any]]) -> list[OrderRow]:
    series = states.series_of(ask.connection, [row.series_id for row in rows if row.series_id])
    return [_row(ask, row, series.get(row.series_id)) for row in rows]


def _row(ask: Ask, row: Row[Any], series: Series | None) -> OrderRow:
    ws = ask.workspace
    indicator, rule = ws.indicators.get(row.indicator), ws.rules.get(row.rule)
    return OrderRow(
        id=row.id, number=row.number, title=row.title, order=orders.revive(row), lead=row.lead,
        lead_name=_place(ws.departments, row.lead), region=row.region, region_name=_place(ws.regions, row.region),
        assisting=[_place(ws.departments, one) for one in json.loads(row.assisting)],
        assists=json.loads(row.assisting), episode=row.episode_id, rule=row.rule,
        rule_name=rule.name if rule else _same(row.rule), indicator=row.indicator,
        indicator_name=indicator.name if indicator else _same(row.indicator), series=series, source=row.source, op=row.op,
        threshold=_decimal(row.threshold), k=row.k, good=row.good,
        recovery=_decimal(row.recovery) if evidence.by_values(ws, row) else None,
        answer_days=row.answer_days, recover_days=row.recover_days, author=row.author_name,
        made_at=from_us(row.made_at), due=None if row.due is None else from_us(row.due), version=row.version,
    )  # fmt: skip


def _place(tree: Any, id: str) -> Text:
    return tree.get(id).name if id in tree else _same(id)


def _same(word: str) -> Text:
    return {"zh": word, "en": word}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
