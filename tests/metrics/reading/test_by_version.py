"""What stands around a figure is said by the version of its definition that the figure is by. On both engines.

The newest version counts tens where whole calls were counted, or asks for days where a share was asked for, and is not in
force yet for what is shown.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.conflicts import differences
from alerts.doubted import named
from dashboards import _board, _indicator
from metrics import periods, reading
from metrics.answers import Ask, Change
from metrics.arrivals import ObservationIn, Series
from metrics.model import SYSTEM, Measure, Part, Plausible
from metrics.reading import bulletins
from publish import _many, _units
from tests.metrics import small
from tests.metrics.redefined import accept, first, on, put, second

MARCH, APRIL = (datetime(2026, month, 1, tzinfo=small.ZONE).astimezone(UTC) for month in (3, 4))
BANDS = {"watch": Decimal(95), "off": Decimal(92), "serious": Decimal(88)}
DAYS = Measure("median", Part("closed"), field="worked_days")
SHOWN = small.DAY + timedelta(days=8)


def numbered():
    """Whole numbers up to March, hundredths from April on."""
    by = {"month": (("department",), ("city",), ("county",))}
    made = first(calls={"bands": BANDS, "target": Decimal(95), "grains": ("month", "day"), "cuts": {**by, "day": by["month"]}})
    return made, second(made, "calls", since=date(2026, 4, 1), decimals=2)


@pytest.fixture
def months(store):
    """Asked in April of March, which is the last month that has settled."""
    made, workspace = numbered()
    accept(store, made)
    rows = [ObservationIn("calls", "month", at, num, department="a") for at, num in ((MARCH, 96), (MARCH - timedelta(28), 80))]
    put(store, workspace, *rows, now=APRIL + timedelta(days=4))
    accept(store, workspace, APRIL + timedelta(days=4))
    with store.read() as connection:
        yield Ask(connection, workspace, SYSTEM, APRIL + timedelta(days=4))


@pytest.fixture
def shares(store):
    """On time in per cent; from day 20 on it is days, and fewer are better."""
    made = first(on_time={"bands": BANDS})
    bands = {"watch": Decimal(5), "off": Decimal(7), "serious": Decimal(10)}
    workspace = second(made, "on_time", on(20), measure=DAYS, unit="workday", better="lower", target=Decimal(5), bands=bands)
    accept(store, workspace)
    late = [small.case(f"b{n}", region="x1", day=4, closed=1 if n < 5 else 3) for n in range(10)]
    put(store, workspace, *late, *(small.case(str(n), day=5, closed=1 if n < 9 else 3) for n in range(10)), source="cases")
    with store.read() as connection:
        yield Ask(connection, workspace, SYSTEM, small.NOW)


def test_a_card_says_state_line_and_change_as_it_says_its_value(months):
    card = reading.card(months, "calls")
    assert (card.cell.value, card.cell.version, card.state) == (96, 1, "ok")
    assert list(card.spark[-2:]) == [80, 96]
    assert (card.on_period, card.indicator.decimals) == (Change(Decimal(20), in_points=False), 0)


def test_a_card_of_a_share_is_no_card_of_days(shares):
    card = reading.card(shares, "on_time", ended_by=SHOWN)
    assert (card.cell.value, card.state, list(card.spark[-2:])) == (90, "off", [50, 90])
    assert (card.indicator.unit, card.on_period) == ("percent", Change(Decimal(40), in_points=True))


def test_units_are_judged_drawn_and_ranked_by_the_version_of_their_figures(months, shares):
    (one,) = [unit for unit in reading.units(months, "calls", "department", sparks=2) if unit.place.id == "a"]
    assert (one.cell.value, one.state, list(one.spark)) == (96, "ok", [80, 96])
    assert _board.meant(months, "calls", [one]).decimals == 0
    (best, *_) = reading.units(shares, "on_time", "county", grain="day", ended_by=SHOWN)
    assert (best.cell.value, best.state) == (90, "off")
    assert _board.meant(shares, "on_time", [best]).unit == "percent"


def test_a_bulletin_says_how_its_figures_are_to_be_read(months):
    (line,) = bulletins.content(months, MARCH, keys=["calls"])["lines"]
    assert (line["value"], line["state"], line["decimals"], line["version"]) == ("96", "ok", 0, 1)
    assert [(unit["value"], unit["state"]) for unit in line["units"]][:1] == [("96", "ok")]


def test_a_card_by_another_grain_goes_by_the_version_of_that_grain(months):
    card = reading.card(replace(months, now=APRIL + timedelta(days=40)), "calls")
    assert card.indicator.decimals == 2, "April is by the new one"
    series = Series("calls", "month")
    shown = _indicator.at_grain(months, card, series, reading.trend(months, series))
    assert (shown.cell.value, shown.state, shown.indicator.decimals, shown.on_period.amount) == (96, "ok", 0, 20)


def test_the_periods_of_a_line_where_nothing_was_due_are_empty_by_their_own_version(store):
    made = first()
    accept(store, made)
    put(store, made, small.case("1", day=0, due=0, closed=1), source="cases", now=small.NOW + timedelta(hours=1))
    workspace = second(made, "on_time", on(6), measure=Measure("count", Part("opened")), unit="item", target=None)
    accept(store, workspace, small.NOW + timedelta(hours=1))
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, small.NOW + timedelta(hours=2))
        days = {(one.period_start - small.DAY).days: one for one in reading.trend(ask, Series("on_time", "day"), 9)}
    assert [(days[day].version, days[day].value, days[day].status) for day in (4, 7)] == [(1, None, "N"), (2, 0, "A")]


def test_programs_hear_the_unit_of_the_figures(shares):
    ask = replace(shares, now=SHOWN + timedelta(hours=2))
    top = _many.top(ask, {"indicator": "on_time", "by": "county", "grain": "day"})
    assert [(one["region"], one["value"]) for one in top["items"]] == [("x1", 70)]
    assert (top["unit"], top["version"]) == ("percent", 1)
    assert [one["unit"] for one in _many.latest(ask, {})["items"] if one["indicator"] == "on_time"] == ["percent"]
    listed = _units.listed(ask, {"indicator": "on_time", "by": "county", "grain": "day"})
    assert (listed["unit"], listed["version"]) == ("percent", 1)


def test_bands_are_those_of_today_where_they_measure_the_same():
    made, workspace = numbered()
    today = replace(workspace.indicators["calls"], bands={"off": Decimal(50)}, name={"zh": "new", "en": "new"})
    workspace = replace(workspace, indicators={**workspace.indicators, "calls": today})
    was = workspace.meant("calls", 1)
    assert (was.decimals, was.version, was.bands, was.name["en"]) == (0, 1, {"off": 50}, "new")
    other = second(made, "calls", unit="workday", bands={"off": Decimal(7)}).meant("calls", 1)
    assert (other.unit, other.bands) == ("item", BANDS)


def disagreeing(store, workspace):
    with store.read() as connection:
        found = reading.conflicts(Ask(connection, workspace, SYSTEM, small.NOW + timedelta(hours=2)))
    return [(one.difference, [told.value for told in one.told]) for one in found]


def test_sources_disagree_by_the_version_each_reported_under(store):
    made = first(calls={"tolerance": Decimal(1)})
    accept(store, made)
    for source, number in (("calls", 96), ("calls2", 60)):
        put(store, made, small.calls(number, day=8), source=source)
    workspace = second(made, "calls", on(10), decimals=2)
    accept(store, workspace)
    assert disagreeing(store, workspace) == [(36, [96, 60])]


def test_a_source_that_counts_anew_is_compared_in_what_both_mean(store):
    """96 and 0.96 are the same number as they are kept; 96 and 96.00 are not."""
    made = first(calls={"tolerance": Decimal(1)})
    accept(store, made)
    for day in (7, 8):
        put(store, made, small.calls(96, day=day))
    workspace = second(made, "calls", on(5), decimals=2)
    accept(store, workspace)
    put(store, workspace, small.calls(96, day=7), small.calls(9600, day=8), source="calls2", now=small.NOW + timedelta(hours=1))
    assert disagreeing(store, workspace) == [(Decimal("95.04"), [96, Decimal("0.96")])]
    with store.read() as connection:
        starts = [periods.to_us(small.DAY + timedelta(days=day)) for day in (7, 8)]
        of_rule = [differences(connection, workspace, workspace.indicators["calls"], "day", start) for start in starts]
    assert [list(one.values()) for one in of_rule] == [[Decimal("95.04")], [0]], "as a rule on it judges"


def test_a_held_figure_says_what_was_reported(store):
    made = first(calls={"plausible": Plausible(at_least=Decimal(0), jump=Decimal(10))})
    accept(store, made)
    put(store, made, small.calls(7, day=7))
    put(store, made, small.calls(70_000, day=8))
    workspace = second(made, "calls", on(20), decimals=2)
    accept(store, workspace)
    with store.read() as connection:
        (one,) = reading.held(Ask(connection, workspace, SYSTEM, small.NOW))
        told = named(connection, workspace, workspace.sources["calls"], 1)["questions"][0]["en"]
    assert "70,000" in told, "to whoever reports it, too"
    assert (one.value, one.against, one.good.value, one.indicator.decimals) == (70_000, 7, 7, 0)
    assert periods.to_us(one.good.period_start) == periods.to_us(small.DAY + timedelta(days=7))
