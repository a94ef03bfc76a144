"""How departments do: how fast they look, sign, answer and recover, and whether what was answered on time really recovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from alerts.orders import rounds
from alerts.orders.board import OrderRow, rows_of
from alerts.store import orders, reads
from alerts.store.orders import Filter
from metrics.answers import Ask
from metrics.model import TOTAL, Text
from metrics.periods import from_us, to_us
from metrics.store import scope

LOOKED_BACK = timedelta(days=90)
Look = tuple[int, int | None]
"""When an alert was raised, and when somebody first looked."""


@dataclass(frozen=True)
class Score:
    """One department over its orders: spans in working hours (median, slowest), and on time beside recovered."""

    department: str
    name: Text
    issued: int
    seen: tuple[float, float] | None
    """From an alert on its figures or systems to the first look, over ninety days."""
    unseen: int
    """Of these alerts, how many nobody has looked at."""
    signed: tuple[float, float] | None
    answered: tuple[float, float] | None
    recovered: tuple[float, float] | None
    on_time: tuple[int, int]
    """(answered on time, answered or overdue to answer, signed or not)."""
    by_data: tuple[int, int]
    """(closed by data, issued and not withdrawn)."""
    by_word: int
    relapsed: int


def scorecard(ask: Ask) -> list[Score]:
    """By department: how fast, and whether it really recovered. Those with alerts and no order are there with how they look."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    looks = _looks(ask, within)
    rows = [r for r in rows_of(ask, orders.page(ask.connection, within, Filter(), 5000, 0)) if r.order.issued_at is not None]
    steps = orders.steps(ask.connection, [row.id for row in rows], rounds.KINDS)
    by_lead: dict[str, list[OrderRow]] = {lead: [] for lead in looks if lead in ask.workspace.departments}
    for row in rows:
        by_lead.setdefault(row.lead, []).append(row)
    found = [_score(ask, lead, mine, steps, looks.get(lead, ())) for lead, mine in by_lead.items()]
    return sorted(found, key=lambda one: (-one.issued, one.department))


def _score(
    ask: Ask, lead: str, rows: Sequence[OrderRow], steps: Mapping[int, Sequence[tuple[str, int]]], looks: Sequence[Look]
) -> Score:
    hours, now = ask.workspace.work_hours, to_us(ask.now)

    def spans(pairs: Sequence[tuple[int | None, int | None]]) -> tuple[float, float] | None:
        found = [
            hours.between(from_us(a), from_us(b)).total_seconds() / 3600 for a, b in pairs if a is not None and b is not None
        ]
        return (median(found), max(found)) if found else None

    made, departments = [row.order for row in rows], ask.workspace.departments
    each = [one for row in rows for one in rounds.rounds(steps.get(row.id, ()))]
    late = sum(o.answers_late(now) for o in made)
    counted = sum(o.first_answer is not None or o.answers_late(now) for o in made)
    name = departments.get(lead).name if lead in departments else {"zh": lead, "en": lead}
    return Score(
        department=lead, name=name, issued=len(made), seen=spans(looks), unseen=sum(first is None for _, first in looks),
        signed=spans([(one.begun, one.signed) for one in each]),
        answered=spans([(one.answering, one.answered) for one in each]),
        recovered=spans([(one.begun, one.recovered) for one in each]),
        on_time=(counted - late, counted),
        by_data=(sum(o.closed == "data" for o in made), sum(o.state != "WITHDRAWN" for o in made)),
        by_word=sum(o.closed == "word" for o in made), relapsed=sum(o.relapses > 0 for o in made),
    )  # fmt: skip


def _looks(ask: Ask, within: scope.Scope) -> dict[str, list[Look]]:
    """Department -> (raised, first seen) of its alerts: whose figure it is, else whose indicator or system."""
    ws = ask.workspace
    mine = [one.key for one in ws.sources.values() if within.departments is None or one.department in within.departments]
    found: dict[str, list[Look]] = {}
    for row in reads.first_looks(ask.connection, within, mine, to_us(ask.now - LOOKED_BACK)):
        indicator, source = ws.indicators.get(row.indicator or ""), ws.sources.get(row.source or "")
        whose = row.department_id if row.department_id not in (None, TOTAL) else ""
        whose = whose or (source.department if source else indicator.owner if indicator else "")
        found.setdefault(whose, []).append((row.fired_at, row.looked))
    return found
