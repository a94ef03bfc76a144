"""A small government for tests: two departments, one city of two counties that moves, cases and reported figures."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from metrics.arrivals import Batch, ObservationIn, RecordIn
from metrics.catalogue import Tree, Workspace
from metrics.catalogue.population import Population
from metrics.ingest import Ingested, ingest
from metrics.model import Condition, Indicator, Measure, Part, Place, Source
from metrics.store.engine import Store
from metrics.store.runs import RunIn

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 3, 2, tzinfo=ZONE).astimezone(UTC)
"""A Monday, 00:00 local."""
NOW = DAY + timedelta(days=10)


def place(id: str, parent: str | None = "_T", level: str = "department", **more: object) -> Place:
    return Place(id, {"zh": id, "en": id}, parent, level, **more)  # type: ignore[arg-type]


def indicator(key: str, measure: Measure, source: str | None = "cases", **more: object) -> Indicator:
    given: dict[str, object] = {
        "unit": "item", "better": "higher", "grains": ("day", "month"),
        "cuts": {grain: (("department",), ("city",), ("county",)) for grain in ("minute5", "day", "tenday", "month")},
    }  # fmt: skip
    given |= more
    return Indicator(
        key=key, name={"zh": key, "en": key}, field="work", measure=measure, source=source, owner="a",
        basis={"zh": "", "en": ""}, version=1, **given,  # type: ignore[arg-type]
    )  # fmt: skip


DUE_IN_PERIOD = Part("due")
ON_TIME = Measure(
    "ratio", DUE_IN_PERIOD, Part(None, (Condition("closed", "by", "due"),)), Part("opened", (Condition("due", "missing"),))
)

ENTERED = (Condition("entered", "present"), Condition("closed", "present"))
LATE = Measure("ratio", Part("closed", ENTERED), Part("closed", (*ENTERED, Condition("entered", "after", ("closed", "86400")))))

INDICATORS = [
    indicator("on_time", ON_TIME, unit="percent", target=Decimal(95), settle_delay=timedelta(hours=1)),
    indicator("opened", Measure("count", Part("opened"))),
    indicator("held", ON_TIME, unit="percent", grains=("day",), attribute="at_event"),
    indicator("open", Measure("open", Part(None)), grains=("day",), better="lower"),
    indicator("overdue", Measure("overdue", Part(None)), grains=("day",), better="lower"),
    indicator("median", Measure("median", Part("closed"), field="worked_days"), grains=("month",)),
    indicator("p60", Measure("percentile", Part("closed"), field="elapsed", number=Decimal(60)), grains=("tenday",)),
    indicator("callers", Measure("distinct", Part("opened"), field="caller"), grains=("tenday",)),
    indicator("late", LATE, unit="percent", grains=("tenday",)),
    indicator(
        "heads",
        Measure("per_head", inputs=("opened",), number=Decimal(1000)),
        None,
        grains=("day",),
        cuts={"day": (("city",), ("county",))},
    ),
    indicator("a_day", Measure("per_workday", inputs=("opened",)), None, grains=("month",)),
    indicator("load", Measure("observed"), "calls", feeds=("calls",), grains=("minute5",)),
    indicator("calls", Measure("observed"), "calls", feeds=("calls", "calls2"), grains=("day",)),
    indicator("answered", Measure("observed"), "calls", feeds=("calls",), unit="percent", grains=("day",)),
    indicator("share", Measure("derived_ratio", inputs=("opened", "calls")), None, unit="percent", grains=("day",)),
]


PEOPLE = {("x1", 2025): 4000, ("y1", 2020): 3000, ("m", 2026): 500}


@cache
def workspace() -> Workspace:
    departments = Tree([place("_T", None), place("a"), place("b")])
    regions = Tree(
        [
            place("_T", None, "province"), place("x", level="city"), place("y", level="city"),
            place("x1", "x", "county"), place("y1", "y", "county"),
            place("m", "y", "county", earlier_parents=(("x", date(2026, 3, 4)),)),
        ]
    )  # fmt: skip
    sources = {
        key: Source(key, {"zh": key, "en": key}, "http_json", "a", gives, {}, {}, every=timedelta(minutes=5))
        for key, gives in (("cases", "records"), ("calls", "observations"), ("calls2", "observations"))
    }
    return Workspace(
        folder=Path("."), key="small", name={"zh": "small", "en": "small"}, zone=ZONE, departments=departments, regions=regions,
        fields={"work": {"zh": "work", "en": "work"}}, units={}, sources=sources, indicators={one.key: one for one in INDICATORS},
        rules={}, receivers={}, boards={},
        population=Population(PEOPLE, {"zh": "统计局", "en": "Statistics office"}, regions),
    )  # fmt: skip


def case(
    id: str, department: str = "a", region: str = "x1", day: int = 0, due: int | None = 2, closed: float | None = None, **more
):
    """A case opened on day `day` at 09:00, due `due` days later, closed `closed` days later."""
    opened = DAY + timedelta(days=day, hours=9)
    return RecordIn(
        id, department, region, opened, opened + timedelta(days=due) if due is not None else None,
        opened + timedelta(days=closed) if closed is not None else None, **more,
    )  # fmt: skip


def calls(num: int | None, region: str = "x1", day: int = 0, key: str = "calls", **more):
    return ObservationIn(key, "day", DAY + timedelta(days=day), num, department="a", region=region, **more)


def put(store: Store, *rows: RecordIn | ObservationIn, source: str = "cases", now: datetime = NOW, judges=(), **more) -> Ingested:
    records = [row for row in rows if isinstance(row, RecordIn)]
    observations = [row for row in rows if isinstance(row, ObservationIn)]
    source = source if records or source != "cases" else "calls"
    batch = Batch(source, records, observations, **more)
    return ingest(store, workspace(), batch, judges, now, run=RunIn(source, "collect", now, now, "ok"))
