"""Hand-made values for the tests of pages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dashboards._cards import Setting
from dashboards._view import View
from metrics.answers import Card, Cell, Change, Unit
from metrics.arrivals import Series
from metrics.model import Indicator, Measure, Part, Place, Principal

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 0, 6, tzinfo=UTC)
RATIO = Measure("ratio", over=Part("due"), of=Part("due"))
COUNT = Measure("count", over=Part("opened"))
BANDS = {"watch": Decimal(98), "off": Decimal(95), "serious": Decimal(90)}
WHO = Principal(None, "", frozenset({"viewer"}))
BEAT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""The worker's last beat in these tests."""
UNITS = {"percent": {"zh": "%", "en": "%"}, "item": {"zh": "件", "en": "cases"}}


def setting(lang: str = "zh") -> Setting:
    return Setting(View("/", {}, lang), NOW, ZONE, UNITS)


def indicator(**changes) -> Indicator:
    given = {
        "key": "on_time", "name": {"zh": "按时办结率", "en": "Closed on time"}, "field": "service", "unit": "percent",
        "better": "higher", "grains": ("day",), "cuts": {"day": (("department",), ("city",))}, "measure": RATIO,
        "source": "hotline", "owner": "d1", "basis": {"zh": "规定", "en": "rule"}, "version": 1, "target": Decimal(98),
        "bands": BANDS, "min_n": 10,
    }  # fmt: skip
    return Indicator(**{**given, **changes})


def cell(
    value: str | None, num: int | None = None, den: int | None = None, status: str = "A", series: Series | None = None
) -> Cell:
    start = datetime(2026, 11, 20, 16, tzinfo=UTC)
    return Cell(
        series=Series("on_time", "day"), period_start=start, period_end=start + timedelta(days=1), version=1, num=num,
        den=den, n=den, apart=None, status=status, have=11, want=13, revision=7, evaluated_at=NOW, settled=True,
        value=None if value is None else Decimal(value),
    )  # fmt: skip


def card(state: str = "ok", value: str | None = "98.7", num: int | None = 4262, den: int | None = 4318, **changes) -> Card:
    given = {
        "indicator": indicator(), "series": Series("on_time", "day"), "place_name": None, "cell": cell(value, num, den),
        "running": None, "state": state, "health": "FRESH", "on_period": Change(Decimal("-0.4"), True),
        "on_year": Change(Decimal("1.9"), True), "spark": [Decimal(97), None, Decimal(98), Decimal("98.7")],
        "collected_at": NOW - timedelta(minutes=6),
    }  # fmt: skip
    return Card(**{**given, **changes})


def unit(
    id: str, value: str | None, state: str, rank: int | None = None, num: int = 9, den: int = 10, level: str = "city"
) -> Unit:
    place = Place(id, {"zh": f"{id}市", "en": f"City {id}"}, "_T", "city", code=id, peer="市")
    return Unit(place, cell(value, num, den) if value is not None else None, state, rank)


def words(tree) -> str:
    """All the text of a component tree, in order."""
    if tree is None:
        return ""
    if isinstance(tree, (str, int, float)):
        return str(tree)
    if isinstance(tree, (list, tuple)):
        return " ".join(filter(None, (words(one) for one in tree)))
    return words(getattr(tree, "children", None))
