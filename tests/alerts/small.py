"""A small government for the tests of alerts: two offices, two towns, a rate and a stock, and a desk that stores figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.evaluate import evaluate
from metrics.catalogue.tree import Tree
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Indicator, Measure, Part, Place, Source
from metrics.periods import to_us
from metrics.rulebook import Level, Receiver, Rule
from metrics.store import head
from metrics.store.engine import Store
from metrics.store.sheet import Sheet, Stamp
from metrics.values import CellChange, Values

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
US = timedelta(microseconds=1)
LEVELS = (Level("reminder", Decimal(95), Decimal(96)), Level("serious", Decimal(88), Decimal(90)))


def text(word: str) -> dict[str, str]:
    return {"zh": f"{word}（中）", "en": word}


def rule(**given) -> Rule:
    base = {
        "key": "late", "name": text("Too late"), "indicator": "on_time", "grain": "day", "cut": ("department",), "op": "<",
        "levels": LEVELS, "version": 1, "receivers": ("chief",), "owner": "a",
    }  # fmt: skip
    return Rule(**{**base, **given})


def indicator(key: str = "on_time", **given) -> Indicator:
    base = {
        "key": key, "name": text(key), "field": "service", "unit": "percent", "better": "higher", "grains": ("day",),
        "cuts": {"day": (("department",), ("city",))}, "measure": Measure("ratio", over=Part("due"), of=Part("due")),
        "source": "desk", "owner": "a", "basis": text("law"), "version": 1,
    }  # fmt: skip
    return Indicator(**{**base, **given})


def workspace(*rules: Rule, receivers: Sequence[Receiver] = (), **given) -> Workspace:
    chief = Receiver("chief", text("Chief"), "log", {}, "en")
    base = Workspace(
        folder=Path(), key="small", name=text("Small"), zone=ZoneInfo("UTC"),
        departments=Tree([Place(TOTAL, text("All"), None, "root"), Place("a", text("Office A"), TOTAL, "department"),
                          Place("b", text("Office B"), TOTAL, "department")]),
        regions=Tree([Place(TOTAL, text("Land"), None, "province"), Place("x", text("Town X"), TOTAL, "city"),
                      Place("y", text("Town Y"), TOTAL, "city")]),
        fields={"service": text("Service")}, units={"percent": {"zh": "%", "en": "%"}, "item": text("items")},
        sources={"desk": Source("desk", text("Desk system"), "http_json", "a", "records", {}, {}, every=timedelta(minutes=10))},
        indicators={"on_time": indicator(), "overdue": indicator("overdue", unit="item", better="lower",
                                                                  measure=Measure("overdue", over=Part(None)))},
        rules={one.key: one for one in rules or (rule(),)}, receivers={one.key: one for one in (chief, *receivers)}, boards={},
    )  # fmt: skip
    return replace(base, **given)


class Desk:
    """Stores figures as the door does (a revision, `chosen`, judges, one transaction), with the clock in the test's hand."""

    def __init__(self, store: Store, place: Workspace | None = None, kind: str = "collect") -> None:
        self.store, self.kind = store, kind
        self.use(place or workspace())
        with store.write() as connection:
            head.take(connection, START, kind)
            self.judge(connection, [], START)

    def use(self, place: Workspace) -> None:
        self.workspace, self.judge = place, evaluate(place)

    def put(self, day: int, rate: object, department: str = "a", *, den: int = 1000, at: datetime | None = None) -> None:
        """The on-time rate of one day, in per cent; None: nothing was due. It settles as the day ends."""
        values = Values(0, 0) if rate is None else Values(int(Decimal(str(rate)) * den / 100), den, den)
        self.store_figure("on_time", day, values, department, at=at or START + (day + 1) * DAY)

    def store_figure(self, key: str, day: int, values: Values, department: str = "a", *, at: datetime) -> list[CellChange]:
        start = to_us(START + day * DAY)
        with self.store.write() as connection:
            taken = head.take(connection, at, self.kind)  # type: ignore[arg-type]
            stock = self.workspace.indicators[key].measure.stock
            limit = to_us(at) + 1 if stock else to_us(at - self.workspace.indicators[key].settle_delay - DAY) + 1
            sheet = Sheet(connection)
            changes = sheet.put(
                key, "day", self.workspace.indicators[key].version, {((department, TOTAL, "{}"), start): values},
                Stamp(taken.number, to_us(at)), limit,
            )  # fmt: skip
            sheet.flush()
            self.judge(connection, changes, at)
            return changes
